"""The values of the host and those that clients set: the defaults of requests, and the playhead.

Times are seconds of a monotonic clock.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from bridge.osc.errors import BAD_ARGUMENTS, UNKNOWN, RequestFailed, shown
from bridge.osc.messages import Argument, shortest_decimal
from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.precedence import SessionTime
from engine.loops.tempo import HIGHEST_BARS, Meter, checked_bpm, exact_bpm

_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_LOOP_SLACK_BARS = Fraction(1, 50)
_POSITIONS = (
    (re.compile(r"\s*(-?\d{1,6})\.(\d{1,3})\.(\d{1,3})\s*"), 100),
    (re.compile(r"(-?\d{1,6})\|(\d{1,3})\|(\d{1,4})"), 1_920),
)
"""How REAPER and Ardour write positions, and how many parts each divides a beat into."""
_STALE_BEAT_S = 5.0


class Beat(NamedTuple):
    """The host's playhead was `quarters` after the start of the song at `at_s`."""

    quarters: Fraction
    at_s: float


class Session:
    """The session's values: `tempo`, `meter`, `bars`, `key`, `model`, and the host's transport.

    0 and the empty text mean no value.
    """

    def __init__(self, on_change: Callable[[str, Argument], None]) -> None:
        """Start without values; `on_change` is called with each new value and its name."""
        self._on_change = on_change
        self.tempo = 0.0
        self.meter = ""
        self.bars = 0
        self.key = ""
        self.model = "sketch"
        self.is_playing = False
        self.beat: Beat | None = None
        self._loop_s: dict[str, float] = {}

    def values(self) -> dict[str, Argument]:
        """Return the values by name."""
        return {name: getattr(self, name) for name in ("tempo", "meter", "bars", "key", "model")}

    def set(self, name: str, value: Argument) -> None:
        """Set a value.

        Raises:
            RequestFailed: the value is invalid, or there is no value of that name.
        """
        readers: dict[str, Callable[[Argument], Argument]] = {
            "tempo": _tempo, "meter": _meter, "bars": _bars, "key": _key, "model": _model,
        }  # fmt: skip
        if name not in readers:
            raise RequestFailed(UNKNOWN, f"There is no value {shown(name)}: see docs/osc.md.")
        try:
            read = readers[name](value)
        except LoopError as error:
            raise RequestFailed(BAD_ARGUMENTS, str(error)) from error
        if read != getattr(self, name):
            setattr(self, name, read)
            self._on_change(name, read)

    def note_playing(self, *, is_playing: bool) -> None:
        """Record that the host has started or stopped."""
        self.is_playing = is_playing
        if not is_playing:
            self.beat = None

    def note_beat(self, value: Argument, now_s: float) -> None:
        """Record the playhead: quarter notes from the start, or a position as DAWs write it.

        Raises:
            RequestFailed: it is neither.
        """
        if isinstance(value, int | float):
            self.beat = Beat(Fraction(value), now_s)
            return
        bar, beats = _position(value)
        meter = Meter.parse(self.meter or "4/4")
        quarters = (bar - 1) * meter.bar_quarters + beats * Fraction(4, meter.denominator)
        self.beat = Beat(quarters, now_s)

    def note_loop(self, end: str, seconds: float) -> None:
        """Record one end of the host's loop, `start` or `end`, in seconds of the song."""
        self._loop_s[end] = seconds

    @property
    def loop_bars(self) -> int:
        """The length of the host's loop if it is known and close to whole bars; else 0."""
        if not self.tempo or {"start", "end"} - set(self._loop_s):
            return 0
        length_s = Fraction(self._loop_s["end"] - self._loop_s["start"])
        bar_s = Meter.parse(self.meter or "4/4").bar_quarters * 60 / exact_bpm(self.tempo)
        bars = length_s / bar_s
        whole = round(bars)
        near = abs(bars - whole) <= _LOOP_SLACK_BARS
        return whole if near and 1 <= whole <= HIGHEST_BARS else 0

    @property
    def time(self) -> SessionTime:
        """The values for the fields of time and key that a request leaves open."""
        bars = self.loop_bars or self.bars
        return SessionTime(bpm=self.tempo, meter=self.meter, key=self.key, bars=bars)

    def seconds_to_next_bar(self, now_s: float) -> float | None:
        """Return the time until the host's next bar, or None if it is unknown.

        May be called from any thread.
        """
        beat = self.beat  # read once: this may be another thread
        if not self.is_playing or beat is None or not self.tempo:
            return None
        quarter_s = 60 / self.tempo
        if now_s - beat.at_s > _STALE_BEAT_S + 4 * quarter_s:
            return None
        bar = float(Meter.parse(self.meter or "4/4").bar_quarters)
        position = float(beat.quarters) + (now_s - beat.at_s) / quarter_s
        return (-position % bar) * quarter_s


def _position(value: Argument) -> tuple[int, Fraction]:
    """Return the bar, from 1, and the beats within it, of a position as DAWs write it."""
    for form, parts in _POSITIONS:
        if match := form.fullmatch(value if isinstance(value, str) else ""):
            bar, beat, part = (int(number) for number in match.groups())
            return bar, beat - 1 + Fraction(part, parts)
    raise RequestFailed(
        BAD_ARGUMENTS,
        f"The beat is {shown(value)}, but must be a number, or a position such as 3.1.00.",
    )


def _tempo(value: Argument) -> float:
    number = _number("tempo", value)
    return checked_bpm(shortest_decimal(number)) if number else 0.0


def _meter(value: Argument) -> str:
    return str(Meter.parse(value)) if (value := _text("meter", value)) else ""


def _bars(value: Argument) -> int:
    number = _number("bars", value)
    if number != int(number) or not 0 <= number <= HIGHEST_BARS:
        raise RequestFailed(
            BAD_ARGUMENTS,
            f"bars is {shown(value)}, but must be a whole number from 0 to {HIGHEST_BARS}.",
        )
    return int(number)


def _key(value: Argument) -> str:
    key = parse_key(_text("key", value))
    return "" if key is None else str(key)


def _model(value: Argument) -> str:
    return model_name(_text("model", value) or "sketch")


def model_name(text: str) -> str:
    """Return the id of a model, or the name of a registered folder; a path is neither.

    Raises:
        RequestFailed: the text is neither.
    """
    if len(text) > 64 or not _MODEL.fullmatch(text):
        raise RequestFailed(
            BAD_ARGUMENTS,
            f"The model is {shown(text)}, but must be an id such as 'sketch', not a path.",
        )
    return text


def _number(name: str, value: Argument) -> float:
    if isinstance(value, int | float):
        return float(value)
    raise RequestFailed(BAD_ARGUMENTS, f"{name} is {shown(value)}, but must be a number.")


def _text(name: str, value: Argument) -> str:
    if isinstance(value, str):
        return value
    raise RequestFailed(BAD_ARGUMENTS, f"{name} is {shown(value)}, but must be text.")
