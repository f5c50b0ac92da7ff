"""Checkpoints of Stable Audio 3 with random weights, in full size or tiny, saved by the library.

The parts and their structure are those of the published checkpoints: latents of 4,096 samples,
differential attention, memory tokens. The weights are random: they show speed and arithmetic, and
say nothing of how a checkpoint sounds. The tokenizer knows single letters only.
"""

import dataclasses
import warnings
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_same import AutoencoderSAME
from diffusers.models.transformers.transformer_stable_audio3 import StableAudio3DiTModel
from diffusers.pipelines.stable_audio_3.modeling_stable_audio_3 import StableAudio3DurationEmbedder
from diffusers.pipelines.stable_audio_3.pipeline_stable_audio_3 import StableAudio3Pipeline
from diffusers.schedulers.scheduling_flow_match_euler_discrete import (
    FlowMatchEulerDiscreteScheduler,
)
from transformers.models.gemma.tokenization_gemma import GemmaTokenizer
from transformers.models.t5gemma.configuration_t5gemma import T5GemmaConfig
from transformers.models.t5gemma.modeling_t5gemma import T5GemmaEncoderModel

from tests.fakes.letter_tokenizer import LETTERS

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


TINY = Shape(
    width=32, layers=2, heads=2, memory=4, latents=16, coder=8, coder_layers=2, coder_heads=16,
    text=24, text_inner=32, text_layers=2, text_heads=2, words=80,
)  # fmt: skip
SMALL = Shape(
    width=1024, layers=20, heads=16, memory=64, latents=256, coder=128, coder_layers=6,
    coder_heads=64, text=768, text_inner=2048, text_layers=12, text_heads=12, words=256_000,
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


def write_stable_audio(folder: Path, parts: dict[str, Any], largest_file: str = "10GB") -> Path:
    """Write parts as a checkpoint folder, by the library's own pipeline; return the folder."""
    StableAudio3Pipeline(**parts).save_pretrained(folder, max_shard_size=largest_file)
    return folder


def _transformer(shape: Shape) -> StableAudio3DiTModel:
    transformer = StableAudio3DiTModel(
        io_channels=shape.latents, embed_dim=shape.width, depth=shape.layers,
        num_heads=shape.heads, cond_token_dim=shape.text, global_cond_dim=shape.text,
        local_add_cond_dim=shape.latents + 1, num_memory_tokens=shape.memory,
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
