"""Audio playback: the player with its mixers, pads, metronome and clocks.

It runs in the process of the window or the bridge, never in the one that runs a model. Audio is
(frames, channels), float32, -1..1, as in `engine.loops`.
"""
