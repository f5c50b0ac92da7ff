"""Tries an engine on another machine in a process of its own, as `loopwright doctor` does."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec
from PySide6.QtCore import QObject, QProcess

from engine.entry_points import program_command

_END_MS = 2_000


class Outcome(NamedTuple):
    """Whether an engine can be used there, and a sentence about it."""

    works: bool
    text: str


class _Check(msgspec.Struct):
    """What doctor says about one thing."""

    name: str = ""
    state: str = ""
    found: str = ""


class EngineTrial(QObject):
    """Runs one trial at a time, and passes its outcome to `then`."""

    def __init__(self, parent: QObject, then: Callable[[str, Outcome], None]) -> None:
        super().__init__(parent)
        self._then = then
        self._process: QProcess | None = None

    def start(self, place: str) -> None:
        """Try an address; a trial that still runs ends."""
        self.close()
        self._process = process = QProcess(self)
        process.finished.connect(lambda: self._on_end(process, place))
        process.errorOccurred.connect(lambda: self._on_end(process, place))
        program, *arguments = program_command()
        process.start(program, [*arguments, "doctor", "--json", "--engine", place])

    def close(self) -> None:
        """Kill the process of an unfinished trial."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(_END_MS)
            process.deleteLater()

    def _on_end(self, process: QProcess, place: str) -> None:
        if self._process is not process:
            return
        self._process = None
        lines = bytes(process.readAllStandardOutput().data())
        errors = bytes(process.readAllStandardError().data())
        process.deleteLater()
        self._then(place, outcome_of(lines, errors))


def outcome_of(lines: bytes, errors: bytes) -> Outcome:
    """Return the outcome from what doctor printed, as JSON and else."""
    checks = {}
    for line in lines.splitlines():
        try:
            check = msgspec.json.decode(line, type=_Check)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        checks[check.name] = check
    engine = checks.get("engine")
    if engine is None:
        said = errors.decode("utf-8", "replace").strip().splitlines()
        return Outcome(works=False, text=said[-1] if said else "It could not be tried: try again.")
    if engine.state != "ok":
        return Outcome(works=False, text=engine.found)
    device = checks.get("device", _Check()).found
    return Outcome(works=True, text=f"It works. {device}".rstrip(" .") + ".")
