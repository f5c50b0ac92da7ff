"""MusicLDM and AudioLDM 2 as generators: from a request to takes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from engine.generators.device import choose_device, choose_dtype, naming_out_of_memory
from engine.generators.interface import OnPreview, Plan, ReportProgress, ReusableModule
from engine.generators.latent_diffusion.blend import spherical
from engine.generators.latent_diffusion.checkpoint import load_checkpoint
from engine.generators.latent_diffusion.encode import mono_at
from engine.generators.latent_diffusion.family import Speech
from engine.generators.latent_diffusion.pipeline import DEFAULT_NEGATIVE, Pipeline, PipelineRequest
from engine.generators.latent_diffusion.prompt_weights import read_weights
from engine.generators.latent_diffusion.schedulers import DEFAULT_STEPS, scheduler_name
from engine.generators.latent_diffusion.scoring import ClapScorer
from engine.generators.latent_diffusion.sharing import part_fingerprints
from engine.generators.latent_diffusion.variation import (
    Start,
    requested_amount,
    with_origin_settings,
)
from engine.generators.request_grid import batches, length_text, requested_grid
from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.recipe import ModelFacts
from engine.loops.request import DEFAULT_AMOUNT, LoopRequest
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid, format_bpm
from engine.loops.words import Facts, read_facts

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
    """One checkpoint, loaded; its takes are closed loops, and not exact."""

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
    ) -> None:
        """Load a checkpoint folder in the published layout.

        Args:
            folder: holds model_index.json.
            facts: what the clips tell of the model.
            device: `auto`, `cpu`, `cuda`, `mps`.
            dtype: `auto`, `float32`, `bfloat16`, `float16`.
            hashes: see `SharesModules`.
            reusable: see `SharesModules`.

        Raises:
            UnusableCheckpoint: the folder is none that can be trusted and run.
            MemoryError: the memory did not suffice.
        """
        self.facts = facts
        chosen = choose_device(device)
        with naming_out_of_memory():
            precision = choose_dtype(chosen, dtype)
            self._fingerprints = part_fingerprints(folder, hashes, chosen, precision)
            same = {
                name: each.module
                for name, each in reusable.items()
                if self._fingerprints.get(name) == each.fingerprint
            }
            self._pipeline = Pipeline(load_checkpoint(folder, same), chosen, precision)
        parts, family = self._pipeline.parts, self._pipeline.family
        self._scorer = ClapScorer(parts.text_encoder, parts.feature_extractor)
        self.settings = family.settings | _SETTINGS
        self.preview_rate = self._pipeline.clock.rate
        self.on_preview: OnPreview | None = None
        # On a CPU a batch costs what its takes cost alone, and a take alone is then the same take
        # to the bit; an accelerator is idle without a batch, and equal up to rounding.
        self._takes_per_pass = 1 if chosen.type == "cpu" else _ACCELERATED_BATCH

    def release_modules(self, folder: Path, hashes: Mapping[str, str]) -> dict[str, ReusableModule]:
        """Return the parts that another checkpoint has, too; see `SharesModules`."""
        mine, pipeline = self._fingerprints, self._pipeline
        theirs = part_fingerprints(folder, hashes, pipeline.device, pipeline.dtype)
        return {
            name: ReusableModule(fingerprint, pipeline.parts.parts[name])
            for name, fingerprint in mine.items()
            if theirs.get(name) == fingerprint
        }

    def plan(self, request: LoopRequest) -> Plan:
        """Settle the grid and the key; the prompt itself is the model's business.

        Raises:
            LoopError: the loop is too long for one pass, a weight is out of its range, or a
                transcription is missing.
        """
        words = _plain_words(request)
        facts = read_facts(words)
        grid = _grid(request, facts)
        scheduler = scheduler_name(request.scheduler)
        speaks = self._pipeline.family.needs_transcription
        if speaks and not request.transcription and request.mode not in self.modes:
            raise LoopError(f"Model {self.facts.id!r} speaks: say what, with a transcription.")
        key = parse_key(request.key) or facts.key
        ignored = [*facts.refused, "tempo and key, as far as the model goes: it keeps neither"]
        if _is_plain_blend(request) and (request.prompt or request.toward):
            ignored.append("the prompt: nothing is made anew")
        if request.eta and scheduler != "ddim":
            ignored.append(f"eta: scheduler {scheduler} has none, ddim has")
        return Plan(
            grid=grid,
            key=None if key is None else str(key),
            role=None,
            title=facts.rest or words or "untitled",
            understood=_understood(grid, scheduler, request),
            ignored=tuple(ignored),
        )

    def generate(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], report: ReportProgress
    ) -> Iterator[Take]:
        """Yield one take per seed, closed where the grid is a loop's; never exact.

        Raises:
            MemoryError: the memory of the device did not suffice.
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

        Of a loop that this model made in as many latent frames, the noise is mixed with that of
        each new seed, and settings that the request leaves out are the loop's own. At 0 it is that
        loop's take again. Of any other source, the latents of its sound are noised and denoised.

        A blend begins from the latents of its one source, or between those of its two, and is
        noised and denoised as far as `request.renoise` says.
        """
        origin = lineage[0] if len(lineage) == 1 else None
        if origin is not None and self._noise_matches(origin, grid):
            request = with_origin_settings(request, origin)
            start = Start(amount=requested_amount(request), seed=origin.seed)
        else:
            report(0.0, "hearing the source")
            start = self._encoded_start(request, grid, sources)
        for batch, part in batches(seeds, self._takes_per_pass, report):
            yield from self._takes(request, grid, batch, part, start)

    def _noise_matches(self, origin: LoopRequest, grid: LoopGrid) -> bool:
        """Return whether the noise of a loop's take is as long as that of a new one."""
        if origin.seed is None or origin.seconds is not None:
            return False
        clock, then = self._pipeline.clock, _grid(origin, read_facts(_plain_words(origin)))
        return clock.loop_frames(then) == clock.loop_frames(grid)

    def _encoded_start(self, request: LoopRequest, grid: LoopGrid, sources: list[Audio]) -> Start:
        clock = self._pipeline.clock
        sounds = [mono_at(source, grid.rate, clock.rate) for source in sources]
        heard = [self._pipeline.encoded(sound, clock.loop_frames(grid)) for sound in sounds]
        if request.mode != "blend":
            return Start(amount=requested_amount(request), latents=heard[0])
        # Two of them make the beat-synchronous latent mixup of MusicLDM (arXiv 2308.01546, BLM).
        mixed = torch.lerp(heard[0], heard[-1], requested_amount(request))
        return Start(amount=request.renoise or 0.0, latents=mixed)

    def _takes(
        self,
        request: LoopRequest,
        grid: LoopGrid,
        seeds: list[int],
        report: ReportProgress,
        start: Start | None = None,
    ) -> list[Take]:
        order = self._order(request, grid, seeds, start)
        with naming_out_of_memory():
            made = self._pipeline.sounds_and_latents(order, report, self._send_preview)
            self.on_preview = None
            return [
                self._take(request, grid, seed, sound, latents)
                for seed, sound, latents in zip(seeds, *made, strict=True)
            ]

    def _send_preview(self, sounds: torch.Tensor, samples: int) -> None:
        if self.on_preview is not None:
            self.on_preview(sounds[0].numpy()[:, None], samples)

    def _order(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], start: Start | None
    ) -> PipelineRequest:
        clock = self._pipeline.clock
        if start is not None and start.seed is not None and not start.amount:
            # Also the noise of the steps, of schedulers that add some, is then the origin's.
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
        match = None
        if request.takes > 1 and request.prompt and self._scorer.can_score:
            match = self._scorer.text_match(self._prompt_vector(request), sound, clock.rate)
        if not grid.is_loop:
            sound = sound[: clock.samples(grid)]
        return Take(
            audio=np.ascontiguousarray(sound.numpy()[:, None]),
            rate=clock.rate,
            seed=seed,
            closed=grid.is_loop,
            remainder_frames=len(sound) - clock.samples(grid),
            text_match=match,
            latents=latents.float().cpu().numpy().copy() if request.keep_latents else None,
        )

    @torch.inference_mode()
    def _prompt_vector(self, request: LoopRequest) -> torch.Tensor:
        """Return the CLAP vector that the takes were asked for with, weights and blend included."""
        clap, toward = self._pipeline.family.clap, _toward(request)
        vector = clap.vector(request.prompt)
        return vector if toward is None else spherical(vector, clap.vector(toward[0]), toward[1])


