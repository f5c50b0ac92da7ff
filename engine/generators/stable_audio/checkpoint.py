"""Loads a folder of Stable Audio, in the layout of diffusers or in that of its authors."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffusers.models.autoencoders.autoencoder_same import RotaryEmbedding

from engine.generators.autoencoder import lighten
from engine.generators.indexed_checkpoint import Checkpoint, load_indexed
from engine.generators.stable_audio.single_file import CONFIG, load_single
from engine.loops.cancel import Check, no_check

_PIPELINE = "diffusers.pipelines.stable_audio_3"
_TOKENIZER = ("transformers.models.gemma.tokenization_gemma", "GemmaTokenizer")
_STABLE_AUDIO_3: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "vae": {
        "AutoencoderSAME": ("diffusers.models.autoencoders.autoencoder_same", "AutoencoderSAME")
    },
    "text_encoder": {
        "T5GemmaEncoderModel": (
            "transformers.models.t5gemma.modeling_t5gemma",
            "T5GemmaEncoderModel",
        )
    },
    "tokenizer": {"GemmaTokenizer": _TOKENIZER, "GemmaTokenizerFast": _TOKENIZER},
    "duration_embedder": {
        "StableAudio3DurationEmbedder": (
            f"{_PIPELINE}.modeling_stable_audio_3",
            "StableAudio3DurationEmbedder",
        )
    },
    "transformer": {
        "StableAudio3DiTModel": (
            "diffusers.models.transformers.transformer_stable_audio3",
            "StableAudio3DiTModel",
        )
    },
}
_T5_TOKENIZER = ("transformers.models.t5.tokenization_t5", "T5Tokenizer")
_STABLE_AUDIO_OPEN: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "vae": {
        "AutoencoderOobleck": (
            "diffusers.models.autoencoders.autoencoder_oobleck",
            "AutoencoderOobleck",
        )
    },
    "text_encoder": {"T5EncoderModel": ("transformers.models.t5.modeling_t5", "T5EncoderModel")},
    "tokenizer": {"T5Tokenizer": _T5_TOKENIZER, "T5TokenizerFast": _T5_TOKENIZER},
    "projection_model": {
        "StableAudioProjectionModel": (
            "diffusers.pipelines.stable_audio.modeling_stable_audio",
            "StableAudioProjectionModel",
        )
    },
    "transformer": {
        "StableAudioDiTModel": (
            "diffusers.models.transformers.stable_audio_transformer",
            "StableAudioDiTModel",
        )
    },
}
FAMILIES = {"StableAudio3Pipeline": _STABLE_AUDIO_3, "StableAudioPipeline": _STABLE_AUDIO_OPEN}
_SINGLE = {**FAMILIES, "StableAudioOpenSmall": _STABLE_AUDIO_OPEN}
"""The library has no pipeline for the small one, but the classes of its parts."""


def load_checkpoint(folder: Path, check: Check = no_check) -> Checkpoint:
    """Load all parts as published, whichever the layout; the autoencoder is lightened, in float32.

    Raises:
        UnusableCheckpoint: the folder is not such a checkpoint.
    """
    with warnings.catch_warnings():  # The library uses an older way of torch to norm weights.
        warnings.simplefilter("ignore", FutureWarning)
        if (folder / CONFIG).is_file():
            checkpoint = load_single(folder, _SINGLE, check)
        else:
            checkpoint = load_indexed(folder, FAMILIES, as_published=True, check=check)
    lighten(checkpoint.vae.float())
    for module in checkpoint.vae.modules():
        if isinstance(module, RotaryEmbedding):  # A checkpoint does not store its frequencies.
            known: Any = module.inv_freq
            fresh: Any = RotaryEmbedding(2 * len(known))
            module.register_buffer("inv_freq", fresh.inv_freq, persistent=False)
    return checkpoint
