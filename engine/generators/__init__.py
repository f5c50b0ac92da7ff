"""The generators: one package per model family, imported only when a model is needed."""
