"""One window per user: a second start brings the first window to the front, and exits.

The starts meet at a socket in a folder that only this user can enter, and each side checks that the
other end belongs to the same user: nobody else on the machine can learn a file name, or pose as the
window. A start that gets no answer opens a window.
"""

import getpass
import hashlib
import logging
import os
import socket as sockets
import stat
import struct
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_PATIENCE_MS = 2_000
_LONGEST_MESSAGE_BYTES = 65_536
_WELCOME = b"loopwright\n"
_END_OF_PATH = b"\0"
_PATHS = 2
_log = logging.getLogger(__name__)


def instance_name(place: str) -> str:
    """Return the name shared by all starts of one user with the same settings file.

    Except on Windows it is the path of a socket; empty if there is no safe folder for one.
    """
    user = f"{getpass.getuser()}|{place}"
    name = f"loopwright-{hashlib.sha256(user.encode()).hexdigest()[:16]}"
    if sys.platform == "win32":
        return name  # pipes have no folder; the access list of ours names this user alone
    folder = runtime_folder()
    return "" if folder is None else str(folder / name)


def runtime_folder() -> Path | None:
    """Return this user's folder for sockets, which nobody else can enter; None if there is none."""
    by_system = os.environ.get("XDG_RUNTIME_DIR", "")
    if by_system and _is_private(Path(by_system)):
        return Path(by_system)
    folder = Path(tempfile.gettempdir()) / f"loopwright-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        _log.warning("there is no folder for the window's socket", exc_info=True)
        return None
    if _is_private(folder):
        return folder
    _log.warning("the folder for the window's socket is not this user's alone: it is not used")
    return None


def _is_private(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    mine = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    return mine and not status.st_mode & 0o077


def is_own_user(connection: QLocalSocket) -> bool:
    """Return whether the other end of a connection belongs to this user."""
    if sys.platform == "win32":
        return True  # see `instance_name`
    with sockets.socket(fileno=os.dup(connection.socketDescriptor())) as peer:
        try:
            if sys.platform == "linux":
                wanted = struct.Struct("3i")  # process, user, group
                facts = peer.getsockopt(sockets.SOL_SOCKET, sockets.SO_PEERCRED, wanted.size)
                user = wanted.unpack(facts)[1]
            else:
                user = struct.unpack_from("=II", peer.getsockopt(0, 1, 76))[1]  # LOCAL_PEERCRED
        except OSError:
            return False
    return bool(user == os.getuid())


def wake_other(name: str, file: str = "", project: str = "") -> bool:
    """Bring the running window to the front; return False if no window of this user answers.

    Args:
        name: name from `instance_name`.
        file: file for that window to handle as if it had been dropped on it.
        project: project folder for that window to open.
    """
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not name or not socket.waitForConnected(_PATIENCE_MS):
        return False
    if not is_own_user(socket):
        _log.warning("the window's socket belongs to another user: opening a window without it")
        return False
    socket.write(b"".join(os.fsencode(path) + _END_OF_PATH for path in (file, project)))
    socket.waitForBytesWritten(_PATIENCE_MS)
    answered = socket.waitForReadyRead(_PATIENCE_MS)
    answer = bytes(socket.read(len(_WELCOME)).data()) if answered else b""
    socket.abort()
    if answer != _WELCOME:
        _log.warning("what holds the window's socket does not answer: opening another window")
        return False
    _log.info("another window is running: it was brought to the front")
    return True


class SingleInstance(QObject):
    """Listens for further starts, from creation to `close`."""

    def __init__(self, name: str, on_woken: Callable[[str, str], None]) -> None:
        """Listen; if the system does not allow it, further starts open further windows.

        Args:
            name: name from `instance_name`.
            on_woken: called with the file and the project of a further start; both may be empty.
        """
        super().__init__()
        self._on_woken = on_woken
        self._callers: list[QLocalSocket] = []
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if name and not self._server.listen(name):
            QLocalServer.removeServer(name)  # left over from a killed window
            self._server.listen(name)
        _log.info("listening for later starts: %s", self._server.isListening())
        self._server.newConnection.connect(self._greet)

    def close(self) -> None:
        """Stop listening."""
        self._callers.clear()  # the server deletes them, and they emit signals while it does
        self._server.close()

    def _greet(self) -> None:
        while self._server.hasPendingConnections():
            caller = self._server.nextPendingConnection()
            if not is_own_user(caller):
                _log.warning("ignored a message from another user")
                caller.abort()
                caller.deleteLater()
                continue
            self._callers.append(caller)
            caller.readyRead.connect(self._read_callers)
            caller.disconnected.connect(self._read_callers)
        self._read_callers()

    def _read_callers(self) -> None:
        """Read the messages of further starts, one from each, and drop closed connections."""
        unconnected = QLocalSocket.LocalSocketState.UnconnectedState
        for caller in list(self._callers):
            received = bytes(caller.peek(_LONGEST_MESSAGE_BYTES).data())
            *paths, _more = received.split(_END_OF_PATH, _PATHS)
            end = len(paths) == _PATHS
            if end or len(received) == _LONGEST_MESSAGE_BYTES or caller.state() is unconnected:
                self._callers.remove(caller)
                caller.write(_WELCOME if end else b"")
                caller.flush()
                caller.disconnectFromServer()
                caller.deleteLater()
            if end:
                file, project = (os.fsdecode(path) for path in paths)
                _log.info(
                    "started again, with a file: %s, a project: %s", bool(file), bool(project)
                )
                self._on_woken(file, project)
