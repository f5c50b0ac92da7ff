"""The sounds of sketch 1, kept as they were so that its loops can be made again.

Nothing here is ever improved: what it plays must not change. What it shares with later versions
(the composer, oscillators, effects on the circle) is held by a test of how its loops sound.
"""
