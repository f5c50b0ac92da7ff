"""Loopwright's Remote Script: sends Live's tempo and transport to the bridge, inserts its clips.

Copied into Live's `Remote Scripts` folder by `loopwright daw install live`. Standard library only,
Python 3.7 to 3.11, no threads: Live calls it about ten times a second.
"""

from __future__ import annotations

from typing import Any

from .script import Script


def create_instance(c_instance: Any) -> Script:
    """Return the script; Live calls this when the user chooses it as a control surface."""
    return Script(c_instance)
