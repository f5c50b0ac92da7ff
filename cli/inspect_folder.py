"""`loopwright inspect FOLDER`: a table of all audio files in a folder, one row each."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cli.engine_session import EngineSession
from cli.inspect_files import Inspected, Interrupted, as_object, inspected
from cli.output import ProgressBar, print_json, print_result, print_status
from cli.usage import EXIT_DONE, EXIT_FAILED
from engine import protocol
from engine.loops.audio_formats import AUDIO_SUFFIXES, described_formats
from engine.loops.errors import LoopError
from engine.loops.file_facts import read_facts
from engine.loops.source.facts import Origin
from engine.loops.tempo import format_bpm

_NONE = "-"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


class _Column(NamedTuple):
    """A column of the table: the numbers stand on the right, the words on the left."""

    name: str
    width: int
    is_number: bool = True

    def cell(self, text: str) -> str:
        return text.rjust(self.width) if self.is_number else text.ljust(self.width)


_COLUMNS = (
    _Column("tempo", 15),
    _Column("sure", 5),
    _Column("bars", 4),
    _Column("key", 20, is_number=False),
    _Column("sure", 5),
    _Column("length", 9),
    _Column("loudness", 10),
)
"""The file follows, as its name may have any length."""


def sound_files(folder: Path) -> list[Path]:
    """Return the audio files in a folder and in those inside it, sorted by name; no hidden ones.

    Folders that cannot be listed are named on stderr. Links to folders are not followed.

    Raises:
        LoopError: there are none.
    """
    found: list[Path] = []

    def unlisted(error: OSError) -> None:
        reason = (error.strerror or str(error)).lower()
        print_status(f"The folder {error.filename} cannot be listed: {reason}.")

    for place, folders, names in os.walk(folder, onerror=unlisted):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(place, name)
            for name in names
            if not name.startswith(".") and Path(name).suffix.lower() in AUDIO_SUFFIXES
        ]
    if not found:
        raise LoopError(
            f"No audio files are in {folder}: give a folder that has {described_formats()} files."
        )
    return sorted(found, key=lambda path: (str(path).casefold(), str(path)))


def print_folder(
    folder: Path, paths: list[Path], session: EngineSession | None, *, as_json: bool
) -> int:
    """Print a row for each file, in order, as soon as it is known, and return the exit code.

    A file that cannot be read has a row that says so, and makes the exit code 1.
    """
    if not as_json:
        print_result(_line([column.name for column in _COLUMNS], "file"))
    failed = False
    bar = ProgressBar()
    for number, path in enumerate(paths):
        name = _CONTROL.sub("?", str(path.relative_to(folder)))
        show = _part_of_bar(bar, number, len(paths), name)
        try:
            file = inspected(read_facts(path), session, show)
        except LoopError as error:
            failed = True
            bar.close()
            _print_unreadable(path, name, str(error), as_json=as_json)
        except Interrupted as interrupted:
            bar.close()
            print_status(f"Cancelled after {number} of {len(paths)} files.")
            return interrupted.interrupt.exit_code
        else:
            bar.close()
            if as_json:
                print_json(as_object(file))
            else:
                print_result(_line(_cells(file), name + _note(path, file.problem)))
    return EXIT_FAILED if failed else EXIT_DONE


def _part_of_bar(
    bar: ProgressBar, number: int, count: int, name: str
) -> Callable[[protocol.Event], None]:
    def show(event: protocol.Event) -> None:
        if isinstance(event, protocol.Progress):
            bar.show((number + event.fraction) / count, f"{number + 1} of {count}: {name[:40]}")

    return show


def _print_unreadable(path: Path, name: str, reason: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"file": os.path.abspath(path), "problems": [reason]})
    else:
        print_result(_line([_NONE] * len(_COLUMNS), name + _note(path, reason)))


def _line(cells: list[str], name: str) -> str:
    listed = [column.cell(cell) for column, cell in zip(_COLUMNS, cells, strict=True)]
    return "  ".join([*listed, name])


def _note(path: Path, problem: str) -> str:
    """Return a sentence about a file whose name stands before it."""
    reason = problem.removeprefix(f"{path} ").removeprefix(f"{os.path.abspath(path)} ")
    return f": {_CONTROL.sub('?', reason)}" if problem else ""


def _cells(file: Inspected) -> list[str]:
    source, detected, facts = file.source, file.detected, file.facts
    tempo, tempo_sure, key, key_sure = _NONE, _NONE, _NONE, _NONE
    if source.bpm is not None:
        tempo, tempo_sure = format_bpm(source.bpm.value), f"{source.bpm.certainty:.0%}"
    if detected and detected.tempos and (not source.bpm or source.bpm.origin is Origin.DETECTED):
        tempo = " or ".join(format_bpm(round(each.bpm, 2)) for each in detected.tempos)
        tempo_sure = f"{detected.tempos[0].confidence:.0%}"
    if source.key is not None:
        key, key_sure = str(source.key.value), f"{source.key.certainty:.0%}"
    if detected and detected.keys and (not source.key or source.key.origin is Origin.DETECTED):
        key = " or ".join(str(each.key) for each in detected.keys)
        key_sure = f"{detected.keys[0].confidence:.0%}"
    return [
        tempo,
        tempo_sure.replace("%", " %"),
        _NONE if source.bars is None else str(source.bars.value),
        key,
        key_sure.replace("%", " %"),
        f"{facts.frames / facts.rate:.2f} s",
        _NONE if detected is None else f"{detected.loudness_lufs:.1f} LUFS",
    ]
