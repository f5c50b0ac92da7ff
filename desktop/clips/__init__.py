"""The clips of a project: the list, the selected clip, and the actions on clips."""
