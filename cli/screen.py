"""Whether there is a screen that a window can be opened on; this module knows no Qt."""

import os
import sys

_NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def has_screen() -> bool:
    """Return whether Qt finds a screen, or was told what to paint on instead."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in _NAMES)
