"""The pipeline: prompt -> conditions -> latents -> sound."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import torch

from engine.generators.autoencoder import OnPiece, reporting
from engine.generators.closing import Predict, turned_each_step
from engine.generators.device import text_device
from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.noise import drawn_noise
from engine.generators.stable_audio.checkpoint import load_checkpoint
from engine.generators.stable_audio.family import Conditions, Family
from engine.generators.stable_audio.schedule import Denoising, denoise
from engine.generators.stable_audio.stable_audio_3 import StableAudio3
from engine.generators.stable_audio.stable_audio_open import StableAudioOpen
from engine.generators.stable_audio.stable_audio_open_small import StableAudioOpenSmall
from engine.loops.cancel import Check, RepeatableReport, no_check

_FAMILIES: dict[str, Callable[..., Family]] = {
    "StableAudio3Pipeline": StableAudio3,
    "StableAudioPipeline": StableAudioOpen,
    "StableAudioOpenSmall": StableAudioOpenSmall,
}
_DENOISING_SHARE = 0.8
_GPU_WORK_BYTES = 2_000_000_000
"""What a GPU needs for a minute besides the weights; an estimate."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kept:
    """What stays of a source while the rest is made.

    Attributes:
        latents: of the source, (1, width, latents).
        mask: (latents,) 1 where the source stays, 0 where something new is made.
    """

    latents: torch.Tensor
    mask: torch.Tensor


@dataclasses.dataclass(frozen=True, kw_only=True)
class PipelineRequest:
    """One pass through the model.

    Attributes:
        prompt: what to play.
        negative: what to avoid, where `guidance` is above 1; None for nothing in particular.
        seeds: one per take.
        latents: the length in latents.
        seconds: the duration that the model is told.
        closed: let the end run into the beginning.
        sampler: see `schedule.SAMPLERS`.
        steps: how many.
        guidance: how closely to follow the prompt; 1 and below: no guidance.
        source: latents to start from, (1, width, latents); see `amount`.
        amount: 0..1, the noise in the source at the start; at 1 nothing of it is left.
        kept: what to keep of a source; it is given to the model beside the noise.
    """

    prompt: str
    negative: str | None = None
    seeds: tuple[int, ...]
    latents: int
    seconds: float
    closed: bool = True
    sampler: str
    steps: int
    guidance: float
    source: torch.Tensor | None = None
    amount: float = 1.0
    kept: Kept | None = None


class Pipeline:
    """The parts of one checkpoint, ready to run."""

    def __init__(self, checkpoint: Checkpoint, device: torch.device, dtype: torch.dtype) -> None:
        """Move the parts to `device`; transformer and autoencoder compute in `dtype`.

        The prompt is read in float32, once; if a GPU lacks the memory, on the CPU.
        """
        self.device, self.dtype = device, dtype
        sizes = dict.fromkeys(("transformer", "vae"), dtype.itemsize)
        reader = text_device(checkpoint.parts, device, sizes, _GPU_WORK_BYTES)
        self.family = _FAMILIES[checkpoint.family](checkpoint, device, dtype, reader)
        self.autoencoder, self.modules = self.family.autoencoder, self.family.modules

    @classmethod
    def load(
        cls, folder: Path, device: torch.device, dtype: torch.dtype, check: Check = no_check
    ) -> "Pipeline":
        """Load a checkpoint folder; see `checkpoint.load_checkpoint` for what is refused."""
        return cls(load_checkpoint(folder, check), device, dtype)

    @torch.inference_mode()
    def latents(self, request: PipelineRequest, report: RepeatableReport) -> torch.Tensor:
        """Return clean latents, (takes, width, latents) float32."""
        report(0.0, "encoding the prompt")
        takes = len(request.seeds)
        if request.source is not None and not request.amount:
            return request.source.expand(takes, -1, -1)
        predict = self.predictor(request)
        if request.closed:
            predict = turned_each_step(predict, request.seeds)
        generators = [torch.Generator().manual_seed(seed) for seed in request.seeds]
        noise = drawn_noise((self.autoencoder.width, request.latents), generators, self.device)
        levels = self.family.levels(request.steps, request.amount)
        source = None if request.source is None else request.source.to(self.device)
        return denoise(
            predict,
            self.family.noisy(source, noise, levels[0]),
            Denoising(sampler=request.sampler, levels=levels, generators=generators),
            lambda done: report(_DENOISING_SHARE * done, "denoising"),
        )

    def predictor(self, request: PipelineRequest) -> Predict:
        """Return the model under the conditions of a request, guided where that is asked for."""
        family, seconds, takes = self.family, request.seconds, len(request.seeds)
        beside: Conditions = {} if request.kept is None else self._beside(request.kept, takes)
        told = {**family.conditions(request.prompt, seconds, takes), **beside}
        if request.guidance <= 1:
            return family.under(told)
        others = {**family.conditions(request.negative, seconds, takes), **beside}
        clean = family.under({name: torch.cat([others[name], row]) for name, row in told.items()})

        def guided(latents: torch.Tensor, level: float) -> torch.Tensor:
            without, with_prompt = clean(torch.cat([latents] * 2), level).chunk(2)
            return without + request.guidance * (with_prompt - without)

        return guided

    def _beside(self, kept: Kept, takes: int) -> Conditions:
        """Return what the model gets beside the noise: the mask, and the latents that stay."""
        mask = kept.mask.to(self.device)[None, None]
        found = torch.cat([mask, kept.latents.to(self.device) * mask], dim=1)
        return {"local_add_cond": found.to(self.dtype).expand(takes, -1, -1)}

    @torch.inference_mode()
    def encode(self, sound: torch.Tensor, report: RepeatableReport) -> torch.Tensor:
        """Return the latents of sound; see `Autoencoder.encode`."""
        return self.autoencoder.encode(sound, report.check)

    @torch.inference_mode()
    def decode(
        self,
        latents: torch.Tensor,
        *,
        closed: bool,
        report: RepeatableReport,
        on_piece: OnPiece | None,
    ) -> torch.Tensor:
        """Return sound, (takes, channels, samples) float32 on the CPU; see `Autoencoder.decode`."""
        told = reporting(report, _DENOISING_SHARE, on_piece)
        return self.autoencoder.decode(latents, closed=closed, on_piece=told, check=report.check)
