"""Training of the small nets that come with the craft: `python -m tools.training.train`."""
