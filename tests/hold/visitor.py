"""Does with hostile project folders what the window, the bridge and the engine do with a project.

It prints the names of the operations that raised something unexpected or told a secret. If one of
them hangs, the process ends with a traceback.
"""

import contextlib
import faulthandler
import json
import logging
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from desktop.clips.marks import Marks
from desktop.clips.peaks import PeakStore
from desktop.clips.rows import Mark
from desktop.pads.banks import Pad
from desktop.pads.store import PadStore
from desktop.state.project_file import ProjectFile
from engine.loops.audio_file import read_audio
from engine.loops.errors import LoopError
from engine.loops.file_facts import read_facts
from engine.loops.library import Library
from engine.loops.project import Project
from tests.hold.strangers import SECRET, prepare

LIMIT_S = 20


def write_all(folder):
    project = Project.open(folder, create=False)
    for number, into in enumerate(("", "rejected", "latents")):
        with contextlib.suppress(LoopError):
            project.write(f"new_4bars_{project.new_id()}.wav", bytes([number]) * 999, into=into)
    with project.growing() as (_, stream):
        stream.write(b"preview")


def titles(folder):
    library, found = Library(folder), []
    for clip_id in library.ids():
        with contextlib.suppress(LoopError):
            found.append(library.clip(clip_id).title)
    return found


def waveforms(folder):
    store = PeakStore(folder)
    for path in sound_files(folder):
        with contextlib.suppress(OSError, ValueError):
            store.of(path.stem[-8:], path)


def sound_files(folder):
    """Return what the list of clips has: links are no clips."""
    return [path for path in folder.glob("*.wav") if not path.is_symlink()]


def facts(folder):
    for path in sound_files(folder):
        for read in (read_facts, read_audio):
            with contextlib.suppress(LoopError):
                read(path)


USES = {
    "open and write": write_all,
    "list": titles,
    "marks": lambda folder: Marks(folder).read(),
    "change marks": lambda folder: Marks(folder).write({"abcd2345": Mark(title="x")}),
    "pads": lambda folder: PadStore(folder).read(),
    "change pads": lambda folder: PadStore(folder).write({0: Pad(clip="abcd2345")}),
    "problem": lambda folder: ProjectFile(folder).problem(),
    "waveforms": waveforms,
    "facts": facts,
}


def visit(folder: Path) -> list[str]:
    """Use a folder in all ways; return what was wrong."""
    faults = []
    for name, use in USES.items():
        faulthandler.dump_traceback_later(LIMIT_S, exit=True)
        told = ""
        try:
            told = repr(use(folder))
        except LoopError as error:
            told = str(error)
        except Exception as error:  # noqa: BLE001 - anything else is what is looked for
            faults.append(f"{name}: {error!r}")
        if SECRET in told:
            faults.append(f"{name} told what is outside")
    faulthandler.cancel_dump_traceback_later()
    return faults


if __name__ == "__main__":
    logging.disable()
    place, outside, begin, count = Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:5])
    for number in range(begin, begin + count):
        found = prepare(place / str(number), outside, random.Random(number))
        for fault in visit(place / str(number)):
            sys.stdout.write(json.dumps([fault, found]) + "\n")
