"""Runs `bridge.daws.link`, which follows an Ableton Link session, in its own process."""

import contextlib
import logging
import subprocess
import sys
from typing import Self

from engine.entry_points import module_command

_EXIT_LIMIT_S = 2.0
_log = logging.getLogger(__name__)


class LinkProcess:
    """The Link process, from its creation to the end of a `with` block or to `close`."""

    def __init__(self, port: int) -> None:
        """Start the process; it sends to the bridge on this port of this machine."""
        self._fault = ""
        self._process: subprocess.Popen[bytes] | None = None
        if getattr(sys, "frozen", False):
            self._fault = (
                "This build does not include Ableton Link, which is GPL: install Loopwright from "
                "source with the extra 'link'."
            )
            return
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            module_command("bridge.daws.link", str(port)),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        _log.info("Link process %d started", self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fault(self) -> str:
        """Return a sentence that says why the process ended by itself; empty while it runs."""
        process = self._process
        if process is not None and process.poll() is not None:
            code = process.returncode
            self._fault = _last_line(process) or f"Ableton Link stopped with exit code {code}."
            self._process = None
            _log.info("Link process exited by itself: %s", self._fault)
        return self._fault

    def close(self) -> None:
        """Close the process's stdin, and terminate it if it does not exit in 2 s."""
        process, self._process = self._process, None
        if process is None:
            return
        with process:
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
            try:
                process.wait(_EXIT_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.terminate()
        _log.info("Link process stopped with status %s", process.returncode)


def _last_line(process: "subprocess.Popen[bytes]") -> str:
    with process:
        output = process.stderr.read() if process.stderr is not None else b""
    lines = output.decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