def _plain_words(request: LoopRequest) -> str:
    """Return the prompt without the notation of weights; see that all texts can be read."""
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


def _grid(request: LoopRequest, facts: Facts) -> LoopGrid:
    grid = requested_grid(request, facts)
    if grid.length_s > MAX_PASS_S:
        raise LoopError(
            f"The model makes at most {MAX_PASS_S} s in one pass, not "
            f"{float(grid.length_s):.0f} s: ask for fewer bars."
        )
    return grid


def _is_plain_blend(request: LoopRequest) -> bool:
    """Return whether two sources are mixed, and nothing is made anew."""
    return request.mode == "blend" and not request.renoise


def _understood(grid: LoopGrid, scheduler: str, request: LoopRequest) -> tuple[str, ...]:
    how = f"{request.steps or DEFAULT_STEPS} steps of {scheduler}"
    if request.mode == "vary":  # The steps may be those of the source, which is not here.
        how = f"varied by {requested_amount(request):.0%}"
    if request.mode == "blend":
        how = f"re-noised by {request.renoise or 0.0:.0%}"
    told: tuple[str, ...] = (f"{format_bpm(grid.bpm)} BPM", length_text(grid), how)
    if (toward := _toward(request)) and not _is_plain_blend(request):
        told = (*told, f"{toward[1]:.0%} of the way to {read_weights(toward[0]).text}")
    return (*told, "draft: less work per step, its quality not measured") if request.draft else told
