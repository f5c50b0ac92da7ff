"""Synthesis: instruments, drums and effects, band-limited and without samples."""
