"""Loads the parts of a checkpoint folder in the published diffusers layout.

Only classes from a table of the family are created, whatever the folder says, and only from config
JSON and safetensors files: no code that comes with a checkpoint is ever run.
"""

import dataclasses
import json
import logging
import math
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
Classes = Mapping[str, Mapping[str, tuple[str, str]]]
"""The classes that each part may have: by part, by name in the folder, a module and a class."""
OldNames = Mapping[str, Mapping[str, str]]
"""What older versions called weights: by class, by a piece of the old name, the new piece."""
_NO_PARTS: Mapping[str, Any] = MappingProxyType({})
_NO_NAMES: OldNames = MappingProxyType({})
_NARROW = {torch.bfloat16, torch.float16}
_REFUSED_KEYS = ("auto_map", "quantization_config", "trust_remote_code", "custom_pipelines")


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """The loaded parts by their names in the folder; `family` is the pipeline that it names.

    The parts named in `prepared` come from an earlier pipeline, which has already prepared them.
    `longest_s` is the longest sound that it makes, in seconds, where the checkpoint says so itself.
    """

    family: str
    parts: dict[str, Any]
    scheduler_config: dict[str, Any]
    prepared: frozenset[str] = frozenset()
    longest_s: float = math.inf

    def __getattr__(self, name: str) -> Any:
        try:
            return self.parts[name]
        except KeyError:
            raise AttributeError(name) from None


def load_indexed(
    folder: Path,
    families: Mapping[str, Classes],
    *,
    old_names: OldNames = _NO_NAMES,
    ready: Mapping[str, Any] = _NO_PARTS,
    as_published: bool = False,
    check: Check = no_check,
) -> Checkpoint:
    """Load all parts except those in `ready`, in float32 on the CPU.

    Args:
        folder: holds model_index.json.
        families: the classes of the parts, by the pipeline that the index names.
        old_names: how weights were named before.
        ready: parts that are already loaded, by name.
        as_published: leave the weights in the precision of the files, which are only mapped then.
        check: called while libraries are imported; it may raise to end the work.

    Raises:
        UnusableCheckpoint: the folder names a class that is not in the table, or lacks a part in
            safetensors form.
    """
    index = read_json(folder / "model_index.json")
    family = _pipeline_in(index, folder, families)
    with quiet_libraries(check):
        parts = {
            name: ready[name]
            if name in ready
            else _load_part(
                folder / name, index.get(name), classes, old_names, check, as_published=as_published
            )
            for name, classes in families[family].items()
        }
    schedule = read_json(folder / "scheduler" / "scheduler_config.json")
    return Checkpoint(family, parts, schedule, frozenset(ready) & parts.keys())


def _pipeline_in(index: Mapping[str, Any], folder: Path, families: Mapping[str, Classes]) -> str:
    family = index.get("_class_name")
    if not isinstance(family, str) or family not in families:
        raise UnusableCheckpoint(
            folder / "model_index.json",
            f"names the pipeline {str(family)[:80]!r}",
            f"choose a folder of {' or '.join(families)}",
        )
    return family


def _load_part(
    folder: Path,
    named: object,
    classes: Mapping[str, tuple[str, str]],
    old_names: OldNames,
    check: Check,
    *,
    as_published: bool,
) -> Any:
    name = named[1] if isinstance(named, list) and len(named) == 2 else None
    if not isinstance(name, str) or name not in classes:
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
        part = _diffusers_part(cls, folder, old_names.get(class_name, {}))
    else:
        part = transformers_part(cls, folder)
    return part if as_published else nn.Module.float(part)


def _feature_extractor(cls: Any, folder: Path) -> Any:
    """Return the feature extractor; None if its settings are impossible: it only ranks takes."""
    try:
        return cls.from_pretrained(folder, local_files_only=True)
    except (ArithmeticError, TypeError, ValueError):
        _log.warning("the settings of the feature extractor are impossible", exc_info=True)
        return None


def _diffusers_part(cls: Any, folder: Path, renamed: Mapping[str, str]) -> nn.Module:
    """Create the part without weights and assign those of the file: no random init, no copy."""
    files = _weights(folder, "diffusion_pytorch_model")
    with torch.device("meta"):
        part: nn.Module = cls.from_config(read_json(folder / "config.json"))
    weights: dict[str, torch.Tensor] = {}
    for file in files:
        weights |= load_file(file)
    try:
        part.load_state_dict(
            {_new_name(name, renamed): weight for name, weight in weights.items()}, assign=True
        )
    except RuntimeError as error:
        raise UnusableCheckpoint(
            files[0], "does not fit its config.json", "download the checkpoint again"
        ) from error
    return part.eval().requires_grad_(requires_grad=False)


def _new_name(name: str, renamed: Mapping[str, str]) -> str:
    for old, new in renamed.items():
        name = name.replace(old, new)
    return name


def transformers_part(cls: Any, folder: Path, **more: Any) -> nn.Module:
    """Load a part of transformers as published; `more` goes to the library.

    Raises:
        UnusableCheckpoint: the folder lacks weights in safetensors form.
    """
    files = _weights(folder, "model")
    precisions = {weight.dtype for file in files for weight in load_file(file).values()}
    part, found = cls.from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        dtype=precisions.pop() if len(precisions) == 1 and precisions <= _NARROW else torch.float32,
        output_loading_info=True,
        **more,
    )
    # The position ids of old CLAP files are recomputed, not loaded.
    missing = [name for name in found["missing_keys"] if not name.endswith("position_ids")]
    if missing:
        raise UnusableCheckpoint(
            files[0], f"lacks the weight {min(missing)!r}", "download the checkpoint again"
        )
    return part.eval().requires_grad_(requires_grad=False)


def _weights(folder: Path, stem: str) -> list[Path]:
    """Return the files of the weights: one, or those that an index names.

    Raises:
        UnusableCheckpoint: one is missing.
    """
    files = [folder / f"{stem}.safetensors"]
    index = folder / f"{stem}.safetensors.index.json"
    if not files[0].is_file() and index.is_file():
        table = read_json(index).get("weight_map", {})
        # By their last names: an index names files beside it.
        files = [folder / name for name in sorted({Path(str(v)).name for v in table.values()})]
    for path in files:
        if not path.is_file():
            raise UnusableCheckpoint(
                path, "is missing", "download it; only weights in safetensors files are loaded"
            )
    return files


def _check_config(path: Path) -> None:
    for key in _REFUSED_KEYS:
        if key in read_json(path):
            raise UnusableCheckpoint(
                path, f"has the key {key!r}, which may run foreign code", "use another checkpoint"
            )


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises:
        UnusableCheckpoint: there is none.
    """
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
