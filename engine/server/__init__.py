"""What runs in the engine process: commands in, jobs one by one, events out."""
