"""Text from outside (titles, paths, prompts, names of devices and DAWs) shown as it is written.

Qt takes a label or a tooltip for HTML if it looks like HTML, and opens the files that
an image in it names; menus and buttons take `&` for the mark of a shortcut.
"""

import functools
import html
import textwrap

from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QLabel, QWidget

_TIP_COLUMNS = 60
"""How many characters a line of a tooltip has at most; one word may be longer."""


@functools.lru_cache(maxsize=1024)
def plain_tip(text: str) -> str:
    """Return the tooltip that shows this text, in lines that stay inside the window.

    Text that could be HTML is escaped.
    """
    text = "\n".join(_wrapped(line) for line in text.split("\n"))
    if not GuiQt.mightBeRichText(text):
        return text
    return f"<span>{html.escape(text)}</span>".replace("\n", "<br>")


def _wrapped(line: str) -> str:
    """Return a line in several, each of whole words: a path stays in one piece."""
    lines = textwrap.wrap(line, _TIP_COLUMNS, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def plain_caption(text: str) -> str:
    """Return the caption of a button or a menu entry that shows this text."""
    return text.replace("&", "&&")


def plain_label(text: str, parent: QWidget | None = None) -> QLabel:
    """Return a label that shows its text as it is."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made
