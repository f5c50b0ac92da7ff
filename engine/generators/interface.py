"""The interface of a generator, which turns a checked request into takes.

Generators receive values and arrays, and share no state: a worker may run them in another process
or on another machine. A soundfont is the one file that they get, for the program that plays it.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import msgspec

from engine.errors import EngineError
from engine.loops.guide import Guide
from engine.loops.midi import MidiPart
from engine.loops.recipe import ModelFacts
from engine.loops.request import LoopRequest
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid


class UnusableCheckpoint(EngineError):
    """A folder that is not a checkpoint of these families, or is not trusted."""

    def __init__(self, path: Path, reason: str, advice: str) -> None:
        super().__init__(f"{path} {reason}: {advice}.")


class JobCancelled(BaseException):
    """The job was cancelled; raised from a progress report, caught in one place (the worker).

    It is not an error, so it does not derive from `Exception`: model code that catches errors does
    not catch it.
    """


ReportProgress = Callable[[float, str], None]
"""Called with the fraction done, 0..1, and the stage in words; raises `JobCancelled`."""


def part_of(report: ReportProgress, begin: float, end: float) -> ReportProgress:
    """Return a report whose 0..1 covers the progress from `begin` to `end`."""
    return lambda fraction, stage: report(begin + (end - begin) * fraction, stage)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How a generator understands a request, before it generates anything.

    `understood` and `ignored` are short phrases for the screen: `D minor`, `swing 58 %`.
    `role` is one of drums, percussion, bass, chords, pad, lead, texture, mix, or None.
    `near_words` is how unknown words were read, and `sketch_version` which version of sketch plays,
    see `LoopRequest`.
    """

    grid: LoopGrid
    key: str | None
    role: str | None
    title: str
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    near_words: tuple[tuple[str, str], ...] = ()
    sketch_version: int | None = None


class Generator(Protocol):
    """One model, ready to make takes.

    `settings` names the fields of `engine.loops.request.MODEL_SETTINGS` that it supports. Its entry
    in the catalogue lists the same, and is used before the model is loaded.
    """

    facts: ModelFacts
    settings: frozenset[str]

    def plan(self, request: LoopRequest) -> Plan:
        """Read the prompt and decide tempo, meter, bars and key.

        Raises:
            LoopError: the request cannot be met.
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
    """A module of an unloaded model, prepared as that model used it.

    `fingerprint` identifies it and how it was prepared; a module may replace only its equal.
    """

    fingerprint: str
    module: Any


@runtime_checkable
class SharesModules(Protocol):
    """A model that passes modules on to the next model, so that they are loaded only once.

    Its class takes two more keyword arguments: `hashes`, the SHA-256 of the checkpoint's files by
    their paths in it, and `reusable`, the modules of the previous model by name.
    """

    def release_modules(self, folder: Path, hashes: Mapping[str, str]) -> dict[str, ReusableModule]:
        """Return the modules that the checkpoint in `folder` also has, and discard `self`."""
        ...


OnPreview = Callable[[Audio, int], None]
"""Called with the next audio of a take, (frames, channels), and its approximate total frames."""


@runtime_checkable
class PreviewGenerator(Generator, Protocol):
    """A model whose first take can be previewed before it is complete, and before craft repairs it.

    While `on_preview` is set, a job calls it with the audio of its first take piece by piece, in
    order, at `preview_rate`. A preview changes nothing in the takes.
    """

    preview_rate: int
    on_preview: OnPreview | None


@runtime_checkable
class SourceGenerator(Generator, Protocol):
    """A model that can also start from existing audio.

    `modes` names the `engine.loops.request.MODES` that it supports, as its entry does: `vary`,
    `continue`, `melody`, `blend` if it blends in latents or generates the blend, `redo` if it
    hears the bars around those that it makes again; other models make these from the prompt alone;
    and `accompany` if it plays a part, alone, that fits what it hears. A `ScoreGenerator` plays
    such a part by `generate`, following `request.guide`.
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
        """Yield one take per seed, made from sources as `request.mode` and `request.amount` say.

        The sources already fit the grid: (frames, channels) at its rate and length; a source to be
        continued may be shorter. Of a take for `redo`, only the bars to redo are used. For
        `accompany` there is one source, the mix of all loops that the part fits.
        `lineage` holds the requests by which this same model made the first source, oldest first,
        beginning with one from a prompt; craft's retempo and rekey may be among them. It is empty
        if the lineage is not known, or if other models took part.

        Raises:
            LoopError: the model cannot work on this source.
        """
        ...


@runtime_checkable
class ScoreGenerator(Generator, Protocol):
    """A model that composes notes before it plays them, and can state them for any of its clips."""

    def guide(self, lineage: tuple[LoopRequest, ...], grid: LoopGrid, key: str | None) -> Guide:
        """Return what a part follows that fits a clip: its chords, its groove and its style."""
        ...

    def notes(self, lineage: tuple[LoopRequest, ...], grid: LoopGrid) -> tuple[MidiPart, ...]:
        """Return the notes of a clip, as they were played, part by part.

        `lineage` is that of the clip's recipe, all of it made by this model; it ends with the
        clip's own request. A part without notes, such as a texture, is left out.
        """
        ...


@runtime_checkable
class AdaptedGenerator(Generator, Protocol):
    """A model whose sound adapters can change: small weights beside its own.

    Those in `adapters` take part, each by its share; their files are safetensors. A job sets them
    before it asks for anything.
    """

    adapters: tuple[tuple[Path, float], ...]


@runtime_checkable
class KitGenerator(Generator, Protocol):
    """A model that can play with a person's own sounds.

    While `kit` is set, those drums sound that it has: by the names of `engine.loops.kit.VOICES`,
    each audio, (frames, 1 or 2), float32, with a peak of 1, and its rate in Hz. While `soundfont`
    is set, it plays all parts that have notes.
    """

    kit: Mapping[str, tuple[Audio, int]]
    soundfont: Path | None

    def roles(self, request: LoopRequest) -> tuple[str, ...]:
        """Return the parts that it plays for a request from a prompt."""
        ...
