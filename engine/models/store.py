"""The store: the checkpoints on this machine, each checked before it is used.

    ROOT/ID/manifest.json     what was downloaded: revision and the hash of each file
    ROOT/ID/checkpoint/       the files, in the published layout
    ROOT/ID/partial/          a download that is not finished, with its plan
    ROOT/ID/stamps.json       when each hash was last verified
    ROOT/folders.json         the user's own model folders, by name

A model is ready when its manifest exists: it is written last.
"""

import contextlib
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
import platformdirs

from engine.errors import EngineError
from engine.loops.files import read
from engine.models.catalogue import Catalogue
from engine.models.entry import ModelEntry
from engine.models.errors import DamagedModel, NotDownloaded, UntrustedFolder
from engine.models.folders import Folders, folder_entry
from engine.models.manifest import HashCache, Manifest, read_manifest
from engine.models.parts import Checkpoint
from engine.models.trust import check_folder

READY, MISSING, DAMAGED = "ready", "not downloaded", "damaged"
_log = logging.getLogger(__name__)


def default_root() -> Path:
    """Return the folder of the store: LOOPWRIGHT_MODELS, or one in the user's data folder."""
    chosen = os.environ.get("LOOPWRIGHT_MODELS")
    if chosen:
        return Path(os.path.abspath(Path(chosen).expanduser()))
    return Path(platformdirs.user_data_dir("Loopwright", appauthor=False)) / "models"


class ResolvedModel(NamedTuple):
    """A model that may be loaded: its entry, and its checkpoint if it has one.

    `hashes` holds the SHA-256 of the checkpoint's files, by their paths in it.
    """

    entry: ModelEntry
    checkpoint: Checkpoint | None
    revision: str
    hashes: Mapping[str, str] = MappingProxyType({})

    def load(self, **more: Any) -> Any:
        """Load it: see `ModelEntry.load`."""
        folder = None if self.checkpoint is None else self.checkpoint.folder
        return self.entry.load(folder, self.revision, **more)


class OwnFolder(NamedTuple):
    """A folder of the user: its entry, or None and a sentence that says why it is unusable."""

    name: str
    folder: Path
    entry: ModelEntry | None
    problem: str = ""


class _PlannedFile(msgspec.Struct):
    size: int


class _Plan(msgspec.Struct):
    """The part of a download's plan that is read here; `engine.models.hub` has all of it."""

    files: tuple[_PlannedFile, ...]


