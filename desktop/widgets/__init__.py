"""The parts of the window; each gets what it needs by argument, and tells by signals."""
