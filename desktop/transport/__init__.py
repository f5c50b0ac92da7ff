"""The strip on top: the session's time and where it comes from, playing, level and volume."""
