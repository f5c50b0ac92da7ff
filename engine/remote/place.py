"""Another machine with an engine: `ssh://BOX`."""

import re
import shlex
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from engine.errors import EngineError

_PROGRAM = "loopwright"
_HOST = re.compile(r"[A-Za-z0-9_.:%\[\]-]+")
_USER = re.compile(r"[A-Za-z0-9_.-]+")
_SSH = (
    "ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15",
    "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3", "-o", "ClearAllForwardings=yes",
)  # fmt: skip
"""No password prompts, since nobody could see them, and a lost connection is noticed in 30 s."""


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
        try:
            parts = urlsplit(text)
            port = parts.port
            host, user = parts.hostname or "", parts.username or ""
        except ValueError:
            parts, port, host, user = urlsplit(""), None, "", ""
        is_plain = _HOST.fullmatch(host) and (not user or _USER.fullmatch(user))
        # What begins with a dash, ssh would take for an option.
        if (
            not text.isprintable()
            or parts.scheme != "ssh"
            or not is_plain
            or host[0] == "-"
            or user[:1] == "-"
        ):
            raise EngineError(
                f"The engine {text[:80]!r} is not like 'local' or 'ssh://box': correct it."
            )
        # urlsplit lowers the host; names of an ssh configuration keep their case.
        written = text.partition("://")[2].partition("/")[0].rpartition("@")[2]
        cased = written[: len(host)] if written.lower().startswith(host) else host
        path = unquote(parts.path)
        return cls(cased, user, port, path if path != "/" else "")

    def command(self) -> list[str]:
        """Return the command that connects to a host there, on stdin and stdout."""
        port = [] if self.port is None else ["-p", str(self.port)]
        target = f"{self.user}@{self.host}" if self.user else self.host
        # A shell without a login lacks the folder in which tools of the user are.
        found = f'PATH="$HOME/.local/bin:$PATH" exec {_PROGRAM} serve'
        run = f"exec {shlex.quote(self.program)} serve" if self.program else found
        return [*_SSH, *port, "--", target, run]
