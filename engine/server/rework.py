"""Jobs that start from a source: from its file to takes.

Modes that craft carries out alone need no model. In the others a model generates the takes; it gets
the source as an array that already fits the grid. A model's entry lists its modes.
"""

import dataclasses
import itertools
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import cast

import msgspec
import numpy as np

from engine.craft.finish import FinishedTake, finish
from engine.craft.hearing import Hearing
from engine.craft.level import limited
from engine.craft.modes import blended, mixed, moved, redone
from engine.craft.sources import Source, brought_to, source_of
from engine.generators.interface import (
    Generator,
    Plan,
    ReportProgress,
    ScoreGenerator,
    SourceGenerator,
    part_of,
)
from engine.loops.cancel import Check, RepeatableReport, no_check, unless_cancelled
from engine.loops.derive import SKETCH_ID, check_has_stems
from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.recipe import ModelFacts, combined_licence
from engine.loops.request import DEFAULT_AMOUNT, LoopRequest, SourceMode
from engine.loops.source.facts import StatedFacts
from engine.loops.take import Audio, Take, take_seed
from engine.loops.tempo import LoopGrid, Meter, bars_named, format_bpm
from engine.server.accompaniment import guide_for, part_to_add
from engine.server.source_file import read_source

_CRAFT = ModelFacts(id="craft", name="Craft (no model)", revision="1", licence="")


