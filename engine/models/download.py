"""A download, step by step: plan -> disk space -> files -> hashes -> conversion -> trust -> ready.

Everything is fetched into a separate folder and the manifest is written last, so a download that is
killed at any moment can be resumed later.
"""

import contextlib
import datetime as dt
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.loops.files import read
from engine.models.child import Report
from engine.models.conversion import compare, convert
from engine.models.convert import NotConverted
from engine.models.entry import ModelEntry
from engine.models.errors import DownloadFailed, NotEnoughDisk, UntrustedFolder, gigabytes
from engine.models.hub import (
    DownloadPlan,
    HubFile,
    checked_answers,
    declared_hash_matches,
    fetch,
    hub_errors,
    plan_of,
)
from engine.models.manifest import (
    ConvertedWeights,
    FileRecord,
    HashCache,
    Manifest,
    read_manifest,
    sha256_of,
    write_json,
)
from engine.models.needs import SPARE_DISK_BYTES
from engine.models.pickled import paths_of, pickled_groups
from engine.models.trust import check_folder

_log = logging.getLogger(__name__)


class Download:
    """One download of one model into the store below `root`."""

    def __init__(self, entry: ModelEntry, root: Path, report: Report) -> None:
        """Prepare; `report` is called with the fraction done, 0..1, and the stage in words."""
        self._entry = entry
        self._root = root
        self._home = root / entry.id
        self._partial = self._home / "partial"
        self._report = report
        self._total = 1
        self._arrived = 0

    def run(self) -> Manifest:
        """Download the model, and return its manifest.

        Raises:
            EngineError: the download failed; the message is one sentence.
        """
        from filelock import FileLock, Timeout

        try:
            with hub_errors(self._entry.id):
                self._home.mkdir(parents=True, exist_ok=True)
                lock = FileLock(self._home / "lock", timeout=0)
                lock.acquire()
        except DownloadFailed as error:
            if isinstance(error.__cause__, Timeout):
                raise DownloadFailed(
                    self._entry.id, "it is already being downloaded", "wait for that to finish"
                ) from error
            raise
        with lock:
            return self._run()

    def _run(self) -> Manifest:
        if (manifest := self._ready_manifest()) is not None:
            _log.info("%s is ready already", self._entry.id)
            return manifest
        with checked_answers(self._entry.id, self._report_wait):
            return self._fetch_all()

    def _fetch_all(self) -> Manifest:
        self._report(0.0, "connecting to the hub")
        plan = self._plan()
        with hub_errors(self._entry.id):
            self._partial.mkdir(exist_ok=True)
            write_json(self._partial / "plan.json", plan)
            shared = self._link_local_files(plan)
        converted = self._converted_before()
        done = {file.path for each in converted for file in each.published}
        files = [file for file in plan.files if file.path not in done]
        self._check_disk_space(files)
        self._total = max(1, sum(file.size for file in files))
        counts = len(files), self._total, len(shared)
        _log.info("revision %s: %d files, %d bytes, %d shared", plan.revision, *counts)
        records = [self._fetch_file(file, plan) for file in files]
        with self._nothing_kept():
            self._convert(records, converted)
            self._check(converted)
        replaced = {file.path for each in converted for file in each.published}
        records = [record for record in records if record.path not in replaced]
        records += [file for each in converted for file in each.files]
        with hub_errors(self._entry.id):
            return self._finish(plan, tuple(records), shared, tuple(converted))

    @contextlib.contextmanager
    def _nothing_kept(self) -> Iterator[None]:
        """Delete everything that has been downloaded if it turns out to be unusable."""
        try:
            yield
        except (UntrustedFolder, NotConverted) as refused:
            shutil.rmtree(self._partial)
            reason = str(refused)
            if isinstance(refused, UntrustedFolder):
                reason = f"{refused.file} {refused.reason}"
            raise DownloadFailed(self._entry.id, reason, "report it: nothing was kept") from refused

    def _converted_before(self) -> list[ConvertedWeights]:
        """Return the weights that an attempt before this one has converted."""
        known = self._partial / "converted.json"
        with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
            found = msgspec.json.decode(read(known), type=list[ConvertedWeights])
            for file in (file for each in found for file in each.published):
                (self._files / file.path).unlink(missing_ok=True)
            if all(
                sha256_of(self._files / file.path) == file.sha256
                for each in found
                for file in each.files
            ):
                return found
        return []

    def _convert(self, records: list[FileRecord], converted: list[ConvertedWeights]) -> None:
        """Convert the pickled weights among the files, note them, and delete the pickles."""
        by_path = {record.path: record for record in records}
        groups = pickled_groups(by_path)
        if not groups:
            return
        with hub_errors(self._entry.id):
            made = convert(groups, self._files, self._files, self._report)
            for group, paths in zip(groups, made, strict=True):
                published = tuple(by_path[path] for path in paths_of(group))
                converted.append(ConvertedWeights(published, tuple(map(self._record, paths))))
            write_json(self._partial / "converted.json", converted)
            for file in (file for each in converted for file in each.published):
                (self._files / file.path).unlink(missing_ok=True)

    def _record(self, path: str) -> FileRecord:
        place = self._files / path
        return FileRecord(path, place.stat().st_size, sha256_of(place))

    def _check(self, converted: list[ConvertedWeights]) -> None:
        """Check the folder, and compare what was converted with its configuration."""
        self._report(1.0, "checking the files")
        checkpoint = check_folder(self._files)
        groups = pickled_groups(file.path for each in converted for file in each.published)
        if groups:
            compare(groups, checkpoint, self._report)

    def _ready_manifest(self) -> Manifest | None:
        """Return the manifest of a model that is already complete."""
        manifest = read_manifest(self._home / "manifest.json")
        if manifest is None or manifest.hub != self._entry.hub:
            return None
        self._report(0.0, "checking existing files")
        with contextlib.suppress(OSError, UntrustedFolder):
            place = self._home / "checkpoint"
            if all(sha256_of(place / file.path) == file.sha256 for file in manifest.files):
                check_folder(place)
                return manifest
        return None

    @property
    def _files(self) -> Path:
        return self._partial / "files"

    def _plan(self) -> DownloadPlan:
        """Return the plan of an unfinished download, or ask the hub for one.

        A damaged model is repaired with files of the same revision.
        """
        with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
            plan = msgspec.json.decode(read(self._partial / "plan.json"), type=DownloadPlan)
            if plan.hub == self._entry.hub:
                return plan
        manifest = read_manifest(self._home / "manifest.json")
        revision = manifest.revision if manifest and manifest.hub == self._entry.hub else None
        return plan_of(self._entry, revision)

    def _link_local_files(self, plan: DownloadPlan) -> dict[str, str]:
        """Link files that this or another model already has; return the source model of each."""
        shared = {}
        places = _places_by_hash(self._root)
        for file in plan.files:
            target = self._files / file.path
            lender, source = places.get(file.sha256, ("", target))
            if target.exists() or not lender or sha256_of(source) != file.sha256:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(OSError):  # on another disk: it is fetched instead
                os.link(source, target)
                if lender != self._entry.id:
                    shared[file.path] = lender
        return shared

    def _check_disk_space(self, files: list[HubFile]) -> None:
        have = sum(
            path.stat().st_size for path in self._files.rglob("*") if path.is_file()
        )  # fmt: skip
        needed = sum(file.size for file in files) - have + _bytes_to_convert(files)
        free = shutil.disk_usage(self._home).free
        if needed > 0 and needed + SPARE_DISK_BYTES > free:
            raise NotEnoughDisk(self._entry.id, needed + SPARE_DISK_BYTES, free, self._root)

    def _fetch_file(self, file: HubFile, plan: DownloadPlan) -> FileRecord:
        """Return the record of a file, after fetching it and checking its declared hash."""
        target = self._files / file.path
        before = self._arrived
        if not target.exists():
            with hub_errors(self._entry.id):
                self._report_progress(file.path)
                _log.info("fetching %s, %d bytes", file.path, file.size)
                fetch(file, plan, target, lambda count: self._count(count, file.path))
        self._arrived = before + file.size
        digest = sha256_of(target)
        if not declared_hash_matches(file, target, digest):
            target.unlink()
            _log.warning("%s has SHA-256 %s, which the hub does not declare", file.path, digest)
            raise DownloadFailed(
                self._entry.id,
                f"{file.path} does not have the hash that the hub declares",
                "try again: the other files are kept",
            )
        return FileRecord(file.path, file.size, digest)

    def _count(self, count: int, name: str) -> None:
        self._arrived += count
        self._report_progress(name)

    def _report_wait(self, seconds: int) -> None:
        done = min(self._arrived / self._total, 1.0)
        self._report(done, f"waiting {seconds} s, as the hub asks")

    def _report_progress(self, name: str) -> None:
        done = f"{gigabytes(self._arrived)} of {gigabytes(self._total)}"
        self._report(min(self._arrived / self._total, 1.0), f"downloading {name} ({done})")

    def _finish(
        self,
        plan: DownloadPlan,
        records: tuple[FileRecord, ...],
        shared: dict[str, str],
        converted: tuple[ConvertedWeights, ...],
    ) -> Manifest:
        checkpoint = self._home / "checkpoint"
        if checkpoint.exists():
            (self._home / "manifest.json").unlink(missing_ok=True)
            shutil.rmtree(checkpoint)
        self._files.rename(checkpoint)
        manifest = Manifest(
            model=self._entry.id,
            hub=plan.hub,
            revision=plan.revision,
            licence=self._entry.licence,
            downloaded=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            files=records,
            shared=shared,
            converted=converted,
        )
        hash_cache = HashCache(self._home / "stamps.json")
        for record in records:
            hash_cache.note(checkpoint / record.path, record.sha256)
        hash_cache.save()
        write_json(self._home / "manifest.json", manifest)
        shutil.rmtree(self._partial)
        return manifest


def _bytes_to_convert(files: list[HubFile]) -> int:
    """Return how many bytes the conversion writes before the pickles are deleted."""
    sizes = {file.path: file.size for file in files}
    return sum(sizes[path] for group in pickled_groups(sizes) for path in paths_of(group))


def _places_by_hash(root: Path) -> dict[str, tuple[str, Path]]:
    """Return the path of each downloaded file, by its SHA-256."""
    places: dict[str, tuple[str, Path]] = {}
    for path in sorted(root.glob("*/manifest.json")):
        manifest = read_manifest(path)
        for file in manifest.files if manifest else ():
            place = path.parent / "checkpoint" / file.path
            if place.is_file() and place.stat().st_size == file.size:
                places[file.sha256] = (path.parent.name, place)
    return places
