"""The fields of what is edited of a clip: its gain and its fades, in numbers."""

import dataclasses
from collections.abc import Callable

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.theme.stylesheet import GAP_PX
from desktop.widgets.basics import LabelledField
from desktop.widgets.buttons import SignButton
from desktop.widgets.field import Field
from desktop.widgets.numbers import from_middle, number, reader, signed, stepper
from desktop.widgets.value_edit import ValueEdit
from engine.loops.edits import HIGHEST_GAIN_DB, LOWEST_GAIN_DB, NONE, Edits, placed
from engine.loops.errors import OutOfRange
from engine.loops.tempo import LONGEST_SECONDS, LoopGrid

_LONGEST_MS = LONGEST_SECONDS * 1_000
_GAIN_PX, _FADE_PX, _LONG_FADE_PX = 104, 108, 136
_DIGITS = 6
_ROUNDING_MS = 5.0
"""A length that is shown in hundredths of a second may be typed as it is shown."""


def read_ms(text: str) -> float:
    """Parse a length of time in milliseconds: `250`, `250 ms`, `1.5 s`.

    Raises:
        OutOfRange: it is no such length.
    """
    plain = text.lower().strip()
    try:
        seconds = plain.endswith("s") and not plain.endswith("ms")
        value = number(plain, "s") * 1_000 if seconds else number(plain, "ms")
    except ValueError as error:
        raise OutOfRange("The fade", text, "a length such as 250 ms or 1.5 s") from error
    if not 0 <= value <= _LONGEST_MS:
        raise OutOfRange("The fade", text, f"0 ms to {LONGEST_SECONDS} s")
    return value


def show_ms(value: float) -> str:
    """Format a length of time: `250 ms`, `1.43 s`."""
    return f"{value:.0f} ms" if value < 1_000 else f"{value / 1_000:.2f} s"


def _fade(name: str, caption: str, where: str) -> Field:
    return Field(
        name=name, caption=caption, read=read_ms, show=show_ms,
        step=stepper(0, _LONGEST_MS, 10.0, 0),
        hint=f"Fade at the {where}: drag, type ms or s, or drag the dot in the waveform to a beat",
    )  # fmt: skip


_GAIN = Field(
    name="gain_db", caption="Gain", read=reader("The gain", "dB", LOWEST_GAIN_DB, HIGHEST_GAIN_DB),
    show=lambda value: signed(value, "dB"), step=stepper(LOWEST_GAIN_DB, HIGHEST_GAIN_DB),
    level=lambda value: from_middle(value / (HIGHEST_GAIN_DB if value > 0 else -LOWEST_GAIN_DB)),
    hint="Gain in dB, -60 to 24: heard and exported; the file stays as it is",
)  # fmt: skip
_FIELDS = (_GAIN, _fade("fade_in", "In", "beginning"), _fade("fade_out", "Out", "end"))
_SPOKEN = {"gain_db": "Gain", "fade_in": "Fade in", "fade_out": "Fade out"}


class EditFields(QWidget):
    """Emits `changed` with new edits, and `refused` with the error of a text."""

    changed = Signal(object)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._edits = NONE
        self._grid: LoopGrid | None = None
        self.values = {
            field.name: ValueEdit(self._of_this_clip(field), 0.0, small=True) for field in _FIELDS
        }
        self._cells: list[LabelledField] = []
        self.reset = SignButton(
            "", "undo", "Remove gain, fades and trim: the loop as it was made", small=True
        )
        self.reset.setAccessibleName("Remove gain, fades and trim")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_PX)
        for field in _FIELDS:
            value = self.values[field.name]
            cell = LabelledField(field.caption, value, field.hint, small=True)
            cell.setFixedWidth(_GAIN_PX if field is _GAIN else _FADE_PX)
            value.setAccessibleName(_SPOKEN[field.name])
            value.changed.connect(self._taker(field.name))
            value.refused.connect(self.refused)
            row.addWidget(cell)
            self._cells.append(cell)
        row.addWidget(self.reset)

    def fit(self, *, narrow: bool, wide: bool) -> None:
        """Show the fades only where there is room: the dots in the waveform set them too."""
        for field, cell in zip(_FIELDS, self._cells, strict=True):
            if field is not _GAIN:
                cell.setVisible(not narrow)
                cell.show_caption(f"Fade {field.caption.lower()}" if wide else field.caption)
                cell.setFixedWidth(_LONG_FADE_PX if wide else _FADE_PX)

    def show_edits(self, edits: Edits, grid: LoopGrid | None) -> None:
        """Show the edits of a clip with this grid; without one, nothing can be edited."""
        self._edits, self._grid = edits, grid
        self.setEnabled(grid is not None)
        self.reset.setEnabled(edits != NONE)
        for name, value in self.values.items():
            value.show_value(self._shown(name))

    def _shown(self, name: str) -> float:
        if name == "gain_db" or self._grid is None:
            return self._edits.gain_db if name == "gain_db" else 0.0
        frames = getattr(placed(self._edits, self._grid), name)
        return float(frames / self._grid.rate * 1_000)

    def _taker(self, name: str) -> Callable[[float], None]:
        """Return what takes a new value of a field."""

        def take(value: float) -> None:
            quarters = value if name == "gain_db" else self._quarters(value)
            self._change(msgspec.structs.replace(self._edits, **{name: quarters}))

        return take

    def _quarters(self, milliseconds: float) -> float:
        """Return a length in quarter notes; no fade is longer than the clip."""
        if self._grid is None:
            return 0.0
        heard = min(milliseconds, self._longest_ms())
        return round(heard / 60_000 * self._grid.bpm, _DIGITS)

    def _longest_ms(self) -> float:
        """Return how long what is heard of the clip is, and so a fade at most."""
        grid = self._grid
        if grid is None:
            return _LONGEST_MS
        return float(placed(self._edits, grid).grid.quarters) * 60_000 / grid.bpm

    def _of_this_clip(self, field: Field) -> Field:
        """Return a field that refuses a typed fade which is longer than the clip."""
        if field is _GAIN:
            return field

        def read(text: str) -> float:
            value: float = field.read(text)
            if value > self._longest_ms() + _ROUNDING_MS:
                allowed = f"0 ms to {show_ms(self._longest_ms())}, the length of the loop"
                raise OutOfRange("The fade", text, allowed)
            return value

        return dataclasses.replace(field, read=read)

    def _change(self, edits: Edits) -> None:
        self.show_edits(edits, self._grid)
        self.changed.emit(edits)
