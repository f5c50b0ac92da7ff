"""Sounds: everything that turns numbers into audio, band-limited and without a sample file."""
