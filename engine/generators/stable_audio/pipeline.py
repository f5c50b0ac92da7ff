"""The pipeline: prompt -> context -> latents -> sound."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from engine.generators.device import free_gpu_bytes
from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.packed import can_pack, pack
from engine.generators.stable_audio.autoencoder import Autoencoder, OnPiece
from engine.generators.stable_audio.checkpoint import load_checkpoint
from engine.generators.stable_audio.closing import turned_each_step
from engine.generators.stable_audio.schedule import (
    Denoising,
    Predict,
    denoise,
    first_noise,
    noise_levels,
)
from engine.generators.stable_audio.text import Conditions, Reader
from engine.loops.cancel import RepeatableReport

Report = RepeatableReport
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
        negative: what to avoid, where `guidance` is above 1.
        seeds: one per take.
        latents: the length in latents.
        seconds: the duration that the model is told.
        closed: let the end run into the beginning.
        sampler: see `schedule.SAMPLERS`.
        steps: how many.
        guidance: how closely to follow the prompt; 1 and below: no guidance.
        source: latents to start from, (1, width, latents); see `level`.
        level: 0..1, the noise in the source at the start; at 1 nothing of it is left.
        kept: what to keep of a source; it is given to the model beside the noise.
    """

    prompt: str
    negative: str = ""
    seeds: tuple[int, ...]
    latents: int
    seconds: float
    closed: bool = True
    sampler: str
    steps: int
    guidance: float = 1.0
    source: torch.Tensor | None = None
    level: float = 1.0
    kept: Kept | None = None


class Pipeline:
    """The parts of one checkpoint, ready to run."""

    def __init__(self, checkpoint: Checkpoint, device: torch.device, dtype: torch.dtype) -> None:
        """Move the parts to `device`; transformer and autoencoder compute in `dtype`.

        The prompt is read in float32, once; if a GPU lacks the memory, on the CPU.
        """
        self.device, self.dtype = device, dtype
        self._transformer = _prepared(checkpoint.transformer, device, dtype)
        self.autoencoder = Autoencoder(_prepared(checkpoint.vae, device, dtype), device, dtype)
        self._embedder = torch.nn.Module.to(checkpoint.duration_embedder, device)
        encoder = _prepared(checkpoint.text_encoder, _text_device(checkpoint, device))
        self._encoder = encoder
        self.reader = Reader(checkpoint.tokenizer, encoder, self._embedder)
        schedule = checkpoint.scheduler_config
        self.shift = float(schedule.get("shift", 1.0))
        self.sampler = "ping-pong" if schedule.get("stochastic_sampling") else "euler"

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> "Pipeline":
        """Load a checkpoint folder; see `checkpoint.load_checkpoint` for what is refused."""
        return cls(load_checkpoint(folder), device, dtype)

    @property
    def modules(self) -> tuple[torch.nn.Module, ...]:
        """The parts that compute."""
        return self._transformer, self.autoencoder.module, self._embedder, self._encoder

    @torch.inference_mode()
    def latents(self, request: PipelineRequest, report: Report) -> torch.Tensor:
        """Return clean latents, (takes, width, latents) float32."""
        report(0.0, "encoding the prompt")
        takes = len(request.seeds)
        if request.source is not None and not request.level:
            return request.source.expand(takes, -1, -1)
        conditions = self.reader.conditions(request.prompt, request.seconds, takes)
        if request.guidance > 1:
            negative = self.reader.conditions(request.negative, request.seconds, takes)
            conditions = negative.joined(conditions)
        generators = [torch.Generator().manual_seed(seed) for seed in request.seeds]
        shape = (takes, self.autoencoder.width, request.latents)
        noise = first_noise(torch.empty(shape, device=self.device), generators)
        if request.source is not None:
            source = request.source.to(self.device)
            noise = (1 - request.level) * source + request.level * noise
        levels = noise_levels(request.steps, request.level, self.shift)
        how = Denoising(sampler=request.sampler, levels=levels, generators=generators)
        predict = self._predict(request, conditions)
        if request.closed:
            predict = turned_each_step(predict, request.seeds)
        return denoise(
            predict, noise, how, lambda done: report(_DENOISING_SHARE * done, "denoising")
        )

    def _predict(self, request: PipelineRequest, conditions: Conditions) -> Predict:
        """Return the model under these conditions, guided where that is asked for."""
        context, mask, duration = (
            conditions.context.to(self.dtype), conditions.mask, conditions.duration.to(self.dtype),
        )  # fmt: skip
        guided = len(context) > len(request.seeds)
        beside = None if request.kept is None else self._beside(request.kept, len(context))

        def predict(latents: torch.Tensor, level: float) -> torch.Tensor:
            noisy = (torch.cat([latents] * 2) if guided else latents).to(self.dtype)
            found: torch.Tensor = self._transformer(
                noisy,
                torch.full((len(noisy),), level, device=self.device),
                encoder_hidden_states=context,
                global_hidden_states=duration,
                encoder_attention_mask=mask,
                local_add_cond=beside,
                return_dict=False,
            )[0].float()
            if not guided:
                return found
            without, with_prompt = found.chunk(2)
            return without + request.guidance * (with_prompt - without)

        return predict

    def _beside(self, kept: Kept, rows: int) -> torch.Tensor:
        """Return what the model gets beside the noise: the mask, and the latents that stay."""
        mask = kept.mask.to(self.device)[None, None]
        found = torch.cat([mask, kept.latents.to(self.device) * mask], dim=1)
        return found.to(self.dtype).expand(rows, -1, -1)

    @torch.inference_mode()
    def encode(self, sound: torch.Tensor, report: Report) -> torch.Tensor:
        """Return the latents of sound; see `Autoencoder.encode`."""
        return self.autoencoder.encode(sound, report.check)

    @torch.inference_mode()
    def decode(
        self, latents: torch.Tensor, *, closed: bool, report: Report, on_piece: OnPiece | None
    ) -> torch.Tensor:
        """Return sound, (takes, channels, samples) float32 on the CPU; see `Autoencoder.decode`."""
        report(_DENOISING_SHARE, "decoding")
        done = 0

        def told(piece: torch.Tensor, samples: int) -> None:
            nonlocal done
            done += piece.shape[2]
            report(_DENOISING_SHARE + (1 - _DENOISING_SHARE) * done / samples, "decoding")
            if on_piece is not None:
                on_piece(piece, samples)

        return self.autoencoder.decode(latents, closed=closed, on_piece=told, check=report.check)


def _prepared(
    part: Any, device: torch.device, dtype: torch.dtype = torch.float32
) -> torch.nn.Module:
    # Module's own `to`: the libraries' version logs a warning for each call.
    found = torch.nn.Module.to(part, device, dtype)
    if can_pack(device.type, dtype):
        pack(found)
    return found


def _text_device(checkpoint: Checkpoint, device: torch.device) -> torch.device:
    """Return where prompts are read: on the GPU if its memory has room for that."""
    free = free_gpu_bytes(device)
    weights: Callable[[Any], int] = lambda part: sum(  # noqa: E731
        weight.numel() * weight.element_size() for weight in part.parameters()
    )
    if free is None or weights(checkpoint.text_encoder) + _GPU_WORK_BYTES <= free:
        return device
    return torch.device("cpu")
