"""The clips of a project: the list, the chosen clip, and what can be done with clips."""
