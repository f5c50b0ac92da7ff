"""Jobs that begin from a source: from its file to takes.

Modes of craft alone need no model. In the others the model plays, and gets the source as an array,
already brought to the grid; a model that has a mode says so in `modes`.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from engine.craft.finish import FinishedTake, finish
from engine.craft.modes import bars_named, blended, moved, redone
from engine.craft.sources import Source, brought_to, source_of
from engine.generators.interface import (
    Generator,
    ReportProgress,
    SourceGenerator,
    Understanding,
    part_of,
)
from engine.loops.audio_file import read_audio
from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.recipe import ModelFacts, Repairs
from engine.loops.request import LoopRequest
from engine.loops.take import Audio, Take, take_seed
from engine.loops.tempo import LoopGrid, Meter, format_bpm

_USUAL_AMOUNT = 0.5
_CRAFT = ModelFacts(id="craft", name="Craft (no model)", revision="1", licence="")


class Rework:
    """One request with a source, its source measured and its request settled."""

    def __init__(
        self, request: LoopRequest, source_path: str, with_path: str, report: ReportProgress
    ) -> None:
        """Read and measure the sources; the job can be cancelled between any two steps.

        Raises:
            LoopError: a source is missing or cannot be used, or the request does not fit it.
        """
        blends = request.mode == "blend"
        share = 0.5 if blends else 1.0
        self.source = _source(
            source_path, request.source, request.bars, part_of(report, 0.0, share)
        )
        self.other = None
        if blends:
            self.other = _source(
                with_path, request.with_source, request.bars, part_of(report, share, 1.0)
            )
        self._asked_prompt = request.prompt
        self.request = _settled(request, self.source, self.other)

    @property
    def _sources(self) -> list[Source]:
        return [self.source] if self.other is None else [self.source, self.other]

    @property
    def made_from(self) -> tuple[LoopRequest, ...]:
        """The requests that led to the source, where its file tells."""
        return () if self.source.recipe is None else self.source.recipe.lineage

    def facts(self, player: ModelFacts | None = None) -> ModelFacts:
        """Return what the clip says it was made with, under the licences of all that is in it.

        Args:
            player: the model that played; None: craft alone, which adds no licence.
        """
        models = [each.model for each in self._sources]
        known = [model for model in (player, *models) if model is not None]
        licences = dict.fromkeys(model.licence for model in known)
        if None in models:
            licences["that of the source"] = None
        return msgspec.structs.replace(
            player or _CRAFT,
            licence="; ".join(licences),
            commercial_use=all(model.commercial_use for model in known),
        )

    def understanding(self) -> Understanding:
        """Return what becomes of a request that needs no model."""
        request, source = self.request, self.source
        grid = _grid(request, source)
        told = [f"{request.mode} of {source.title or source.label}"]
        if source.heard:
            told.append(f"heard {format_bpm(round(source.grid.bpm, 1))} bpm")
        return Understanding(
            grid=grid,
            key=request.key,
            role=source.role if self.other is None or self.other.role == source.role else "mix",
            title=self._asked_prompt or self._titles(),
            understood=tuple(told),
        )

    def titled(self, plan: Understanding) -> Understanding:
        """Return a plan of a model, called like the sources where no prompt was asked for."""
        if self._asked_prompt:
            return plan
        return msgspec.structs.replace(plan, title=self._titles())

    def _titles(self) -> str:
        return " + ".join(each.title for each in self._sources)

    def finished(self, plan: Understanding, report: ReportProgress) -> FinishedTake:
        """Return the take of a mode of craft; the job can be cancelled between any two steps."""
        request, grid, key = self.request, plan.grid, parse_key(plan.key)
        report(0.0, "stretching")
        audio, stretch, semitones = moved(self.source, grid, key)
        repairs = Repairs(stretch=round(stretch, 6), semitones=semitones)
        if self.other is not None:
            report(0.4, "stretching the second source")
            other = moved(self.other, grid, key)[0]
            report(0.8, "blending")
            audio = blended(audio, other, grid, _amount(request))
        report(0.9, "measuring")
        peak = float(np.max(np.abs(audio)))
        if peak > 1.0:
            audio = audio / np.float32(peak)
        take = Take(audio=audio, rate=grid.rate, seed=request.seed or 0, closed=True, exact=True)
        made = finish(take, 0, grid)
        return dataclasses.replace(made, repairs=repairs)

    def takes(
        self, generator: Generator, plan: Understanding, report: ReportProgress
    ) -> Iterator[FinishedTake]:
        """Yield the takes of a mode that the model plays; see `check`."""
        request = self.request
        seeds = [take_seed(request.seed or 0, number) for number in range(request.takes)]
        if request.mode == "redo":
            yield from self._redone(generator, plan, seeds, report)
            return
        player = _player(generator, request)
        sources, lineage = self._played_from(plan), self._lineage_for(generator)
        made = player.generate_from(request, plan.grid, seeds, sources, lineage, report)
        for number, take in enumerate(made):
            yield finish(take, number, plan.grid, parse_key(plan.key))

    def check(self, generator: Generator) -> None:
        """See that a model can do what is asked for.

        Raises:
            LoopError: it cannot.
        """
        if self.request.mode != "redo":
            _player(generator, self.request)

    def _played_from(self, plan: Understanding) -> list[Audio]:
        """Return what the model hears, on the grid: one source, or two to blend in latents."""
        request, grid, key = self.request, plan.grid, parse_key(plan.key)
        if self.other is not None:
            one, other = (moved(each, grid, key)[0] for each in self._sources)
            if request.blend_in == "latents":
                return [one, other]
            return [blended(one, other, grid, _amount(request))]
        if request.mode == "continue":  # What is continued is not repeated to fill the grid.
            grid = msgspec.structs.replace(grid, bars=min(grid.bars, self.source.grid.bars))
        return [brought_to(self.source, grid)]

    def _lineage_for(self, generator: Generator) -> tuple[LoopRequest, ...]:
        """Return how the one source was made, where this model alone made it."""
        recipe = self.source.recipe
        if self.other is not None or recipe is None or not recipe.is_all_of(generator.facts.id):
            return ()
        return recipe.lineage

    def _redone(
        self, generator: Generator, plan: Understanding, seeds: list[int], report: ReportProgress
    ) -> Iterator[FinishedTake]:
        grid = plan.grid
        bars = bars_named(self.request.redo_bars or "", grid.bars)
        old = _stereo(brought_to(self.source, grid))
        for number, take in enumerate(generator.generate(self.request, grid, seeds, report)):
            new = finish(take, number, grid, parse_key(plan.key))
            audio = redone(old, _stereo(new.audio), grid, bars)
            spliced = Take(audio=audio, rate=grid.rate, seed=take.seed, closed=True, exact=True)
            made = finish(spliced, number, grid)
            yield dataclasses.replace(made, repairs=new.repairs, latents=new.latents)


def _player(generator: Generator, request: LoopRequest) -> SourceGenerator:
    """Return a model that can play from a source, as such."""
    if isinstance(generator, SourceGenerator) and request.mode in generator.modes:
        return generator
    if request.mode == "blend":
        raise LoopError(
            f"Model {generator.facts.id!r} cannot blend in latents or re-noise: choose MusicLDM or "
            "AudioLDM 2, or leave both out."
        )
    raise LoopError(
        f"Model {generator.facts.id!r} cannot {request.mode}: choose another model, or "
        "redo, blend, retempo or rekey the source instead."
    )


def _amount(request: LoopRequest) -> float:
    return _USUAL_AMOUNT if request.amount is None else request.amount


def _stereo(audio: Audio) -> Audio:
    return np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else audio


def _source(path: str, label: str | None, bars: int | None, report: ReportProgress) -> Source:
    report(0.0, "reading the source")
    if not path:
        raise LoopError(
            f"The source {label!r} has no file here: name the file, for example with --source FILE."
        )
    file = read_audio(Path(path))
    name = label or Path(path).name
    return source_of(
        file.audio, file.rate, name, facts=file.facts, bars=bars, report=part_of(report, 0.2, 1.0)
    )


def _settled(request: LoopRequest, source: Source, other: Source | None) -> LoopRequest:
    """Return the request with what it leaves out taken from the source, or from both."""
    if request.seconds is not None:
        raise LoopError("A one-shot cannot be made from a source: ask for bars instead of seconds.")
    grid = source.grid
    keys = [str(each.key) for each in (source, other) if each is not None and each.key is not None]
    if other is not None:
        request = _settled_blend(request, other)
    return msgspec.structs.replace(
        request,
        prompt=request.prompt or (source.recipe.request.prompt if source.recipe else ""),
        bpm=request.bpm or grid.bpm,
        bars=request.bars or grid.bars,
        meter=request.meter or str(grid.meter),
        key=request.key or next(iter(keys), None),
        source=source.label,
    )


def _settled_blend(request: LoopRequest, other: Source) -> LoopRequest:
    """Return a blend with what it leaves out taken from its second source.

    Where it is made anew and no prompt was asked for, the prompts are blended like the sounds.
    """
    if not request.renoise:
        return msgspec.structs.replace(request, takes=1)  # No chance is in it: all are one.
    prompt = other.recipe.request.prompt if other.recipe is not None else ""
    if request.prompt or request.toward or not prompt:
        return request
    return msgspec.structs.replace(request, toward=prompt, toward_amount=_amount(request))


def _grid(request: LoopRequest, source: Source) -> LoopGrid:
    grid = LoopGrid(
        bpm=request.bpm or source.grid.bpm,
        meter=Meter.parse(request.meter or str(source.grid.meter)),
        bars=request.bars or source.grid.bars,
        rate=request.rate,
    ).checked()
    if grid.meter.bar_quarters != source.grid.meter.bar_quarters:
        raise LoopError(
            f"The source is in {source.grid.meter} and cannot become {grid.meter}: leave the "
            "meter out."
        )
    return grid
