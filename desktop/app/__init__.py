"""The whole window: its parts, how they are connected, and how it is opened once per user."""
