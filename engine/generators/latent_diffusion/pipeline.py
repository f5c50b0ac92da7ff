"""The pipeline: prompt -> embeddings -> latents -> mel -> waveform."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from engine.generators.device import text_device
from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.latent_diffusion.audioldm2 import AudioLdm2
from engine.generators.latent_diffusion.blend import blended, spherical
from engine.generators.latent_diffusion.checkpoint import load_checkpoint
from engine.generators.latent_diffusion.circular import circular_padding, make_closable
from engine.generators.latent_diffusion.decode import frame_samples, mel_of, waveform_of
from engine.generators.latent_diffusion.denoise import (
    DenoiseParams,
    denoise,
    guided_conditions,
)
from engine.generators.latent_diffusion.draft import DRAFT_GUIDED_SHARE, reusing_depths
from engine.generators.latent_diffusion.encode import latents_of, log_mel
from engine.generators.latent_diffusion.family import Embeddings, Family, Speech
from engine.generators.latent_diffusion.length import LatentClock
from engine.generators.latent_diffusion.musicldm import MusicLdm
from engine.generators.latent_diffusion.schedulers import DEFAULT_STEPS, make_scheduler
from engine.generators.latent_diffusion.variation import VariationStart
from engine.generators.latent_diffusion.vocoder import FlatVocoder
from engine.generators.noise import drawn_noise
from engine.generators.packed import can_pack_convolutions, prepared
from engine.generators.side_by_side import can_share, side_by_side

Report = Callable[[float, str], None]
OnPreview = Callable[[torch.Tensor, int], None]
DEFAULT_NEGATIVE = "low quality, average quality"
_FAMILIES: dict[str, Callable[[Checkpoint], Family]] = {
    "MusicLDMPipeline": MusicLdm,
    "AudioLDM2Pipeline": AudioLdm2,
}
_DENOISING_SHARE = 0.85
_DENOISER_PARTS = ("unet", "vae", "vocoder")
_GPU_WORK_BYTES = 1_500_000_000
"""What a GPU needs for 30 s besides the weights: twice what was measured on a CPU."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PipelineRequest:
    """One pass through the model.

    Attributes:
        prompts: each gets `len(seeds) / len(prompts)` takes, one after the other; words may have
            weights, see `prompt_weights.py`.
        negatives: the negative prompts, one per prompt.
        seeds: one per take.
        latent_frames: the length; see `length.LatentClock`.
        closed: let the end run into the beginning.
        guidance: None for the family's default.
        draft: save work between steps, at a cost in quality; see `draft.py`.
        toward: a second prompt for all, and how far to move from each prompt to it, 0..1.
        start: what to start from in addition to the noise.
        latents: noise, (takes, channels, time, frequency), to use instead of the seeds'.
        embeddings: positive and negative, to use instead of those of the prompts.
    """

    prompts: tuple[str, ...]
    negatives: tuple[str, ...]
    seeds: tuple[int, ...]
    latent_frames: int
    closed: bool = True
    steps: int = DEFAULT_STEPS
    guidance: float | None = None
    scheduler: str | None = None
    eta: float = 0.0
    speech: Speech = dataclasses.field(default_factory=Speech)
    draft: bool = False
    toward: tuple[str, float] | None = None
    start: VariationStart | None = None
    latents: torch.Tensor | None = None
    embeddings: tuple[Embeddings, Embeddings] | None = None


