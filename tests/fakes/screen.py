"""A virtual screen for tests of the real window, with a window manager, driven by xdotool."""

import contextlib
import os
import subprocess
import time
from pathlib import Path

LIMIT_S = 60


class Screen:
    """A separate X server with a window manager; `start` starts programs on it."""

    def __init__(self, stack, home: Path) -> None:
        self._stack = stack
        self._home = home
        read, write = os.pipe()
        command = [
            "Xvfb",
            "-displayfd",
            str(write),
            "-screen",
            "0",
            "2200x1100x24",
            "-nolisten",
            "tcp",
        ]
        self._enter(command, pass_fds=(write,), env=None)
        os.close(write)
        with os.fdopen(read) as pipe:
            self._display = f":{pipe.readline().strip()}"
        self.start("openbox")

    def start(self, *command, more=None, **options) -> subprocess.Popen:
        """Start a program on it; `more` is added to its environment."""
        kept = {"PATH": os.environ["PATH"], "HOME": str(self._home), "LANG": "C.UTF-8"}
        env = {**kept, "DISPLAY": self._display, **(more or {})}
        return self._enter(command, env=env, **options)

    def do(self, *arguments) -> str:
        """Run xdotool and return what it prints."""
        env = {"PATH": os.environ["PATH"], "DISPLAY": self._display}
        command = ["xdotool", *map(str, arguments)]
        return subprocess.run(
            command, env=env, capture_output=True, text=True, check=True, timeout=LIMIT_S
        ).stdout

    def place(self, title: str, x: int, y: int) -> str:
        """Wait for a window, move it, and return its number."""
        give_up_at = time.monotonic() + LIMIT_S
        while not (found := self._find(title)):
            assert time.monotonic() < give_up_at, f"there is no window {title}"
            time.sleep(0.05)
        self.do("windowmove", "--sync", found[-1], x, y)
        return found[-1]

    def _find(self, title: str) -> list[str]:
        """Return the windows of that title; a window that goes meanwhile ends the search, too."""
        with contextlib.suppress(subprocess.CalledProcessError):
            return self.do("search", "--onlyvisible", "--name", f"^{title}$").split()
        return []

    def _enter(self, command, **options) -> subprocess.Popen:
        process = self._stack.enter_context(
            subprocess.Popen(command, stderr=subprocess.DEVNULL, **options)
        )
        self._stack.callback(process.terminate)
        return process
