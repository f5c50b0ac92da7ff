"""Edits of the shown clip: what is set in its waveform and its fields, until it is stored."""

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.clips.edit_fields import EditFields
from desktop.clips.edit_handles import trimmed_to
from desktop.clips.peaks import Peaks
from desktop.clips.rows import ClipRow
from desktop.clips.verbs import bars_text
from desktop.clips.waveform_menu import open_waveform_menu
from desktop.clips.waveform_view import WaveformView
from desktop.widgets.buttons import SignButton
from desktop.widgets.plain import plain_caption
from engine.loops.edits import NONE, Edits, bars_in
from engine.loops.tempo import LoopGrid

_SETTLE_MS = 400
"""After so long without another change, edits are stored, and can be undone."""


class SoundEdits(QObject):
    """Shows every change at once; `wanted` is emitted once it rests, or another clip is shown.

    Attributes:
        fields: gain and fades in numbers.
        trim: the button that trims to the selected bars.
        seam: the button that shows the loop point.
    """

    wanted = Signal(object, object)
    """A clip, and how it shall be heard and exported."""
    shown = Signal()

    def __init__(self, waveform: WaveformView) -> None:
        super().__init__(waveform)
        self.waveform = waveform
        self.fields = EditFields()
        self.trim = SignButton("Trim", "trim", small=True)
        tip = "Loop point: show where the end runs into the beginning"
        self.seam = SignButton("", "seam", tip, small=True)
        self._row: ClipRow | None = None
        self._edits = NONE
        self._settled = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settled.timeout.connect(self.settle)
        self._connect()

    @property
    def edits(self) -> Edits:
        """The edits that the clip is shown with."""
        return self._edits

    def show_row(self, row: ClipRow | None, peaks: Peaks | None) -> None:
        """Show a clip, with its edits unless these are being changed."""
        if row is None or self._row is None or row.id != self._row.id:
            self.settle()
        self._row = row
        if row is not None:
            if not self._settled.isActive():
                self._edits = row.mark.edits
            self.waveform.show_clip(peaks, self._grid, row.shown_role, self._edits)
            self._show()

    def edit(self, edits: Edits) -> None:
        """Have the clip heard and exported with other edits, from now on."""
        self._preview(edits)
        self.settle()

    def clear(self) -> None:
        """Have the clip heard and exported as it was made."""
        self.edit(NONE)

    def trim_to_selection(self) -> None:
        """Have only the selected bars heard and exported."""
        if self.waveform.bars is not None and self._grid is not None:
            self.edit(trimmed_to(self._edits, self._grid, self.waveform.bars))

    @property
    def _grid(self) -> LoopGrid | None:
        return self._row.recipe.grid if self._row is not None and self._row.recipe else None

    def _connect(self) -> None:
        waveform = self.waveform
        self.fields.changed.connect(self._change)
        self.fields.reset.clicked.connect(self.clear)
        self.trim.clicked.connect(self.trim_to_selection)
        self.seam.setCheckable(True)
        self.seam.toggled.connect(waveform.show_seam)
        waveform.bars_changed.connect(self._show_trim)
        waveform.edited.connect(self._preview)
        waveform.edits_settled.connect(self.settle)
        waveform.menu_wanted.connect(lambda point: open_waveform_menu(self, point))

    def _change(self, edits: Edits) -> None:
        """Show other edits; quick changes, as of a gain, are one."""
        self._preview(edits)
        self._settled.start()

    def _preview(self, edits: Edits) -> None:
        self._edits = edits
        self.waveform.show_edits(edits)
        self._show()

    def settle(self) -> None:
        """Have what is shown stored now."""
        self._settled.stop()
        if self._row is not None and self._row.mark.edits != self._edits:
            self.wanted.emit(self._row, self._edits)

    def _show(self) -> None:
        self.fields.show_edits(self._edits, self._grid)
        self._show_trim()
        self.shown.emit()

    def _show_trim(self) -> None:
        bars, grid = self.waveform.bars, self._grid
        if bars is not None and grid is not None:
            self.trim.setText(plain_caption(f"Trim to {bars_text(bars)}"))
            self.trim.setEnabled(bars != bars_in(self._edits, grid))
            self.trim.setToolTip("Hear and export these bars alone; the file stays as it is")
