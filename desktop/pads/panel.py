"""The pads panel: bank, quantize, grid, buttons and the fields of the selected pad."""

from typing import Any

import msgspec
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.pads.banks import BANKS, EMPTY, LETTERS, Pad
from desktop.pads.fields import PAD_FIELDS
from desktop.pads.grid import PadGrid
from desktop.pads.pad_wave import PadPicture, PadWave
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import GAP_PX, SMALL_PX
from desktop.widgets.basics import Choice, ElidedLabel, LabelledField, label
from desktop.widgets.buttons import Segments, SignButton
from desktop.widgets.plain import plain_tip
from desktop.widgets.value_edit import ValueEdit
from playback.clocks import Quantize
from playback.pad_voices import Mode

_LINES = {Quantize.OFF: "Off", Quantize.BEAT: "1 beat", Quantize.BAR: "1 bar"}
_MODES = {Mode.LOOP: "Loop", Mode.ONE_SHOT: "One-shot", Mode.GATE: "Gate"}


class PadsPanel(QWidget):
    """Emits what the user did; the fields belong to the selected pad."""

    bank_chosen = Signal(int)
    line_chosen = Signal(object)
    pad_changed = Signal(object)
    refused = Signal(str)
    stop_clicked = Signal()
    record_clicked = Signal()
    menu_clicked = Signal()
    keys_toggled = Signal(bool)
    midi_toggled = Signal(bool)

    def __init__(self, colours: Colours) -> None:
        super().__init__()
        self.grid = PadGrid(colours)
        self.bank = Segments(dict(enumerate(BANKS)), "Bank", small=True)
        self.line = Choice()
        self.record = SignButton("Record", "record", "")
        self.record.sign_role = QPalette.ColorRole.BrightText
        self.stop = SignButton("Stop", "stop", "Stop all pads (Ctrl+.)")
        self.keys = SignButton("Keys")
        self.midi = SignButton("MIDI")
        self.letter = label(LETTERS[0], "key")
        self.heading = ElidedLabel("heading")
        self.more = SignButton("", "more", "More for this pad", small=True)
        self.mode = Segments(_MODES, "What hitting the pad does")
        self.values = {field.name: ValueEdit(field, getattr(EMPTY, field.name), small=True)
                       for field in PAD_FIELDS}  # fmt: skip
        self.wave = PadWave(colours)
        self._pad = EMPTY
        self._fill()
        self._lay_out()
        self.show_pad(0, EMPTY)

    def fit(self, *, narrow: bool) -> None:
        """Lay the head out for its column; in a narrow one the switch of the side stands there."""
        self.title.setVisible(not narrow)
        for part in (self.bank, self.line):
            (self._second_head if narrow else self.head).addWidget(part)

    def show_title(self, title: str) -> None:
        """Show what is on the selected pad; empty for nothing."""
        self.heading.setText(title or "Empty pad")

    def show_pad(self, place: int, pad: Pad) -> None:
        """Show the fields of a pad; those of an empty pad are disabled."""
        self._pad = pad
        self.letter.setText(LETTERS[place])
        self.mode.show_chosen(pad.mode)
        for name, value in self.values.items():
            value.show_value(getattr(pad, name))
        self.fields.setEnabled(bool(pad.clip))
        self.more.setEnabled(bool(pad.clip))

    def show_picture(self, picture: PadPicture) -> None:
        """Show the clip of the pad whose fields are shown."""
        self.wave.show_pad(picture, self._pad.start, self._pad.end)
        self.wave.setEnabled(bool(self._pad.clip))

    def show_line(self, line: Quantize) -> None:
        """Show the quantize of pad starts."""
        with QSignalBlocker(self.line):
            self.line.setCurrentIndex(self.line.findData(line))

    def show_recording(self, text: str, *, active: bool) -> None:
        """Show the state of the recorder on the Record button."""
        if text != self.record.text() or active != self.record.property("active"):
            self.record.setText(text)
            self.record.setProperty("active", active)
            self.record.style().unpolish(self.record)
            self.record.style().polish(self.record)

    def _choose_bank(self, bank: int) -> None:
        self.bank_chosen.emit(bank)

    def _change(self, **values: Any) -> None:
        self._pad = msgspec.structs.replace(self._pad, **values)
        self.pad_changed.emit(self._pad)

    def _fill(self) -> None:
        self.bank.setToolTip("Bank of sixteen pads; pads of other banks keep playing")
        self.bank.chosen.connect(self._choose_bank)
        self.line.setObjectName("plain")
        self.line.setProperty("small", "true")
        self.line.setFixedSize(78, SMALL_PX)
        for line, text in _LINES.items():
            self.line.addItem(text, line)
        self.line.setAccessibleName("Quantize")
        self.line.setToolTip(
            "When pads start while something plays: at the bar, the beat, or at once"
        )
        self.line.currentIndexChanged.connect(
            lambda _place: self.line_chosen.emit(self.line.currentData())
        )
        self.record.setObjectName("record")
        self.record.setToolTip(
            "Record the pads to a new clip, from the next bar or the first pad (F9)"
        )
        self.record.clicked.connect(self.record_clicked)
        self.stop.clicked.connect(self.stop_clicked)
        self.keys.setCheckable(True)
        self.keys.setAccessibleName("Play pads with the computer keyboard")
        tip = (
            "1-4, Q-R, A-F and Z-V play the pads, except in text fields (F8); "
            "if off, only while a pad has the focus"
        )
        self.keys.setToolTip(plain_tip(tip))
        self.keys.toggled.connect(self.keys_toggled)
        self.midi.setCheckable(True)
        self.midi.setAccessibleName("Play pads with MIDI notes")
        self.midi.toggled.connect(self.midi_toggled)
        self.mode.setToolTip("Loop: until hit again; one-shot: to the end; gate: while held")
        self.mode.chosen.connect(lambda mode: self._change(mode=mode))
        self.more.clicked.connect(self.menu_clicked)
        self.wave.part_changed.connect(lambda start, end: self._change(start=start, end=end))
        for name, value in self.values.items():
            value.changed.connect(lambda new, name=name: self._change(**{name: new}))
            value.refused.connect(self.refused)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_PX)
        self.head, self._second_head = QHBoxLayout(), QHBoxLayout()
        self.title = label("Pads", "heading")
        self.head.addWidget(self.title)
        self.head.addStretch(1)
        for row in (self.head, self._second_head):
            row.setSpacing(GAP_PX)
            column.addLayout(row)
        self.fit(narrow=False)
        column.addWidget(self.grid)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP_PX)
        for button, share in ((self.record, 15), (self.stop, 12), (self.keys, 10), (self.midi, 10)):
            button.setProperty("close", "true")
            buttons.addWidget(button, share)
        column.addLayout(buttons)
        column.addSpacing(4)
        about = QHBoxLayout()
        about.setSpacing(GAP_PX)
        about.addWidget(self.letter)
        about.addWidget(self.heading, 1)
        about.addWidget(self.more)
        column.addLayout(about)
        column.addWidget(self.wave)
        self.fields = QWidget()
        grid = QGridLayout(self.fields)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP_PX)
        grid.addWidget(self.mode, 0, 0, 1, 2)
        for number, field in enumerate(PAD_FIELDS):
            cell = LabelledField(field.caption, self.values[field.name], field.hint)
            grid.addWidget(cell, 1 + number // 2, number % 2)
        column.addWidget(self.fields)
