"""MusicLDM and AudioLDM 2 as generators: turn a request into takes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from engine.generators.checked_modules import CheckedOperations, checking
from engine.generators.device import choose_device, choose_dtype, naming_out_of_memory
from engine.generators.interface import OnPreview, Plan, ReportProgress, ReusableModule
from engine.generators.latent_diffusion.blend import spherical
from engine.generators.latent_diffusion.checkpoint import load_checkpoint
from engine.generators.latent_diffusion.encode import mono_at
from engine.generators.latent_diffusion.family import Speech
from engine.generators.latent_diffusion.pipeline import DEFAULT_NEGATIVE, Pipeline, PipelineRequest
from engine.generators.latent_diffusion.prompt_weights import read_weights
from engine.generators.latent_diffusion.schedulers import DEFAULT_STEPS, scheduler_name
from engine.generators.latent_diffusion.scoring import NOT_COMPARED, CannotCompare, ClapScorer
from engine.generators.latent_diffusion.sharing import part_fingerprints
from engine.generators.latent_diffusion.variation import (
    VariationStart,
    requested_amount,
    with_origin_settings,
)
from engine.generators.request_grid import batches, requested_grid, requested_plan
from engine.loops.cancel import Check, RepeatableReport, no_check
from engine.loops.errors import LoopError
from engine.loops.prompt_reader import PromptFacts, read_prompt
from engine.loops.recipe import ModelFacts
from engine.loops.request import DEFAULT_AMOUNT, LoopRequest
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid

MAX_PASS_S = 60
_ACCELERATED_BATCH = 4
_NONE: Mapping[str, Any] = MappingProxyType({})
_SETTINGS = frozenset(
    {
        "steps", "guidance", "scheduler", "eta", "draft", "toward", "toward_amount",
        "keep_latents",
    }
)  # fmt: skip


class LatentDiffusionGenerator:
    """One loaded checkpoint; its takes are closed loops, but not of exact length."""

    modes = frozenset({"vary", "blend"})

    def __init__(
        self,
        folder: Path,
        facts: ModelFacts,
        *,
        device: str = "auto",
        dtype: str = "auto",
        hashes: Mapping[str, str] = _NONE,
        reusable: Mapping[str, ReusableModule] = _NONE,
        check: Check = no_check,
    ) -> None:
        """Load a checkpoint folder in the published layout.

        Args:
            folder: holds model_index.json.
            facts: what the clips record about the model.
            device: `auto`, `cpu`, `cuda`, `mps`.
            dtype: `auto`, `float32`, `bfloat16`, `float16`.
            hashes: see `SharesModules`.
            reusable: see `SharesModules`.
            check: called between any two steps; it may raise to end the work.

        Raises:
            UnusableCheckpoint: the folder cannot be trusted or run.
            MemoryError: the memory ran out.
        """
        self.facts, chosen = facts, choose_device(device)
        with naming_out_of_memory(), CheckedOperations(check):
            precision = choose_dtype(chosen, dtype)
            self._fingerprints = part_fingerprints(folder, hashes, chosen, precision)
            checkpoint = load_checkpoint(folder, self._matching(reusable), check)
            self._pipeline = Pipeline(checkpoint, chosen, precision)
        parts = self._pipeline.parts
        self._scorer = ClapScorer(parts.text_encoder, parts.feature_extractor)
        self.settings = self._pipeline.family.settings | _SETTINGS
        self.preview_rate = self._pipeline.clock.rate
        self.on_preview: OnPreview | None = None
        # On a CPU a batch is no faster, and a take the same to the bit; an accelerator needs one.
        self._takes_per_pass = 1 if chosen.type == "cpu" else _ACCELERATED_BATCH

    def _matching(self, reusable: Mapping[str, ReusableModule]) -> dict[str, Any]:
        """Return the reusable modules that this checkpoint has, too."""
        return {
            name: each.module
            for name, each in reusable.items()
            if self._fingerprints.get(name) == each.fingerprint
        }

    def release_modules(self, folder: Path, hashes: Mapping[str, str]) -> dict[str, ReusableModule]:
        """Return the modules that another checkpoint also has; see `SharesModules`."""
        mine, pipeline = self._fingerprints, self._pipeline
        theirs = part_fingerprints(folder, hashes, pipeline.device, pipeline.dtype)
        return {
            name: ReusableModule(fingerprint, pipeline.parts.parts[name])
            for name, fingerprint in mine.items()
            if theirs.get(name) == fingerprint
        }

    def plan(self, request: LoopRequest) -> Plan:
        """Decide the grid and the key; the prompt itself is left to the model.

        Raises:
            LoopError: the loop is too long for one pass, a weight is out of its range, or a
                transcription is missing.
        """
        words = _plain_prompt(request)
        facts = read_prompt(words)
        grid = _grid(request, facts)
        scheduler = scheduler_name(request.scheduler)
        speaks = self._pipeline.family.needs_transcription
        if speaks and not request.transcription and request.mode not in self.modes:
            raise LoopError(
                f"Model {self.facts.id!r} is a speech model: enter a transcription for it to speak."
            )
        ignored = ["tempo and key: this model does not follow them"]
        if _is_plain_blend(request) and (request.prompt or request.toward):
            ignored.append("the prompt: the sources are only mixed")
        if request.eta and scheduler != "ddim":
            ignored.append(f"eta: used by ddim only, not by {scheduler}")
        understood = _understood(scheduler, request)
        return requested_plan(request, words, facts, grid, understood, ignored)

    def generate(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], report: ReportProgress
    ) -> Iterator[Take]:
        """Yield one take per seed, closed if the grid is a loop; never of exact length.

        Raises:
            MemoryError: the device ran out of memory.
        """
        for batch, part in batches(seeds, self._takes_per_pass, report):
            yield from self._takes(request, grid, batch, part)

    def generate_from(
        self,
        request: LoopRequest,
        grid: LoopGrid,
        seeds: list[int],
        sources: list[Audio],
        lineage: tuple[LoopRequest, ...],
        report: ReportProgress,
    ) -> Iterator[Take]:
        """Yield variations, `request.amount` (0..1) away from the source, or blends.

        If this model made the source in as many latent frames, the source's noise is mixed with
        that of each new seed, and missing settings come from the source's request; at 0 the result
        is the source's take again. Any other source is encoded to latents, noised and denoised.

        A blend starts from the latents of its one source, or from a mix of its two, and is noised
        and denoised by `request.renoise`.
        """
        origin = lineage[0] if len(lineage) == 1 else None
        if origin is not None and self._noise_matches(origin, grid):
            request = with_origin_settings(request, origin)
            start = VariationStart(amount=requested_amount(request), seed=origin.seed)
        else:
            told = RepeatableReport(report, "analysing the source")
            told.check()
            with checking(told.check, *self._pipeline.modules):
                start = self._encoded_start(request, grid, sources)
        for batch, part in batches(seeds, self._takes_per_pass, report):
            yield from self._takes(request, grid, batch, part, start)

    def _noise_matches(self, origin: LoopRequest, grid: LoopGrid) -> bool:
        """Return whether the source's noise has the same length as a new take's."""
        if origin.seed is None or origin.seconds is not None:
            return False
        clock, then = self._pipeline.clock, _grid(origin, read_prompt(_plain_prompt(origin)))
        return clock.loop_frames(then) == clock.loop_frames(grid)

    def _encoded_start(
        self, request: LoopRequest, grid: LoopGrid, sources: list[Audio]
    ) -> VariationStart:
        clock = self._pipeline.clock
        sounds = [mono_at(source, grid.rate, clock.rate) for source in sources]
        latents = [self._pipeline.encode(sound, clock.loop_frames(grid)) for sound in sounds]
        if request.mode != "blend":
            return VariationStart(amount=requested_amount(request), latents=latents[0])
        # Two sources give MusicLDM's beat-synchronous latent mixup (arXiv 2308.01546, BLM).
        mixed = torch.lerp(latents[0], latents[-1], requested_amount(request))
        return VariationStart(amount=request.renoise or 0.0, latents=mixed)

    def _takes(
        self,
        request: LoopRequest,
        grid: LoopGrid,
        seeds: list[int],
        report: ReportProgress,
        start: VariationStart | None = None,
    ) -> list[Take]:
        pipeline_request = self._pipeline_request(request, grid, seeds, start)
        told = RepeatableReport(report, "encoding the prompt")
        with naming_out_of_memory(), checking(told.check, *self._pipeline.modules):
            made = self._pipeline.sounds_and_latents(pipeline_request, told, self._send_preview)
            self.on_preview = None
            return [
                self._take(request, grid, seed, sound, latents)
                for seed, sound, latents in zip(seeds, *made, strict=True)
            ]

    def _send_preview(self, sounds: torch.Tensor, samples: int) -> None:
        if self.on_preview is not None:
            self.on_preview(sounds[0].numpy()[:, None], samples)

    def _pipeline_request(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], start: VariationStart | None
    ) -> PipelineRequest:
        clock = self._pipeline.clock
        if start is not None and start.seed is not None and not start.amount:
            # The noise that some schedulers add in each step is then the source's, too.
            seeds, start = [start.seed] * len(seeds), None
        return PipelineRequest(
            prompts=(request.prompt,),
            negatives=(DEFAULT_NEGATIVE if request.negative is None else request.negative,),
            seeds=tuple(seeds),
            latent_frames=clock.loop_frames(grid) if grid.is_loop else clock.one_shot_frames(grid),
            closed=grid.is_loop,
            steps=request.steps or DEFAULT_STEPS,
            guidance=request.guidance,
            scheduler=request.scheduler,
            eta=request.eta or 0.0,
            speech=Speech(request.transcription, request.max_new_tokens),
            draft=request.draft,
            toward=_toward(request),
            start=start,
        )

    def _take(
        self,
        request: LoopRequest,
        grid: LoopGrid,
        seed: int,
        sound: torch.Tensor,
        latents: torch.Tensor,
    ) -> Take:
        clock = self._pipeline.clock
        match, badges = None, list[str]()
        if request.takes > 1 and request.prompt and self._scorer.can_score:
            try:
                match = self._scorer.text_match(self._prompt_vector(request), sound, clock.rate)
            except CannotCompare:
                badges.append(NOT_COMPARED)
        if not grid.is_loop:
            sound = sound[: clock.samples(grid)]
        return Take(
            audio=np.ascontiguousarray(sound.numpy()[:, None]),
            rate=clock.rate,
            seed=seed,
            closed=grid.is_loop,
            remainder_frames=len(sound) - clock.samples(grid),
            text_match=match,
            badges=tuple(badges),
            latents=latents.float().cpu().numpy().copy() if request.keep_latents else None,
        )

    @torch.inference_mode()
    def _prompt_vector(self, request: LoopRequest) -> torch.Tensor:
        """Return the CLAP vector of the prompt, including weights and blend."""
        clap, toward = self._pipeline.family.clap, _toward(request)
        vector = clap.vector(request.prompt)
        return vector if toward is None else spherical(vector, clap.vector(toward[0]), toward[1])


def _plain_prompt(request: LoopRequest) -> str:
    """Return the prompt without weight notation, after checking that all texts can be parsed."""
    for text in (request.negative, request.toward):
        read_weights(text or "")
    return read_weights(request.prompt).text


def _toward(request: LoopRequest) -> tuple[str, float] | None:
    if request.toward is None:
        return None
    return (
        request.toward,
        DEFAULT_AMOUNT if request.toward_amount is None else request.toward_amount,
    )


def _grid(request: LoopRequest, facts: PromptFacts) -> LoopGrid:
    grid = requested_grid(request, facts)
    if grid.length_s > MAX_PASS_S:
        raise LoopError(
            f"The model makes at most {MAX_PASS_S} s in one pass, not "
            f"{float(grid.length_s):.0f} s: ask for fewer bars."
        )
    return grid


def _is_plain_blend(request: LoopRequest) -> bool:
    """Return whether sources are only mixed, without denoising."""
    return request.mode == "blend" and not request.renoise


def _understood(scheduler: str, request: LoopRequest) -> tuple[str, ...]:
    understood: tuple[str, ...] = (f"{request.steps or DEFAULT_STEPS} steps of {scheduler}",)
    if request.mode == "vary":  # The steps may be those of the source, which is not here.
        understood = ()
    if request.mode == "blend":
        understood = (f"re-noised by {request.renoise or 0.0:.0%}",)
    if (toward := _toward(request)) and not _is_plain_blend(request):
        understood = (*understood, f"{toward[1]:.0%} of the way to {read_weights(toward[0]).text}")
    if request.draft:
        understood = (*understood, "draft: less work per step, quality not measured")
    return understood
