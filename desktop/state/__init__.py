"""State of the whole window: settings, notices, undo and the project file."""
