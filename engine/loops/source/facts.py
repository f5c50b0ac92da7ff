"""A fact about a source: a value, where it comes from, and how certain it is."""

import dataclasses
import enum
import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Generic, Self, TypeVar

import msgspec

from engine.loops.key import Key
from engine.loops.request import LoopRequest, SourceMode, checked_request
from engine.loops.tempo import Meter, format_bpm

Value = TypeVar("Value")


class Origin(enum.StrEnum):
    """Where a fact comes from, in order of precedence."""

    PERSON = "typed"
    RECIPE = "recipe"
    TAG = "tag"
    NAME = "name"
    FOLDER = "folder"
    LENGTH = "length"
    DETECTED = "detected"
    ASSUMED = "assumed"


_DOUBTFUL = 0.5
CERTAIN, UNSURE = 1.0, 0.6
"""What a person states is certain; below the second, a fact is shown as unsure."""


@dataclasses.dataclass(frozen=True)
class Fact(Generic[Value]):
    """One statement about a source.

    Attributes:
        value: a tempo in BPM, a `Meter`, a `Key`, a number of bars or of quarter notes, or seconds.
        origin: who says so.
        certainty: 0..1.
        detail: which tag says so, such as `acid`.
    """

    value: Value
    origin: Origin
    certainty: float
    detail: str = ""

    @property
    def unsure(self) -> bool:
        """Whether it is shown as unsure."""
        return self.certainty < UNSURE

    @property
    def doubtful(self) -> bool:
        """Whether it is too uncertain to be reported when it is overruled."""
        return self.certainty < _DOUBTFUL

    @property
    def is_usual(self) -> bool:
        """Whether nobody states it, since it is nearly always so."""
        return self.origin is Origin.ASSUMED

    @property
    def shown_origin(self) -> str:
        """Where it comes from, as it is shown: `name`, `detected, unsure`."""
        return f"{self.source}, unsure" if self.unsure else self.source

    @property
    def source(self) -> str:
        """Where it comes from, in a word or two: `name`, `acid tag`."""
        return f"{self.detail} {self.origin}" if self.detail else str(self.origin)


class StatedFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person states about a source; None is open.

    Attributes:
        bpm: its tempo in quarter notes per minute.
        meter: its meter, such as `3/4`.
        key: its key, such as `A minor`.
        bars: how many bars it has.
        start_s: where its first beat is, in seconds from the beginning of the file.
    """

    bpm: float | None = None
    meter: str | None = None
    key: str | None = None
    bars: int | None = None
    start_s: float | None = None

    @classmethod
    def of(cls, request: LoopRequest) -> Self:
        """Return what a request says about its source."""
        return cls(
            bpm=request.source_bpm,
            meter=request.source_meter,
            key=request.source_key,
            bars=request.source_bars,
            start_s=request.source_start,
        )

    def checked(self) -> Self:
        """Return them with canonical values, as a request has them.

        Raises:
            LoopError: a value cannot be that of a source.
        """
        asked = LoopRequest(source="source", mode=SourceMode.RETEMPO, **self.request_fields)
        return self.of(checked_request(asked))

    @property
    def request_fields(self) -> dict[str, Any]:
        """The fields of a request that say the same."""
        return {
            "source_bpm": self.bpm,
            "source_meter": self.meter,
            "source_key": self.key,
            "source_bars": self.bars,
            "source_start": self.start_s,
        }


NOTHING_STATED = StatedFacts()


@dataclasses.dataclass(frozen=True, kw_only=True)
class KnownFacts:
    """All facts about one source, from all origins; those of one kind may contradict each other.

    Attributes:
        tempos: in quarter notes per minute.
        meters: time signatures.
        quarters: its length in quarter notes, as beats are counted in tags.
        bars: its length in bars.
        keys: tonic and mode.
        tonics: keys of which only the tonic is known; the mode of the value means nothing.
        start_s: where the first beat is, in seconds.
    """

    tempos: tuple[Fact[float], ...] = ()
    meters: tuple[Fact[Meter], ...] = ()
    quarters: tuple[Fact[Fraction], ...] = ()
    bars: tuple[Fact[int], ...] = ()
    keys: tuple[Fact[Key], ...] = ()
    tonics: tuple[Fact[Key], ...] = ()
    start_s: Fact[float] | None = None

    @property
    def is_stated(self) -> bool:
        """Whether a person states any of them."""
        listed = (self.tempos, self.meters, self.bars, self.keys)
        origins = {fact.origin for facts in listed for fact in facts}
        return Origin.PERSON in origins or self.is_start_stated

    def from_second(self, begins_s: float) -> "KnownFacts":
        """Return the facts that hold for a part of the file that begins there.

        What a file says about its length does not; what a person says does.
        """
        start = self.start_s
        if start is not None:
            rest_s = start.value - begins_s
            start = dataclasses.replace(start, value=rest_s) if rest_s >= 0 else None
        return dataclasses.replace(
            self,
            start_s=start,
            bars=tuple(fact for fact in self.bars if fact.origin is Origin.PERSON),
            quarters=tuple(fact for fact in self.quarters if fact.origin is Origin.PERSON),
        )

    @property
    def is_start_stated(self) -> bool:
        """Whether a person says where the first beat is."""
        return self.start_s is not None and self.start_s.origin is Origin.PERSON

    def joined(self, other: "KnownFacts") -> "KnownFacts":
        """Return these facts followed by others."""
        return KnownFacts(
            tempos=self.tempos + other.tempos,
            meters=self.meters + other.meters,
            quarters=self.quarters + other.quarters,
            bars=self.bars + other.bars,
            keys=self.keys + other.keys,
            tonics=self.tonics + other.tonics,
            start_s=self.start_s or other.start_s,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class SourceFacts:
    """What the facts about a source add up to; None is unknown.

    Attributes:
        bpm: the tempo.
        meter: the meter.
        bars: the length, if it is whole bars; None if the source must be cut.
        key: the key.
        start_s: where the first beat is, if not at the beginning.
        disagreements: facts that were overruled, in words: `the acid tag says 120 BPM`.
    """

    bpm: Fact[float] | None = None
    meter: Fact[Meter] | None = None
    bars: Fact[int] | None = None
    key: Fact[Key] | None = None
    start_s: Fact[float] | None = None
    disagreements: tuple[str, ...] = ()

    def described(self) -> str:
        """Return the facts in one line: `140 BPM (name) · 4 bars · A minor (detected, unsure)`."""
        parts = []
        if self.bpm is not None:
            parts.append(f"{format_bpm(self.bpm.value)} BPM ({self.bpm.shown_origin})")
        if self.bars is not None:
            parts.append(f"{self.bars.value} bar{'s' * (self.bars.value != 1)}")
        if self.meter is not None and self._meter_is_news:
            parts.append(f"{self.meter.value} ({self.meter.shown_origin})")
        if self.key is not None:
            parts.append(f"{self.key.value} ({self.key.shown_origin})")
        if self.start_s is not None:
            parts.append(f"from {self.start_s.value:.3f} s ({self.start_s.shown_origin})")
        return " · ".join(parts)

    @property
    def _meter_is_news(self) -> bool:
        """Whether the meter is not the usual one."""
        meter = self.meter
        return meter is not None and (meter.value != Meter() or meter.origin is Origin.PERSON)


def together(facts: Iterable[Fact[Value]]) -> float:
    """Return how certain a value is that several origins state independently, 0..1."""
    return 1.0 - math.prod(1.0 - fact.certainty for fact in facts)
