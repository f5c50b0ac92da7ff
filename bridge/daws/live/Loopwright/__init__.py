"""Loopwright's Remote Script: Live tells the bridge its tempo and takes its clips.

Copied into Live's `Remote Scripts` folder by `loopwright daw install live`. Standard library only,
Python 3.7 to 3.11, polled by Live about ten times a second, no threads.
"""

from __future__ import annotations

from typing import Any

from .script import Script


def create_instance(c_instance: Any) -> Script:
    """Return the script; Live calls this when it is chosen as a control surface."""
    return Script(c_instance)
