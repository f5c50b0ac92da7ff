"""What is installed into Live and REAPER, and Ableton Link in a process of its own."""
