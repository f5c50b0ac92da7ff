"""Checkpoints of ACE-Step 1.5 with random weights, in full size or tiny, saved by the library.

The parts and their structure are those of the published checkpoints: latents of 1,920 samples,
layers that see a window and layers that see everything by turns, five latents to a token. The
weights are random: they show speed and arithmetic, and say nothing of how a checkpoint sounds. The
tokenizer knows single letters only.
"""

import dataclasses
import warnings
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_oobleck import AutoencoderOobleck
from diffusers.models.transformers.ace_step_transformer import AceStepTransformer1DModel
from diffusers.pipelines.ace_step.modeling_ace_step import (
    AceStepAudioTokenDetokenizer,
    AceStepAudioTokenizer,
    AceStepConditionEncoder,
)
from diffusers.pipelines.ace_step.pipeline_ace_step import AceStepPipeline
from diffusers.schedulers.scheduling_flow_match_euler_discrete import (
    FlowMatchEulerDiscreteScheduler,
)
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer
from transformers.models.qwen3.configuration_qwen3 import Qwen3Config
from transformers.models.qwen3.modeling_qwen3 import Qwen3Model

_ENDOFTEXT = "<|endoftext|>"


@dataclasses.dataclass(frozen=True)
class Shape:
    """The widths of the parts."""

    width: int
    inner: int
    layers: int
    heads: int
    key_heads: int
    head: int
    window: int
    lyric_layers: int
    timbre_layers: int
    token_layers: int
    latents: int
    coder: int
    multiples: tuple[int, ...]
    text: int
    text_inner: int
    text_layers: int
    text_heads: int
    words: int


TINY = Shape(
    width=32, inner=48, layers=2, heads=2, key_heads=1, head=16, window=16, lyric_layers=1,
    timbre_layers=1, token_layers=1, latents=4, coder=2, multiples=(1, 2, 2, 2, 3), text=24,
    text_inner=32, text_layers=1, text_heads=2, words=300,
)  # fmt: skip
FULL = Shape(
    width=2048, inner=6144, layers=24, heads=16, key_heads=8, head=128, window=128, lyric_layers=8,
    timbre_layers=4, token_layers=2, latents=64, coder=128, multiples=(1, 2, 4, 8, 16), text=1024,
    text_inner=3072, text_layers=28, text_heads=16, words=151_669,
)  # fmt: skip


def ace_step_parts(shape: Shape, seed: int = 0, *, kind: str = "turbo") -> dict[str, Any]:
    """Return the parts by their names in a checkpoint; `kind` is turbo or base."""
    torch.manual_seed(seed)
    others = {
        "tokenizer": _tokenizer(),
        "scheduler": FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
    }
    return ace_step_models(shape, kind) | others


def ace_step_models(shape: Shape, kind: str) -> dict[str, Any]:
    """Return the parts that have weights."""
    attention = {
        "num_attention_heads": shape.heads, "num_key_value_heads": shape.key_heads,
        "head_dim": shape.head, "sliding_window": shape.window,
    }  # fmt: skip
    inside = {"hidden_size": shape.width, "intermediate_size": shape.inner, **attention}
    pooled = {
        "audio_acoustic_hidden_dim": shape.latents,
        "num_attention_pooler_hidden_layers": shape.token_layers, **inside,
    }  # fmt: skip
    return {
        "vae": _oobleck(shape),
        "text_encoder": _encoder(shape),
        "transformer": _enlivened(
            AceStepTransformer1DModel(
                num_hidden_layers=shape.layers, in_channels=3 * shape.latents,
                audio_acoustic_hidden_dim=shape.latents, is_turbo=kind == "turbo",
                model_version=kind, **inside,
            )
        ),
        "condition_encoder": _with_silence(
            AceStepConditionEncoder(
                text_hidden_dim=shape.text, timbre_hidden_dim=shape.latents,
                num_lyric_encoder_hidden_layers=shape.lyric_layers,
                num_timbre_encoder_hidden_layers=shape.timbre_layers, **inside,
            )
        ),
        "audio_tokenizer": AceStepAudioTokenizer(fsq_dim=shape.width, **pooled),
        "audio_token_detokenizer": AceStepAudioTokenDetokenizer(**pooled),
    }  # fmt: skip


def write_ace_step(folder: Path, parts: dict[str, Any]) -> Path:
    """Write parts as a checkpoint folder, by the library's own pipeline; return the folder."""
    AceStepPipeline(**parts).save_pretrained(folder)
    return folder


def _oobleck(shape: Shape) -> AutoencoderOobleck:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return AutoencoderOobleck(
            encoder_hidden_size=2 * shape.latents, channel_multiples=list(shape.multiples),
            decoder_channels=shape.coder, decoder_input_channels=shape.latents,
            downsampling_ratios=[2, 4, 4, 6, 10], sampling_rate=48_000,
        )  # fmt: skip


def _enlivened(module: torch.nn.Module) -> torch.nn.Module:
    """Give the layers weights that let something through."""
    for weight in module.parameters():
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=weight.shape[1] ** -0.5)
    return module


def _with_silence(encoder: AceStepConditionEncoder) -> AceStepConditionEncoder:
    """Fill in the latents of silence, which are zeros as made."""
    encoder.silence_latent.normal_(std=0.3)
    return encoder


def _encoder(shape: Shape) -> Qwen3Model:
    config = Qwen3Config(
        vocab_size=shape.words, hidden_size=shape.text, intermediate_size=shape.text_inner,
        num_hidden_layers=shape.text_layers, num_attention_heads=shape.text_heads,
        num_key_value_heads=shape.text_heads // 2, head_dim=shape.head,
    )  # fmt: skip
    return Qwen3Model(config)


def _tokenizer() -> Qwen2Tokenizer:
    from tokenizers.pre_tokenizers import ByteLevel

    letters = [_ENDOFTEXT, *sorted(ByteLevel.alphabet())]
    vocabulary = {letter: number for number, letter in enumerate(letters)}
    return Qwen2Tokenizer(vocab=vocabulary, merges=[], model_max_length=131_072)
