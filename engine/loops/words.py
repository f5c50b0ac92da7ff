"""Musical facts in the words of a prompt: tempo, meter, bars, key and mode.

Every model needs them, for no model keeps a tempo or a key that only stands in its text prompt.
What a prompt says beyond these facts is the model's own business.
"""

import re
from collections.abc import Callable
from typing import TypeVar

import msgspec

from engine.loops.errors import LoopError
from engine.loops.key import MODE_STEPS, Key
from engine.loops.tempo import HIGHEST_BARS, Meter, checked_bpm

Value = TypeVar("Value")

_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "twelve": 12, "sixteen": 16,
}  # fmt: skip

_MODES = "|".join(
    ["major", "minor", "maj", "min", "aeolian", "ionian"]
    + [mode for mode in MODE_STEPS if mode not in ("major", "minor")]
)
_NOTE = r"[A-G](?:\s?sharp\b|\s?flat\b|[#b♯♭])?"
_BPM = re.compile(
    r"\b(?:at\s+)?(\d{1,4}(?:[.,]\d{1,6})?)\s?-?bpm\b"
    r"|\b(?:bpm|tempo)\s*(?:of|:|=)?\s*(\d{1,4}(?:[.,]\d{1,6})?)\b",
    re.IGNORECASE,
)
_METER = re.compile(r"\b(?:in\s+)?(\d{1,2}\s?/\s?\d{1,2})(?:\s+(?:time|meter))?\b", re.IGNORECASE)
_BARS = re.compile(
    rf"\b(\d{{1,5}}|{'|'.join(_NUMBER_WORDS)})[\s-]bars?(?:\s+(?:loop|long))?\b", re.IGNORECASE
)
_KEY_WITH_MODE = re.compile(
    rf"\b(?:in\s+)?(?:the\s+key\s+of\s+)?({_NOTE})[\s-]?({_MODES})\b(?!\s+(?:key|mood|mode|feel))",
    re.IGNORECASE,
)
_SHORT_KEY = re.compile(r"(?<![\w#])(?:in\s+)?([A-G](?:[#b♯♭])?m)(?![\w#'’])")
_TONIC_ONLY = re.compile(rf"\b(?:in(?:\s+the)?(?:\s+key\s+of)?|key\s+of)\s+({_NOTE})(?![\w#'’])")
_MODE_ONLY = re.compile(rf"\b({_MODES})(?:\s+(?:key|mode|scale))?\b", re.IGNORECASE)
_MODE_NAMES = {"maj": "major", "min": "minor", "aeolian": "minor", "ionian": "major"}


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a prompt says of musical time and key.

    `rest` is the prompt without the words that were understood; `refused` are words that look
    like a fact but cannot be, such as `900 bpm`.
    """

    bpm: float | None = None
    meter: Meter | None = None
    bars: int | None = None
    key: Key | None = None
    mode: str | None = None
    rest: str
    refused: tuple[str, ...] = ()


def read_facts(prompt: str) -> Facts:
    """Find tempo, meter, bars, key and mode in a prompt; the first of each counts."""
    reader = _Reader(prompt)
    bpm = reader.take(_BPM, lambda m: checked_bpm(float((m[1] or m[2]).replace(",", "."))))
    meter = reader.take(_METER, lambda m: Meter.parse(m[1]))
    bars = reader.take(_BARS, _bars)
    key = reader.take(_KEY_WITH_MODE, lambda m: Key.parse(f"{m[1]} {m[2]}"))
    key = key or reader.take(_SHORT_KEY, lambda m: Key.parse(m[1]))
    mode = None if key else reader.take(_MODE_ONLY, _mode)
    if key is None:
        key = reader.take(_TONIC_ONLY, lambda m: Key.parse(f"{m[1]} {mode or ''}"))
    rest = re.sub(r"\s*,[\s,]*", ", ", re.sub(r"\s+", " ", reader.rest)).strip(" ,;-")
    return Facts(
        bpm=bpm, meter=meter, bars=bars, key=key, mode=mode, rest=rest,
        refused=tuple(reader.refused),
    )  # fmt: skip


def _bars(match: re.Match[str]) -> int:
    bars = _NUMBER_WORDS.get(match[1].lower()) or int(match[1])
    if not 1 <= bars <= HIGHEST_BARS:
        raise LoopError(f"{bars} bars")
    return bars


def _mode(match: re.Match[str]) -> str:
    word = match[1].lower()
    return _MODE_NAMES.get(word, word)


class _Reader:
    """A prompt from which understood words are taken away."""

    def __init__(self, prompt: str) -> None:
        self.rest = prompt
        self.refused: list[str] = []

    def take(
        self, pattern: re.Pattern[str], read: Callable[[re.Match[str]], Value]
    ) -> Value | None:
        """Return what `read` makes of the first match, and blank the match."""
        match = pattern.search(self.rest)
        if match is None:
            return None
        self.rest = f"{self.rest[: match.start()]} , {self.rest[match.end() :]}"
        try:
            return read(match)
        except LoopError:
            self.refused.append(match[0].strip())
            return None
