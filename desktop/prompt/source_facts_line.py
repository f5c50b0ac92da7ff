"""What is known about the source, below its name: tempo, bars, meter and key, to be corrected."""

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from desktop.transport.fields import FIELDS, TapTempo
from desktop.widgets.field import Field
from desktop.widgets.plain import plain_tip
from desktop.widgets.value_edit import ValueEdit
from engine.loops.source.facts import CERTAIN, Fact, Origin, SourceFacts, StatedFacts
from engine.loops.tempo import HIGHEST_BPM, LOWEST_BPM, format_bpm

_RIGHT_WIDTH_PX = 52
_UNKNOWN = "–"
_HINTS = {
    "bpm": "Tempo of the source: double-click to correct it",
    "bars": "Bars of the source: double-click to correct them",
    "meter": "Meter of the source: double-click to correct it",
    "key": "Key of the source: double-click to correct it",
}


def fact_field(base: Field, words: Callable[[Any], str]) -> Field:
    """Return a field for a fact of the source, which shows its origin; a typed value is certain.

    Args:
        base: the field of the transport that reads and steps the same kind of value.
        words: shows a value without its origin.
    """

    def read(text: str) -> Fact[Any] | None:
        value = base.read(text.partition("(")[0].strip()) if text.strip() else None
        return Fact(value, Origin.PERSON, CERTAIN) if value else None

    def show(fact: Fact[Any] | None) -> str:
        if fact is None:
            return f"{base.caption} {_UNKNOWN}"
        shown = words(fact.value)
        # The bars follow from the tempo and the length, or the other way round.
        plain = fact.is_usual or base.name == "bars"
        return shown if plain else f"{shown} ({fact.shown_origin})"

    def step(fact: Fact[Any] | None, steps: float) -> Fact[Any] | None:
        return fact and Fact(base.step(fact.value, steps), Origin.PERSON, CERTAIN)

    hint = f"{_HINTS[base.name]}; empty it to take what is known"
    return dataclasses.replace(base, hint=hint, read=read, show=show, step=step)


class SourceFactsLine(QWidget):
    """Shows facts; emits `stated` with everything that the user says about the source."""

    stated = Signal(object)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._stated = StatedFacts()
        self._facts = SourceFacts()
        self._tap = TapTempo()
        words: dict[str, Callable[[Any], str]] = {
            "bpm": lambda bpm: f"{format_bpm(bpm)} BPM",
            "bars": lambda bars: f"{bars} bar{'s' * (bars != 1)}",
            "meter": str,
            "key": str,
        }
        fields = {base.name: base for base in FIELDS}
        self.edits = {
            name: ValueEdit(fact_field(fields[name], words[name]), None, small=True)
            for name in words
        }
        self._bpm_hint = self.edits["bpm"].hint
        for name, edit in self.edits.items():
            edit.changed.connect(lambda fact, name=name: self._state(name, fact))
            edit.refused.connect(self.refused)
            edit.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.half = _button("÷2", "Half the tempo", lambda: self._times(0.5))
        self.double = _button("×2", "Double the tempo", lambda: self._times(2.0))
        self.tap = _button("tap", "Tap the tempo of the source", self._on_tap)
        self._second_bpm = 0.0
        self.second = _button("", "", lambda: self._state_bpm(self._second_bpm))
        for name in ("bars", "meter"):
            self.edits[name].setFixedWidth(_RIGHT_WIDTH_PX)
        buttons = _row(self.half, self.double, self.tap, self.second)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(0)
        column.addLayout(_row(self.edits["bpm"], self.edits["bars"]))
        column.addLayout(_row(self.edits["key"], self.edits["meter"]))
        column.addLayout(buttons)
        self._offer(None)

    def show_facts(
        self, facts: SourceFacts, stated: StatedFacts, second_bpm: float | None = None
    ) -> None:
        """Show what is known about the source, including what the user stated.

        `second_bpm` is the next likely tempo, if there is one.
        """
        self._facts, self._stated = facts, stated
        shown = {"bpm": facts.bpm, "bars": facts.bars, "meter": facts.meter, "key": facts.key}
        for name, edit in self.edits.items():
            edit.show_value(shown[name])
        self.half.setEnabled(facts.bpm is not None)
        self.double.setEnabled(facts.bpm is not None)
        doubts = [] if second_bpm is None else [f"It may also be {format_bpm(second_bpm)} BPM"]
        self.edits["bpm"].setToolTip(plain_tip("\n".join([*doubts, self._bpm_hint])))
        self._offer(second_bpm)
        lines = [facts.described(), *doubts, *facts.disagreements]
        self.setToolTip(plain_tip("\n".join(lines)))

    def _offer(self, bpm: float | None) -> None:
        """Offer the next likely tempo on a button; None offers nothing."""
        self.second.setVisible(bpm is not None)
        if bpm is not None:
            self._second_bpm = bpm
            self.second.setText(f"or {format_bpm(bpm)}?")
            tip = f"Take {format_bpm(bpm)} BPM, the next likely tempo"
            self.second.setToolTip(plain_tip(tip))
            self.second.setAccessibleName(tip)

    def _state(self, name: str, fact: Fact[Any] | None) -> None:
        value = None if fact is None else fact.value
        value = str(value) if name in ("meter", "key") and value is not None else value
        self._say(**{name: value})

    def _times(self, factor: float) -> None:
        """Double or halve the tempo; the length in seconds stays, so the bars follow."""
        if self._facts.bpm is not None:
            self._state_bpm(self._facts.bpm.value * factor)

    def _on_tap(self) -> None:
        bpm = self._tap.tap(time.monotonic())
        if bpm is not None:
            self._state_bpm(bpm)

    def _state_bpm(self, bpm: float) -> None:
        if LOWEST_BPM <= bpm <= HIGHEST_BPM:
            self._say(bpm=bpm, bars=None)

    def _say(self, **values: Any) -> None:
        self._stated = msgspec.structs.replace(self._stated, **values)
        self.stated.emit(self._stated)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    return row


def _button(text: str, tip: str, pressed: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.setObjectName("quiet")
    button.setText(text)
    button.setToolTip(plain_tip(tip))
    button.setAccessibleName(tip)
    button.clicked.connect(pressed)
    return button
