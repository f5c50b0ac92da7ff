"""Checkpoints of Stable Audio with random weights, in full size or tiny, saved by the library.

The parts and their structure are those of the published checkpoints: latents of 4,096 samples,
differential attention (not in the small transformer), memory tokens. The weights are random: they
show speed and arithmetic, and say nothing of how a checkpoint sounds. The tokenizer knows single
letters only.
"""

import dataclasses
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_oobleck import AutoencoderOobleck
from diffusers.models.autoencoders.autoencoder_same import AutoencoderSAME
from diffusers.models.transformers.stable_audio_transformer import StableAudioDiTModel
from diffusers.models.transformers.transformer_stable_audio3 import StableAudio3DiTModel
from diffusers.pipelines.stable_audio.modeling_stable_audio import StableAudioProjectionModel
from diffusers.pipelines.stable_audio.pipeline_stable_audio import StableAudioPipeline
from diffusers.pipelines.stable_audio_3.modeling_stable_audio_3 import StableAudio3DurationEmbedder
from diffusers.pipelines.stable_audio_3.pipeline_stable_audio_3 import StableAudio3Pipeline
from diffusers.schedulers.scheduling_flow_match_euler_discrete import (
    FlowMatchEulerDiscreteScheduler,
)
from transformers.models.gemma.tokenization_gemma import GemmaTokenizer
from transformers.models.t5.configuration_t5 import T5Config
from transformers.models.t5.modeling_t5 import T5EncoderModel
from transformers.models.t5gemma.configuration_t5gemma import T5GemmaConfig
from transformers.models.t5gemma.modeling_t5gemma import T5GemmaEncoderModel

from tests.fakes.letter_tokenizer import LETTERS, letter_tokenizer

LONGEST_S = 120.0


@dataclasses.dataclass(frozen=True)
class Shape:
    """The widths of the parts."""

    width: int
    layers: int
    heads: int
    memory: int
    latents: int
    coder: int
    coder_layers: int
    coder_heads: int
    text: int
    text_inner: int
    text_layers: int
    text_heads: int
    words: int
    differential: bool = True


TINY = Shape(
    width=32, layers=2, heads=2, memory=4, latents=16, coder=8, coder_layers=2, coder_heads=16,
    text=24, text_inner=32, text_layers=2, text_heads=2, words=80,
)  # fmt: skip
SMALL = Shape(
    width=1024, layers=20, heads=16, memory=64, latents=256, coder=128, coder_layers=6,
    coder_heads=64, text=768, text_inner=2048, text_layers=12, text_heads=12, words=256_000,
    differential=False,
)  # fmt: skip


def stable_audio_parts(shape: Shape, seed: int = 0, *, distilled: bool = True) -> dict[str, Any]:
    """Return the parts by their names in a checkpoint; a distilled one has another schedule."""
    torch.manual_seed(seed)
    return {
        "vae": _same(shape),
        "text_encoder": _encoder(shape),
        "tokenizer": _tokenizer(),
        "duration_embedder": StableAudio3DurationEmbedder(output_dim=shape.text, max_val=LONGEST_S),
        "transformer": _transformer(shape),
        "scheduler": FlowMatchEulerDiscreteScheduler(
            num_train_timesteps=1, stochastic_sampling=distilled
        ),
    }


def write_stable_audio(folder: Path, parts: dict[str, Any]) -> Path:
    """Write parts as a checkpoint folder, by the library's own pipeline; return the folder."""
    pipeline = StableAudioPipeline if "projection_model" in parts else StableAudio3Pipeline
    pipeline(**parts).save_pretrained(folder)
    return folder


@dataclasses.dataclass(frozen=True)
class OpenShape:
    """The widths of the parts of a Stable Audio Open."""

    longest: int
    heads: int
    key_heads: int
    layers: int
    latents: int
    coder: int
    multiples: tuple[int, ...]
    text: int
    text_inner: int
    text_layers: int
    text_heads: int
    words: int


OPEN_TINY = OpenShape(
    longest=256, heads=2, key_heads=1, layers=2, latents=4, coder=4, multiples=(1, 2, 2, 3, 4),
    text=24, text_inner=32, text_layers=2, text_heads=2, words=80,
)  # fmt: skip
OPEN = OpenShape(
    longest=1024, heads=24, key_heads=12, layers=24, latents=64, coder=128,
    multiples=(1, 2, 4, 8, 16), text=768, text_inner=3072, text_layers=12, text_heads=12,
    words=32_128,
)  # fmt: skip


