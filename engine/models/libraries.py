"""The libraries that downloaded models run on, and their minimum versions.

The bounds exclude security holes and, for transformers, a fault in MusicGen-melody;
`pyproject.toml` has the same ones. Versions are read from the installed metadata: no library is
imported.
"""

import re
from collections.abc import Callable

from engine.models.errors import LibraryMissing, LibraryTooOld

LOWEST = {"torch": "2.10.0", "transformers": "5.23.0", "diffusers": "0.42.1"}
_NUMBERS = re.compile(r"\d+(?:\.\d+)*")
_BEFORE_RELEASE = re.compile(r"[-_.]?(a|alpha|b|beta|c|rc|pre|preview|dev)[-_.]?\d*")


def require_libraries(installed: Callable[[str], str] | None = None) -> None:
    """Check that all of them are installed and none is too old.

    Args:
        installed: returns the version of a package, or raises `PackageNotFoundError`; by default
            it is asked of the installed metadata.

    Raises:
        LibraryMissing: one is not installed.
        LibraryTooOld: one is older than its minimum version.
    """
    import importlib.metadata  # slow to import

    version_of = installed or importlib.metadata.version
    for library, lowest in LOWEST.items():
        try:
            found = version_of(library)
        except importlib.metadata.PackageNotFoundError:
            raise LibraryMissing(library) from None
        if is_older(found, lowest):
            raise LibraryTooOld(library, found, lowest)


def is_older(version: str, lowest: str) -> bool:
    """Return whether a version comes before `lowest`, which is a release such as `2.10.0`.

    A release candidate comes before its release; a version that cannot be parsed, before all.
    """
    read = _NUMBERS.match(version)
    if read is None:
        return True
    found, bound = _numbers(read.group()), _numbers(lowest)
    unfinished = _BEFORE_RELEASE.match(version, read.end()) is not None
    return found < bound or (found == bound and unfinished)


def _numbers(release: str) -> tuple[int, ...]:
    """Return the numbers of a release without trailing zeros."""
    return tuple(int(number) for number in re.sub(r"(\.0+)+$", "", release).split("."))
