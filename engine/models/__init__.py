"""The models: catalogue, downloads, the checkpoints on this machine. No torch here."""
