"""Stable Audio 3 and Stable Audio Open as generators: turn a request into takes."""

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from engine.generators.canvas import Canvas, redone_parts
from engine.generators.checked_modules import CheckedOperations, checking
from engine.generators.continuation import Continuation
from engine.generators.device import choose_device, choose_dtype, naming_out_of_memory
from engine.generators.interface import Plan, ReportProgress
from engine.generators.latent_takes import LatentGenerator, shown_latents
from engine.generators.request_grid import requested_grid, requested_plan
from engine.generators.stable_audio.pipeline import Kept, Pipeline, PipelineRequest
from engine.generators.stable_audio.prompt import worded
from engine.loops.cancel import Check, RepeatableReport, no_check
from engine.loops.errors import LoopError, OutOfRange
from engine.loops.prompt_reader import PromptFacts, read_prompt
from engine.loops.recipe import ModelFacts
from engine.loops.request import DEFAULT_AMOUNT, LoopRequest
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid


class StableAudioGenerator(LatentGenerator):
    """One loaded checkpoint. From a prompt, its takes are closed loops, but not of exact length.

    What it makes from a source is exact: it keeps the source's time.
    """

    _pipeline: Pipeline

    settings = frozenset({"steps", "guidance", "scheduler", "verbatim", "keep_latents"})

    def __init__(
        self,
        folder: Path,
        facts: ModelFacts,
        *,
        device: str = "auto",
        dtype: str = "auto",
        check: Check = no_check,
    ) -> None:
        """Load a checkpoint folder in the published layout.

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
        self._family = self._pipeline.family
        inpainting = {"continue", "redo"} if self._family.inpaints else set()
        self.modes = frozenset({"vary", "blend", *inpainting})

    def plan(self, request: LoopRequest) -> Plan:
        """Decide the grid and the key; bars, key and tempo are added to the prompt in words.

        Raises:
            LoopError: the loop is too long, or there is no such sampler.
        """
        facts = read_prompt(request.prompt)
        grid = self._grid(request, facts)
        sampler, steps = self._sampling(request)
        ignored = []
        if request.negative and self._guidance(request) <= 1:
            ignored.append("negative prompt: used with a guidance above 1 only")
        understood = [f"{steps} steps of {sampler}"]
        return requested_plan(request, request.prompt, facts, grid, understood, ignored)

    def generate(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], report: ReportProgress
    ) -> Iterator[Take]:
        """Yield one take per seed, closed if the grid is a loop; never of exact length.

        Raises:
            MemoryError: the device ran out of memory.
        """
        coder = self._pipeline.autoencoder
        samples = round(grid.length_s * coder.rate)
        latents = math.ceil(samples / coder.hop)
        if grid.is_loop:  # The nearest; craft stretches the circle.
            latents = coder.unit * max(1, round(samples / coder.hop / coder.unit))
        seconds = (latents * coder.hop if grid.is_loop else samples) / coder.rate
        asked = self._asked(request, grid, latents, seconds, closed=grid.is_loop)
        for take, sound, made in self._made(asked, seeds, report):
            audio = (sound if grid.is_loop else sound[:, :samples]).clamp(-1, 1)
            yield dataclasses.replace(
                take,
                audio=np.ascontiguousarray(audio.T.numpy()),
                closed=grid.is_loop,
                remainder_frames=audio.shape[1] - samples,
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

        A variation starts from the source with noise by `request.amount`, a blend from the mix of
        its sources with noise by `request.renoise`. In redone bars, and in those that continue a
        source, something new is made between what stays; the rest is the source, as it was.
        """
        del lineage
        if request.mode == "continue":
            yield from self._continued(request, grid, seeds, sources[0], report)
            return
        canvas = self._canvas(grid)
        told = RepeatableReport(report, "analysing the source")
        told.check()
        with naming_out_of_memory(), checking(told.check, *self._family.modules):
            latents = [self._encoded(canvas, source, told) for source in sources]
        asked = self._asked(request, grid, canvas.latents, float(grid.length_s), closed=False)
        amount = DEFAULT_AMOUNT if request.amount is None else request.amount
        if request.mode == "redo":
            kept = Kept(latents=latents[0], mask=canvas.mask(redone_parts(request, grid)))
            asked = dataclasses.replace(asked, kept=kept)
        elif request.mode == "blend":
            mixed = torch.lerp(latents[0], latents[-1], amount)
            asked = dataclasses.replace(asked, source=mixed, amount=request.renoise or 0.0)
        else:
            asked = dataclasses.replace(asked, source=latents[0], amount=amount)
        yield from self._exact(canvas, asked, request, seeds, report)

    def _continued(
        self,
        request: LoopRequest,
        grid: LoopGrid,
        seeds: list[int],
        source: Audio,
        report: ReportProgress,
    ) -> Iterator[Take]:
        """Yield the source, bit for bit, and what follows; see `Continuation`."""
        continuation = Continuation(source, grid)
        canvas = self._canvas(continuation.whole)
        told = RepeatableReport(report, "analysing the source")
        told.check()
        with naming_out_of_memory(), checking(told.check, *self._family.modules):
            latents = self._encoded(canvas, continuation.padded, told)
        seconds = float(canvas.grid.length_s)
        asked = dataclasses.replace(
            self._asked(request, grid, canvas.latents, seconds, closed=False),
            kept=Kept(latents=latents, mask=canvas.mask([continuation.new])),
        )
        for take in self._exact(canvas, asked, request, seeds, report):
            yield continuation.taken_from(take)

    def _exact(
        self,
        canvas: Canvas,
        asked: PipelineRequest,
        request: LoopRequest,
        seeds: list[int],
        report: ReportProgress,
    ) -> Iterator[Take]:
        for take, sound, made in self._made(asked, seeds, report):
            yield dataclasses.replace(
                take,
                audio=canvas.cut(sound.clamp(-1, 1)),
                rate=canvas.grid.rate,
                closed=True,
                exact=True,
                latents=shown_latents(made) if request.keep_latents else None,
            )

    def _asked(
        self, request: LoopRequest, grid: LoopGrid, latents: int, seconds: float, *, closed: bool
    ) -> PipelineRequest:
        sampler, steps = self._sampling(request)
        return PipelineRequest(
            prompt=worded(request, grid),
            negative=request.negative,
            seeds=(),
            latents=latents,
            seconds=seconds,
            closed=closed,
            sampler=sampler,
            steps=steps,
            guidance=self._guidance(request),
        )

    def _sampling(self, request: LoopRequest) -> tuple[str, int]:
        """Return the sampler and its steps: those of the checkpoint unless the request says."""
        known = self._family.samplers
        sampler = (request.scheduler or known[0]).strip().lower()
        if sampler not in known:
            raise OutOfRange("The scheduler", request.scheduler, "one of " + ", ".join(known))
        return sampler, request.steps or self._family.steps[sampler]

    def _guidance(self, request: LoopRequest) -> float:
        return self._family.guidance if request.guidance is None else request.guidance

    def _canvas(self, grid: LoopGrid) -> Canvas:
        coder = self._pipeline.autoencoder
        return Canvas(grid, coder.rate, coder.hop)

    def _encoded(self, canvas: Canvas, source: Audio, report: RepeatableReport) -> torch.Tensor:
        laid_out = canvas.laid_out(source, self._pipeline.autoencoder.channels)
        return self._pipeline.encode(laid_out, report)

    def _grid(self, request: LoopRequest, facts: PromptFacts) -> LoopGrid:
        grid = requested_grid(request, facts)
        longest = self._family.longest_s
        if grid.length_s > longest:
            raise LoopError(
                f"The model makes at most {longest:.0f} s, not {float(grid.length_s):.0f} s: ask "
                "for fewer bars."
            )
        return grid