class Rework:
    """One request with its analysed sources, and with its open fields filled from them."""

    def __init__(
        self,
        request: LoopRequest,
        source_path: str,
        with_path: str,
        report: ReportProgress,
        fit_paths: tuple[str, ...] = (),
    ) -> None:
        """Read and analyse the sources; the job can be cancelled between any two steps.

        Raises:
            LoopError: a source is missing or cannot be used, or the request does not fit it.
        """
        blends = request.mode == "blend"
        share = 0.5 if blends else 1.0 / (1 + len(fit_paths))
        stated = StatedFacts.of(request)
        source = _source(source_path, request.source, stated, request, part_of(report, 0.0, share))
        other = None
        if blends:
            rest = part_of(report, share, 1.0)
            other = _source(with_path, request.with_source, StatedFacts(), request, rest)
        self.source, self.other = _in_one_octave(source, other, request.bpm)
        self.fitted = [
            self._further(
                number, path, request, part_of(report, number * share, (number + 1) * share)
            )
            for number, path in enumerate(fit_paths, start=1)
        ]
        # A clip's recipe repeats the prompt of its source, which is not a new one.
        repeated = request.mode != "accompany" and request.prompt == _prompt(self.source)
        self._own_prompt = "" if repeated else request.prompt
        self.request = self._settled(request)

    def _further(
        self, number: int, path: str, request: LoopRequest, report: ReportProgress
    ) -> Source:
        """Return a further loop that is fitted, at the tempo of the first.

        Raises:
            LoopError: it is in another meter, or see `_source`.
        """
        label = request.fits[number - 1] if number <= len(request.fits) else None
        found = _source(path, label, StatedFacts(), request, report).folded(self.source.grid.bpm)
        if found.grid.meter != self.source.grid.meter:
            raise LoopError(
                f"The loops are in {self.source.grid.meter} and {found.grid.meter}: choose loops "
                "of one meter."
            )
        return found

    def _settled(self, request: LoopRequest) -> LoopRequest:
        """Return the request with its open fields taken from the source, or from both."""
        if request.seconds is not None:
            raise LoopError(
                "A one-shot cannot be made from a source: ask for bars instead of seconds."
            )
        # Half a bar is repeated to fill the bars of the other.
        if request.mode == SourceMode.STEMS and request.model == SKETCH_ID:
            check_has_stems(self.source.recipe)
        grid = max((each.grid for each in self._sources), key=lambda each: each.meter.bar_quarters)
        if request.mode == SourceMode.ACCOMPANY:
            self._own_prompt = self._own_prompt or part_to_add(self._sources)
            grid = max((each.grid for each in self._sources), key=lambda each: each.bars)
        keys = [str(each.key) for each in self._sources if each.key is not None]
        settled = msgspec.structs.replace(
            request,
            prompt=self._own_prompt or _prompt(self.source),
            near_words=request.near_words if self._own_prompt else _near_words(self.source),
            sketch_version=_sketch_version(self.source, request),
            bpm=request.bpm or self.source.grid.bpm,
            bars=request.bars or grid.bars,
            meter=request.meter or str(grid.meter),
            key=request.key or next(iter(keys), None),
            source=self.source.label,
            fits=tuple(each.label for each in self.fitted),
        )
        if request.mode == "redo":  # Before a model is loaded for bars that do not exist.
            bars_named(request.redo_bars or "", settled.bars or 0)
        return settled if self.other is None else self._settled_blend(settled, self.other)

    def _settled_blend(self, request: LoopRequest, other: Source) -> LoopRequest:
        """Return a blend with its open fields taken from the second source.

        If part of the blend is generated again and the request has no prompt, the prompts are
        blended like the audio. Otherwise no prompt is needed, and there is only one take.

        Raises:
            LoopError: the sources are in different meters.
        """
        meters = [each.grid.meter for each in self._sources]
        longest = max(meter.bar_quarters for meter in meters)
        if any(longest % meter.bar_quarters for meter in meters):
            raise LoopError(
                f"The sources are in {meters[0]} and {meters[1]}: blend two of one meter."
            )
        amount = DEFAULT_AMOUNT if request.amount is None else request.amount
        request = msgspec.structs.replace(request, amount=amount, with_source=other.label)
        if not request.renoise:
            return msgspec.structs.replace(request, prompt=self._own_prompt, takes=1)
        if self._own_prompt or request.toward or not _prompt(other):
            return request
        return msgspec.structs.replace(request, toward=_prompt(other), toward_amount=amount)

    @property
    def _sources(self) -> list[Source]:
        return [self.source, *([] if self.other is None else [self.other]), *self.fitted]

    @property
    def channels(self) -> int:
        """The number of channels of a take that craft makes of the sources."""
        return max(int(each.audio.shape[1]) for each in self._sources)

    @property
    def made_from(self) -> tuple[LoopRequest, ...]:
        """The requests that led to the source, if its recipe has them and it is in the clip."""
        if self.source.recipe is None or self.request.mode == SourceMode.ACCOMPANY:
            return ()
        return self.source.recipe.lineage

    @property
    def lineage(self) -> tuple[LoopRequest, ...]:
        """The requests by which the source was played; a new part for it is not among them."""
        recipe = self.source.recipe
        if recipe is None or self.request.mode == SourceMode.ACCOMPANY:
            return ()
        return recipe.lineage or recipe.made_from

    def facts(self, player: ModelFacts | None = None) -> ModelFacts:
        """Return the model facts of the clip, with the licences of everything in it.

        Args:
            player: the model that generated; None for craft alone, which adds no licence.
        """
        if self.request.mode == SourceMode.ACCOMPANY and player is not None:
            return player  # Nothing of the sources is in the clip.
        models = [each.model for each in self._sources]
        known = [model for model in (player, *models) if model is not None]
        others = ("that of the source",) if None in models else ()
        return msgspec.structs.replace(
            player or _CRAFT,
            licence=combined_licence(known, others),
            commercial_use=all(model.commercial_use for model in known),
        )

    def plan(self) -> Plan:
        """Return the plan of a request that needs no model.

        Raises:
            LoopError: the source cannot have the requested meter or key.
        """
        request, source = self.request, self.source
        grid = _grid(request, source)
        if request.mode == "rekey" and request.key is not None and source.key is None:
            raise LoopError(
                f"No key was detected in {source.title!r}, so it cannot be transposed to "
                f"{request.key}: choose a source with clear notes, or retempo it instead."
            )
        return Plan(
            grid=grid,
            key=request.key,
            role=source.role if self.other is None or self.other.role == source.role else "mix",
            title=self._own_prompt or self._titles(),
            understood=self._done(),
        )

    def described(self, plan: Plan) -> Plan:
        """Add what is done to the source to a model's plan, and its title if there is no prompt."""
        title = plan.title if self._own_prompt else self._titles()
        return msgspec.structs.replace(
            plan, title=title, understood=(*self._done(), *plan.understood)
        )

    def _done(self) -> tuple[str, ...]:
        """Return in words what is done to the source, and what was detected in it."""
        request, name = self.request, self.source.title or self.source.label
        amount = DEFAULT_AMOUNT if request.amount is None else request.amount
        done = {
            SourceMode.VARY: f"varied {amount:.0%} from {name}",
            SourceMode.CONTINUE: f"continues {name}",
            SourceMode.MELODY: f"follows the melody of {name}",
            SourceMode.REDO: f"bars {request.redo_bars} of {name} redone",
            SourceMode.RETEMPO: f"{name} at another tempo",
            SourceMode.REKEY: f"{name} in another key",
            SourceMode.STEMS: f"parts of {name}",
            SourceMode.ACCOMPANY: f"fits {self._titles()}",
        }
        if self.other is not None:
            blend = f"{name}, blended {amount:.0%} with {self.other.title or self.other.label}"
            return blend, *self._source_facts()
        return done[SourceMode(request.mode or "")], *self._source_facts()

    def _source_facts(self) -> tuple[str, ...]:
        """Describe the facts about the sources, and those that were overruled."""
        described = []
        for source in self._sources:
            if source.recipe is None:
                described += [f"source: {source.facts.described()}", *source.facts.disagreements]
            if source.facts.bpm is not None and source.grid.bpm != source.facts.bpm.value:
                described.append(f"taken as {format_bpm(source.grid.bpm)} BPM")
        return tuple(described)

    def _titles(self) -> str:
        return " + ".join(each.title for each in self._sources)

    def finished(self, plan: Plan, report: ReportProgress) -> FinishedTake:
        """Return the take of a mode of craft; the job can be cancelled between any two steps."""
        request, grid, key = self.request, plan.grid, parse_key(plan.key)
        told = RepeatableReport(report, "stretching")
        told.check()
        audio, repairs = moved(self.source, grid, key, told.check)
        if self.other is not None:
            told(0.4, "stretching the second source")
            other = moved(self.other, grid, key, told.check)[0]
            told(0.8, "blending")
            mixed = blended(audio, other, grid, request.amount or 0.0, told.check)
            audio, limited_db = limited(mixed, grid.rate, told.check)
            repairs = msgspec.structs.replace(repairs, limited_db=limited_db)
        told(0.9, "measuring")
        take = Take(audio=audio, rate=grid.rate, seed=request.seed or 0, closed=True, exact=True)
        made = finish(take, 0, grid, check=told.check)
        return dataclasses.replace(made, repairs=repairs)

    def guided(self, generator: Generator, check: Check = no_check) -> LoopRequest:
        """Return the request; for a model that composes, with what a part follows to fit loops."""
        if self.request.mode == SourceMode.ACCOMPANY and isinstance(generator, ScoreGenerator):
            grid = _grid(self.request, self.source)
            guide = guide_for(self._sources, grid, generator, check)
            self.request = msgspec.structs.replace(self.request, guide=guide)
        return self.request

    def takes(
        self,
        generator: Generator,
        plan: Plan,
        report: ReportProgress,
        numbers: list[int],
        check: Check = no_check,
    ) -> Iterator[FinishedTake]:
        """Yield the takes with these numbers, of a mode that the model has; see `check_mode`.

        `check` is called between any two steps of craft, which report no progress.
        """
        request = self.request
        seeds = {number: take_seed(request.seed or 0, number) for number in numbers}
        if request.guide is not None:
            made = generator.generate(request, plan.grid, list(seeds.values()), report)
            for number, take in zip(seeds, made, strict=True):
                yield finish(take, number, plan.grid, parse_key(plan.key), check)
            return
        if request.mode == "redo":
            yield from self._redone(generator, plan, seeds, report, check)
            return
        player = cast("SourceGenerator", generator)
        sources = unless_cancelled(partial(self._played_from, plan, check), check)
        lineage = self._lineage_for(generator)
        drawn = list(seeds.values())
        made = player.generate_from(request, plan.grid, drawn, sources, lineage, report)
        # There are as many stems as there are parts, and not one for each seed.
        are_stems = request.mode == SourceMode.STEMS
        order = itertools.count() if are_stems else seeds
        for number, take in zip(order, made, strict=not are_stems):
            key = parse_key(plan.key)
            yield unless_cancelled(partial(finish, take, number, plan.grid, key, check), check)

    def _played_from(self, plan: Plan, check: Check) -> list[Audio]:
        """Return the model's input, on the grid: one source, or two to blend in latents."""
        request, grid, key = self.request, plan.grid, parse_key(plan.key)
        if request.mode == SourceMode.ACCOMPANY:
            return [mixed([brought_to(each, grid, check=check) for each in self._sources])]
        if self.other is not None:
            one, other = (moved(each, grid, key, check)[0] for each in self._sources)
            if request.blend_in == "latents":
                return [one, other]
            return [blended(one, other, grid, request.amount or 0.0, check)]
        if request.mode == "continue":  # What is continued is not repeated to fill the grid.
            grid = msgspec.structs.replace(
                grid.unrounded, bars=min(grid.bars, self.source.grid.bars)
            )
        return [brought_to(self.source, grid, check=check)]

    def _lineage_for(self, generator: Generator) -> tuple[LoopRequest, ...]:
        """Return how the source was made; empty for two sources, or if other models took part."""
        recipe = self.source.recipe
        if self.other is not None or recipe is None or not recipe.is_all_of(generator.facts.id):
            return ()
        return recipe.lineage

    def _redone(
        self, generator: Generator, plan: Plan, seeds: dict[int, int], report: ReportProgress,
        check: Check,
    ) -> Iterator[FinishedTake]:  # fmt: skip
        grid = plan.grid
        bars = bars_named(self.request.redo_bars or "", grid.bars)
        to_grid = partial(brought_to, self.source, grid, check=check)
        old = _stereo(unless_cancelled(to_grid, check))

        def spliced(take: Take, number: int) -> FinishedTake:
            new = finish(take, number, grid, parse_key(plan.key), check)
            audio = redone(old, _stereo(new.audio), grid, bars)
            whole = Take(audio=audio, rate=grid.rate, seed=take.seed, closed=True, exact=True)
            made = finish(whole, number, grid, check=check)
            return dataclasses.replace(made, repairs=new.repairs, latents=new.latents)

        drawn = list(seeds.values())
        if SourceMode.REDO in getattr(generator, "modes", ()):
            player = cast("SourceGenerator", generator)
            takes = player.generate_from(self.request, grid, drawn, [old], (), report)
        else:
            takes = generator.generate(self.request, grid, drawn, report)
        for number, take in zip(seeds, takes, strict=True):
            yield unless_cancelled(partial(spliced, take, number), check)


