"""The benchmarks: each measures a child process of ours beside a peer, alternating.

`runner.py` runs the sides in turn; `render.py`, `sketch.py` and `engine_process.py` say what is
measured; `midi.py` writes what the peer of `sketch` plays.
"""
