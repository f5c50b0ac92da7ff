"""The whole window: what there is, how it is wired, and how one window per user is opened."""
