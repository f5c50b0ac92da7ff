"""The diffusers layout: `model_index.json` names the parts, each in its own folder."""

from pathlib import Path
from typing import Any

from engine.models.allowed import AllowedClass
from engine.models.families import families
from engine.models.family import Config, Family
from engine.models.files import Refused, json_object, quoted
from engine.models.layout import checkpoint_of
from engine.models.parts import Checkpoint, Part, check_json, read_weights

INDEX = "model_index.json"
_INDEX_KEYS = frozenset({"_class_name", "_diffusers_version", "_name_or_path"})
CONFIG = "config.json"
_CONFIG_NAMES = (CONFIG, "scheduler_config.json", "preprocessor_config.json",
                 "tokenizer_config.json")  # fmt: skip


def read_indexed(folder: Path, files: set[str]) -> Checkpoint:
    """Return the checkpoint in a folder with an index.

    Raises:
        Refused: it holds no checkpoint, or anything else in addition.
        OSError: a file cannot be read.
    """
    family, classes = _read_index(folder)
    tokenizer = classes.get("tokenizer")
    parts = {
        name: check_part(folder, f"{name}/", allowed, tokenizer, files)
        for name, allowed in classes.items()
    }
    _check_strays(files, parts)

    def config_of(part: str) -> Config:
        file = next(f"{part}/{name}" for name in _CONFIG_NAMES if f"{part}/{name}" in files)
        return Config(file, json_object(folder, file))

    read = (file for file in files if file == INDEX or file.rpartition("/")[0] in parts)
    return checkpoint_of(folder, family, config_of, parts, read)


def _read_index(folder: Path) -> tuple[Family, dict[str, AllowedClass]]:
    """Return the family, and the class of each part named in the index."""
    index = json_object(folder, INDEX)
    known = {family.named: family for family in families() if not family.flat}
    family = known.get(str(index.get("_class_name")))
    if family is None:
        named = quoted(index.get("_class_name"))
        raise Refused(INDEX, f"names the pipeline {named}, not {', '.join(known)}")
    classes = {}
    for name, value in index.items():
        if name in _INDEX_KEYS:
            if not isinstance(value, str):
                raise Refused(INDEX, f"has {quoted(value)} as {name}")
        elif name not in family.parts:
            raise Refused(INDEX, f"has the key {quoted(name)}, which {family.named} does not have")
        else:
            classes[name] = _class_of(family, name, value)
    missing = sorted(family.parts.keys() - classes.keys())
    if missing:
        raise Refused(INDEX, f"does not name the part {missing[0]}")
    return family, classes


def _class_of(family: Family, name: str, value: Any) -> AllowedClass:
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value)):
        raise Refused(INDEX, f"has {quoted(value)} as {name}, not a library and a class")
    library, class_name = value
    allowed = family.allowed(name, class_name)
    if allowed is None:
        raise Refused(INDEX, f"names the class {quoted(class_name)} as {name}")
    if library not in allowed.libraries:
        raise Refused(INDEX, f"takes {class_name} from the library {quoted(library)}")
    return allowed


def check_part(
    folder: Path,
    place: str,
    allowed: AllowedClass,
    tokenizer: AllowedClass | None,
    files: set[str],
) -> Part:
    """Return the part in a folder of a checkpoint.

    Args:
        folder: the checkpoint.
        place: the folder in it, ending in a slash.
        allowed: the class of the part.
        tokenizer: the class of a tokenizer that may stand beside the weights.
        files: the names of all files.

    Raises:
        Refused: it is incomplete, or has something that is not allowed.
    """
    own = {file.removeprefix(place) for file in files if file.startswith(place)}
    weights = read_weights(folder, place, own)
    if weights is None and allowed.has_weights:
        raise Refused(place, "has no weights in .safetensors")
    if not any(file in own for file in _CONFIG_NAMES):
        raise Refused(place, "has no configuration")
    configurations = dict.fromkeys(_CONFIG_NAMES, allowed)
    if allowed.has_weights:  # Some converters leave the tokenizer beside the text encoder, too.
        configurations["tokenizer_config.json"] = tokenizer or allowed
    for file in sorted(own):
        if file.endswith(".json"):
            check_json(folder, f"{place}{file}", configurations, weights)
    return Part(allowed.name) if weights is None else weights.as_part(allowed.name)


def _check_strays(files: set[str], parts: dict[str, Part]) -> None:
    """Refuse files outside the parts that could be taken for part of a model."""
    for file in sorted(files):
        place, _, name = file.rpartition("/")
        if file != INDEX and place not in parts and name.endswith((".json", ".safetensors")):
            raise Refused(file, "belongs to no part of the checkpoint")
