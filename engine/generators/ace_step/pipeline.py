"""The pipeline: what is said, and a context -> conditions -> latents -> sound."""

import dataclasses
import functools
import itertools
from pathlib import Path

import torch

from engine.generators.ace_step.checkpoint import load_checkpoint
from engine.generators.ace_step.guidance import Guidance
from engine.generators.ace_step.transformer import Transformer
from engine.generators.ace_step.wording import Wording
from engine.generators.autoencoder import Autoencoder, OnPiece, oobleck, reporting
from engine.generators.closing import Predict, turned_each_step
from engine.generators.device import text_device
from engine.generators.embedding_cache import EmbeddingCache
from engine.generators.indexed_checkpoint import Checkpoint
from engine.generators.narrow import prepared_to_read
from engine.generators.noise import drawn_noise
from engine.generators.packed import prepared
from engine.loops.cancel import Check, RepeatableReport, no_check

_DENOISING_SHARE = 0.8
_GPU_WORK_BYTES = 2_000_000_000
"""What a GPU needs for a minute besides the weights; an estimate."""
_SHIFT = 3.0
"""How much longer the way stays near the noise, as the authors have it."""
_TIMBRE_S = 30
"""How much sound the model hears as an example of the timbre; without one, silence."""
_LONGEST_TEXT, _LONGEST_LYRICS = 256, 2048
"""In tokens."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Context:
    """What the model hears while it makes latents.

    Attributes:
        latents: of a source, or of silence, (1, width, latents).
        made: (latents,) 1 where something is made, 0 where the source stays.
    """

    latents: torch.Tensor
    made: torch.Tensor


@dataclasses.dataclass(frozen=True, kw_only=True)
class PipelineRequest:
    """One pass through the model.

    Attributes:
        told: what the model is told.
        seeds: one per take.
        latents: the length in latents.
        copies: how often the model sees them, one after the other, to make a long piece of them.
        closed: let the end run into the beginning.
        steps: how many.
        guidance: how closely to follow what is told; 1 and below: no guidance.
        context: what the model hears; None for silence.
        beside: what it is told as well, with the share of `told` in each step, 0..1.
    """

    told: Wording
    seeds: tuple[int, ...]
    latents: int
    copies: int = 1
    closed: bool = True
    steps: int
    guidance: float = 1.0
    context: Context | None = None
    beside: tuple[Wording, float] | None = None


def noise_levels(steps: int) -> list[float]:
    """Return the share of the noise before each step, and 0 after the last."""
    levels = torch.linspace(1.0, 0.0, steps + 1)
    found: list[float] = (_SHIFT * levels / (1 + (_SHIFT - 1) * levels)).tolist()
    return found


class Pipeline:
    """The parts of one checkpoint, ready to run."""

    def __init__(self, checkpoint: Checkpoint, device: torch.device, dtype: torch.dtype) -> None:
        """Move the parts to `device`; transformer and autoencoder compute in `dtype`.

        What is said is read in float32, once; if a GPU lacks the memory, on the CPU.
        """
        self.device, self.dtype = device, dtype
        sizes = dict.fromkeys(("transformer", "vae"), dtype.itemsize)
        reader = text_device(checkpoint.parts, device, sizes, _GPU_WORK_BYTES)
        self._tokenizer = checkpoint.tokenizer
        self._encoder = prepared_to_read(checkpoint.text_encoder, reader)
        self._conditions = prepared_to_read(checkpoint.condition_encoder, reader)
        self.transformer = prepared(checkpoint.transformer, device, dtype, many_rows=True)
        self._velocity = Transformer(self.transformer)
        self._to_tokens = prepared_to_read(checkpoint.audio_tokenizer, device)
        self._from_tokens = prepared_to_read(checkpoint.audio_token_detokenizer, device)
        vae = prepared(checkpoint.vae, device, dtype, many_rows=True)
        self.autoencoder: Autoencoder = oobleck(vae, device, dtype)
        self.modules: tuple[torch.nn.Module, ...] = (
            self.transformer, vae, self._encoder, self._conditions, self._to_tokens,
            self._from_tokens,
        )  # fmt: skip
        config = checkpoint.transformer.config
        self.is_turbo = bool(config.is_turbo) or config.model_version == "turbo"
        self.knows_tracks = not self.is_turbo and config.model_version != "sft"
        self.patch = int(config.patch_size)
        self._known = EmbeddingCache()

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
        predict = self.predictor(request)
        generators = [torch.Generator().manual_seed(seed) for seed in request.seeds]
        shape = request.latents, self.autoencoder.width  # In the order of the library's own.
        latents = drawn_noise(shape, generators, self.device).transpose(1, 2)
        levels = noise_levels(request.steps)
        for number, (level, following) in enumerate(itertools.pairwise(levels)):
            report(_DENOISING_SHARE * number / request.steps, "denoising")
            latents = latents + (following - level) * predict(latents, level)
        return latents

    def predictor(self, request: PipelineRequest) -> Predict:
        """Return what predicts the way from the latents to the noise."""
        told = self._predictor(request, self.read(request.told))
        others: list[Predict] = []
        if request.guidance > 1:
            others.append(self._predictor(request, self._nothing(request.told)))
        if request.beside is not None:
            others.append(self._predictor(request, self.read(request.beside[0])))

        def all_of_them(latents: torch.Tensor, level: float) -> torch.Tensor:
            return torch.cat([each(latents, level) for each in (told, *others)], dim=1)

        # Turned together, and back before they meet: guidance remembers places.
        predict = turned_each_step(all_of_them, request.seeds) if request.closed else all_of_them
        guided = Guidance(request.guidance) if request.guidance > 1 else None

        def way(latents: torch.Tensor, level: float) -> torch.Tensor:
            found, *rest = predict(latents, level).chunk(1 + len(others), dim=1)
            if guided is not None:
                found = guided(found, rest.pop(0))
            if request.beside is not None:
                found = torch.lerp(rest[0], found, request.beside[1])
            return found

        return way

    def _predictor(self, request: PipelineRequest, conditions: torch.Tensor) -> Predict:
        """Return the model under some conditions, (1, tokens, width)."""
        takes, copies = len(request.seeds), request.copies
        length = request.latents * copies
        heard = self._velocity.hear(
            conditions.to(self.device, self.dtype).expand(takes, -1, -1),
            self._beside_noise(request.context, length).expand(takes, -1, -1),
        )

        def predict(latents: torch.Tensor, level: float) -> torch.Tensor:
            rows = latents.repeat(1, 1, copies).transpose(1, 2).to(self.dtype)
            found = self._velocity(rows, level, heard)
            each = found.float().transpose(1, 2).reshape(takes, -1, copies, request.latents)
            return each.mean(dim=2)  # All copies stay the same.

        return predict

    def _beside_noise(self, context: Context | None, length: int) -> torch.Tensor:
        """Return what the model gets beside the noise: what it hears, and where to make some."""
        if context is None:
            context = Context(latents=self.silence(length), made=torch.ones(length))
        mask = context.made.to(self.device)[None, None].expand_as(context.latents)
        found = torch.cat([context.latents.to(self.device), mask], dim=1)
        return found.transpose(1, 2).to(self.dtype)

    def silence(self, length: int) -> torch.Tensor:
        """Return latents of silence, (1, width, latents)."""
        known: torch.Tensor = self._conditions.silence_latent.transpose(1, 2).to(self.device)
        return known[:, :, torch.arange(length, device=self.device) % known.shape[2]]

    def read(self, told: Wording) -> torch.Tensor:
        """Return what the transformer is told: lyrics, timbre and text, (1, tokens, width)."""
        found: torch.Tensor = self._known.get(told, lambda: self._encoded(told))
        return found

    def _encoded(self, told: Wording) -> torch.Tensor:
        device = self._conditions.silence_latent.device
        words, sung = (
            self._tokenizer(text, truncation=True, max_length=longest, return_tensors="pt").to(
                device
            )
            for text, longest in ((told.text, _LONGEST_TEXT), (told.sung, _LONGEST_LYRICS))
        )
        lyrics = self._conditions.lyric_encoder(
            self._encoder.get_input_embeddings()(sung.input_ids), sung.attention_mask.bool()
        )
        states = self._encoder(input_ids=words.input_ids).last_hidden_state
        return torch.cat(
            [lyrics, self._timbre_of_silence, self._conditions.text_projector(states)], dim=1
        )

    @functools.cached_property
    def _timbre_of_silence(self) -> torch.Tensor:
        """What the model is told of the timbre, (1, 1, width): the same for every prompt."""
        silence = self._conditions.silence_latent
        timbre = -(-_TIMBRE_S * self.autoencoder.rate // self.autoencoder.hop)
        order = torch.zeros(1, dtype=torch.long, device=silence.device)
        found: torch.Tensor = self._conditions.timbre_encoder(silence[:, :timbre], order)[0]
        return found

    def _nothing(self, told: Wording) -> torch.Tensor:
        """Return conditions of the same length that say nothing, as the model learned them."""
        found: torch.Tensor = self._conditions.null_condition_emb.expand_as(self.read(told))
        return found

    @torch.inference_mode()
    def encode(self, sound: torch.Tensor, report: RepeatableReport) -> torch.Tensor:
        """Return the latents of sound; see `Autoencoder.encode`."""
        return self.autoencoder.encode(sound, report.check)

    @torch.inference_mode()
    def outlined(self, latents: torch.Tensor) -> torch.Tensor:
        """Return latents of what a cover keeps of a source: five tokens a second, and no more.

        Args:
            latents: of the source, (1, width, latents).
        """
        tokens, _ = self._to_tokens.tokenize(
            latents.transpose(1, 2), self._conditions.silence_latent.to(self.device)
        )
        found: torch.Tensor = self._from_tokens(tokens)
        return found[:, : latents.shape[2]].transpose(1, 2)

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
