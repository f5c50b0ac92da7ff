"""Which parts of two checkpoints are the same: the same class, configuration and weights.

It compares what is known of the files and loads none of them.
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
    """Return a fingerprint for each part with weights whose files are all known, by its name.

    Args:
        folder: of a checkpoint that was checked.
        hashes: the SHA-256 of its files, by their places in the folder.
        device: where the parts compute.
        dtype: in which precision.
    """
    index = json.loads((folder / "model_index.json").read_text("utf-8"))
    found = {}
    for name, named in index.items():
        weights = _weights(folder, name, hashes)
        config = folder / name / "config.json"
        if not weights or not config.is_file():
            continue
        settings = json.loads(config.read_text("utf-8"))
        told = {key: value for key, value in settings.items() if key not in _IGNORED_KEYS}
        facts = [name, named, told, weights, str(device), str(dtype)]
        found[name] = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return found


def _weights(folder: Path, name: str, hashes: Mapping[str, str]) -> list[list[str]]:
    """Return the names and hashes of a part's weights; none where one is not known."""
    files = sorted((folder / name).glob("*.safetensors"))
    known = [[file.name, hashes.get(f"{name}/{file.name}", "")] for file in files]
    return known if all(digest for _, digest in known) else []
