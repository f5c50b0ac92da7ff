"""The files that commands name: sent to the host once per connection, and named by tokens there."""

import hashlib
from pathlib import Path

import msgspec

from engine import protocol
from engine.loops.audio_formats import AUDIO_SUFFIXES
from engine.loops.errors import LoopError
from engine.loops.files import read, reason_of
from engine.remote.connection import Connection
from engine.remote.wire import LARGEST_PAYLOAD, Upload

_TOKEN_DIGITS = 32
_LARGEST_KIT = 2**29
_MOST_KIT_FILES = 2_000


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
        """Send the sounds in a folder; its token stands for the folder."""
        if not text:
            return ""
        folder = Path(text)
        paths = [
            path for path in sorted(folder.rglob("*"))
            if path.suffix.lower() in AUDIO_SUFFIXES and path.is_file()
        ]  # fmt: skip
        if len(paths) > _MOST_KIT_FILES or sum(p.stat().st_size for p in paths) > _LARGEST_KIT:
            raise LoopError(
                f"The kit {folder.name!r} is too large to send: choose a folder with fewer sounds."
            )
        files = [(path.relative_to(folder).as_posix(), _contents(path)) for path in paths]
        digest = hashlib.sha256()
        for name, data in files:
            digest.update(f"{name}\0{len(data)}\0".encode())
            digest.update(data)
        token = digest.hexdigest()[:_TOKEN_DIGITS]
        if token not in self._sent:
            for name, data in files:
                connection.wire.send(Upload(token=token, name=name), data)
            self._sent.add(token)
        return token


def _contents(path: Path) -> bytes:
    try:
        return read(path, LARGEST_PAYLOAD)
    except OSError as error:
        raise LoopError(f"{path} cannot be read as a source: {reason_of(error)}.") from error
