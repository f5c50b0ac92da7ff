"""The DAW page, the window's OSC bridge, and sending clips to a DAW."""
