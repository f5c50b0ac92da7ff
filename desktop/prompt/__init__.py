"""The left column: the prompt, its model and settings, the source, and the queue of jobs."""
