"""Distilling of the word vectors of sketch: `python -m tools.nearness.distil`."""
