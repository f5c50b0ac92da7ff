"""The files that commands name: sent to the host once per connection, and named by tokens there."""

import hashlib
import os
from pathlib import Path

import msgspec

from engine import protocol
from engine.loops.errors import LoopError
from engine.loops.files import read, reason_of
from engine.remote.connection import Connection
from engine.remote.wire import LARGEST_PAYLOAD, Upload
from engine.server.own_kit import kit_files

_TOKEN_DIGITS = 32
_LARGEST_KIT = 2**29


class Uploads:
    """Which files the host of a connection has."""

    def __init__(self) -> None:
        self._sent: set[str] = set()

    def begin(self) -> None:
        """Forget what was sent: a new host has nothing."""
        self._sent.clear()

    def sent(self, command: protocol.Command, connection: Connection) -> protocol.Command:
        """Send the files that a command names, and return it with tokens in place of paths.

        Raises:
            LoopError: a file cannot be read, or there is too much to send.
        """
        match command:
            case protocol.Render():
                return msgspec.structs.replace(
                    command,
                    project="",
                    source_path=self._file(command.source_path, connection),
                    with_path=self._file(command.with_path, connection),
                    fit_paths=tuple(self._file(path, connection) for path in command.fit_paths),
                    kit_path=self._kit(command.kit_path, connection),
                )
            case protocol.Analyse():
                return msgspec.structs.replace(command, path=self._file(command.path, connection))
            case protocol.WriteMidi():
                path = self._file(command.path, connection)
                return msgspec.structs.replace(command, path=path, folder="")
            case _:
                return command

    def _file(self, text: str, connection: Connection) -> str:
        """Send one file, unless the host has it; its token is a folder with its name in it."""
        if not text:
            return ""
        path = Path(text)
        data = _contents(path)
        token = hashlib.sha256(data).hexdigest()[:_TOKEN_DIGITS]
        name = f"{token}/{path.name}"
        if name not in self._sent:
            connection.wire.send(Upload(token=token, name=path.name), data)
            self._sent.add(name)
        return name

    def _kit(self, text: str, connection: Connection) -> str:
        """Send a soundfont, or the sounds in a folder, whose token stands for the folder."""
        place = Path(text)
        if not text or place.is_file():
            return self._file(text, connection)
        # A name that is not text cannot be sent, so its sound does not play there.
        names = {path.relative_to(place).as_posix(): path for path in kit_files(place)}
        sounds = {name: path for name, path in names.items() if name.isprintable()}
        digest, size = hashlib.sha256(), 0
        for name, path in sounds.items():
            found = _looked_at(path)
            size += found.st_size
            digest.update(f"{path}\0{name}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
        if size > _LARGEST_KIT:
            raise LoopError(
                f"The kit {place.name!r} is too large to send: choose a folder with fewer sounds."
            )
        token = digest.hexdigest()[:_TOKEN_DIGITS]
        if token not in self._sent:
            for name, path in sounds.items():
                connection.wire.send(Upload(token=token, name=name), _contents(path))
            self._sent.add(token)
        return token


def _contents(path: Path) -> bytes:
    try:
        return read(path, LARGEST_PAYLOAD)
    except OSError as error:
        raise _unreadable(path, error) from error


def _looked_at(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> LoopError:
    return LoopError(f"{path} cannot be read as a source: {reason_of(error)}.")