class Pipeline:
    """The parts of one checkpoint, ready to run."""

    def __init__(self, checkpoint: Checkpoint, device: torch.device, dtype: torch.dtype) -> None:
        """Move the parts to `device`; UNet, VAE and vocoder compute in `dtype`.

        Text encoders stay in float32: they run only once per prompt, and everything depends on
        them. If a GPU lacks the memory for them, they stay on the CPU.
        """
        self.parts = checkpoint
        self.device, self.dtype = device, dtype
        # Of a guided step, on a processor with AVX2 alone: packed convolutions were not measured.
        self._halves_are_faster = device.type == "cpu" and not can_pack_convolutions("cpu", dtype)
        make_closable(checkpoint.unet)
        make_closable(checkpoint.vae.decoder)
        make_closable(checkpoint.vae.encoder)
        for module in checkpoint.vae.modules():
            if isinstance(module, torch.nn.SiLU):  # Its input is used nowhere else.
                module.inplace = True
        if "vocoder" not in checkpoint.prepared:
            checkpoint.parts["vocoder"] = FlatVocoder(checkpoint.vocoder)
        sizes = dict.fromkeys(_DENOISER_PARTS, dtype.itemsize)
        reader = text_device(checkpoint.parts, device, sizes, _GPU_WORK_BYTES)
        for name, part in checkpoint.parts.items():
            if isinstance(part, torch.nn.Module) and name not in checkpoint.prepared:
                if name in _DENOISER_PARTS:
                    prepared(part, device, dtype, flat=False)
                else:
                    prepared(part, reader)
        self.family = _FAMILIES[checkpoint.family](checkpoint)

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> "Pipeline":
        """Load a checkpoint folder; see `checkpoint.load_checkpoint` for what is refused."""
        return cls(load_checkpoint(folder), device, dtype)

    @property
    def modules(self) -> list[torch.nn.Module]:
        """The parts that compute."""
        return [part for part in self.parts.parts.values() if isinstance(part, torch.nn.Module)]

    @property
    def clock(self) -> LatentClock:
        """The time units of this model."""
        vae_factor = 2 ** (len(self.parts.vae.config.block_out_channels) - 1)
        return LatentClock(
            rate=self.parts.vocoder.config.sampling_rate,
            frame_samples=vae_factor * frame_samples(self.parts.vocoder),
            step_frames=2 ** (len(self.parts.unet.config.block_out_channels) - 1),
        )

    @torch.inference_mode()
    def latents(self, request: PipelineRequest, report: Report) -> torch.Tensor:
        """Return denoised latents, (takes, channels, time, frequency), float32."""
        report(0.0, "encoding the prompt")
        guidance = self.family.guidance if request.guidance is None else request.guidance
        positive, negative = request.embeddings or self._embed(request)
        takes = len(request.seeds) // len(request.prompts)
        conditions = guided_conditions(positive, negative if guidance > 1 else None, takes)
        generators = [torch.Generator().manual_seed(seed) for seed in request.seeds]
        noise = self._noise(request, generators)
        sound = None if request.start is None else request.start.latents
        params = DenoiseParams(
            scheduler=make_scheduler(
                request.scheduler, self.parts.scheduler_config, list(request.seeds)
            ),
            steps=request.steps,
            guidance=guidance,
            guided_share=DRAFT_GUIDED_SHARE if request.draft else 1.0,
            eta=request.eta,
            generators=generators,
            sound=None if sound is None else sound.to(self.device),
            amount=1.0 if request.start is None else request.start.amount,
        )
        predict = reusing_depths(self.parts.unet, self.predict) if request.draft else self.predict
        with circular_padding(self.parts.unet, closed=request.closed):
            return denoise(
                predict,
                noise.to(self.device),
                {name: self._cast(value) for name, value in conditions.items()},
                params,
                lambda fraction: report(_DENOISING_SHARE * fraction, "denoising"),
            )

    def _noise(self, request: PipelineRequest, generators: list[torch.Generator]) -> torch.Tensor:
        if request.latents is not None:
            return request.latents
        shape = self._shape(request.latent_frames)
        noise = drawn_noise(shape, generators, self.device)
        if request.start is None or request.start.seed is None:
            return noise
        origin = torch.Generator().manual_seed(request.start.seed)
        first = drawn_noise(shape, [origin], self.device).expand_as(noise)
        return spherical(first, noise, request.start.amount)

    @torch.inference_mode()
    def encode(self, sound: torch.Tensor, latent_frames: int) -> torch.Tensor:
        """Return the latents of a loop, (samples,) at `clock.rate`: (1, channels, time, frequency).

        The level is normalised; see `encode.log_mel`.
        """
        clock, vae = self.clock, self.parts.vae
        vae_factor = 2 ** (len(vae.config.block_out_channels) - 1)
        bins = self.parts.vocoder.config.model_in_dim
        mel = log_mel(sound, clock.rate, latent_frames * vae_factor, bins)
        with circular_padding(vae.encoder):
            return latents_of(vae, mel.to(self.device, self.dtype))

    def _embed(self, request: PipelineRequest) -> tuple[Embeddings, Embeddings]:
        found = self.family.embed(request.prompts, request.negatives, request.speech)
        if request.toward is None:
            return found
        text, amount = request.toward
        others = (text,) * len(request.prompts)
        other = self.family.embed(others, request.negatives, request.speech)
        # The negatives too: each is padded to the length of its prompt.
        return blended(found[0], other[0], amount), blended(found[1], other[1], amount)

    @torch.inference_mode()
    def waveforms(self, request: PipelineRequest, report: Report) -> torch.Tensor:
        """Return audio, (takes, samples) float32 on the CPU, -1..1, at `clock.rate`."""
        return self.sounds_and_latents(request, report)[0]

    @torch.inference_mode()
    def sounds_and_latents(
        self, request: PipelineRequest, report: Report, on_preview: OnPreview | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the audio of `waveforms`, and the latents it was decoded from; see `latents`."""
        latents = self.latents(request, report)
        rest = 1 - _DENOISING_SHARE
        sounds = self.decoded(
            latents,
            closed=request.closed,
            report=lambda part: report(_DENOISING_SHARE + rest * part, "decoding"),
            on_preview=on_preview,
        )
        return sounds, latents

    @torch.inference_mode()
    def decoded(
        self,
        latents: torch.Tensor,
        *,
        closed: bool,
        report: Callable[[float], None],
        on_preview: OnPreview | None = None,
    ) -> torch.Tensor:
        """Return the audio of latents, (takes, samples) float32 on the CPU.

        `on_preview` is called with each new piece of audio and the total number of samples.
        """
        report(0.0)
        with circular_padding(self.parts.vae.decoder, closed=closed):
            mel = mel_of(self.parts.vae, latents.to(self.dtype))
        return waveform_of(
            self.parts.vocoder,
            mel,
            closed=closed,
            report=lambda part: report((1 + part) / 2),
            on_preview=on_preview,
        )

    def _shape(self, latent_frames: int) -> tuple[int, int, int]:
        vae_factor = 2 ** (len(self.parts.vae.config.block_out_channels) - 1)
        bins = self.parts.vocoder.config.model_in_dim // vae_factor
        return self.parts.unet.config.in_channels, latent_frames, bins

    def predict(self, noisy: torch.Tensor, timestep: Any, **conditions: Any) -> torch.Tensor:
        """Return the noise in noisy latents, float32: one evaluation of the UNet."""

        def evaluated(rows: slice) -> torch.Tensor:
            inputs = {name: value[rows] for name, value in conditions.items()}
            found: torch.Tensor = self.parts.unet(
                noisy[rows].to(self.dtype), timestep, **{"encoder_hidden_states": None, **inputs},
                return_dict=False,
            )[0]  # fmt: skip
            return found.float()

        half, rest = divmod(len(noisy), 2)
        if rest or not (self._halves_are_faster and can_share(2)):
            return evaluated(slice(None))
        return torch.cat(side_by_side(evaluated, [slice(half), slice(half, None)]))

    def _cast(self, value: torch.Tensor) -> torch.Tensor:
        return value.to(self.device, self.dtype if value.is_floating_point() else None)
