"""Looks at a folder before any library may: is it a checkpoint that we know, and nothing else?

Model files come from strangers, and libraries have run code that such files named. So this reads
the folder with its own eyes: only files that hold no code, only classes and keys of our own list
(`engine.models.layout`), only weights whose headers are true. The weights are not read; that
they are those that were downloaded is the store's to say.
"""

import os
import stat
from pathlib import Path
from typing import Any

import msgspec

from engine.models.errors import UntrustedFolder
from engine.models.headers import BadHeader, Header, read_header
from engine.models.layout import (
    CLASSES_WITHOUT_WEIGHTS,
    FAMILIES,
    GENERATION_KEYS,
    KEYS,
    LIBRARIES,
    Family,
)
from engine.models.values import BadValue, check_values

INDEX = "model_index.json"
MOST_FILES = 1_000
_LARGEST_JSON_BYTES = {"tokenizer.json": 64 * 2**20, "vocab.json": 16 * 2**20}
_LARGEST_CONFIG_BYTES = 2**20
_ENDINGS = (".json", ".safetensors", ".txt", ".md", ".model")
_HARMLESS = frozenset({".gitattributes", ".gitignore", "LICENSE", "LICENCE", "README"})
_NEVER_READ = frozenset({".git", ".cache"})
_INDEX_KEYS = frozenset({"_class_name", "_diffusers_version", "_name_or_path"})
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
_CONFIG_NAMES = ("config.json", "scheduler_config.json", "preprocessor_config.json",
                 "tokenizer_config.json")  # fmt: skip
_WEIGHTS = ("model", "diffusion_pytorch_model")


class Part(msgspec.Struct, frozen=True):
    """One component of a checkpoint: its class, and the size of its weights."""

    class_name: str
    parameters: int
    weight_bytes: int


class Checkpoint(msgspec.Struct, frozen=True):
    """A folder that was found to be a checkpoint of a family that this version knows."""

    folder: Path
    family: str
    generator: str
    parts: dict[str, Part]

    @property
    def parameters(self) -> int:
        """How many numbers all parts hold together."""
        return sum(part.parameters for part in self.parts.values())


class _Refused(Exception):
    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file} {reason}")
        self.file = file
        self.reason = reason


def check_folder(folder: Path) -> Checkpoint:
    """Return what checkpoint a folder holds.

    Raises:
        UntrustedFolder: it holds none, or something that a checkpoint must not hold; the sentence
            names the file and the reason.
    """
    try:
        files = _files(folder)
        family, classes = _read_index(folder, files)
        parts = {
            name: _check_part(folder, name, class_name, files)
            for name, class_name in classes.items()
        }
        _check_strays(files, classes)
    except _Refused as refused:
        raise UntrustedFolder(folder, refused.file, refused.reason) from None
    except OSError as error:
        where = _relative(folder, error.filename)
        reason = f"cannot be read ({(error.strerror or str(error)).lower()})"
        raise UntrustedFolder(folder, where, reason) from error
    return Checkpoint(folder, family.id, family.generator, parts)


def _relative(folder: Path, file: Any) -> str:
    name = os.path.relpath(file, folder) if isinstance(file, str) else "."
    return "the folder" if name == "." else name


def _files(folder: Path) -> set[str]:
    """Return the names of all files, none of which is a link that leads out, or holds code."""
    if not folder.is_dir():
        raise _Refused("the folder", "does not exist")
    found: set[str] = set()
    for place, folders, names in os.walk(folder, onerror=_raise):
        if place == str(folder):
            folders[:] = [name for name in folders if name not in _NEVER_READ]
        for name in folders:
            if (Path(place) / name).is_symlink():
                raise _Refused(_relative(folder, f"{place}/{name}"), "is a link to a folder")
        for name in names:
            _check_file(folder, Path(place) / name)
            found.add(_relative(folder, f"{place}/{name}").replace(os.sep, "/"))
        if len(found) > MOST_FILES:
            raise _Refused("the folder", f"holds more than {MOST_FILES:,} files")
    return found


def _raise(error: OSError) -> None:
    raise error


def _check_file(folder: Path, path: Path) -> None:
    shown = _relative(folder, str(path))
    if path.name not in _HARMLESS and not path.name.endswith(_ENDINGS):
        kind = path.suffix or "no suffix"
        raise _Refused(
            shown,
            f"({kind}) may hold code or is not known: a checkpoint has .safetensors and .json",
        )
    if path.is_symlink():
        target = path.resolve()
        if not any(target.is_relative_to(root) for root in _roots(folder)):
            raise _Refused(shown, "is a link that leads out of the folder")
    if not stat.S_ISREG(path.stat().st_mode):
        raise _Refused(shown, "is no ordinary file")


def _roots(folder: Path) -> list[Path]:
    """Return where links may lead: inside, or to the blobs of a hub client's own cache."""
    whole = folder.resolve()
    if whole.parent.name == "snapshots" and whole.parent.parent.name.startswith("models--"):
        return [whole, whole.parent.parent / "blobs"]
    return [whole]


