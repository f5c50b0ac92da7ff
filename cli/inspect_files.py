"""What `loopwright inspect` finds out about a file: what it says itself, and its analysis."""

import dataclasses
import os
from collections.abc import Callable
from typing import Any

import msgspec

from cli.engine_session import EngineSession, Interrupt
from engine import protocol
from engine.errors import EngineError
from engine.loops.errors import LoopError
from engine.loops.file_facts import FileFacts
from engine.loops.source.analysis import Analysis, Detected
from engine.loops.source.facts import Fact, SourceFacts
from engine.loops.source.gather import facts_of_file


class Interrupted(Exception):
    """The user interrupts the analysis; `interrupt` is the signal."""

    def __init__(self, interrupt: Interrupt) -> None:
        super().__init__(f"signal {interrupt.number}")
        self.interrupt = interrupt


@dataclasses.dataclass(frozen=True)
class Inspected:
    """What is known about a file.

    Attributes:
        facts: what it says itself.
        analysis: that of its audio; None without one.
        problem: the sentence that says why its audio could not be analysed; empty if it could.
    """

    facts: FileFacts
    analysis: Analysis | None = None
    problem: str = ""

    @property
    def source(self) -> SourceFacts:
        """What it is as a source: after the analysis, or as far as is known without."""
        if self.analysis is not None and self.analysis.source is not None:
            return self.analysis.source
        return facts_of_file(self.facts)

    @property
    def detected(self) -> Detected | None:
        """What was detected in its audio, if that was analysed."""
        return None if self.analysis is None else self.analysis.detected


def inspected(
    facts: FileFacts, session: EngineSession | None, show: Callable[[protocol.Event], None]
) -> Inspected:
    """Return what is known about a file.

    Args:
        facts: what it says itself.
        session: the engine that analyses its audio; None leaves that out.
        show: called with the events of the analysis.

    Raises:
        Interrupted: the user interrupts the analysis.
    """
    if session is None:
        return Inspected(facts)
    found: list[Analysis] = []

    def keep(event: protocol.Event) -> None:
        if isinstance(event, protocol.Analysed):
            found.append(event.analysis)
        show(event)

    try:
        outcome = session.analyse(facts.path, keep)
    except (EngineError, LoopError) as error:
        return Inspected(facts, problem=str(error))
    if outcome.interrupt is not None:
        raise Interrupted(outcome.interrupt)
    if isinstance(outcome.ending, protocol.Failed):
        return Inspected(facts, problem=outcome.ending.message)
    return Inspected(facts, analysis=found[0])


def as_object(file: Inspected) -> dict[str, Any]:
    """Return what is known about a file as an object for JSON."""
    facts = file.facts
    problems = (*facts.problems, facts.recipe_problem, file.problem)
    return {
        "file": os.path.abspath(facts.path),
        "format": facts.format,
        "rate": facts.rate,
        "channels": facts.channels,
        "bits": facts.bits,
        "frames": facts.frames,
        "tags": msgspec.to_builtins(facts.tags),
        "recipe": None if facts.recipe is None else msgspec.to_builtins(facts.recipe),
        "source": _source_object(file.source),
        "detected": None if file.detected is None else _detected_object(file.detected),
        "problems": [problem for problem in problems if problem],
    }


def _source_object(facts: SourceFacts) -> dict[str, Any]:
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


def _detected_object(detected: Detected) -> dict[str, Any]:
    return {
        "tempos": [{"bpm": each.bpm, "confidence": each.confidence} for each in detected.tempos],
        "bars": detected.bars,
        "keys": [{"key": str(each.key), "confidence": each.confidence} for each in detected.keys],
        "loudness_lufs": detected.loudness_lufs,
        "true_peak_db": detected.true_peak_db,
        "seam": detected.seam,
    }
