"""The analysis of an audio file: what it is as a source, and what was detected in its audio.

`source_object` and `detected_object` are the words in which it is told, as JSON and over OSC.
"""

from typing import Any

import msgspec

from engine.loops.key import Key
from engine.loops.source.facts import Fact, Origin, SourceFacts


class TempoCandidate(msgspec.Struct, frozen=True):
    """A tempo in BPM that the audio may have, and how likely it is, 0..1."""

    bpm: float
    confidence: float


class KeyCandidate(msgspec.Struct, frozen=True):
    """A key that the audio may have, and how likely it is, 0..1."""

    key: Key
    confidence: float


class Detected(msgspec.Struct, frozen=True, kw_only=True):
    """What was detected in the audio alone, whatever tags and names say.

    Attributes:
        tempos: the most likely one, and where that is unsure, the next; none without a rhythm.
        bars: how many it has, if it is a loop of whole bars.
        keys: the most likely one, and where that is unsure, the next; none without pitch.
        loudness_lufs: its integrated loudness, -120 or more.
        true_peak_db: its true peak in dBTP, -120 or more.
        seam: the step from its end to its beginning, if it is a loop: around 1 or below is
            inaudible; see `engine.loops.measure.seam`.
    """

    tempos: tuple[TempoCandidate, ...] = ()
    bars: int | None = None
    keys: tuple[KeyCandidate, ...] = ()
    loudness_lufs: float
    true_peak_db: float
    seam: float | None = None


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """The analysis of an audio file.

    Attributes:
        source: what a job would take its tempo, bars and key to be; None if it cannot be a source.
        problem: the sentence that says why it cannot; empty if it can.
        detected: what was detected in its audio.
    """

    source: SourceFacts | None = None
    problem: str = ""
    detected: Detected

    @property
    def second_bpm(self) -> float | None:
        """The second most likely tempo; None unless the first was detected and is unsure."""
        bpm = None if self.source is None else self.source.bpm
        if bpm is None or bpm.origin is not Origin.DETECTED:
            return None
        return next((each.bpm for each in self.detected.tempos[1:]), None)


def source_object(facts: SourceFacts) -> dict[str, Any]:
    """Return what a file is as a source as an object for JSON: each fact with its origin."""
    named: dict[str, Fact[Any] | None] = {
        "bpm": facts.bpm,
        "meter": facts.meter,
        "bars": facts.bars,
        "key": facts.key,
        "start": facts.start_s,
    }
    known = {
        name: {
            "value": fact.value if isinstance(fact.value, int | float) else str(fact.value),
            "origin": fact.source,
            "certainty": round(fact.certainty, 3),
        }
        for name, fact in named.items()
        if fact is not None
    }
    return {**known, "disagreements": facts.disagreements}


def detected_object(detected: Detected) -> dict[str, Any]:
    """Return what was detected in audio as an object for JSON."""
    return {
        "tempos": [{"bpm": each.bpm, "confidence": each.confidence} for each in detected.tempos],
        "bars": detected.bars,
        "keys": [{"key": str(each.key), "confidence": each.confidence} for each in detected.keys],
        "loudness_lufs": detected.loudness_lufs,
        "true_peak_db": detected.true_peak_db,
        "seam": detected.seam,
    }
