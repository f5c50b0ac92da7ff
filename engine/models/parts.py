"""A checkpoint, its parts, and the files of one folder: weight headers and JSON.

It is independent of layouts and families: callers pass what is allowed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.models.allowed import GENERATION, AllowedClass
from engine.models.files import Refused, json_object, quoted
from engine.models.headers import BadHeader, Header, read_header
from engine.models.memory import Work
from engine.models.settings import Setting
from engine.models.values import BadValue, check_values

MOST_WEIGHT_FILES = 16
"""In one folder; the largest model that is published in shards has four."""
_WEIGHTS = ("model", "diffusion_pytorch_model")
_TOKENIZER_KEYS = frozenset(
    [
        "version",
        "truncation",
        "padding",
        "added_tokens",
        "normalizer",
        "pre_tokenizer",
        "post_processor",
        "decoder",
        "model",
    ]
)
_TABLES = frozenset({"vocab.json", "added_tokens.json", "special_tokens_map.json"})


class Part(msgspec.Struct, frozen=True):
    """One component of a checkpoint: its class, and the size of its weights."""

    class_name: str
    parameters: int = 0
    weight_bytes: int = 0


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that holds a checkpoint of a known family.

    Attributes:
        generator: where its generator class is.
        sample_rate: of its sound, in Hz.
        files: the names of the files that a library may read.
        work: the memory needed for generating, in addition to the weights.
        modes: what it can make of a source.
        settings: its settings.
    """

    folder: Path
    family: str
    generator: str
    parts: dict[str, Part]
    sample_rate: int
    channels: int
    files: tuple[str, ...]
    work: Work
    modes: tuple[str, ...]
    settings: tuple[Setting, ...]

    @property
    def parameters(self) -> int:
        """The number of parameters of all parts."""
        return sum(part.parameters for part in self.parts.values())


class Weights(NamedTuple):
    """The weights that the libraries would load from one folder."""

    header: Header
    size_bytes: int

    def as_part(self, class_name: str) -> Part:
        """Return a part of a class with these weights."""
        return Part(class_name, self.header.parameters, self.size_bytes)


def read_weights(folder: Path, place: str, names: set[str]) -> Weights | None:
    """Read the headers of all weights in a folder; return those to load, or None.

    Args:
        folder: the checkpoint.
        place: the folder in it, ending in a slash, or empty.
        names: the names of its files.

    Raises:
        Refused: a header is invalid, or an index refers to other folders.
    """
    files = sorted(name for name in names if name.endswith(".safetensors"))
    if len(files) > MOST_WEIGHT_FILES:
        raise Refused(f"{place}{files[0]}", f"is one of {len(files)} files of weights, too many")
    headers = {name: _header(folder, f"{place}{name}") for name in files}
    used = _used(folder, place, names)
    if not used:
        return None
    tensors = {key: tensor for name in used for key, tensor in headers[name].tensors.items()}
    size = sum((folder / place / name).stat().st_size for name in used)
    return Weights(Header(tensors), size)


def one_file(folder: Path, file: str) -> Weights:
    """Read the header of one file of weights.

    Raises:
        Refused: it is invalid.
    """
    return Weights(_header(folder, file), (folder / file).stat().st_size)


def check_json(
    folder: Path, file: str, allowed: Mapping[str, AllowedClass], weights: Weights | None
) -> None:
    """Check one JSON file.

    Args:
        folder: the checkpoint.
        file: its name in it.
        allowed: the classes that configurations are for, by file name.
        weights: the weights that the configurations describe.

    Raises:
        Refused: it has a key or value that is not allowed, or is an unknown file.
    """
    name = file.rpartition("/")[2]
    if name.endswith(".safetensors.index.json") and name.split(".")[0] in _WEIGHTS:
        return  # `_used` has read it.
    value = json_object(folder, file, shallow=name in ("tokenizer.json", "vocab.json"))
    try:
        if name in allowed:
            check_values(value, allowed[name], weights.header if weights else None)
        elif name == "generation_config.json":
            check_values(value, GENERATION, None)
    except BadValue as bad:
        raise Refused.because(file, bad) from None
    if name == "tokenizer.json" and (unknown := sorted(value.keys() - _TOKENIZER_KEYS)):
        raise Refused(file, f"has the unknown key {quoted(unknown[0])}")
    if name not in {*allowed, "generation_config.json", "tokenizer.json", *_TABLES}:
        raise Refused(file, "is not known in a checkpoint")


def _header(folder: Path, file: str) -> Header:
    try:
        return read_header(folder / file)
    except BadHeader as bad:
        raise Refused(file, str(bad)) from None


def _used(folder: Path, place: str, names: set[str]) -> list[str]:
    """Return the files that the libraries would load: one file, or the shards of an index."""
    for stem in _WEIGHTS:
        if f"{stem}.safetensors" in names:
            return [f"{stem}.safetensors"]
        if (index := f"{stem}.safetensors.index.json") in names:
            table = json_object(folder, f"{place}{index}").get("weight_map")
            if not isinstance(table, dict) or not {str(file) for file in table.values()} <= names:
                raise Refused(f"{place}{index}", "names files that are not in the same folder")
            shards = sorted({str(file) for file in table.values()})
            if not all(file.endswith(".safetensors") for file in shards):
                raise Refused(f"{place}{index}", "names files that are not .safetensors")
            return shards
    return []
