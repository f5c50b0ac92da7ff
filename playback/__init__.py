"""What is heard: the player with its mixers, pads, metronome and clocks.

It runs in the process of a window or a bridge, never in the one that runs a model. Audio is
(frames, channels), float32, -1..1, as in `engine.loops`.
"""
