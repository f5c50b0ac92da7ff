"""The relay's connection to a studio: a client of Ray that asks the desk what is new."""

import contextlib
import getpass
import io
import logging
import os
import socket
import threading
from typing import Any

import msgspec

from engine import protocol
from engine.errors import ProtocolError
from engine.remote.connection import CannotConnect, Connection, require_same_version
from engine.remote.place import StudioPlace
from engine.remote.wire import TO_RELAY, ConnectionLost, Hello, ToRelay
from engine.studio.desk import DESK, NAMESPACE
from engine.studio.packets import Packet, packet
from engine.studio.ray_settings import NoRay, require_ray
from engine.studio.status import StudioStatus

_log = logging.getLogger(__name__)
_NEWS_S = 10.0
_REACH_S = 10.0
_CLOSE_S = 1.0
_TRIES = 3


class StudioConnection(Connection):
    """A session at the desk of a studio."""

    def __init__(self, place: StudioPlace) -> None:
        """Connect, which takes some seconds.

        Raises:
            CannotConnect: there is no studio, or it does not let this machine in.
        """
        self._link = DeskLink(desk_of(place))
        super().__init__(self._link)
        try:
            require_same_version(self._link.hello, place.host)
        except CannotConnect:
            self.close()
            raise

    def hang_up(self) -> None:
        """Receive nothing any more."""
        self._link.close()


class DeskLink:
    """A link whose other end is the desk."""

    def __init__(self, desk: Any, musician: str = "") -> None:
        """Open a session for a musician, by default the user of this machine.

        Raises:
            CannotConnect: the desk does not answer.
        """
        self._desk = desk
        self._closed = threading.Event()
        self._waiting: list[Packet] = []
        who = musician or f"{_user()}@{socket.gethostname()}"
        try:
            self._name, (line, _payload) = _called(desk.open, who)
            hello = TO_RELAY.decode(line)
        except (ConnectionLost, msgspec.DecodeError) as error:
            raise CannotConnect("The studio does not answer: try again.") from error
        self.hello = hello if isinstance(hello, Hello) else Hello(0, "another version")

    def send(self, message: protocol.Message, payload: bytes = b"") -> None:
        """Tell the desk something.

        Raises:
            ConnectionLost: the desk has gone, or forgotten this session.
        """
        if not _called(self._desk.say, self._name, *packet(message, payload)):
            raise ConnectionLost("The studio has ended the session.")

    def receive(self) -> tuple[ToRelay, bytes]:
        """Wait for the next thing that the desk says.

        Raises:
            ConnectionLost: the desk has gone, or forgotten this session.
            ProtocolError: what it says is not a message.
        """
        while not self._waiting:
            if self._closed.is_set():
                raise ConnectionLost("The connection was closed.")
            news = _called(self._desk.news, self._name, _NEWS_S)
            if news is None:
                raise ConnectionLost("The studio has ended the session.")
            self._waiting = news
        line, payload = self._waiting.pop(0)
        try:
            return TO_RELAY.decode(line), payload
        except msgspec.DecodeError as error:
            raise ProtocolError(f"{line[:80]!r} is not a message: {str(error)[:200]}.") from error

    def close(self) -> None:
        """End the session."""
        if not self._closed.is_set():
            import ray

            self._closed.set()
            with contextlib.suppress(Exception):  # of Ray, which may have gone already
                ray.get(self._desk.close.remote(self._name), timeout=_CLOSE_S)


def _require_reachable(place: StudioPlace) -> None:
    """Find out quickly what Ray finds out slowly.

    Raises:
        CannotConnect: nobody listens there.
    """
    try:
        socket.create_connection((place.host, place.port), _REACH_S).close()
    except OSError as error:
        reason = (error.strerror or str(error) or "no answer").lower()
        raise CannotConnect(
            f"The studio at {place.address} cannot be reached ({reason}): start it there with "
            "'loopwright studio start', or make loops here with --engine local."
        ) from error


def status_of(place: StudioPlace) -> StudioStatus:
    """Ask the desk of a studio what goes on.

    Raises:
        CannotConnect: there is no studio, or it does not let this machine in.
        ConnectionLost: it has gone meanwhile.
    """
    with contextlib.redirect_stderr(io.StringIO()):  # what Python prints on the head
        return msgspec.json.decode(_called(desk_of(place).status), type=StudioStatus)


def desk_of(place: StudioPlace) -> Any:
    """Connect to a studio, and return Ray's handle of its desk.

    Raises:
        CannotConnect: Ray is not installed, refuses this machine, or has no desk.
    """
    try:
        require_ray()
    except NoRay as error:
        raise CannotConnect(str(error)) from error
    _require_reachable(place)
    import ray
    from ray.util import connect

    with contextlib.suppress(Exception):
        ray.shutdown()  # what is left of the connection before; none ends it, since that takes long
    for more_tries in reversed(range(_TRIES)):
        try:
            connect(
                place.address, connection_retries=1, namespace=NAMESPACE,
                ray_init_kwargs={"log_to_driver": False},
            )  # fmt: skip
            break
        except Exception as error:
            _log.info("Ray refuses: %s", error)
            # The head starts a process for each musician, which may fail while it is busy.
            if not more_tries or "server" not in str(error):
                raise CannotConnect(_refusal(place, error)) from error
    try:
        return ray.get_actor(DESK)
    except Exception as error:
        raise CannotConnect(
            f"Ray runs at {place.address}, but no studio: start it with 'loopwright studio start'."
        ) from error


def _refusal(place: StudioPlace, error: Exception) -> str:
    from ray.exceptions import AuthenticationError

    text = (str(error).strip() or type(error).__name__).splitlines()[-1][:200]
    if "version" in text.lower():
        return f"{place.host} has another version of Ray or Python: {text}"
    if isinstance(error, AuthenticationError) or "connection timeout" in text:
        return (
            f"The studio at {place.address} does not let this machine in: put the token of its "
            "head into ~/.ray/auth_token, as docs/studio.md says."
        )
    return f"The studio at {place.address} does not answer as it should ({text}): start it anew."


def _called(method: Any, *arguments: Any) -> Any:
    """Call a method of an actor, and return its result.

    Raises:
        ConnectionLost: there is none.
    """
    import ray

    try:
        return ray.get(method.remote(*arguments))
    except Exception as error:
        raise ConnectionLost(f"The studio has gone: {type(error).__name__}.") from error


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no name for this user id
        return str(os.getpid())
