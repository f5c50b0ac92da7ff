"""Finds identical parts of two checkpoints: the same class, configuration and weights.

It compares hashes and configurations, and loads no weights.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import torch

_IGNORED_KEYS = (
    "_name_or_path",
    "_diffusers_version",
    "transformers_version",
    "torch_dtype",
    "dtype",
)


def part_fingerprints(
    folder: Path, hashes: Mapping[str, str], device: torch.device, dtype: torch.dtype
) -> dict[str, str]:
    """Return a fingerprint, by name, for each part whose weight files all have known hashes.

    Args:
        folder: the folder of a checkpoint that was checked.
        hashes: the SHA-256 of its files, by their paths in the folder.
        device: the device that the parts run on.
        dtype: their precision.
    """
    index = json.loads((folder / "model_index.json").read_text("utf-8"))
    found = {}
    for name, named in index.items():
        weights = _weights(folder, name, hashes)
        config = folder / name / "config.json"
        if not weights or not config.is_file():
            continue
        settings = json.loads(config.read_text("utf-8"))
        relevant = {key: value for key, value in settings.items() if key not in _IGNORED_KEYS}
        facts = [name, named, relevant, weights, str(device), str(dtype)]
        found[name] = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return found


def _weights(folder: Path, name: str, hashes: Mapping[str, str]) -> list[list[str]]:
    """Return the names and hashes of a part's weights; empty if one is not known."""
    files = sorted((folder / name).glob("*.safetensors"))
    known = [[file.name, hashes.get(f"{name}/{file.name}", "")] for file in files]
    return known if all(digest for _, digest in known) else []
