"""ACE-Step 1.5 as a generator: turns a request into takes."""

import dataclasses
import math
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec
import numpy as np
import torch

from engine.generators.ace_step.adapters import adapted
from engine.generators.ace_step.pipeline import Context, Pipeline, PipelineRequest
from engine.generators.ace_step.tracks import TRACKS, USUAL_TRACKS, track_in, tracks_in
from engine.generators.ace_step.wording import (
    COVER,
    LANGUAGES,
    REPAINT,
    completing,
    extracting,
    playing,
    told_bpm,
    wording,
)
from engine.generators.canvas import Canvas, redone_parts
from engine.generators.checked_modules import CheckedOperations, checking
from engine.generators.continuation import Continuation
from engine.generators.device import choose_device, choose_dtype, naming_out_of_memory
from engine.generators.interface import Plan, ReportProgress, part_of
from engine.generators.latent_takes import LatentGenerator, shown_latents
from engine.generators.request_grid import requested_grid, requested_plan
from engine.loops.cancel import Check, RepeatableReport, no_check
from engine.loops.errors import LoopError, OutOfRange
from engine.loops.prompt_reader import read_prompt
from engine.loops.recipe import ModelFacts
from engine.loops.request import DEFAULT_AMOUNT, LoopRequest
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid

LEAST_S, _LONGEST_S = 10.0, 600.0
"""What the model makes at once; a shorter loop is repeated."""
_TURBO_STEPS, _STEPS, _GUIDANCE = 8, 50, 7.0


