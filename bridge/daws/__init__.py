"""The scripts for Live and REAPER, their installation, and the Ableton Link process."""
