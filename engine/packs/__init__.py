"""Packs: many loops from a list, with the names, folders and manifest that sample packs have."""
