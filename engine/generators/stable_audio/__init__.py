"""Stable Audio 3 and Stable Audio Open: text to stereo loops at 44.1 kHz.

`pipeline.py` shows how on one page: the prompt becomes conditions, noise becomes latents in a few
steps, and the autoencoder turns them into sound. `canvas.py` lays a source out for what is made
from it.
"""
