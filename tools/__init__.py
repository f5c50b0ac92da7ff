"""Programs that developers run by hand: checks, training, reference pages."""
