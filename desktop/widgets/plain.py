"""Text from outside (titles, paths, prompts, names of devices and DAWs) shown as it is written.

Qt takes a label, a tooltip or a question for HTML if it looks like HTML, and opens the files that
an image in it names; menus and buttons take `&` for the mark of a shortcut.
"""

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget


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


def ask(parent: QWidget, question: str) -> bool:
    """Ask a question in a dialog, and return whether the answer was yes."""
    buttons = QMessageBox.StandardButton
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Loopwright")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setStandardButtons(buttons.Yes | buttons.No)
    answer = box.exec()
    box.deleteLater()
    return answer == buttons.Yes


def ask_about_changes(parent: QWidget, problem: str) -> QMessageBox.StandardButton:
    """Ask what to do with changes that cannot be saved: Save (elsewhere), Discard or Cancel."""
    buttons = QMessageBox.StandardButton
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Loopwright")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(problem)
    box.setInformativeText("What shall happen to the changes?")
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    for button, caption in ((buttons.Save, "Save elsewhere…"), (buttons.Cancel, "Stay open")):
        box.button(button).setText(caption)
    box.setDefaultButton(buttons.Cancel)
    answer = box.exec()
    box.deleteLater()
    return QMessageBox.StandardButton(answer)
