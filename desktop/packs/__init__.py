"""The page that makes a pack: many loops from a list."""