class ModelStore:
    """The models of a catalogue, and the user's model folders, on this machine."""

    def __init__(self, catalogue: Catalogue, root: Path | None = None) -> None:
        """Keep checkpoints below `root`; nothing is created there before a download."""
        self.catalogue = catalogue
        self.root = default_root() if root is None else root
        self.folders = Folders(self.root)

    def home(self, model_id: str) -> Path:
        """Return the folder of a model of the catalogue, which may be missing."""
        return self.root / self.catalogue.entry(model_id).id

    def manifest(self, model_id: str) -> Manifest | None:
        """Return the manifest of a downloaded model, or None."""
        return read_manifest(self.home(model_id) / "manifest.json")

    def state(self, entry: ModelEntry) -> str:
        """Return `ready`, `not downloaded` or `damaged`, judging by file sizes alone."""
        if not entry.hub:
            return READY
        if not (self.home(entry.id) / "manifest.json").exists():
            return MISSING
        manifest = self.manifest(entry.id)
        checkpoint = self.home(entry.id) / "checkpoint"
        if manifest is None or any(
            _size(checkpoint / file.path) != file.size for file in manifest.files
        ):
            return DAMAGED
        return READY

    def shown(self) -> list[dict[str, Any]]:
        """Return the facts of all models for front ends, with their states."""
        return [{**entry.shown(), "state": self.state(entry)} for entry in self.catalogue.entries]

    def modes(self) -> dict[str, tuple[str, ...]]:
        """Return what each known model can make of a source, the user's folders included."""
        own = [folder.entry for folder in self.own() if folder.entry is not None]
        return {entry.id: entry.modes for entry in (*self.catalogue.entries, *own)}

    def memory_of_others(self, model_id: str) -> dict[str, int]:
        """Return the memory needs of all other ready models, by id."""
        return {
            entry.id: entry.memory_bytes
            for entry in self.catalogue.entries
            if entry.id != model_id and self.state(entry) == READY
        }

    def find(self, model: str, read: Callable[[int], None] = lambda _: None) -> ResolvedModel:
        """Return a model by its id, by the name of a known folder, or by a folder's path.

        Its files are checked first. `read` is called with the number of bytes as they are read, and
        may raise to end the check.

        Raises:
            UnknownModel: it is none of these.
            NotDownloaded: its checkpoint is not downloaded.
            DamagedModel: its files have changed since the download.
            UntrustedFolder: the folder is not a usable checkpoint.
        """
        if Path(model).is_absolute():
            return self._folder(Path(os.path.normpath(model)), read)
        with contextlib.suppress(KeyError):
            return self._folder(self.folders.places[model], read)
        entry = self.catalogue.entry(model, self.folders.places)
        if not entry.hub:
            return ResolvedModel(entry, None, "")
        return self._verified(entry, fresh=False, read=read)

    def check(self, model_id: str, read: Callable[[int], None] = lambda _: None) -> ResolvedModel:
        """Read every file of a downloaded model and compare it with what was downloaded.

        A folder of the user can only be checked for its form. `read` is called with the number of
        bytes as they are read, and may raise to end the check.

        Raises: as `find`.
        """
        if (folder := self.folders.places.get(model_id)) is not None:
            checkpoint = check_folder(folder)
            return ResolvedModel(folder_entry(model_id, checkpoint), checkpoint, "")
        entry = self.catalogue.entry(model_id)
        if not entry.hub:
            return ResolvedModel(entry, None, "")
        return self._verified(entry, fresh=True, read=read)

    def remove(self, model_id: str) -> int:
        """Delete the files of a model; return how many bytes that freed.

        A folder of the user is only forgotten: its files stay.

        Raises:
            NotDownloaded: there are no files.
            EngineError: the model is built in, or the files cannot be deleted.
        """
        if model_id in self.folders.places:
            self.folders.forget(model_id)
            _log.info("a model folder of the user is forgotten")
            return 0
        entry = self.catalogue.entry(model_id)
        if not entry.hub:
            raise EngineError(f"Model {model_id!r} is built in: there is nothing to remove.")
        home = self.home(model_id)
        if not home.is_dir():
            raise NotDownloaded(model_id)
        freed = sum(
            found.st_size
            for path in home.rglob("*")
            if path.is_file() and (found := path.stat()).st_nlink == 1
        )
        _log.info("removing model %s, %d bytes", model_id, freed)
        (home / "manifest.json").unlink(missing_ok=True)  # from here on it is not ready
        shutil.rmtree(home)
        return freed

    def add_folder(self, folder: Path) -> ModelEntry:
        """Add a user folder as a model; return its entry.

        Raises:
            UntrustedFolder: it is not a usable checkpoint.
        """
        folder = Path(os.path.abspath(folder))
        checkpoint = check_folder(folder)
        return folder_entry(self._name(folder), checkpoint)

    def look_at(self, folder: Path) -> ModelEntry:
        """Return the entry of a user folder without adding it.

        Raises:
            UntrustedFolder: it is not a usable checkpoint.
        """
        checkpoint = check_folder(folder)
        return folder_entry(self.folders.name_for(folder, self._names()), checkpoint)

    def own(self) -> list[OwnFolder]:
        """Return the folders of the user, each checked now."""
        return [_looked_at(name, folder) for name, folder in self.folders.places.items()]

    def arrived(self, entry: ModelEntry) -> tuple[int, int] | None:
        """Return the downloaded and total bytes of an unfinished download, or None."""
        partial = self.home(entry.id) / "partial"
        try:
            plan = msgspec.json.decode(read(partial / "plan.json"), type=_Plan)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        here = sum(_size(path) or 0 for path in (partial / "files").rglob("*") if path.is_file())
        return here, sum(file.size for file in plan.files)

    def _name(self, folder: Path) -> str:
        return self.folders.add(folder, self._names())

    def _names(self) -> list[str]:
        return [entry.id for entry in self.catalogue.entries]

    def _verified(
        self, entry: ModelEntry, *, fresh: bool, read: Callable[[int], None] = lambda _: None
    ) -> ResolvedModel:
        home = self.home(entry.id)
        manifest = self.manifest(entry.id)
        if manifest is None:
            if (home / "manifest.json").exists():
                raise DamagedModel(entry.id, "manifest.json", "cannot be read")
            raise NotDownloaded(entry.id)
        hash_cache = HashCache(home / "stamps.json")
        for file in manifest.files:
            path = home / "checkpoint" / file.path
            if _size(path) != file.size:
                reason = "is missing" if _size(path) is None else "has another size than before"
                raise DamagedModel(entry.id, file.path, reason)
            if hash_cache.hash_of(path, fresh=fresh, read=read) != file.sha256:
                raise DamagedModel(entry.id, file.path, "has changed since it was downloaded")
        hash_cache.save()
        hashes = {file.path: file.sha256 for file in manifest.files}
        return ResolvedModel(entry, check_folder(home / "checkpoint"), manifest.revision, hashes)

    def _folder(self, folder: Path, read: Callable[[int], None]) -> ResolvedModel:
        """Return a folder of the user as a model, and remember it by its name."""
        checkpoint = check_folder(folder)
        name = self._name(folder)
        hash_cache = HashCache(self.root / "stamps.json")
        digest, hashes = hashlib.sha256(), {}
        for path in sorted(folder / name for name in checkpoint.files):
            try:
                hashes[path.relative_to(folder).as_posix()] = found = hash_cache.hash_of(
                    path, read=read
                )
                digest.update(f"{path.relative_to(folder)} {found}\n".encode())
            except OSError as error:
                raise UntrustedFolder(folder, path.name, "cannot be read") from error
        if self.root.is_dir():
            hash_cache.save()
        entry = folder_entry(name, checkpoint)
        return ResolvedModel(entry, checkpoint, f"sha256:{digest.hexdigest()[:16]}", hashes)


def _looked_at(name: str, folder: Path) -> OwnFolder:
    try:
        return OwnFolder(name, folder, folder_entry(name, check_folder(folder)))
    except UntrustedFolder as refused:
        return OwnFolder(name, folder, None, str(refused))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
