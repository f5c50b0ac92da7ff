"""Loads a checkpoint folder of MusicLDM or AudioLDM 2 in the published diffusers layout."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.generators.indexed_checkpoint import Checkpoint, load_indexed
from engine.loops.cancel import Check, no_check

_CLAP = "transformers.models.clap"
_AUDIOLDM2 = "diffusers.pipelines.audioldm2.modeling_audioldm2"
# The published folders name GPT2Model, which is enough: hidden states are needed, not words.
_GPT2 = ("transformers.models.gpt2.modeling_gpt2", "GPT2Model")
_ROBERTA = ("transformers.models.roberta.tokenization_roberta", "RobertaTokenizer")
_T5_TOKENIZER = ("transformers.models.t5.tokenization_t5", "T5Tokenizer")

_SHARED: dict[str, dict[str, tuple[str, str]]] = {
    "vae": {"AutoencoderKL": ("diffusers.models.autoencoders.autoencoder_kl", "AutoencoderKL")},
    "text_encoder": {"ClapModel": (f"{_CLAP}.modeling_clap", "ClapModel")},
    "tokenizer": {"RobertaTokenizer": _ROBERTA, "RobertaTokenizerFast": _ROBERTA},
    "feature_extractor": {
        "ClapFeatureExtractor": (f"{_CLAP}.feature_extraction_clap", "ClapFeatureExtractor")
    },
    "vocoder": {
        "SpeechT5HifiGan": ("transformers.models.speecht5.modeling_speecht5", "SpeechT5HifiGan")
    },
}
FAMILIES: dict[str, dict[str, dict[str, tuple[str, str]]]] = {
    "MusicLDMPipeline": _SHARED
    | {
        "unet": {
            "UNet2DConditionModel": (
                "diffusers.models.unets.unet_2d_condition",
                "UNet2DConditionModel",
            )
        }
    },
    "AudioLDM2Pipeline": _SHARED
    | {
        "unet": {"AudioLDM2UNet2DConditionModel": (_AUDIOLDM2, "AudioLDM2UNet2DConditionModel")},
        "projection_model": {"AudioLDM2ProjectionModel": (_AUDIOLDM2, "AudioLDM2ProjectionModel")},
        "language_model": {"GPT2Model": _GPT2, "GPT2LMHeadModel": _GPT2},
        "text_encoder_2": {
            "T5EncoderModel": ("transformers.models.t5.modeling_t5", "T5EncoderModel"),
            "VitsModel": ("transformers.models.vits.modeling_vits", "VitsModel"),
        },
        "tokenizer_2": {
            "T5Tokenizer": _T5_TOKENIZER,
            "T5TokenizerFast": _T5_TOKENIZER,
            "VitsTokenizer": ("transformers.models.vits.tokenization_vits", "VitsTokenizer"),
        },
    },
}
_NO_PARTS: Mapping[str, Any] = MappingProxyType({})
# The names of a VAE's attention weights before diffusers 0.17.
_OLD_NAMES = {
    "AutoencoderKL": {
        ".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0.",
    }
}  # fmt: skip


def load_checkpoint(
    folder: Path, ready: Mapping[str, Any] = _NO_PARTS, check: Check = no_check
) -> Checkpoint:
    """Load all parts except those in `ready`; see `load_indexed`."""
    return load_indexed(folder, FAMILIES, old_names=_OLD_NAMES, ready=ready, check=check)
