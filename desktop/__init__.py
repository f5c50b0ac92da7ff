"""The window, and the command line in `desktop.commands`."""
