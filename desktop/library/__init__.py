"""The library of models: what is on this machine, what can be downloaded, and the page for it."""
