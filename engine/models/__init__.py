"""The models: which there are, and what each is good for. No torch here."""
