"""The icon of the program, shared by the window, the menus and the installers."""

from pathlib import Path

from PySide6.QtGui import QIcon

DRAWING = Path(__file__).with_name("icon.svg")


def window_icon() -> QIcon:
    """Return the window icon."""
    return QIcon(str(DRAWING))
