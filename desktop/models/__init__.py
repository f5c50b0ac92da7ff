"""What the window shows, as plain Python, and thin adapters that answer Qt's questions about it."""
