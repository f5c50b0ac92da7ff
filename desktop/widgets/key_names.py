"""Shortcuts as people read them on their keyboards."""

import sys

from PySide6.QtGui import QKeySequence

_SIGNS = {"Shift+": "⇧ ", "Ctrl+": "Ctrl ", "Return": "↵", "Enter": "↵", "Backspace": "⌫"}


def key_name(keys: str) -> str:
    """Return a key sequence of Qt's portable notation in short: `Ctrl ⇧ V`; on a Mac `⇧⌘V`."""
    text = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    if sys.platform != "darwin":
        for word, sign in _SIGNS.items():
            text = text.replace(word, sign)
    return text
