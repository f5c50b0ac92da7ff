"""The errors of `engine.models`: each takes the facts and writes one sentence."""

from collections.abc import Iterable

from engine.errors import EngineError


class NotDownloaded(EngineError):
    """A model of the catalogue whose checkpoint has not been downloaded."""

    def __init__(self, model_id: str) -> None:
        super().__init__(
            f"Model {model_id!r} is not downloaded: get it with 'loopwright models download "
            f"{model_id}'."
        )


class DamagedModel(EngineError):
    """A downloaded checkpoint whose files have changed."""

    def __init__(self, model_id: str, file: str, reason: str) -> None:
        super().__init__(
            f"Model {model_id!r} is damaged: {file} {reason}; repair it with 'loopwright models "
            f"download {model_id}'."
        )
        self.file = file
        self.reason = reason


class UntrustedFolder(EngineError):
    """A folder that is not a known, trusted checkpoint.

    `unknown` is the key of a configuration, and its value, that a genuine checkpoint may have.
    """

    def __init__(
        self, folder: object, file: str, reason: str, unknown: tuple[str, str] | None = None
    ) -> None:
        hint = "; 'loopwright models check' prints a report to send" if unknown else ""
        super().__init__(
            f"Folder {str(folder)[:200]} is not used as a model: {file[:200]} {reason[:300]}{hint}."
        )
        self.file = file
        self.reason = reason
        self.unknown = unknown

    def report(self) -> list[tuple[str, str]]:
        """Return what the authors need to admit a genuine checkpoint; empty if it never will be."""
        if self.unknown is None:
            return []
        key, value = self.unknown
        admit = f"engine/models/families: add {key!r} to the keys of its class"
        return [("file", self.file), ("key", key), ("value", value), ("admit", admit)]


class LibraryMissing(EngineError):
    """A library that downloaded models run on is not installed."""

    def __init__(self, library: str) -> None:
        super().__init__(
            f"Downloaded models need the library {library}, which is not installed: get it with "
            "'pip install -U \"loopwright[models]\"'."
        )


class LibraryTooOld(EngineError):
    """A library that downloaded models run on is a version with known faults."""

    def __init__(self, library: str, found: str, lowest: str) -> None:
        super().__init__(
            f"Downloaded models need {library} {lowest} or later, and {found[:80]} is installed: "
            f"get it with 'pip install -U \"{library}>={lowest}\"'."
        )


class NotEnoughMemory(EngineError):
    """A model or request that does not fit in free memory."""

    def __init__(
        self, model_id: str, needed_bytes: int, free_bytes: int, advice: Iterable[str]
    ) -> None:
        super().__init__(
            f"Model {model_id!r} needs about {gigabytes(needed_bytes)} of memory for this, and "
            f"{gigabytes(free_bytes)} is free: {', or '.join(advice)}."
        )


class NotEnoughDisk(EngineError):
    """A download that does not fit on the disk."""

    def __init__(self, model_id: str, needed_bytes: int, free_bytes: int, place: object) -> None:
        super().__init__(
            f"Model {model_id!r} needs {gigabytes(needed_bytes)} more on the disk, and "
            f"{gigabytes(free_bytes)} is free at {place}: free some space, or set "
            "LOOPWRIGHT_MODELS to a folder on another disk."
        )


class DownloadFailed(EngineError):
    """A download that failed; what has been downloaded is kept."""

    def __init__(self, model_id: str, reason: str, advice: str) -> None:
        super().__init__(f"Model {model_id!r} could not be downloaded: {reason}; {advice}.")


def gigabytes(size_bytes: int) -> str:
    """Return a readable size: `4.5 GB`, `12 MB`, `345 kB`."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size_bytes >= unit:
            return f"{size_bytes / unit:.{1 if unit == 10**9 else 0}f} {name}"
    return f"{size_bytes} bytes"
