"""Loads a MusicGen folder in the published transformers layout."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import torch

from engine.generators.imported import imported
from engine.generators.interface import UnusableCheckpoint
from engine.generators.quiet_libraries import quiet_libraries
from engine.loops.cancel import Check, no_check

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
        takes_melody: whether it can be conditioned on a melody, placed in front of the tokens.
    """

    model: Any
    tokenizer: Any
    takes_melody: bool


def load_checkpoint(folder: Path, check: Check = no_check) -> MusicGenCheckpoint:
    """Load a folder; only classes from the table above are created, only from safetensors.

    `check` is called while libraries are imported; it may raise to end the work.

    Raises:
        UnusableCheckpoint: the folder is not a MusicGen checkpoint, or weights are missing.
    """
    config = folder / "config.json"
    try:
        kind = json.loads(config.read_text("utf-8")).get("model_type")
        module, class_name = _CLASSES[kind]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableCheckpoint(
            config, "is not a MusicGen configuration", "choose a folder in the published layout"
        ) from error
    cls = getattr(imported(_HOME + module, check), class_name)
    tokenizer = imported(_HOME + "t5.tokenization_t5", check).T5Tokenizer
    with quiet_libraries(check):
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
