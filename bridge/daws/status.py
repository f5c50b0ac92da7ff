"""Whether Loopwright is installed in the DAWs of this machine; installing and uninstalling it.

The command line and the window both use this module.
"""

from enum import Enum
from pathlib import Path
from typing import NamedTuple

from bridge.daws import installation
from bridge.daws.installation import DAWS, Daw
from engine.entry_points import program_command


class InstallState(Enum):
    """Whether Loopwright is installed in a DAW."""

    NO_DAW = "no DAW"
    NOT_INSTALLED = "not installed"
    OUTDATED = "outdated"
    CURRENT = "current"


class DawStatus(NamedTuple):
    """What is installed in one DAW; `folder` is None if it is unknown."""

    daw: Daw
    folder: Path | None
    state: InstallState
    version: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether any version of Loopwright is installed."""
        return self.state in (InstallState.OUTDATED, InstallState.CURRENT)


def daw_status(daw_id: str, to: Path | None = None) -> DawStatus:
    """Return what is installed in a DAW; `to` is its folder if it is not the usual one."""
    daw = DAWS[daw_id]
    folder = to or installation.usual_folder(daw)
    if folder is None or not installation.is_there(daw, folder):
        return DawStatus(daw, folder, InstallState.NO_DAW)
    version = installation.installed_version(daw, folder)
    if not version:
        return DawStatus(daw, folder, InstallState.NOT_INSTALLED)
    is_current = installation.is_current(daw, folder)
    state = InstallState.CURRENT if is_current else InstallState.OUTDATED
    return DawStatus(daw, folder, state, version)


def install(daw_id: str, folder: Path, port: int, project: Path) -> list[Path]:
    """Install or update Loopwright in a DAW, and return the files that were written.

    Raises:
        InstallationFailed: the files cannot be written there.
    """
    config = installation.reaper_config(program_command(), port, project)
    return installation.install(DAWS[daw_id], folder, config)


def uninstall(daw_id: str, folder: Path) -> int:
    """Remove Loopwright from a DAW, and return the number of files that were removed.

    Raises:
        InstallationFailed: the files cannot be removed.
    """
    return installation.uninstall(DAWS[daw_id], folder)
