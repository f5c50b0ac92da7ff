"""What every generator is: from a checked request to takes.

Generators receive values and arrays, never files, and share no state with each other: a worker
may run them in another process or on another machine.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import msgspec

from engine.loops.recipe import ModelFacts
from engine.loops.request import LoopRequest
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid


class JobCancelled(BaseException):
    """The job was cancelled; raised from a progress report, caught in one place (the worker).

    It is no error, so it does not derive from `Exception`: model code that catches errors lets
    it pass.
    """


ReportProgress = Callable[[float, str], None]
"""Called with the fraction done, 0..1, and the stage in words; raises `JobCancelled`."""


def part_of(report: ReportProgress, begin: float, end: float) -> ReportProgress:
    """Return a report whose 0..1 fills the progress from one fraction of it to another."""
    return lambda fraction, stage: report(begin + (end - begin) * fraction, stage)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a generator makes of a request before it makes a sound.

    `understood` and `ignored` are short phrases for the screen: `D minor`, `swing 58 %`.
    `role` is one of drums, percussion, bass, chords, pad, lead, texture, mix, or None.
    """

    grid: LoopGrid
    key: str | None
    role: str | None
    title: str
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


class Generator(Protocol):
    """One model, ready to make takes.

    `settings` names the fields of `engine.loops.request.MODEL_SETTINGS` that it has. Its entry in
    the catalogue tells the same, and is asked before a model is loaded.
    """

    facts: ModelFacts
    settings: frozenset[str]

    def plan(self, request: LoopRequest) -> Plan:
        """Read the prompt and settle tempo, meter, bars and key.

        Raises:
            LoopError: the request cannot be met, in one sentence.
        """
        ...

    def generate(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], report: ReportProgress
    ) -> Iterator[Take]:
        """Yield one take per seed.

        `report` is called at least once per take and may raise `JobCancelled`.
        """
        ...


class ReusableModule(NamedTuple):
    """A part of a model that has left the memory, as that model used it.

    `fingerprint` says what it is and how it was prepared; only an equal one may take its place.
    """

    fingerprint: str
    part: Any


@runtime_checkable
class SharesParts(Protocol):
    """A model from a checkpoint that leaves to the next one what both have, so it is loaded once.

    Its class takes two more arguments by name: `hashes`, the SHA-256 of the checkpoint's files by
    their places in it, and `left`, what the model before it has left, by the names of parts.
    """

    def leave_parts(self, folder: Path, hashes: Mapping[str, str]) -> dict[str, ReusableModule]:
        """Return the parts that the checkpoint in `folder` has, too; `self` is of no more use."""
        ...


OnSound = Callable[[Audio, int], None]
"""Told the next sound of a take, (frames, channels), and about how many frames it will have."""


@runtime_checkable
class PreviewsSound(Generator, Protocol):
    """A model whose first take can be heard before it is whole, and before craft has seen it.

    While `on_sound` is set, a job tells it the sound of its first take piece by piece, in order, at
    `sound_rate`. Whether somebody listens changes nothing in the takes.
    """

    sound_rate: int
    on_sound: OnSound | None


@runtime_checkable
class SourceGenerator(Generator, Protocol):
    """A model that can also begin from what is there.

    `modes` names those of `engine.loops.request.MODES` that it has, as its entry does: `vary`,
    `continue`, `melody`, and `blend` where that is in latents or made anew.
    """

    modes: frozenset[str]

    def generate_from(
        self,
        request: LoopRequest,
        grid: LoopGrid,
        seeds: list[int],
        sources: list[Audio],
        lineage: tuple[LoopRequest, ...],
        report: ReportProgress,
    ) -> Iterator[Take]:
        """Yield one take per seed, made of sources as `request.mode` and `request.amount` say.

        The sources are already brought to the grid: (frames, channels) at its rate and length; one
        that is to be continued may be shorter.
        `lineage` are the requests by which this same model made the first source, from that of a
        prompt on, the oldest first; retempo and rekey of craft may stand among them. It is empty
        where that is not known, or others had a part in it.

        Raises:
            LoopError: the model cannot work on this source.
        """
        ...
