"""The DAW side: what is installed into Live and REAPER, and Ableton Link in its own process."""
