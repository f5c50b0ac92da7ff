"""One window per user: a second start brings the first window to the front, and exits."""

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
    """Return the name shared by all starts of one user with the same settings file."""
    user = f"{getpass.getuser()}|{place}"
    return f"loopwright-{hashlib.sha256(user.encode()).hexdigest()[:16]}"


def wake_other(name: str, file: str = "") -> bool:
    """Bring the running window to the front; return False if there is none.

    Args:
        name: name from `instance_name`.
        file: file for that window to handle as if it had been dropped on it.
    """
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    _log.info("another window is running: bringing it to the front")
    if file:
        socket.write(os.fsencode(file))
        socket.waitForBytesWritten(_PATIENCE_MS)
    socket.disconnectFromServer()
    return True


class SingleInstance(QObject):
    """Listens for further starts, from creation to `close`."""

    def __init__(self, name: str, on_woken: Callable[[str], None]) -> None:
        """Listen; if the system does not allow it, further starts open further windows.

        Args:
            name: name from `instance_name`.
            on_woken: called with the file of a further start; empty if there is none.
        """
        super().__init__()
        self._on_woken = on_woken
        self._callers: list[QLocalSocket] = []
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if not self._server.listen(name):
            QLocalServer.removeServer(name)  # left over from a killed window
            self._server.listen(name)
        _log.info("listening for further starts: %s", self._server.isListening())
        self._server.newConnection.connect(self._wake)

    def close(self) -> None:
        """Stop listening."""
        self._callers.clear()  # the server deletes them, and they emit signals while it does
        self._server.close()

    def _wake(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._callers.append(socket)
            socket.disconnected.connect(self._read_callers)

    def _read_callers(self) -> None:
        """Read the messages of further starts, which send one message and disconnect."""
        unconnected = QLocalSocket.LocalSocketState.UnconnectedState
        gone = [caller for caller in self._callers if caller.state() is unconnected]
        for socket in gone:
            self._callers.remove(socket)
            file = os.fsdecode(bytes(socket.read(_LONGEST_PATH_BYTES).data()))
            socket.deleteLater()
            _log.info("started again, with a file: %s", bool(file))
            self._on_woken(file)
