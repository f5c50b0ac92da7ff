"""transformers: contents.py says which families; no metadata of all that it might use."""

# It reads its own source to learn what there is, and runs some of it from there.
module_collection_mode = "pyz+py"
