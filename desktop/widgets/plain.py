"""Text from outside (titles, paths, prompts, names of devices and DAWs) shown as it is written.

Qt takes a label or a tooltip for HTML if it looks like HTML, and opens the files that
an image in it names; menus and buttons take `&` for the mark of a shortcut.
"""

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QLabel, QWidget


def plain_tip(text: str) -> str:
    """Return the tooltip that shows this text; text that could be HTML is escaped."""
    if not GuiQt.mightBeRichText(text):
        return text
    return f"<span>{html.escape(text)}</span>".replace("\n", "<br>")


def plain_caption(text: str) -> str:
    """Return the caption of a button or a menu entry that shows this text."""
    return text.replace("&", "&&")


def plain_label(text: str, parent: QWidget | None = None) -> QLabel:
    """Return a label that shows its text as it is."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made
