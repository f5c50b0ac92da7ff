"""The menu of the large waveform: all that its handles do, for the keyboard too."""

from functools import partial
from typing import Protocol

import msgspec
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from desktop.clips.waveform_view import WaveformView
from desktop.widgets.actions import WHY_NOT
from desktop.widgets.buttons import SignButton
from engine.loops.edits import NONE, Edits

_FADES = {
    "None": 0.0, "Eighth note": 0.5, "Quarter note": 1.0, "Half note": 2.0, "Whole note": 4.0
}  # fmt: skip
_ENDS = {"fade_in": "Fade in", "fade_out": "Fade out"}


class Edited(Protocol):
    """What the menu changes."""

    waveform: WaveformView
    seam: SignButton
    trim: SignButton

    @property
    def edits(self) -> Edits:
        """The edits that the clip is shown with."""

    def edit(self, edits: Edits) -> None:
        """Have the clip heard and exported with other edits."""

    def clear(self) -> None:
        """Have the clip heard and exported as it was made."""


def open_waveform_menu(editing: Edited, point: QPoint) -> None:
    """Open the menu at a point of the screen."""
    menu = QMenu(editing.waveform)
    menu.aboutToHide.connect(menu.deleteLater)
    trim = menu.addAction(editing.trim.text())
    trim.setEnabled(editing.waveform.bars is not None and editing.trim.isEnabled())
    trim.triggered.connect(editing.trim.click)
    _add_redo(menu, editing.waveform)
    for field, title in _ENDS.items():
        _add_fades(menu, editing, field, title)
    clear = menu.addAction("Remove gain, fades and trim")
    clear.setEnabled(editing.edits != NONE)
    clear.triggered.connect(editing.clear)
    menu.addSeparator()
    for title, on in (("Loudness", False), ("Spectrum", True)):
        look = menu.addAction(title)
        look.setCheckable(True)
        look.setChecked(editing.waveform.shows_spectrum is on)
        look.triggered.connect(partial(_show_spectrum, editing.waveform, on))
    menu.addSeparator()
    seam = menu.addAction("Show the loop point")
    seam.setCheckable(True)
    seam.setChecked(editing.seam.isChecked())
    seam.triggered.connect(editing.seam.click)
    menu.addAction("Show the whole loop").triggered.connect(editing.waveform.show_whole)
    menu.popup(point)


def _add_redo(menu: QMenu, waveform: WaveformView) -> None:
    """Add the entry that has the selected bars made anew."""
    redo = waveform.window().findChild(QAction, "redo")
    if redo is not None:
        entry = menu.addAction(redo.text())
        entry.setEnabled(not redo.property(WHY_NOT))
        entry.triggered.connect(redo.trigger)


def _add_fades(menu: QMenu, editing: Edited, field: str, title: str) -> None:
    """Add a menu of lengths for a fade."""
    fades: QWidget = menu.addMenu(title)
    assert isinstance(fades, QMenu)  # noqa: S101 - Qt says so
    for name, quarters in _FADES.items():
        action = fades.addAction(name)
        action.setCheckable(True)
        action.setChecked(getattr(editing.edits, field) == quarters)
        edits = msgspec.structs.replace(editing.edits, **{field: quarters})
        action.triggered.connect(partial(_edit, editing, edits))


def _edit(editing: Edited, edits: Edits, _checked: bool = False) -> None:  # noqa: FBT001, FBT002
    editing.edit(edits)


def _show_spectrum(waveform: WaveformView, on: bool, _checked: bool = False) -> None:  # noqa: FBT001, FBT002
    waveform.show_spectrum(on=on)
