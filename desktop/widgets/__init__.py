"""The parts of the window; each gets what it needs by argument, and reports by signals."""
