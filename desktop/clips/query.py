"""The query of the search field, such as "drums 80-90 D minor 4 bars starred"."""

import dataclasses
import functools
import re
from typing import Self

from desktop.clips.rows import ClipRow, Condition
from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.tempo import HIGHEST_BPM, LOWEST_BPM, Meter, bars_in_words, format_bpm

_RANGE = re.compile(r"\b(\d+(?:\.\d+)?)\s*[-–]\s*(\d+(?:\.\d+)?)(?:\s*bpm)?\b")
_METER = re.compile(r"\b(\d{1,2}/(?:1|2|4|8|16|32))\b")
_BARS = re.compile(r"\b(\d{1,4})\s*bars?\b")
_TEMPO = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*bpm\b|(?<![\w.])(\d{2,3}(?:\.\d+)?)(?![\w.])")
_KEY = re.compile(
    r"(?<!\w)([a-g](?:#|b)?)(?:\s+(minor|major|dorian|phrygian|lydian|mixolydian|locrian)|(m))(?!\w)"
)


@dataclasses.dataclass(frozen=True)
class Query:
    """All conditions must hold; words are searched in title, model, role, key and tags."""

    words: tuple[str, ...] = ()
    bpm_range: tuple[float, float] | None = None
    starred: bool = False
    meter: str = ""
    bars: int | None = None
    key: str = ""
    """As the list shows it, such as `Dm`."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a query; every text is valid."""
        rest = text.lower()
        rest, meter = _taken(_METER, rest)
        rest, bars = _taken(_BARS, rest)
        rest, key = _taken(_KEY, rest)
        rest, span = _taken(_RANGE, rest)
        bpm_range = (float(span[1]), float(span[2])) if span else None
        if bpm_range is None:
            shorter, tempo = _taken(_TEMPO, rest)
            bpm = float(tempo[1] or tempo[2]) if tempo else 0.0
            if LOWEST_BPM <= bpm <= HIGHEST_BPM:  # others are words, such as 808
                rest, bpm_range = shorter, (bpm - 0.5, bpm + 0.5)
        words = rest.split()
        return cls(
            tuple(word for word in words if word != "starred"),
            bpm_range,
            starred="starred" in words,
            meter=meter[1] if meter else "",
            bars=int(bars[1]) if bars else None,
            key=_short(key[0]) if key else "",
        )

    @property
    def names(self) -> list[str]:
        """What was understood of the query, in words."""
        low, high = self.bpm_range or (0.0, 0.0)
        middle = (low + high) / 2
        tempo = (
            format_bpm(middle) if high - low <= 1 else f"{format_bpm(low)} to {format_bpm(high)}"
        )
        bars = bars_in_words(self.bars) if self.bars else ""
        named = (
            (self.words, f"“{' '.join(self.words)}”"),
            (self.key, self.key),
            (self.bpm_range, f"{tempo} bpm"),
            (self.meter, self.meter),
            (self.bars is not None, bars),
            (self.starred, "starred"),
        )
        return [name for on, name in named if on]

    @functools.cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """What must hold of a row, one function for each thing that is asked for."""
        low, high = self.bpm_range or (0.0, 0.0)
        numerator, _, denominator = self.meter.partition("/")
        meter = Meter(int(numerator), int(denominator)) if self.meter else None
        asked: tuple[tuple[object, Condition], ...] = (
            (self.starred, lambda row: row.mark.starred),
            (self.bars is not None, lambda row: row.bars == self.bars),
            (self.key, lambda row: row.key == self.key and row.shown_key != ""),
            (meter, lambda row: row.recipe is not None and row.recipe.grid.meter == meter),
            (self.bpm_range, lambda row: row.bpm is not None and low <= row.bpm <= high),
        )
        facts = (condition for on, condition in asked if on)
        return (*facts, *map(_has_word, self.words))

    def matches(self, row: ClipRow) -> bool:
        """Return whether a row matches."""
        return all(condition(row) for condition in self.conditions)


def _has_word(word: str) -> Condition:
    return lambda row: word in row.searched


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, re.Match[str] | None]:
    """Return a text without what a pattern found in it, and what that was."""
    found = pattern.search(text)
    if found is None:
        return text, None
    return f"{text[: found.start()]} {text[found.end() :]}", found


def _short(text: str) -> str:
    try:
        key = parse_key(text)
    except LoopError:
        return ""
    return "" if key is None else key.short_name
