"""The benchmarks: each compares a child process of ours with a peer, alternating.

`runner.py` runs the sides in turn; `render.py`, `sketch.py`, `osc.py` and the others define the
cases, and `*_child.py` measure them in a fresh process; `craft/` has the studies of craft.
"""
