"""The model library: installed models, downloads, and the Models page."""
