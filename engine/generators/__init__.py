"""The generators: one room per model family. Nothing is imported until a model is asked for."""