def open_parts(shape: OpenShape, seed: int = 0) -> dict[str, Any]:
    """Return the parts of a Stable Audio Open by their names in a checkpoint."""
    torch.manual_seed(seed)
    others = {"tokenizer": letter_tokenizer(), "scheduler": cosine_schedule()()}
    return open_models(shape) | others


def open_models(shape: OpenShape) -> dict[str, Any]:
    """Return the parts that have weights."""
    return {
        "vae": _oobleck(shape),
        "text_encoder": T5EncoderModel(
            T5Config(
                vocab_size=shape.words, d_model=shape.text, d_ff=shape.text_inner,
                d_kv=shape.text // shape.text_heads, num_layers=shape.text_layers,
                num_heads=shape.text_heads,
            )
        ),
        "projection_model": StableAudioProjectionModel(
            text_encoder_dim=shape.text, conditioning_dim=shape.text, min_value=0, max_value=512
        ),
        "transformer": StableAudioDiTModel(
            sample_size=shape.longest, in_channels=shape.latents, out_channels=shape.latents,
            num_layers=shape.layers, num_attention_heads=shape.heads,
            num_key_value_attention_heads=shape.key_heads,
            cross_attention_dim=64 * shape.key_heads, cross_attention_input_dim=shape.text,
            global_states_input_dim=2 * shape.text,
        ),
    }  # fmt: skip


def cosine_schedule() -> type[Any]:
    """Return the library's schedule of the published checkpoints.

    It needs torchsde, which draws its noise; who uses the schedule here draws another.
    """
    known = sys.modules.get("torchsde")
    sys.modules.setdefault("torchsde", types.ModuleType("torchsde"))
    try:
        from diffusers.schedulers import scheduling_cosine_dpmsolver_multistep as found
    finally:
        if known is None:
            del sys.modules["torchsde"]
    return found.CosineDPMSolverMultistepScheduler


def _oobleck(shape: OpenShape) -> AutoencoderOobleck:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return AutoencoderOobleck(
            encoder_hidden_size=2 * shape.latents, channel_multiples=list(shape.multiples),
            decoder_channels=shape.coder, decoder_input_channels=shape.latents,
        )  # fmt: skip


def _transformer(shape: Shape) -> StableAudio3DiTModel:
    transformer = StableAudio3DiTModel(
        io_channels=shape.latents, embed_dim=shape.width, depth=shape.layers,
        num_heads=shape.heads, cond_token_dim=shape.text, global_cond_dim=shape.text,
        local_add_cond_dim=shape.latents + 1, num_memory_tokens=shape.memory,
        use_differential_attention=shape.differential,
    )  # fmt: skip
    _enliven(transformer)
    return transformer


def _same(shape: Shape) -> AutoencoderSAME:
    with warnings.catch_warnings():  # The library uses an older way of torch to norm weights.
        warnings.simplefilter("ignore", FutureWarning)
        same = AutoencoderSAME(
            encoder_channels=shape.coder, encoder_transformer_depths=[shape.coder_layers],
            latent_dim=shape.latents, dim_heads=shape.coder_heads,
        )  # fmt: skip
    _enliven(same)
    return same


def _enliven(module: torch.nn.Module) -> None:
    """Give the layers weights that let something through: as made, many are zeros or nearly so."""
    for name, weight in module.named_parameters():
        if name.endswith("new_tokens"):
            torch.nn.init.normal_(weight, std=0.5)
        elif weight.dim() > 1 and not name.endswith(("weight_g", "weight_v")):
            torch.nn.init.normal_(weight, std=weight.shape[1] ** -0.5)


def _encoder(shape: Shape) -> T5GemmaEncoderModel:
    inner = {
        "vocab_size": shape.words, "hidden_size": shape.text,
        "intermediate_size": shape.text_inner, "num_hidden_layers": shape.text_layers,
        "num_attention_heads": shape.text_heads, "num_key_value_heads": shape.text_heads,
        "head_dim": shape.text // shape.text_heads,
        "query_pre_attn_scalar": shape.text // shape.text_heads,
    }  # fmt: skip
    config = T5GemmaConfig(
        encoder=inner, decoder=inner, is_encoder_decoder=False, vocab_size=shape.words
    )
    return T5GemmaEncoderModel(config)


def _tokenizer() -> GemmaTokenizer:
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "▁"]
    letters = [*LETTERS, *LETTERS[:26].upper(), *",.0123456789"]
    names = [*special, *dict.fromkeys(letters)]
    vocabulary = {name: number for number, name in enumerate(names)}
    return GemmaTokenizer(vocab=vocabulary, merges=[], model_max_length=256)
