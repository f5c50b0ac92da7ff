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
from engine.loops.request import CRAFT_MODES, LoopRequest
from engine.loops.take import Audio, Take, take_seed
from engine.loops.tempo import LoopGrid, Meter, format_bpm

_USUAL_AMOUNT = 0.5


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
        self.request = _settled(request, self.source)

    @property
    def needs_no_model(self) -> bool:
        """Whether craft alone does it."""
        return self.request.mode in CRAFT_MODES

    @property
    def made_from(self) -> tuple[LoopRequest, ...]:
        """The requests that led to the source, where its file tells."""
        return () if self.source.recipe is None else self.source.recipe.lineage

    @property
    def facts(self) -> ModelFacts:
        """What the clip says it was made with: craft, under the licence of its sources."""
        models = [each.model for each in (self.source, self.other) if each is not None]
        known = [model for model in models if model is not None]
        licences = dict.fromkeys(model.licence for model in known)
        if len(known) < len(models):
            licences["that of the source"] = None
        return ModelFacts(
            id="craft",
            name="Craft (no model)",
            revision="1",
            licence="; ".join(licences),
            commercial_use=all(model.commercial_use for model in known),
        )

    def understanding(self) -> Understanding:
        """Return what becomes of a request that needs no model."""
        request, source = self.request, self.source
        grid = _grid(request, source)
        key = parse_key(request.key) or source.key or (self.other.key if self.other else None)
        told = [f"{request.mode} of {source.title or source.label}"]
        if source.heard:
            told.append(f"heard {format_bpm(round(source.grid.bpm, 1))} bpm")
        return Understanding(
            grid=grid,
            key=None if key is None else str(key),
            role=source.role if self.other is None or self.other.role == source.role else "mix",
            title=self._title(),
            understood=tuple(told),
        )

    def _title(self) -> str:
        """Return the prompt that was asked for, else how the sources are called."""
        sources = [self.source] if self.other is None else [self.source, self.other]
        return self._asked_prompt or " + ".join(each.title for each in sources)

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
            amount = _USUAL_AMOUNT if request.amount is None else request.amount
            audio = blended(audio, other, grid, amount)
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
        """Yield the takes of a mode that the model plays.

        Raises:
            LoopError: the model does not have the mode.
        """
        request = self.request
        seeds = [take_seed(request.seed or 0, number) for number in range(request.takes)]
        if request.mode == "redo":
            yield from self._redone(generator, plan, seeds, report)
            return
        if not isinstance(generator, SourceGenerator) or request.mode not in generator.modes:
            raise LoopError(
                f"Model {generator.facts.id!r} cannot {request.mode}: choose another model, or "
                "redo, blend, retempo or rekey the source instead."
            )
        grid = plan.grid
        if request.mode == "continue":  # What is continued is not repeated to fill the grid.
            grid = msgspec.structs.replace(grid, bars=min(grid.bars, self.source.grid.bars))
        sources = [brought_to(self.source, grid)]
        recipe = self.source.recipe
        mine = recipe is not None and recipe.is_all_of(generator.facts.id)
        lineage = recipe.lineage if recipe is not None and mine else ()
        made = generator.generate_from(request, plan.grid, seeds, sources, lineage, report)
        for number, take in enumerate(made):
            yield finish(take, number, plan.grid, parse_key(plan.key))

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


def _settled(request: LoopRequest, source: Source) -> LoopRequest:
    """Return the request with what it leaves out taken from the source."""
    if request.seconds is not None:
        raise LoopError("A one-shot cannot be made from a source: ask for bars instead of seconds.")
    grid = source.grid
    key = request.key or (None if source.key is None else str(source.key))
    return msgspec.structs.replace(
        request,
        prompt=request.prompt or (source.recipe.request.prompt if source.recipe else ""),
        bpm=request.bpm or grid.bpm,
        bars=request.bars or grid.bars,
        meter=request.meter or str(grid.meter),
        key=key,
        source=source.label,
    )


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
