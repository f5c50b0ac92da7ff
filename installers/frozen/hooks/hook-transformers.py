"""transformers: contents.py lists the families; without the metadata of optional packages."""

# It reads its own source to find its models, and runs some of it from there.
module_collection_mode = "pyz+py"
