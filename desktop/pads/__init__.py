"""The pads: four banks of sixteen, played by mouse, keyboard and MIDI, and recorded."""
