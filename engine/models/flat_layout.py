"""The transformers layout: one model, its tokenizer and its feature extractor in one folder.

The model's configuration contains those of its parts. The `model_type` of each part names its
class, and its weights are prefixed with its name, so each part is checked against its own keys and
weights.
"""

from pathlib import Path
from typing import Any

from engine.models.config_keys import KEYS
from engine.models.files import Refused, json_object, quoted
from engine.models.headers import Header
from engine.models.layout import CLASS_OF_TYPE, FAMILIES, Family
from engine.models.memory import musicgen_work
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
_RATES = range(8_000, 96_001)
_CHANNELS = range(1, 3)
_SIZES = range(1, 100_001)


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
    keys = {_CLASS_KEYS[name][0]: KEYS[class_name] for name, class_name in classes.items()}
    for file in sorted(own - {CONFIG}):
        if file.endswith(".json"):
            check_json(folder, file, keys, None)
    decoder = config["decoder"]
    layers = _whole(decoder, "num_hidden_layers", _SIZES, 24)
    return Checkpoint(
        folder=folder,
        family=family.id,
        generator=family.generator,
        parts={
            "model": weights.as_part(family.named),
            **{name: Part(class_name) for name, class_name in classes.items()},
        },
        sample_rate=_whole(config["audio_encoder"], "sampling_rate", _RATES, 24_000),
        channels=_whole(decoder, "audio_channels", _CHANNELS, 1),
        files=tuple(file for file in own if file.endswith(_READ)),
        work=musicgen_work(layers, _whole(decoder, "hidden_size", _SIZES, 1024)),
    )


def _family(config: dict[str, Any]) -> Family:
    known = {family.named: family for family in FAMILIES.values() if family.flat}
    named = config.get("architectures")
    if not (isinstance(named, list) and len(named) == 1 and named[0] in tuple(known)):
        raise Refused(CONFIG, f"names the architecture {quoted(named)}, not {', '.join(known)}")
    return known[named[0]]


def _class_of(folder: Path, family: Family, part: str, own: set[str]) -> str:
    file, key = _CLASS_KEYS[part]
    if file not in own:
        raise Refused(file, "is missing")
    named = json_object(folder, file).get(key)
    if named not in tuple(family.parts[part]):
        raise Refused(file, f"names the class {quoted(named)} as {key!r}")
    return str(named)


def _check_config(config: dict[str, Any], family: Family, weights: Weights) -> None:
    """Check the configuration of the model and those inside it, each with the weights it has."""
    inner = {name: kind for name, kind in family.model_types.items() if name}
    outer = {key: value for key, value in config.items() if key not in inner}
    try:
        _check_one(outer, family.model_types[""], family.named, weights.header)
        for name, kind in inner.items():
            header = weights.header.below(f"{name}.")
            _check_one(config.get(name), kind, CLASS_OF_TYPE[kind], header, f" as {name!r}")
    except BadValue as bad:
        raise Refused.because(CONFIG, bad) from None


def _check_one(value: Any, kind: str, class_name: str, weights: Header, place: str = "") -> None:
    if not isinstance(value, dict):
        raise BadValue(f"has {quoted(value)}{place}, which does not describe a model")
    if value.get("model_type") != kind:
        raise BadValue(f"names the type {quoted(value.get('model_type'))}{place}, not {kind!r}")
    if not weights.tensors:
        raise BadValue(f"describes a model{place} that has no weights")
    check_values(value, KEYS[class_name], weights)


def _whole(config: dict[str, Any], key: str, allowed: range, default: int) -> int:
    """Return a number of a configuration, or the library's default if it is missing."""
    value = config.get(key, default)
    if type(value) is not int or value not in allowed:
        first, last = allowed[0], allowed[-1]
        raise Refused(CONFIG, f"has {quoted(value)} as {key!r}, not {first:,} to {last:,}")
    return value


def _check_strays(files: set[str]) -> None:
    """Refuse files in subfolders that could be taken for part of a model."""
    for file in sorted(files):
        if "/" in file and file.endswith((".json", ".safetensors")):
            raise Refused(file, "belongs to no part of the checkpoint")
