"""The files of an untrusted folder: their names, and JSON of a bounded size.

Only files of kinds that cannot hold code are allowed; layouts are checked elsewhere.
"""

import os
import stat
from pathlib import Path
from typing import Any, Self

import msgspec

from engine.loops.files import read
from engine.models.pickled import is_pickled_weights

MOST_FILES = 1_000
_LARGEST_JSON_BYTES = {"tokenizer.json": 64 * 2**20, "vocab.json": 16 * 2**20}
_LARGEST_INDEX_BYTES = 16 * 2**20
_LARGEST_CONFIG_BYTES = 2**20
_ENDINGS = (".json", ".safetensors", ".txt", ".md", ".model")
_HARMLESS = frozenset(
    {".gitattributes", ".gitignore", "LICENSE", "LICENCE", "README", "chat_template.jinja"}
)
"""A template stands beside the tokenizer of a language model; nothing here ever fills it in."""
_NEVER_READ = frozenset(
    {".git", ".cache", "__MACOSX", ".Trashes", ".Spotlight-V100", ".fseventsd", ".TemporaryItems"}
    | {"$RECYCLE.BIN", "System Volume Information", "@eaDir", ".ipynb_checkpoints", ".AppleDouble"}
)
_LITTER = frozenset(
    {".DS_Store", ".localized", "Icon\r", "desktop.ini", "Thumbs.db", "ehthumbs.db", ".directory"}
    | {".gitattributes", ".gitignore", ".gitkeep"}
)
"""What file managers and version control leave in folders; never read."""
_LITTER_BEGINS = ("._", ".~lock.", "~$", ".nfs", ".fuse_hidden", ".syncthing.")
"""How AppleDouble files, locks of office programs, and files of network disks begin."""


class Refused(Exception):
    """Which file is refused, and the reason as the end of a sentence.

    `unknown` is the key and the value that a genuine checkpoint may have, if that is the reason.
    """

    def __init__(self, file: str, reason: str, unknown: tuple[str, str] | None = None) -> None:
        super().__init__(f"{file} {reason}")
        self.file = file
        self.reason = reason
        self.unknown = unknown

    @classmethod
    def because(cls, file: str, bad: Exception) -> Self:
        """Return the refusal of a file for a bad value (`engine.models.values.BadValue`)."""
        return cls(file, str(bad), getattr(bad, "unknown", None))


def files_of(folder: Path) -> set[str]:
    """Return the names of all files, after checking that none leads out or may hold code.

    Raises:
        Refused: one does, or may.
        OSError: a file cannot be read.
    """
    names = names_in(folder)
    for name in sorted(names):
        _check_kind(name)
    return names


def names_in(folder: Path) -> set[str]:
    """Return the names of all files, of any kind, after checking that none leads out.

    Raises:
        Refused: one does, or there are too many.
        OSError: a file cannot be read.
    """
    if not folder.is_dir():
        raise Refused("the folder", "does not exist")
    found: set[str] = set()
    for place, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not _is_litter_folder(name)]
        for name in folders:
            if (Path(place) / name).is_symlink():
                raise Refused(relative(folder, f"{place}/{name}"), "is a link to a folder")
        for name in names:
            if _is_litter(name):
                continue
            _check_file(folder, Path(place) / name)
            found.add(relative(folder, f"{place}/{name}").replace(os.sep, "/"))
        if len(found) > MOST_FILES:
            raise Refused("the folder", f"holds more than {MOST_FILES:,} files")
    return found


def _is_litter_folder(name: str) -> bool:
    return name in _NEVER_READ or name.startswith(".Trash-")


def _is_litter(name: str) -> bool:
    return name in _LITTER or name.startswith(_LITTER_BEGINS)


def relative(folder: Path, file: Any) -> str:
    """Return the name of a file relative to the folder, for a sentence."""
    name = os.path.relpath(file, folder) if isinstance(file, str) else "."
    return "the folder" if name == "." else name


def json_object(folder: Path, file: str, *, shallow: bool = False) -> dict[str, Any]:
    """Return the object in a JSON file; only its keys are decoded if `shallow`.

    Raises:
        Refused: it is too large, or not a JSON object.
        OSError: it cannot be read.
    """
    path = folder / file
    limit = _LARGEST_JSON_BYTES.get(path.name, _LARGEST_CONFIG_BYTES)
    if ".safetensors.index." in path.name:
        limit = _LARGEST_INDEX_BYTES
    if path.stat().st_size > limit:
        raise Refused(file, f"has more than {limit:,} bytes")
    try:
        if shallow:
            return dict(msgspec.json.decode(read(path, limit), type=dict[str, msgspec.Raw]))
        value = msgspec.json.decode(read(path, limit), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(file, f"is not a JSON object ({str(error)[:80]})") from None
    return value


def quoted(value: object) -> str:
    """Return a value for a sentence, cut to 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _raise(error: OSError) -> None:
    raise error


def _check_kind(file: str) -> None:
    name = file.rpartition("/")[2]
    if is_pickled_weights(name):
        raise Refused(
            file, "can hold code: make a converted copy with 'loopwright models convert FOLDER'"
        )
    if name not in _HARMLESS and not name.endswith(_ENDINGS):
        kind = Path(name).suffix or "no suffix"
        raise Refused(
            file,
            f"({kind}) may hold code or is not known: a checkpoint has .safetensors and .json",
        )


def _check_file(folder: Path, path: Path) -> None:
    name = relative(folder, str(path))
    if path.is_symlink():
        target = Path(os.path.realpath(path))  # `resolve` raises RuntimeError for a loop of links.
        if not any(target.is_relative_to(root) for root in _roots(folder)):
            raise Refused(name, "is a link that leads out of the folder")
    if not stat.S_ISREG(path.stat().st_mode):
        raise Refused(name, "is not an ordinary file")


def _roots(folder: Path) -> list[Path]:
    """Return where links may lead: inside the folder, or to the blobs of a hub client's cache."""
    whole = folder.resolve()
    if whole.parent.name == "snapshots" and whole.parent.parent.name.startswith("models--"):
        return [whole, whole.parent.parent / "blobs"]
    return [whole]
