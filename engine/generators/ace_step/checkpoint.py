"""Loads a folder of ACE-Step 1.5 in the diffusers layout."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.generators.autoencoder import lighten
from engine.generators.indexed_checkpoint import Checkpoint, load_indexed
from engine.loops.cancel import Check, no_check

_OWN = "diffusers.pipelines.ace_step.modeling_ace_step"
_TOKENIZER = ("transformers.models.qwen2.tokenization_qwen2", "Qwen2Tokenizer")
_PARTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "transformer": {
        "AceStepTransformer1DModel": (
            "diffusers.models.transformers.ace_step_transformer",
            "AceStepTransformer1DModel",
        )
    },
    "vae": {
        "AutoencoderOobleck": (
            "diffusers.models.autoencoders.autoencoder_oobleck",
            "AutoencoderOobleck",
        )
    },
    "text_encoder": {"Qwen3Model": ("transformers.models.qwen3.modeling_qwen3", "Qwen3Model")},
    "tokenizer": {"Qwen2Tokenizer": _TOKENIZER, "Qwen2TokenizerFast": _TOKENIZER},
    "condition_encoder": {"AceStepConditionEncoder": (_OWN, "AceStepConditionEncoder")},
    "audio_tokenizer": {"AceStepAudioTokenizer": (_OWN, "AceStepAudioTokenizer")},
    "audio_token_detokenizer": {
        "AceStepAudioTokenDetokenizer": (_OWN, "AceStepAudioTokenDetokenizer")
    },
}
FAMILIES = {"AceStepPipeline": _PARTS}


def load_checkpoint(folder: Path, check: Check = no_check) -> Checkpoint:
    """Load all parts as published; see `load_indexed`. The autoencoder is lightened, in float32.

    Raises:
        UnusableCheckpoint: the folder is not such a checkpoint.
    """
    with warnings.catch_warnings():  # The library uses an older way of torch to norm weights.
        warnings.simplefilter("ignore", FutureWarning)
        checkpoint = load_indexed(folder, FAMILIES, as_published=True, check=check)
    lighten(checkpoint.vae.float())
    _restore_steps(checkpoint.audio_tokenizer.quantizer)
    return checkpoint


def _restore_steps(quantizer: Any) -> None:
    """Give a quantizer its tables, which a checkpoint does not store."""
    fresh = type(quantizer)(1, quantizer.levels, quantizer.num_quantizers)
    for name, table in fresh.named_buffers():
        quantizer.register_buffer(name, table, persistent=False)
