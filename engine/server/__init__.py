"""The code that runs in the engine process: commands in, one job at a time, events out."""
