"""Runs the process that follows an Ableton Link session, `bridge.daws.link`; ends it by handle."""

import contextlib
import logging
import subprocess
import sys
from typing import Self

_PATIENCE_S = 2.0
_log = logging.getLogger(__name__)


class LinkProcess:
    """One process of Link, from the start to the end of a `with` block, or to `close`."""

    def __init__(self, port: int) -> None:
        """Start it; it speaks to the bridge on a port of this machine."""
        self._ended_with = ""
        self._process: subprocess.Popen[bytes] | None = None
        if getattr(sys, "frozen", False):
            self._ended_with = (
                "Link is GPL and no part of this build: install Loopwright from its source, with "
                "the extra 'link'."
            )
            return
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-m", "bridge.daws.link", str(port)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        _log.info("Link starts as process %d", self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fault(self) -> str:
        """Return in a sentence why it has ended by itself; empty while it runs."""
        process = self._process
        if process is not None and process.poll() is not None:
            self._ended_with = _last_line(process) or f"Link ended with code {process.returncode}."
            self._process = None
            _log.info("Link ended by itself: %s", self._ended_with)
        return self._ended_with

    def close(self) -> None:
        """End it: ask, then terminate."""
        process, self._process = self._process, None
        if process is None:
            return
        with process:
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.terminate()
        _log.info("Link ended with status %s", process.returncode)


def _last_line(process: "subprocess.Popen[bytes]") -> str:
    with process:
        said = process.stderr.read() if process.stderr is not None else b""
    lines = said.decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
