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
from engine.loops.source.analysis import Analysis, Detected, detected_object, source_object
from engine.loops.source.facts import SourceFacts
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
    as_source = "" if file.analysis is None else file.analysis.problem
    problems = (*facts.problems, facts.recipe_problem, file.problem, as_source)
    return {
        "file": os.path.abspath(facts.path),
        "format": facts.format,
        "rate": facts.rate,
        "channels": facts.channels,
        "bits": facts.bits,
        "frames": facts.frames,
        "tags": msgspec.to_builtins(facts.tags),
        "recipe": None if facts.recipe is None else msgspec.to_builtins(facts.recipe),
        "source": source_object(file.source),
        "detected": None if file.detected is None else detected_object(file.detected),
        "problems": [problem for problem in problems if problem],
    }
