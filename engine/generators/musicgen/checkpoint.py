"""Reads a MusicGen folder, in the published transformers layout, into its parts."""

import dataclasses
import importlib
import json
from pathlib import Path
from typing import Any

import torch

from engine.generators.quiet_libraries import quiet_libraries
from engine.generators.unusable import UnusableCheckpoint

_HOME = "transformers.models."
_CLASSES = {
    "musicgen": ("musicgen.modeling_musicgen", "MusicgenForConditionalGeneration"),
    "musicgen_melody": (
        "musicgen_melody.modeling_musicgen_melody",
        "MusicgenMelodyForConditionalGeneration",
    ),
}


@dataclasses.dataclass(frozen=True)
class MusicGenCheckpoint:
    """The loaded parts, in float32 on the CPU.

    Attributes:
        model: a MusicgenForConditionalGeneration or MusicgenMelodyForConditionalGeneration.
        tokenizer: a T5Tokenizer.
        listens: whether it is the kind that is given a melody in front of the tokens.
    """

    model: Any
    tokenizer: Any
    listens: bool


def load_checkpoint(folder: Path) -> MusicGenCheckpoint:
    """Load a folder; only the classes of the table above are made, only from safetensors.

    Raises:
        UnusableCheckpoint: the folder is no MusicGen, or weights are missing.
    """
    config = folder / "config.json"
    try:
        kind = json.loads(config.read_text("utf-8")).get("model_type")
        module, class_name = _CLASSES[kind]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableCheckpoint(
            config, "is not that of a MusicGen", "choose a folder in the published layout"
        ) from error
    cls = getattr(importlib.import_module(_HOME + module), class_name)
    tokenizer = importlib.import_module(_HOME + "t5.tokenization_t5").T5Tokenizer
    with quiet_libraries():
        model, found = cls.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
        read = tokenizer.from_pretrained(folder, local_files_only=True)
    if missing := [name for name in found["missing_keys"] if "embed_positions" not in name]:
        raise UnusableCheckpoint(
            folder, f"lacks the weight {min(missing)!r}", "download the checkpoint again"
        )
    return MusicGenCheckpoint(
        model.eval().requires_grad_(requires_grad=False), read, kind == "musicgen_melody"
    )
