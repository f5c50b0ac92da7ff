"""The transformers layout: one model, its tokenizer and its feature extractor in one folder.

The model's configuration contains those of its parts. The `model_type` of each part names its
class, and its weights are prefixed with its name, so each part is checked against its own keys and
weights.
"""

from pathlib import Path
from typing import Any

from engine.models.allowed import AllowedClass
from engine.models.families import families
from engine.models.family import Config, Family
from engine.models.files import Refused, json_object, quoted
from engine.models.headers import Header
from engine.models.layout import checkpoint_of
from engine.models.parts import Checkpoint, Part, Weights, check_json, read_weights
from engine.models.values import BadValue, check_values

CONFIG = "config.json"
_TOKENIZER = "tokenizer_config.json"
_EXTRACTOR = "preprocessor_config.json"
_CLASS_KEYS = {
    "tokenizer": (_TOKENIZER, "tokenizer_class"),
    "feature_extractor": (_EXTRACTOR, "feature_extractor_type"),
}
_READ = (".json", ".safetensors", ".txt", ".model")


def read_flat(folder: Path, files: set[str]) -> Checkpoint:
    """Return the checkpoint that a flat folder holds.

    Raises:
        Refused: it holds no checkpoint, or anything else in addition.
        OSError: a file cannot be read.
    """
    _check_strays(files)
    own = {file for file in files if "/" not in file}
    config = json_object(folder, CONFIG)
    family = _family(config)
    classes = {name: _class_of(folder, family, name, own) for name in _CLASS_KEYS}
    weights = read_weights(folder, "", own)
    if weights is None:
        raise Refused("model.safetensors", "is missing: there are no weights in .safetensors")
    _check_config(config, family, weights)
    configurations = {_CLASS_KEYS[name][0]: allowed for name, allowed in classes.items()}
    for file in sorted(own - {CONFIG}):
        if file.endswith(".json"):
            check_json(folder, file, configurations, None)
    parts = {
        "model": weights.as_part(family.named),
        **{name: Part(allowed.name) for name, allowed in classes.items()},
    }
    read = (file for file in own if file.endswith(_READ))
    return checkpoint_of(folder, family, lambda part: Config(CONFIG, config[part]), parts, read)


def _family(config: dict[str, Any]) -> Family:
    known = {family.named: family for family in families() if family.flat}
    named = config.get("architectures")
    if not (isinstance(named, list) and len(named) == 1 and named[0] in tuple(known)):
        raise Refused(CONFIG, f"names the architecture {quoted(named)}, not {', '.join(known)}")
    return known[named[0]]


def _class_of(folder: Path, family: Family, part: str, own: set[str]) -> AllowedClass:
    file, key = _CLASS_KEYS[part]
    if file not in own:
        raise Refused(file, "is missing")
    named = json_object(folder, file).get(key)
    allowed = family.allowed(part, named)
    if allowed is None:
        raise Refused(file, f"names the class {quoted(named)} as {key!r}")
    return allowed


def _check_config(config: dict[str, Any], family: Family, weights: Weights) -> None:
    """Check the configuration of the model and those inside it, each with the weights it has."""
    outer = {key: value for key, value in config.items() if key not in family.inner}
    model = family.parts["model"][0]
    try:
        _check_one(outer, family.model_type, model, weights.header)
        for name, (kind, allowed) in family.inner.items():
            header = weights.header.below(f"{name}.")
            _check_one(config.get(name), kind, allowed, header, f" as {name!r}")
    except BadValue as bad:
        raise Refused.because(CONFIG, bad) from None


def _check_one(
    value: Any, kind: str, allowed: AllowedClass, weights: Header, place: str = ""
) -> None:
    if not isinstance(value, dict):
        raise BadValue(f"has {quoted(value)}{place}, which does not describe a model")
    if value.get("model_type") != kind:
        raise BadValue(f"names the type {quoted(value.get('model_type'))}{place}, not {kind!r}")
    if not weights.tensors:
        raise BadValue(f"describes a model{place} that has no weights")
    check_values(value, allowed, weights)


def _check_strays(files: set[str]) -> None:
    """Refuse files in subfolders that could be taken for part of a model."""
    for file in sorted(files):
        if "/" in file and file.endswith((".json", ".safetensors")):
            raise Refused(file, "belongs to no part of the checkpoint")
