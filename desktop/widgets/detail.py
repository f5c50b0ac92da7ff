"""The chosen clip: its large waveform, what was measured of it, and what can be done with it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from desktop.models.rows import ClipRow
from desktop.peaks import Peaks
from desktop.theme.colours import Colours
from desktop.widgets.basics import label
from desktop.widgets.waveform import WaveformView
from engine.loops.recipe import Recipe


class Detail(QFrame):
    """Shows one clip; tells by signals what shall be done with it."""

    again_clicked = Signal(object)
    folder_clicked = Signal(object)
    play_clicked = Signal()

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.setObjectName("card")
        self._colours = colours
        self._row: ClipRow | None = None
        self.title = label("", "title")
        self.facts = label("", "muted")
        self.waveform = WaveformView(colours)
        self.waveform.pressed.connect(self.play_clicked)
        self.seam = _button("Seam", "Show the end and the beginning joined")
        self.seam.setCheckable(True)
        self.seam.toggled.connect(self.waveform.show_seam)
        self.again = _button("Again", "Put prompt, seed and settings of this clip into the panel")
        self.again.clicked.connect(lambda: self.again_clicked.emit(self._row))
        self.folder = _button("Show in folder", "Show the file in its folder")
        self.folder.clicked.connect(lambda: self.folder_clicked.emit(self._row))
        self._lay_out()
        self.setVisible(False)

    def show_row(self, row: ClipRow | None, peaks: Peaks | None) -> None:
        """Show a clip; its waveform may come later."""
        self._row = row
        self.setVisible(row is not None)
        if row is None:
            return
        self.title.setText(row.shown_title)
        self.facts.setText("" if row.recipe is None else facts_of(row.recipe))
        self.again.setEnabled(row.recipe is not None)
        grid = row.recipe.grid if row.recipe else None
        self.waveform.show_clip(peaks, grid, self._colours.of_role(row.role))

    @property
    def row(self) -> ClipRow | None:
        """The clip that is shown."""
        return self._row

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.facts, 0, Qt.AlignmentFlag.AlignRight)
        verbs = QHBoxLayout()
        verbs.setSpacing(6)
        verbs.addWidget(self.seam)
        verbs.addStretch(1)
        verbs.addWidget(self.folder)
        verbs.addWidget(self.again)
        column.addLayout(head)
        column.addWidget(self.waveform, 1)
        column.addLayout(verbs)


def facts_of(recipe: Recipe) -> str:
    """Return what was measured of a clip, in one line."""
    grid, scores = recipe.grid, recipe.scores
    depth = {"32f": "32 bit float"}.get(recipe.request.bits, f"{recipe.request.bits} bit")
    parts = [f"{grid.frames:,} frames", f"{grid.rate / 1000:g} kHz {depth}"]
    parts += [f"seam {scores.seam:.1f}", f"peak {scores.peak_db:.1f} dB"]
    return " · ".join(parts)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