def check_mode(mode: str, model_id: str, modes: tuple[str, ...]) -> None:
    """Check that a model with some `modes` can carry out a request.

    Raises:
        LoopError: it cannot.
    """
    if mode == "redo" or mode in modes:  # Any model makes new bars from the prompt.
        return
    if mode == "blend":
        raise LoopError(
            f"Model {model_id!r} cannot blend in latents or re-noise: choose one that can, such as "
            "MusicLDM, or leave both out."
        )
    verb = "follow a melody" if mode == "melody" else mode
    raise LoopError(
        f"Model {model_id!r} cannot {verb}: choose another model, or redo, blend, "
        "retempo or rekey the source instead."
    )


def _stereo(audio: Audio) -> Audio:
    return np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else audio


def _in_one_octave(
    source: Source, other: Source | None, requested_bpm: float | None
) -> tuple[Source, Source | None]:
    """Return the sources with their tempos an octave up or down, toward the requested tempo.

    Without one, the tempo of a blend's source that is less certain goes towards the other's.
    """
    if other is None or requested_bpm is not None:
        return source.folded(requested_bpm), other and other.folded(requested_bpm)
    if other.certainty > source.certainty:
        return source.folded(other.grid.bpm), other
    return source, other.folded(source.grid.bpm)


def _source(
    path: str,
    label: str | None,
    stated: StatedFacts,
    request: LoopRequest,
    report: ReportProgress,
) -> Source:
    report(0.0, "reading the source")
    if not path:
        raise LoopError(
            f"The source {label!r} has no file here: name the file, for example with --source FILE."
        )
    file, known = read_source(Path(path), stated, lambda: report(0.0, "reading the source"))
    name = label or Path(path).name
    meter = Meter.parse(request.meter or "4/4")
    return source_of(
        Hearing(file.audio, file.rate), name, known=known,
        recipe=file.facts.recipe, bars=request.bars, meter=meter,
        report=part_of(report, 0.2, 1.0),
    )  # fmt: skip


def _near_words(source: Source) -> tuple[tuple[str, str], ...] | None:
    return source.recipe.request.near_words if source.recipe is not None else None


def _sketch_version(source: Source, request: LoopRequest) -> int | None:
    """Return the version of sketch that plays: the one that played the source."""
    if source.recipe is None or request.mode == SourceMode.ACCOMPANY:
        return request.sketch_version
    return source.recipe.request.sketch_version or request.sketch_version


def _prompt(source: Source) -> str:
    return source.recipe.request.prompt if source.recipe is not None else ""


def _grid(request: LoopRequest, source: Source) -> LoopGrid:
    grid = LoopGrid(
        bpm=request.bpm or source.grid.bpm,
        meter=Meter.parse(request.meter or str(source.grid.meter)),
        bars=request.bars or source.grid.bars,
        rate=request.rate,
    ).checked()
    if grid.meter.bar_quarters % source.grid.meter.bar_quarters:
        raise LoopError(
            f"The source is in {source.grid.meter} and cannot become {grid.meter}: leave the "
            "meter out."
        )
    return source.grid if grid == source.grid.unrounded else grid
