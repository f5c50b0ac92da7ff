"""Runs the real `loopwright` as a process with its own home, and finds what it leaves behind."""

import contextlib
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import NamedTuple, Self

import psutil

LIMIT_S = 120
"""How long a test waits for the program; far longer than it ever takes."""

REAL = [sys.executable, "-P", "-m", "cli.main"]
WITH_FAKES = [sys.executable, "-P", str(Path(__file__).with_name("program_with_fakes.py"))]
_MARK = "LOOPWRIGHT_TEST_MARK"


class Result(NamedTuple):
    """What a run of the program printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def sentence(self) -> str:
        """The last line on stderr, which is the error."""
        return self.err.strip().splitlines()[-1]


class Program:
    """The program, with a home and a project folder that are empty at first.

    As a context manager it fails if an engine outlives the program.
    """

    def __init__(self, folder: Path, command: list[str]) -> None:
        self.home = folder / "home"
        self.project = folder / "project"
        self.logs = folder / "logs"
        self.home.mkdir(exist_ok=True)
        self.command = command
        self._mark = uuid.uuid4().hex

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_details: object) -> None:
        if error is None:
            assert not self.engines_left()

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: os.environ[name]
            for name in ("PATH", "PYTHONPATH", "SYSTEMROOT", "OMP_NUM_THREADS")
            if name in os.environ
        }
        places = {"HOME": str(self.home), "LOOPWRIGHT_LOGS": str(self.logs)}
        return {**kept, **places, "LANG": "C.UTF-8", _MARK: self._mark}

    def start(self, *arguments: str | bytes, **options) -> subprocess.Popen:
        """Start the program; its output is captured unless the options say otherwise."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [*self.command, *arguments],
            **{"env": self.environment, "preexec_fn": _default_signals, **pipes, **options},
        )

    def run(self, *arguments: str | bytes, **options) -> Result:
        """Run the program to its end."""
        with self.start(*arguments, **options) as process:
            return self.end_of(process)

    def end_of(self, process: subprocess.Popen) -> Result:
        out, err = process.communicate(timeout=LIMIT_S)
        return Result(process.returncode, (out or b"").decode(), (err or b"").decode())

    def render(self, prompt: str | bytes, *arguments: str | bytes, **options) -> Result:
        """Render into the project folder of this test."""
        return self.run("render", prompt, "--project", str(self.project), *arguments, **options)

    def clips(self) -> list[Path]:
        return sorted(self.project.rglob("*.wav"))

    def leftovers(self) -> list[Path]:
        """Return every file in home and project that is not a finished clip."""
        files = [
            path
            for folder in (self.home, self.project)
            for path in folder.rglob("*")
            if path.is_file()
        ]
        return [path for path in files if path.suffix != ".wav"]

    def engines_left(self) -> list[psutil.Process]:
        """Return the processes that outlive this program, after some time to exit."""
        _, alive = psutil.wait_procs(self.processes(), timeout=20)
        return alive

    def processes(self) -> list[psutil.Process]:
        """Return the running processes of this program, including its children."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(_MARK) == self._mark:
                    found.append(process)
        return found


@contextlib.contextmanager
def running_bridge(program, *arguments, environment=None):
    """Start a bridge on a free port; yields the process and its port."""
    process = program.start(
        "bridge", "--port", "0", "--project", str(program.project), *arguments,
        env={**program.environment, **(environment or {})},
    )  # fmt: skip
    try:
        line = process.stdout.readline().decode()
        assert line.startswith("127.0.0.1:"), process.stderr.read()
        yield process, int(line.rpartition(":")[2])
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _default_signals() -> None:
    """Restore the signals of a terminal: the process that runs the tests may ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
