"""The left column: the prompt, the model and its settings, the source, and the job queue."""
