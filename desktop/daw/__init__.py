"""The DAW page, the bridge inside the window, and sending clips to a DAW."""
