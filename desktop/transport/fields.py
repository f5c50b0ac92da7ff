"""How the transport reads, shows and steps the session's tempo, meter, key and length."""

from collections.abc import Sequence

from desktop.widgets.field import Field
from engine.loops.errors import OutOfRange
from engine.loops.key import parse_key
from engine.loops.tempo import (
    HIGHEST_BARS,
    HIGHEST_BPM,
    LOWEST_BPM,
    METER_DENOMINATORS,
    Meter,
    checked_bpm,
    format_bpm,
)

LONGEST_TAP_PAUSE_S = 3.0
_MOST_TAPS = 8
_MINOR_KEYS = ["A", "E", "B", "F#", "C#", "G#", "Eb", "Bb", "F", "C", "G", "D"]
_MAJOR_KEYS = ["C", "G", "D", "A", "E", "B", "F#", "Db", "Ab", "Eb", "Bb", "F"]
KEYS = ("", *(f"{k} minor" for k in _MINOR_KEYS), *(f"{k} major" for k in _MAJOR_KEYS))
"""The order in which nudging steps through keys: none, then both circles of fifths."""


def read_bpm(text: str) -> float:
    """Parse a tempo; `93,5` is 93.5.

    Raises:
        OutOfRange: the text is not a number from 20 to 400.
    """
    try:
        return checked_bpm(float(text.replace(",", ".").removesuffix("bpm").strip()))
    except ValueError as error:
        if isinstance(error, OutOfRange):
            raise
        allowed = f"a number from {LOWEST_BPM:g} to {HIGHEST_BPM:g} BPM"
        raise OutOfRange("The tempo", text, allowed) from error


def show_bpm(bpm: float) -> str:
    """Format a tempo with at least two decimals: `84.00`, `93.3333`."""
    return max(f"{bpm:.2f}", format_bpm(bpm), key=len)


def read_bars(text: str) -> int:
    """Parse a number of bars.

    Raises:
        OutOfRange: the text is not a valid number of bars.
    """
    digits = text.strip()
    if not digits.isdecimal() or not 1 <= int(digits[:6]) <= HIGHEST_BARS:
        raise OutOfRange("The number of bars", text, f"1 to {HIGHEST_BARS}")
    return int(digits)


def read_key(text: str) -> str:
    """Parse a key; an empty text, a dash or `any` is no key.

    Raises:
        OutOfRange: the text is not a key.
    """
    key = parse_key("" if text.strip() in ("–", "-", "any") else text)
    return "" if key is None else str(key)


def _step_bpm(bpm: float, steps: float) -> float:
    return checked_bpm(min(max(bpm + steps, LOWEST_BPM), HIGHEST_BPM))


def _step_bars(bars: int, steps: float) -> int:
    """Double or halve; other lengths have to be typed."""
    return int(min(max(bars * 2 ** round(steps), 1), 64)) if round(steps) else bars


def _step_meter(meter: str, steps: float) -> str:
    found = Meter.parse(meter)
    numerator = min(max(found.numerator + round(steps), 1), 32)
    assert found.denominator in METER_DENOMINATORS  # noqa: S101 - `parse` has seen to it
    return f"{numerator}/{found.denominator}"


def _step_key(key: str, steps: float) -> str:
    at = KEYS.index(key) if key in KEYS else 0
    return KEYS[(at + round(steps)) % len(KEYS)]


BARS = Field(
    name="bars", caption="bars", read=read_bars, show=str, step=_step_bars,
    hint="Length in bars: double-click to type, drag to double or halve",
    level=lambda bars: (0.0, min(bars / 16, 1.0)),
)  # fmt: skip
FIELDS = (
    Field(
        name="bpm", caption="tempo", read=read_bpm, show=show_bpm, step=_step_bpm,
        hint="Tempo in quarter notes per minute: double-click to type, drag to nudge, T to tap",
    ),
    Field(
        name="meter", caption="meter", read=lambda text: str(Meter.parse(text)), show=str,
        step=_step_meter, hint="Meter: double-click to type, drag to nudge",
    ),
    Field(
        name="key", caption="key", read=read_key, show=lambda key: key or "any", step=_step_key,
        hint="Key, such as D minor or F#m; any lets the model choose",
    ),
    BARS,
)  # fmt: skip


class TapTempo:
    """Measures the tempo of taps."""

    def __init__(self) -> None:
        self._taps: list[float] = []

    def tap(self, at_s: float) -> float | None:
        """Add a tap at a time in seconds; return the tempo, or None after the first tap."""
        if self._taps and at_s - self._taps[-1] > LONGEST_TAP_PAUSE_S:
            self._taps = []
        self._taps = [*self._taps, at_s][-_MOST_TAPS:]
        return _tempo_of(self._taps)


def _tempo_of(taps: Sequence[float]) -> float | None:
    if len(taps) < 2 or taps[-1] <= taps[0]:
        return None
    bpm = 60 * (len(taps) - 1) / (taps[-1] - taps[0])
    return round(min(max(bpm, LOWEST_BPM), HIGHEST_BPM), 1)
