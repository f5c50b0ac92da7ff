"""What a loop is: musical time, key, request, take, clip, WAV file and project folder.

Audio is everywhere `(frames, channels)`, float32, in -1..1; `frames` is always a sample count
per channel. This package knows nothing of models, processes, sockets or windows, and imports no
other part of Loopwright.
"""
