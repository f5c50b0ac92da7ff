"""Craft: from a model's raw take to a loop that is true. No torch here, and no files."""
