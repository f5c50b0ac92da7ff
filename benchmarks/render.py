"""All of `loopwright render` with sketch, compared with just `import torch`.

A program that ships a model with torch waits for that import before it can do anything else.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.children import python, run_s
from benchmarks.runner import CannotMeasure, Case, Side, peer_if_there

PROMPT = "dusty lo-fi drums with swing"


def cases() -> Iterator[Case]:
    """Yield the cases of this benchmark."""
    importing = Side("python -c 'import torch'", lambda: run_s(python("-c", "import torch")))
    peer, note = peer_if_there("torch", "torch", importing)
    for what, measure in (
        ("process start to file on disk", _file_on_disk_s),
        ("process start to process end", _whole_process_s),
    ):
        ours = Side("loopwright render, 4 bars", measure)
        yield Case("render", what, "s", more_is_better=False, ours=ours, peer=peer, note=note)


def _whole_process_s() -> float:
    with tempfile.TemporaryDirectory() as folder:
        return run_s(_command(Path(folder)))


def _file_on_disk_s() -> float:
    with tempfile.TemporaryDirectory() as folder:
        begun_ns = time.time_ns()
        run_s(_command(Path(folder)))
        clips = list(Path(folder).glob("*.wav"))
        if len(clips) != 1:
            raise CannotMeasure(f"loopwright render wrote {len(clips)} clips instead of one.")
        # The change time is the moment of the rename, when a DAW first sees the file.
        return (clips[0].stat().st_ctime_ns - begun_ns) / 1e9


def _command(project: Path) -> list[str]:
    script = Path(sys.executable).with_name("loopwright")
    program = str(script) if script.exists() else shutil.which("loopwright")
    if program is None:
        raise CannotMeasure("The command 'loopwright' is not installed next to this Python.")
    flags = ["--bars", "4", "--bpm", "84", "--seed", "1", "--project", str(project)]
    return [program, "render", PROMPT, *flags]
