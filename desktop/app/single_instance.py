"""One window per user: a second start brings the first window forward, and ends."""

import getpass
import hashlib
import logging
import os
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_PATIENCE_MS = 1_000
_LONGEST_PATH_BYTES = 32_768
_log = logging.getLogger(__name__)


def instance_name(place: str) -> str:
    """Return the name that the windows of one user, with their settings at one place, share."""
    user = f"{getpass.getuser()}|{place}"
    return f"loopwright-{hashlib.sha256(user.encode()).hexdigest()[:16]}"


def wake_other(name: str, file: str = "") -> bool:
    """Bring the window that runs already forward; False where there is none.

    Args:
        name: what `instance_name` returned.
        file: what that window shall take as if it was dropped on it.
    """
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    _log.info("another window runs: it comes forward instead")
    if file:
        socket.write(os.fsencode(file))
        socket.waitForBytesWritten(_PATIENCE_MS)
    socket.disconnectFromServer()
    return True


class SingleInstance(QObject):
    """Listens for further starts, from when it is made until `close`."""

    def __init__(self, name: str, on_woken: Callable[[str], None]) -> None:
        """Listen; where the system does not allow it, further starts open further windows.

        Args:
            name: what `instance_name` returned.
            on_woken: called with the file that a further start names, which may be empty.
        """
        super().__init__()
        self._on_woken = on_woken
        self._callers: list[QLocalSocket] = []
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if not self._server.listen(name):
            QLocalServer.removeServer(name)  # left by a window that was killed
            self._server.listen(name)
        _log.info("listens for further starts: %s", self._server.isListening())
        self._server.newConnection.connect(self._wake)

    def close(self) -> None:
        """Listen no more."""
        self._callers.clear()  # they end with the server, and say so while they are taken apart
        self._server.close()

    def _wake(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._callers.append(socket)
            socket.disconnected.connect(self._read_callers)

    def _read_callers(self) -> None:
        """Read what further starts have said; each says all at once, and is gone."""
        unconnected = QLocalSocket.LocalSocketState.UnconnectedState
        gone = [caller for caller in self._callers if caller.state() is unconnected]
        for socket in gone:
            self._callers.remove(socket)
            file = os.fsdecode(bytes(socket.read(_LONGEST_PATH_BYTES).data()))
            socket.deleteLater()
            _log.info("started again, with a file: %s", bool(file))
            self._on_woken(file)
