"""A real studio on this machine: the head and boxes are processes of Ray, started as people do."""

import contextlib
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.entry_points import ENGINE_VARIABLE, module_command

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None or importlib.util.find_spec("grpc") is None,
    reason="needs Ray: install the extra 'studio'",
)
_SMALL = ["--object-store-memory=80000000", "--include-dashboard=false", "--num-cpus=1"]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Studio:
    """A head with some workers; more boxes may join."""

    def __init__(self, folder: Path, workers: int):
        self.folder = folder
        self.token = folder / "token"
        self.boxes: list[Path] = []
        self.port, self.join_port = free_port(), free_port()
        self.environment = os.environ | {
            "RAY_AUTH_TOKEN_PATH": str(self.token),
            "TMPDIR": str(folder),
            "OMP_NUM_THREADS": "1",
        }
        self.environment.pop(ENGINE_VARIABLE, None)
        ports = ["--port", str(self.port), "--join-port", str(self.join_port)]
        self.said = self.run("start", *ports, "--workers", str(workers), "--", *_SMALL)

    @property
    def place(self) -> str:
        return f"ray://127.0.0.1:{self.port}"

    def join(self, name: str, workers: int = 1) -> None:
        """Let another box join, which is a folder on this machine."""
        box = self.folder / name
        box.mkdir()
        self.boxes.append(box)
        head = f"127.0.0.1:{self.join_port}"
        self.run("join", head, "--workers", str(workers), "--", *_SMALL[::2], folder=box)

    def run(self, *arguments: str, folder: Path | None = None) -> str:
        """Run `loopwright studio`, and return what it prints."""
        command = [*module_command("cli.main"), "studio", *arguments]
        environment = self.environment | {"TMPDIR": str(folder or self.folder)}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def status(self) -> dict[str, Any]:
        """Return what `studio status` says."""
        shown: dict[str, Any] = json.loads(self.run("status", "--port", str(self.port), "--json"))
        return shown

    def processes(self, name: str = "", box: Path | None = None) -> list[psutil.Process]:
        """Return the processes of this studio, or of one box, whose command begins with a name."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                environment = process.environ()
                of_us = environment.get("RAY_AUTH_TOKEN_PATH") == str(self.token)
                if box is not None:
                    of_us = of_us and environment.get("TMPDIR") == str(box)
                if of_us and " ".join(process.cmdline()).startswith(name):
                    found.append(process)
        return found

    def stop(self) -> None:
        for box in self.boxes:
            self.run("stop", folder=box)
        self.run("stop")
        left = self.processes()
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, 10)


@contextlib.contextmanager
def running_studio(workers: int = 1) -> Iterator[Studio]:
    """Start a studio, and end it with all of its processes."""
    # Not the folder of the test: paths of sockets must be short.
    folder = Path(tempfile.mkdtemp(prefix="lw"))
    studio = Studio(folder, workers)
    try:
        yield studio
    finally:
        studio.stop()
        shutil.rmtree(folder, ignore_errors=True)
