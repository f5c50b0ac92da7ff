"""Selects the theme of the window: dark, light or the system's."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop.theme.colours import DARK, LIGHT, Colours
from desktop.theme.stylesheet import apply_theme


def colours_of(theme: str) -> Colours:
    """Return the colours of a theme; `system` follows the system's colour scheme."""
    if theme == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return (LIGHT if scheme is Qt.ColorScheme.Light else DARK).copy()
    return (LIGHT if theme == "light" else DARK).copy()


def switch_theme(colours: Colours) -> str:
    """Switch between dark and light colours; return the name of the new theme."""
    to_light = colours.ground == DARK.ground
    colours.become(LIGHT if to_light else DARK)
    app = QApplication.instance()
    if isinstance(app, QApplication):
        apply_theme(app, colours)
    return "light" if to_light else "dark"
