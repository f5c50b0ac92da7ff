"""What is installed into Ableton Live: a Remote Script, standard library only."""
