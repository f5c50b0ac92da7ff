"""Studies of the craft on loops whose truth is known: `python -m benchmarks.craft.study`."""
