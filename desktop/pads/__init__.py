"""The pads: sixteen a bank, struck by mouse, keys and MIDI, and recorded."""
