"""Loads a checkpoint folder in the published diffusers layout.

Only classes from the table below are created, whatever the folder says, and only from config JSON
and safetensors files: no code that comes with a checkpoint is ever run.
"""

import dataclasses
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

from engine.generators.imported import imported
from engine.generators.interface import UnusableCheckpoint
from engine.generators.quiet_libraries import quiet_libraries
from engine.loops.cancel import Check, no_check

_log = logging.getLogger(__name__)
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
_REFUSED_KEYS = ("auto_map", "quantization_config", "trust_remote_code", "custom_pipelines")
# The names of a VAE's attention weights before diffusers 0.17.
_OLD_ATTENTION = {
    ".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0.",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """The loaded parts by their names in the folder; `family` is a key of `FAMILIES`.

    The parts named in `prepared` come from an earlier pipeline, which has already prepared them.
    """

    family: str
    parts: dict[str, Any]
    scheduler_config: dict[str, Any]
    prepared: frozenset[str] = frozenset()

    def __getattr__(self, name: str) -> Any:
        try:
            return self.parts[name]
        except KeyError:
            raise AttributeError(name) from None


def load_checkpoint(
    folder: Path, ready: Mapping[str, Any] = _NO_PARTS, check: Check = no_check
) -> Checkpoint:
    """Load all parts except those in `ready`, in float32 on the CPU.

    `check` is called while libraries are imported; it may raise to end the work.

    Raises:
        UnusableCheckpoint: the folder names a class that is not in the table, or lacks a part in
            safetensors form.
    """
    index = _read_json(folder / "model_index.json")
    family = index.get("_class_name")
    if not isinstance(family, str) or family not in FAMILIES:
        raise UnusableCheckpoint(
            folder / "model_index.json",
            f"names the pipeline {str(family)[:80]!r}",
            f"choose a folder of {' or '.join(FAMILIES)}",
        )
    with quiet_libraries(check):
        parts = {
            name: ready[name]
            if name in ready
            else _load_part(folder / name, index.get(name), classes, check)
            for name, classes in FAMILIES[family].items()
        }
    schedule = _read_json(folder / "scheduler" / "scheduler_config.json")
    return Checkpoint(family, parts, schedule, frozenset(ready) & parts.keys())


def _load_part(
    folder: Path, named: object, classes: dict[str, tuple[str, str]], check: Check
) -> Any:
    name = named[1] if isinstance(named, list) and len(named) == 2 else None
    if name not in classes:
        raise UnusableCheckpoint(
            folder.parent / "model_index.json",
            f"names {str(name)[:80]!r} as {folder.name}",
            f"only {' or '.join(classes)} is allowed",
        )
    module, class_name = classes[name]
    cls = getattr(imported(module, check), class_name)
    if folder.name == "feature_extractor":
        return _feature_extractor(cls, folder)
    if not issubclass(cls, nn.Module):
        return cls.from_pretrained(folder, local_files_only=True)
    _check_config(folder / "config.json")
    if cls.__module__.startswith("diffusers."):
        return _diffusers_part(cls, folder)
    return _transformers_part(cls, folder)


def _feature_extractor(cls: Any, folder: Path) -> Any:
    """Return the feature extractor; None if its settings are impossible: it only ranks takes."""
    try:
        return cls.from_pretrained(folder, local_files_only=True)
    except (ArithmeticError, TypeError, ValueError):
        _log.warning("the settings of the feature extractor are impossible", exc_info=True)
        return None


def _diffusers_part(cls: Any, folder: Path) -> nn.Module:
    """Create the part without weights and assign those of the file: no random init, no copy."""
    path = _weights(folder, "diffusion_pytorch_model.safetensors")
    with torch.device("meta"):
        part: nn.Module = cls.from_config(_read_json(folder / "config.json"))
    weights = load_file(path)
    if cls.__name__ == "AutoencoderKL":
        weights = {_new_name(name): weight for name, weight in weights.items()}
    try:
        part.load_state_dict(weights, assign=True)
    except RuntimeError as error:
        raise UnusableCheckpoint(
            path, "does not fit its config.json", "download the checkpoint again"
        ) from error
    return part.float().eval().requires_grad_(requires_grad=False)


def _new_name(name: str) -> str:
    for old, new in _OLD_ATTENTION.items():
        name = name.replace(old, new)
    return name


def _transformers_part(cls: Any, folder: Path) -> nn.Module:
    path = _weights(folder, "model.safetensors")
    part, found = cls.from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        dtype=torch.float32,
        output_loading_info=True,
    )
    # The position ids of old CLAP files are recomputed, not loaded.
    missing = [name for name in found["missing_keys"] if not name.endswith("position_ids")]
    if missing:
        raise UnusableCheckpoint(
            path, f"lacks the weight {min(missing)!r}", "download the checkpoint again"
        )
    return part.eval().requires_grad_(requires_grad=False)


def _weights(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise UnusableCheckpoint(
            path, "is missing", "download it; only weights in safetensors files are loaded"
        )
    return path


def _check_config(path: Path) -> None:
    for key in _REFUSED_KEYS:
        if key in _read_json(path):
            raise UnusableCheckpoint(
                path, f"has the key {key!r}, which may run foreign code", "use another checkpoint"
            )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnusableCheckpoint(
            path, f"cannot be read ({error.strerror})", "choose a complete checkpoint folder"
        ) from error
    except ValueError as error:
        raise UnusableCheckpoint(
            path, "is not valid JSON", "download the checkpoint again"
        ) from error
    if not isinstance(found, dict):
        raise UnusableCheckpoint(path, "is not a JSON object", "download the checkpoint again")
    return found
