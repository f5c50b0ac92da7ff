"""The benchmarks: each measures a child process of ours beside a peer, alternating.

`runner.py` runs the sides in turn; `render.py`, `sketch.py`, `osc.py` and the others say what is
measured, `*_child.py` measure it in a fresh process; `craft/` has the studies of the craft.
"""
