"""What is installed into REAPER: an OSC pattern file and ReaScripts."""
