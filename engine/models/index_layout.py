"""The diffusers layout: `model_index.json` names the parts, each in its own folder."""

from pathlib import Path
from typing import Any

from engine.models.config_keys import KEYS
from engine.models.files import Refused, json_object, quoted
from engine.models.layout import CLASSES_WITHOUT_WEIGHTS, FAMILIES, LIBRARIES, Family
from engine.models.memory import LATENT_DIFFUSION_WORK
from engine.models.parts import Checkpoint, Part, check_json, read_weights

INDEX = "model_index.json"
_INDEX_KEYS = frozenset({"_class_name", "_diffusers_version", "_name_or_path"})
_CONFIG_NAMES = ("config.json", "scheduler_config.json", "preprocessor_config.json",
                 "tokenizer_config.json")  # fmt: skip


def read_indexed(folder: Path, files: set[str]) -> Checkpoint:
    """Return the checkpoint in a folder with an index.

    Raises:
        Refused: it holds no checkpoint, or anything else in addition.
        OSError: a file cannot be read.
    """
    family, classes = _read_index(folder)
    parts = {
        name: _check_part(folder, name, class_name, files) for name, class_name in classes.items()
    }
    _check_strays(files, classes)
    return Checkpoint(
        folder=folder,
        family=family.id,
        generator=family.generator,
        parts=parts,
        sample_rate=16_000,  # of both families
        channels=1,
        files=tuple(f for f in files if f == INDEX or f.rpartition("/")[0] in parts),
        work=LATENT_DIFFUSION_WORK,
    )


def _read_index(folder: Path) -> tuple[Family, dict[str, str]]:
    """Return the family, and the class of each part named in the index."""
    index = json_object(folder, INDEX)
    known = {family.named: family for family in FAMILIES.values() if not family.flat}
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


def _class_of(family: Family, name: str, value: Any) -> str:
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value)):
        raise Refused(INDEX, f"has {quoted(value)} as {name}, not a library and a class")
    library, class_name = value
    if class_name not in family.parts[name]:
        raise Refused(INDEX, f"names the class {quoted(class_name)} as {name}")
    if library not in LIBRARIES.get(class_name, {"transformers"}):
        raise Refused(INDEX, f"takes {class_name} from the library {quoted(library)}")
    return str(class_name)


def _check_part(folder: Path, name: str, class_name: str, files: set[str]) -> Part:
    own = {file.removeprefix(f"{name}/") for file in files if file.startswith(f"{name}/")}
    weights = read_weights(folder, f"{name}/", own)
    if weights is None and class_name not in CLASSES_WITHOUT_WEIGHTS:
        raise Refused(f"{name}/", "has no weights in .safetensors")
    if not any(file in own for file in _CONFIG_NAMES):
        raise Refused(f"{name}/", "has no configuration")
    keys = dict.fromkeys(_CONFIG_NAMES, KEYS[class_name])
    for file in sorted(own):
        if file.endswith(".json"):
            check_json(folder, f"{name}/{file}", keys, weights)
    return Part(class_name) if weights is None else weights.as_part(class_name)


def _check_strays(files: set[str], parts: dict[str, str]) -> None:
    """Refuse files outside the parts that could be taken for part of a model."""
    for file in sorted(files):
        place, _, name = file.rpartition("/")
        if file != INDEX and place not in parts and name.endswith((".json", ".safetensors")):
            raise Refused(file, "belongs to no part of the checkpoint")
