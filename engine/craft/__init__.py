"""Craft: from a model's raw take to an exact loop. No torch here, and no files."""
