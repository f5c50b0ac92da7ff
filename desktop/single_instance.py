"""One window per user: a second start brings the first window forward, and ends."""

import getpass
import hashlib
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_PATIENCE_MS = 1_000


def instance_name(place: str) -> str:
    """Return the name that the windows of one user, with their settings at one place, share."""
    user = f"{getpass.getuser()}|{place}"
    return f"loopwright-{hashlib.sha256(user.encode()).hexdigest()[:16]}"


def wake_other(name: str) -> bool:
    """Bring the window that runs already forward; False where there is none."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    socket.disconnectFromServer()
    return True


class SingleInstance(QObject):
    """Listens for further starts, from when it is made until `close`."""

    def __init__(self, name: str, on_woken: Callable[[], None]) -> None:
        """Listen; where the system does not allow it, further starts open further windows."""
        super().__init__()
        self._on_woken = on_woken
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if not self._server.listen(name):
            QLocalServer.removeServer(name)  # left by a window that was killed
            self._server.listen(name)
        self._server.newConnection.connect(self._wake)

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _wake(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            self._on_woken()
