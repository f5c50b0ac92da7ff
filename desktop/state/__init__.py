"""What outlives a window or concerns all of it: settings, notices, undo, the project's file."""
