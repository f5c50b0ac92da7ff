"""Starts the process of an engine, for some commands before they can talk to it.

Importing what talks to an engine takes a front end as long as an engine takes to start. So
this module imports little, and `spawn_early` lets both happen at once.
"""

import atexit
import contextlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.entry_points import engine_command
from engine.loops.files import temporary_folder


class Spawned(NamedTuple):
    """A process of an engine that nobody has talked to yet, and the folder it works in."""

    process: "subprocess.Popen[bytes]"
    folder: Path

    def discard(self) -> None:
        """End the process and delete its folder."""
        with self.process:
            self.process.kill()
        remove_folder(self.folder)


_early: list[Spawned] = []


def spawn(command: Sequence[str]) -> Spawned:
    """Return the process of a command, in its own working folder and session.

    It is the one that `spawn_early` has started, if that is of this command.

    Raises:
        OSError: the process cannot be started.
    """
    for spawned in _early:
        if spawned.process.args == list(command) and spawned.process.poll() is None:
            _early.remove(spawned)
            return spawned
    folder = temporary_folder("loopwright-engine-")
    try:
        return Spawned(_popen(command, folder), folder)
    except OSError:
        remove_folder(folder)
        raise


def spawn_early() -> None:
    """Start an engine for the next `spawn`; if nobody asks for it, it ends with this process."""
    with contextlib.suppress(OSError):  # the next `spawn` reports it
        _early.append(spawn(engine_command()))
        atexit.register(_discard_early)


def remove_folder(folder: Path) -> None:
    """Delete the working folder of a process that has ended."""
    import shutil  # slow to import

    shutil.rmtree(folder, ignore_errors=True)


def _discard_early() -> None:
    while _early:
        _early.pop().discard()


def _popen(command: Sequence[str], folder: Path) -> "subprocess.Popen[bytes]":
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return subprocess.Popen(  # noqa: S603 - our own command, see engine.entry_points
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        start_new_session=True,
        creationflags=flags,
    )
