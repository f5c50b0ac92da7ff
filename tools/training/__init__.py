"""Training of the small nets that craft uses: `python -m tools.training.train`."""
