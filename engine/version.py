"""The version of Loopwright; a test compares it with pyproject.toml.

It is a constant because reading it from the installed metadata at each start takes as long as all
other imports of the engine before it is ready.
"""

VERSION = "0.1.0"
PROGRAM = f"Loopwright {VERSION}"