def _read_index(folder: Path, files: set[str]) -> tuple[Family, dict[str, str]]:
    """Return the family, and the class of each part that the folder says it has."""
    if INDEX not in files:
        raise _Refused(INDEX, "is missing: a folder in the published layout has one")
    index = _json_object(folder, INDEX)
    family = FAMILIES.get(str(index.get("_class_name")))
    if family is None:
        known = ", ".join(FAMILIES)
        raise _Refused(INDEX, f"names the pipeline {_shown(index.get('_class_name'))}, not {known}")
    classes = {}
    for name, value in index.items():
        if name in _INDEX_KEYS:
            if not isinstance(value, str):
                raise _Refused(INDEX, f"has {_shown(value)} as {name}")
        elif name not in family.parts:
            raise _Refused(INDEX, f"has the key {_shown(name)}, which {family.pipeline} has not")
        else:
            classes[name] = _class_of(family, name, value)
    missing = sorted(family.parts.keys() - classes.keys())
    if missing:
        raise _Refused(INDEX, f"names no {missing[0]}")
    return family, classes


def _class_of(family: Family, name: str, value: Any) -> str:
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value)):
        raise _Refused(INDEX, f"has {_shown(value)} as {name}, not a library and a class")
    library, class_name = value
    if class_name not in family.parts[name]:
        raise _Refused(INDEX, f"names the class {_shown(class_name)} as {name}")
    if library not in LIBRARIES.get(class_name, {"transformers"}):
        raise _Refused(INDEX, f"takes {class_name} from the library {_shown(library)}")
    return str(class_name)


def _check_part(folder: Path, name: str, class_name: str, files: set[str]) -> Part:
    own = {file.removeprefix(f"{name}/") for file in files if file.startswith(f"{name}/")}
    headers = {
        file: _header(folder, f"{name}/{file}")
        for file in sorted(own)
        if file.endswith(".safetensors")
    }
    used = _used_weights(folder, name, own)
    if not used and class_name not in CLASSES_WITHOUT_WEIGHTS:
        raise _Refused(f"{name}/", "has no weights in .safetensors")
    weights = Header(
        {key: tensor for file in used for key, tensor in headers[file].tensors.items()}
    )
    if not any(file in own for file in _CONFIG_NAMES):
        raise _Refused(f"{name}/", "has no configuration")
    for file in sorted(own):
        if file.endswith(".json"):
            _check_json(folder, f"{name}/{file}", class_name, weights if used else None)
    size = sum((folder / name / file).stat().st_size for file in used)
    return Part(class_name, weights.parameters, size)


def _header(folder: Path, file: str) -> Header:
    try:
        return read_header(folder / file)
    except BadHeader as bad:
        raise _Refused(file, str(bad)) from None


def _used_weights(folder: Path, name: str, own: set[str]) -> list[str]:
    """Return which files of a part the libraries would load: one, or the shards of an index."""
    for stem in _WEIGHTS:
        if f"{stem}.safetensors" in own:
            return [f"{stem}.safetensors"]
        if (index := f"{stem}.safetensors.index.json") in own:
            table = _json_object(folder, f"{name}/{index}").get("weight_map")
            if not isinstance(table, dict) or not {str(file) for file in table.values()} <= own:
                raise _Refused(f"{name}/{index}", "names files that are not beside it")
            shards = sorted({str(file) for file in table.values()})
            if not all(file.endswith(".safetensors") for file in shards):
                raise _Refused(f"{name}/{index}", "names files that are no .safetensors")
            return shards
    return []


def _check_json(folder: Path, file: str, class_name: str, weights: Header | None) -> None:
    name = file.rpartition("/")[2]
    if name.endswith(".safetensors.index.json") and name.split(".")[0] in _WEIGHTS:
        return  # `_used_weights` has read it.
    value = _json_object(folder, file, shallow=name in ("tokenizer.json", "vocab.json"))
    try:
        if name in _CONFIG_NAMES:
            check_values(value, KEYS[class_name], weights)
        elif name == "generation_config.json":
            check_values(value, GENERATION_KEYS, None)
    except BadValue as bad:
        raise _Refused(file, str(bad)) from None
    if name == "tokenizer.json" and (unknown := sorted(value.keys() - _TOKENIZER_KEYS)):
        raise _Refused(file, f"has the unknown key {_shown(unknown[0])}")
    if name not in {*_CONFIG_NAMES, "generation_config.json", "tokenizer.json", *_TABLES}:
        raise _Refused(file, "is not known in a checkpoint")


def _check_strays(files: set[str], parts: dict[str, str]) -> None:
    """Refuse what belongs to no part, unless nobody could take it for a part of a model."""
    for file in sorted(files):
        place, _, name = file.rpartition("/")
        if file != INDEX and place not in parts and name.endswith((".json", ".safetensors")):
            raise _Refused(file, "belongs to no part of the checkpoint")


def _json_object(folder: Path, file: str, *, shallow: bool = False) -> dict[str, Any]:
    path = folder / file
    limit = _LARGEST_JSON_BYTES.get(path.name, _LARGEST_CONFIG_BYTES)
    if ".safetensors.index." in path.name:
        limit = 16 * 2**20
    if path.stat().st_size > limit:
        raise _Refused(file, f"has more than {limit:,} bytes")
    try:
        if shallow:
            return dict(msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw]))
        value = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _Refused(file, f"is no JSON object ({str(error)[:80]})") from None
    return value


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
