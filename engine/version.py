"""The version of Loopwright; a test compares it with pyproject.toml.

It stands here as a constant because reading it from the installed metadata costs as much time at
each start as all the rest of what the engine imports before it is ready.
"""

VERSION = "0.1.0"
PROGRAM = f"Loopwright {VERSION}"
