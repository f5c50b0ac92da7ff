"""Stable Audio 3: text to stereo loops at 44.1 kHz.

`pipeline.py` shows how on one page: the prompt becomes a context, noise becomes latents in a few
steps, and the autoencoder turns them into sound. `canvas.py` lays a source out for what is made
from it.
"""
