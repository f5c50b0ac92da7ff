"""What lies in the DAWs of this machine: how it is, in words, and how to change it.

The command line and the window both speak of it through this module.
"""

import sys
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from bridge.daws.installation import (
    DAWS,
    Daw,
    install,
    installed_version,
    is_current,
    is_there,
    reaper_config,
    uninstall,
    usual_folder,
)


class Presence(Enum):
    """What there is of us in a DAW."""

    NO_DAW = "no DAW"
    ABSENT = "absent"
    OLD = "old"
    CURRENT = "current"


class DawStatus(NamedTuple):
    """Our side in one DAW; `folder` is None where it is not known."""

    daw: Daw
    folder: Path | None
    presence: Presence
    version: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether something of us is there."""
        return self.presence in (Presence.OLD, Presence.CURRENT)


def look_at(daw_id: str, to: Path | None = None) -> DawStatus:
    """Look what lies in a DAW; `to` is its folder, where it is not the usual one."""
    daw = DAWS[daw_id]
    folder = to or usual_folder(daw)
    if folder is None or not is_there(daw, folder):
        return DawStatus(daw, folder, Presence.NO_DAW)
    version = installed_version(daw, folder)
    if not version:
        return DawStatus(daw, folder, Presence.ABSENT)
    presence = Presence.CURRENT if is_current(daw, folder) else Presence.OLD
    return DawStatus(daw, folder, presence, version)


def install_side(daw_id: str, folder: Path, port: int, project: Path) -> list[Path]:
    """Install or update our side; returns the files.

    Raises:
        InstallationFailed: it cannot be written there.
    """
    return install(DAWS[daw_id], folder, reaper_config(own_command(), port, project))


def uninstall_side(daw_id: str, folder: Path) -> int:
    """Remove our side; returns how many files there were.

    Raises:
        InstallationFailed: they cannot be removed.
    """
    return uninstall(DAWS[daw_id], folder)


def own_command() -> list[str]:
    """Return how a DAW starts this program: it knows no search path."""
    if getattr(sys, "frozen", False):
        # On Windows the one that opens the window prints nothing, and a DAW reads what is printed.
        window = "loopwright-window.exe"
        return [sys.executable.replace(window, "loopwright.exe")]
    return [sys.executable, "-P", "-m", "cli.main"]
