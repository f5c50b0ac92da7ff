"""The pads panel: bank, quantize, grid, buttons and the fields of the selected pad."""

from typing import Any

import msgspec
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.pads.banks import BANKS, EMPTY, Pad
from desktop.pads.fields import PAD_FIELDS
from desktop.pads.grid import PadGrid
from desktop.theme.colours import Colours
from desktop.widgets.basics import Choice, FlowLayout, LabelledField, label
from desktop.widgets.value_edit import ValueEdit
from playback.clocks import Quantize
from playback.pad_voices import Mode

_LINES = {
    Quantize.OFF: "quantize off",
    Quantize.BEAT: "quantize 1 beat",
    Quantize.BAR: "quantize 1 bar",
}

_NARROW_PX = 220


class PadsPanel(QWidget):
    """Emits what the user did; the fields belong to the selected pad."""

    bank_chosen = Signal(int)
    line_chosen = Signal(object)
    pad_changed = Signal(object)
    refused = Signal(str)
    stop_clicked = Signal()
    record_clicked = Signal()
    clear_clicked = Signal()
    keys_toggled = Signal(bool)
    midi_toggled = Signal(bool)

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.grid = PadGrid(colours)
        self.bank = Choice(quiet=True)
        self.line = Choice(quiet=True)
        self.record = QPushButton("Record")
        self.stop = QPushButton("Stop")
        self.keys = QPushButton("Keys")
        self.midi = QPushButton("MIDI")
        self.heading = label("Pad 1", "heading")
        self.clear = QPushButton("Clear")
        self.mode = Choice(right=True)
        self.values = {field.name: ValueEdit(field, getattr(EMPTY, field.name), small=True)
                       for field in PAD_FIELDS}  # fmt: skip
        self._pad = EMPTY
        self._columns = 0
        self._fill()
        self._lay_out()
        self.show_pad(0, EMPTY)

    def show_pad(self, place: int, pad: Pad) -> None:
        """Show the fields of a pad; those of an empty pad are disabled."""
        self._pad = pad
        self.heading.setText(f"Pad {place + 1}")
        with QSignalBlocker(self.mode):
            self.mode.setCurrentIndex(self.mode.findData(pad.mode))
        for name, value in self.values.items():
            value.show_value(getattr(pad, name))
        self.fields.setEnabled(bool(pad.clip))

    def show_line(self, line: Quantize) -> None:
        """Show the quantize of pad starts."""
        with QSignalBlocker(self.line):
            self.line.setCurrentIndex(self.line.findData(line))
        self.line.updateGeometry()

    def show_recording(self, text: str, *, active: bool) -> None:
        """Show the state of the recorder on the Record button."""
        if text != self.record.text() or active != self.record.property("active"):
            self.record.setText(text)
            self.record.setProperty("active", active)
            self.record.style().unpolish(self.record)
            self.record.style().polish(self.record)

    def _change(self, name: str, value: Any) -> None:
        self._pad = msgspec.structs.replace(self._pad, **{name: value})
        self.pad_changed.emit(self._pad)

    def _fill(self) -> None:
        for number, name in enumerate(BANKS):
            self.bank.addItem(f"Bank {name}", number)
        self.bank.setAccessibleName("Bank")
        self.bank.setToolTip("Bank of sixteen pads; pads of other banks keep playing")
        self.bank.currentIndexChanged.connect(self.bank_chosen)
        for line, text in _LINES.items():
            self.line.addItem(text, line)
        self.line.setAccessibleName("Quantize")
        self.line.setToolTip("Quantize pad starts to the beat or bar while something plays")
        self.line.currentIndexChanged.connect(
            lambda _place: self.line_chosen.emit(self.line.currentData())
        )
        self.record.setObjectName("record")
        self.record.setToolTip(
            "Record the pads to a new clip, from the next bar or the first pad (F9)"
        )
        self.record.clicked.connect(self.record_clicked)
        self.stop.setToolTip("Stop all pads (Ctrl+.)")
        self.stop.clicked.connect(self.stop_clicked)
        self.keys.setCheckable(True)
        self.keys.setAccessibleName("Play pads with the computer keyboard")
        self.keys.setToolTip(
            "1-4, Q-R, A-F and Z-V play the pads, except in text fields (Ctrl+K); "
            "if off, only while a pad has the focus"
        )
        self.keys.toggled.connect(self.keys_toggled)
        self.midi.setCheckable(True)
        self.midi.setAccessibleName("Play pads with MIDI notes")
        self.midi.toggled.connect(self.midi_toggled)
        for mode in Mode:
            self.mode.addItem(mode.value, mode)
        self.mode.currentIndexChanged.connect(
            lambda _place: self._change("mode", self.mode.currentData())
        )
        for name, value in self.values.items():
            value.changed.connect(lambda new, name=name: self._change(name, new))
            value.refused.connect(self.refused)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(6)
        self._title = label("Pads", "heading")
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.bank)
        head.addWidget(label("·", "muted"))
        head.addWidget(self.line)
        column.addLayout(head)
        column.addWidget(self.grid)
        buttons = QWidget()
        flow = FlowLayout(buttons)
        for button in (self.record, self.stop, self.keys, self.midi):
            flow.addWidget(button)
        column.addWidget(buttons)
        column.addWidget(self.heading)
        self.fields = QWidget()
        self._field_grid = QGridLayout(self.fields)
        self._field_grid.setContentsMargins(0, 0, 0, 0)
        self._field_grid.setSpacing(8)
        self._cells = self._fields()
        self._arrange(columns=2)
        column.addWidget(self.fields)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stack the fields in one column if the panel is narrow."""
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW_PX
        self._title.setVisible(not narrow)
        self._arrange(columns=1 if narrow else 2)

    def _arrange(self, *, columns: int) -> None:
        if columns != self._columns:
            self._columns = columns
            for number, cell in enumerate(self._cells):
                self._field_grid.addWidget(cell, *divmod(number, columns))

    def _fields(self) -> list[QWidget]:
        """Return the fields of a pad, in order, and the Clear button."""
        editors: list[tuple[str, QLineEdit | Choice, str]] = [
            ("mode", self.mode, "loop: until hit again; one-shot: to the end; gate: while held")
        ]
        editors += [(f.caption, self.values[f.name], f.hint) for f in PAD_FIELDS]
        fields: list[QWidget] = [LabelledField(*editor) for editor in editors]
        self.clear.setFixedHeight(fields[0].height())
        self.clear.setToolTip("Clear this pad (Ctrl+Shift+P)")
        self.clear.clicked.connect(self.clear_clicked)
        return [*fields, self.clear]