class AceStepGenerator(LatentGenerator):
    """One loaded checkpoint. From a prompt, its takes are closed loops, but not of exact length.

    What it makes from a source is exact: it keeps the source's time.
    """

    _pipeline: Pipeline

    def __init__(
        self,
        folder: Path,
        facts: ModelFacts,
        *,
        device: str = "auto",
        dtype: str = "auto",
        check: Check = no_check,
    ) -> None:
        """Load a checkpoint folder in the layout of diffusers.

        Args:
            folder: holds model_index.json.
            facts: what the clips record about the model.
            device: `auto`, `cpu`, `cuda`, `mps`.
            dtype: `auto`, `float32`, `bfloat16`, `float16`.
            check: called between any two steps; it may raise to end the work.

        Raises:
            UnusableCheckpoint: the folder cannot be trusted or run.
            MemoryError: the memory ran out.
        """
        self.facts, chosen = facts, choose_device(device)
        with naming_out_of_memory(), CheckedOperations(check):
            pipeline = Pipeline.load(folder, chosen, choose_dtype(chosen, dtype), check)
        super().__init__(pipeline, chosen)
        guided = set() if self._pipeline.is_turbo else {"guidance"}
        self.settings = frozenset(
            {"steps", "transcription", "language", "verbatim", "keep_latents", "adapters", *guided}
        )
        trained = {"accompany", "stems"} if self._pipeline.knows_tracks else set()
        self.modes = frozenset({"vary", "continue", "redo", *trained})
        self.adapters: tuple[tuple[Path, float], ...] = ()

    def plan(self, request: LoopRequest) -> Plan:
        """Decide the grid and the key.

        Raises:
            LoopError: the loop is too long, or the model does not know the language or the track.
        """
        facts = read_prompt(request.prompt)
        grid = requested_grid(request, facts)
        if grid.length_s > _LONGEST_S:
            raise LoopError(
                f"The model makes at most {_LONGEST_S:.0f} s, not {float(grid.length_s):.0f} s: "
                "ask for fewer bars."
            )
        if request.language is not None and request.language not in LANGUAGES.split():
            raise OutOfRange("The language", request.language, f"one of {LANGUAGES}")
        _stems(request)
        ignored = ["negative prompt: the model has none"] if request.negative else []
        steps = self._steps(request)
        understood = [f"{steps} step{'s' * (steps != 1)}"]
        plan = requested_plan(request, request.prompt, facts, grid, understood, ignored)
        if request.mode != "accompany":
            return plan
        track = track_in(request.prompt)
        role = None if track is None else track.role
        if tracks_in(request.prompt) is not None:
            role = "mix"
        return plan if role is None else msgspec.structs.replace(plan, role=role)

    def generate(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], report: ReportProgress
    ) -> Iterator[Take]:
        """Yield one take per seed, closed if the grid is a loop; never of exact length.

        Raises:
            MemoryError: the device ran out of memory.
        """
        coder = self._pipeline.autoencoder
        samples = round(_as_told(grid).length_s * coder.rate)
        least = math.ceil(LEAST_S * coder.rate / coder.hop)
        copies, latents = 1, max(least, math.ceil(samples / coder.hop))
        if grid.is_loop:  # The nearest whole patches; craft stretches the circle.
            unit = self._pipeline.patch
            latents = unit * max(1, round(samples / coder.hop / unit))
            copies = math.ceil(least / latents)
        seconds = latents * copies * coder.hop / coder.rate
        asked = PipelineRequest(
            told=wording(request, grid, seconds),
            seeds=(),
            latents=latents,
            copies=copies,
            closed=grid.is_loop,
            steps=self._steps(request),
            guidance=self._guidance(request),
        )
        for take, sound, made in self._made(asked, seeds, report):
            audio = sound if grid.is_loop else sound[:, :samples]
            audio = audio / audio.abs().max().clamp(min=1.0)
            yield dataclasses.replace(
                take,
                audio=np.ascontiguousarray(audio.T.numpy()),
                closed=grid.is_loop,
                remainder_frames=audio.shape[1] - round(grid.length_s * coder.rate),
                latents=shown_latents(made) if request.keep_latents else None,
            )

    def generate_from(
        self,
        request: LoopRequest,
        grid: LoopGrid,
        seeds: list[int],
        sources: list[Audio],
        lineage: tuple[LoopRequest, ...],
        report: ReportProgress,
    ) -> Iterator[Take]:
        """Yield takes made from sources, exact on the grid.

        A variation is a cover: it keeps an outline of the source, the less of it the larger
        `request.amount` is. In redone bars, and in those that continue a source, something new is
        made between what stays; the rest is the source, as it was. A part for loops is made alone,
        in whichever track the prompt names, or in several together. Stems are a take for each
        track, or for `request.stem`.
        """
        del lineage
        continuation = Continuation(sources[0], grid) if request.mode == "continue" else None
        coder = self._pipeline.autoencoder
        whole = grid if continuation is None else continuation.whole
        canvas = Canvas(whole, coder.rate, coder.hop, LEAST_S)
        passes = self._passes(request, canvas, continuation or sources[0], report)
        for number, (asked, part) in enumerate(passes):
            share = part_of(report, number / len(passes), (number + 1) / len(passes))
            for take, sound, made in self._made(asked, seeds, share, heard=canvas.heard):
                exact = dataclasses.replace(
                    take,
                    audio=canvas.cut(sound),
                    rate=grid.rate,
                    closed=True,
                    exact=True,
                    part=part,
                    latents=shown_latents(made) if request.keep_latents else None,
                )
                yield exact if continuation is None else continuation.taken_from(exact)

    def _passes(
        self,
        request: LoopRequest,
        canvas: Canvas,
        source: Audio | Continuation,
        report: ReportProgress,
    ) -> list[tuple[PipelineRequest, str | None]]:
        """Return what is asked of the pipeline for a source, and which part of it that makes."""
        pipeline, told = self._pipeline, RepeatableReport(report, "analysing the source")
        told.check()
        audio = source.padded if isinstance(source, Continuation) else source
        with naming_out_of_memory(), checking(told.check, *pipeline.modules):
            latents = pipeline.encode(canvas.laid_out(audio, pipeline.autoencoder.channels), told)
            outline = pipeline.outlined(latents) if request.mode == "vary" else latents
        context = Context(latents=outline, made=torch.ones(canvas.latents))
        if request.mode == "stems":
            return [
                (self._pass(request, canvas, extracting(name), context), name)
                for name in _stems(request)
            ]
        if request.mode == "accompany":
            task = _accompanying(request.prompt)
        elif request.mode == "vary":
            task = COVER
        else:
            follows = [source.new] if isinstance(source, Continuation) else None
            new = follows or redone_parts(request, canvas.grid)
            stays = canvas.mask(new).to(latents.device)
            kept = torch.where(stays > 0, latents, pipeline.silence(canvas.latents))
            task, context = REPAINT, Context(latents=kept, made=1 - stays)
        return [(self._pass(request, canvas, task, context), None)]

    def _pass(
        self, request: LoopRequest, canvas: Canvas, task: str, context: Context
    ) -> PipelineRequest:
        seconds = canvas.latents * canvas.hop / canvas.rate
        amount = DEFAULT_AMOUNT if request.amount is None else request.amount
        freely = wording(request, canvas.grid, seconds)
        return PipelineRequest(
            told=wording(request, canvas.grid, seconds, task),
            seeds=(),
            latents=canvas.latents,
            closed=False,
            steps=self._steps(request),
            guidance=self._guidance(request),
            context=context,
            beside=(freely, 1 - amount) if request.mode == "vary" and amount else None,
        )

    def _adapted(self) -> AbstractContextManager[None]:
        return adapted(self._pipeline.transformer, self.adapters)

    def _steps(self, request: LoopRequest) -> int:
        return request.steps or (_TURBO_STEPS if self._pipeline.is_turbo else _STEPS)

    def _guidance(self, request: LoopRequest) -> float:
        if self._pipeline.is_turbo:
            return 1.0
        return _GUIDANCE if request.guidance is None else request.guidance


def _accompanying(prompt: str) -> str:
    """Return the task to play what a prompt asks for to loops: one track, or several together."""
    together = tracks_in(prompt)
    if together is not None:
        return completing(together)
    track = track_in(prompt)
    return playing(None if track is None else track.name)


def _stems(request: LoopRequest) -> tuple[str, ...]:
    """Return the tracks to take out of a source.

    Raises:
        LoopError: the model knows no such track.
    """
    if request.stem is None:
        return USUAL_TRACKS
    track = track_in(request.stem)
    if track is None:
        raise LoopError(
            f"The model knows no track {request.stem!r}: choose one of {', '.join(TRACKS)}."
        )
    return (track.name,)


def _as_told(grid: LoopGrid) -> LoopGrid:
    """Return a grid at the whole tempo that the model is told, or half or twice that."""
    if not grid.is_loop:
        return grid
    octave = told_bpm(grid.bpm) / grid.bpm
    factor = 2.0 ** round(math.log2(octave))
    return msgspec.structs.replace(grid.unrounded, bpm=told_bpm(grid.bpm) / factor)
