"""Where an engine may be: `ssh://BOX` for another machine, `ray://HEAD` for a studio."""

import re
import shlex
from typing import NamedTuple, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from engine.errors import EngineError

STUDIO_PORT = 10001
"""Where the head of a studio listens for musicians, unless it was told otherwise."""
_PROGRAM = "loopwright"
_HOST = re.compile(r"[A-Za-z0-9_.:%\[\]-]+")
_USER = re.compile(r"[A-Za-z0-9_.-]+")
_SSH = (
    "ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15",
    "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3", "-o", "ClearAllForwardings=yes",
)  # fmt: skip
"""No password prompts, since nobody could see them, and a lost connection is noticed in 30 s."""


class Place(Protocol):
    """Where an engine is, if not on this machine."""

    @property
    def host(self) -> str:
        """The name of the machine, for the screen."""


class SshPlace(NamedTuple):
    """Another machine, as ssh knows it.

    Attributes:
        host: a name of the user's ssh configuration, or an address.
        user: empty for the configured one.
        port: None for the configured one.
        program: the path of `loopwright` there; empty if it is where shells find it.
    """

    host: str
    user: str = ""
    port: int | None = None
    program: str = ""

    @classmethod
    def parse(cls, text: str) -> "SshPlace":
        """Read `ssh://[USER@]BOX[:PORT][/PATH/TO/loopwright]`.

        Raises:
            EngineError: it is not of that form.
        """
        parts, host, user, port = _split(text, "ssh")
        path = unquote(parts.path)
        return cls(host, user, port, path if path != "/" else "")

    def command(self) -> list[str]:
        """Return the command that connects to a host there, on stdin and stdout."""
        port = [] if self.port is None else ["-p", str(self.port)]
        target = f"{self.user}@{self.host}" if self.user else self.host
        # A shell without a login lacks the folder in which tools of the user are.
        found = f'PATH="$HOME/.local/bin:$PATH" exec {_PROGRAM} serve'
        run = f"exec {shlex.quote(self.program)} serve" if self.program else found
        return [*_SSH, *port, "--", target, run]


class StudioPlace(NamedTuple):
    """A studio: its head, and the port there for musicians."""

    host: str
    port: int = STUDIO_PORT

    @classmethod
    def parse(cls, text: str) -> "StudioPlace":
        """Read `ray://HEAD[:PORT]`.

        Raises:
            EngineError: it is not of that form.
        """
        parts, host, user, port = _split(text, "ray")
        if user or parts.path not in ("", "/"):
            raise _unreadable(text)
        return cls(host, port or STUDIO_PORT)

    @property
    def address(self) -> str:
        """The host and the port as one text; an IPv6 address stands in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_place(text: str) -> SshPlace | StudioPlace:
    """Read the address of an engine on other machines.

    Raises:
        EngineError: it is not one.
    """
    return StudioPlace.parse(text) if text.startswith("ray://") else SshPlace.parse(text)


def _split(text: str, scheme: str) -> tuple[SplitResult, str, str, int | None]:
    """Return the parts of an address, and of them host, user and port, none of which can be more.

    Raises:
        EngineError: it has not this scheme, or a part of it could be taken for an option.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
        host, user = parts.hostname or "", parts.username or ""
    except ValueError:
        raise _unreadable(text) from None
    is_plain = _HOST.fullmatch(host) and (not user or _USER.fullmatch(user))
    # What begins with a dash, ssh would take for an option.
    if (
        not text.isprintable()
        or parts.scheme != scheme
        or not is_plain
        or host[0] == "-"
        or user[:1] == "-"
    ):
        raise _unreadable(text)
    # urlsplit lowers the host; names of an ssh configuration keep their case.
    written = text.partition("://")[2].partition("/")[0].rpartition("@")[2]
    cased = written[: len(host)] if written.lower().startswith(host) else host
    return parts, cased, user, port


def _unreadable(text: str) -> EngineError:
    return EngineError(
        f"The engine {text[:80]!r} is not like 'local', 'ssh://box' or 'ray://head': correct it."
    )
