"""Damaged project files, settings and recipes: read or reported, quickly, with little memory."""

import contextlib
import resource
import time
from pathlib import Path

import pytest

from desktop.clips.marks import Marks
from desktop.clips.rows import Mark
from desktop.pads.banks import Pad
from desktop.pads.store import PadStore
from desktop.state.project_file import FILE_NAME, ProjectFile
from desktop.state.settings import Settings, load_settings, save_settings
from engine.loops.errors import LoopError
from engine.loops.recipe import decode_recipe, encode_recipe
from tests.engine.loops.test_damaged_files import damaged
from tests.fakes.clips import grid_of, recipe_of

LIMIT_S, LIMIT_MB = 0.1, 64
DEEP = (b"[" * 100_000, b'{"clips":' * 50_000, b'{"clips": ' + b"9" * 100_000 + b"}", b"1e999")


def project_file(folder: Path) -> bytes:
    marks = {
        f"abcd234{number}": Mark(title=f"Loop {number}", starred=True) for number in range(2, 8)
    }
    Marks(folder).write(marks)
    PadStore(folder).write({key: Pad(clip="abcd2345") for key in range(20)})
    return (folder / FILE_NAME).read_bytes()


def read_project_file(folder: Path, data: bytes) -> None:
    (folder / FILE_NAME).write_bytes(data)
    Marks(folder).read()
    PadStore(folder).read()
    ProjectFile(folder).problem()


def settings(folder: Path) -> bytes:
    save_settings(folder / "settings.json", Settings(prompts=["a", "b"], daws_not_offered=["live"]))
    return (folder / "settings.json").read_bytes()


def read_settings(folder: Path, data: bytes) -> None:
    (folder / "settings.json").write_bytes(data)
    load_settings(folder / "settings.json")
    for aside in folder.glob("settings.damaged-*.json"):
        aside.unlink()


def recipe(_folder: Path) -> bytes:
    return encode_recipe(recipe_of(grid_of(), key="F# minor"))


def read_recipe(_folder: Path, data: bytes) -> None:
    with contextlib.suppress(LoopError):
        decode_recipe(data)


KINDS = {
    "project file": (project_file, read_project_file),
    "settings": (settings, read_settings),
    "recipe": (recipe, read_recipe),
}


@pytest.mark.hold(11)
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_documents_are_read_or_reported_quickly(tmp_path, hold, kind, expect_log):
    write, read = KINDS[kind]
    if kind != "recipe":
        expect_log("cannot be used")
    whole, count, dice = write(tmp_path), hold.count(150, 1_000), hold.dice()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    worst_s = 0.0
    for number in range(count):
        data = DEEP[number] if number < len(DEEP) else damaged(whole, dice)
        began = time.thread_time()
        read(tmp_path, data)
        worst_s = max(worst_s, time.thread_time() - began)
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    text = f"{kind} damaged {count:,} times: at most {{ms:.0f}} ms, memory +{{mb:.0f}} MB"
    hold.figure(11, text, ms=worst_s * 1_000, mb=grown_mb)
    assert worst_s < LIMIT_S
    assert grown_mb < LIMIT_MB
