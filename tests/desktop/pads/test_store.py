import json

import pytest

from desktop.clips.marks import Marks
from desktop.clips.rows import Mark
from desktop.pads.banks import EMPTY, Pad
from desktop.pads.store import PadStore
from engine.loops.errors import ProjectError
from playback.clocks import Quantize
from playback.pad_voices import Mode

PAD = Pad(clip="abcd2345", mode=Mode.GATE, choke=2, level_db=-2.5, pan=-0.2, end=0.5)


@pytest.fixture
def keep(tmp_path):
    return PadStore(tmp_path).write


@pytest.fixture
def read(tmp_path):
    return PadStore(tmp_path).read


def test_pads_are_restored_by_clip_id(tmp_path, keep, read):
    keep({0: PAD, 63: Pad(clip="bcde2345")}, Quantize.BEAT)
    assert read() == ({0: PAD, 63: Pad(clip="bcde2345")}, Quantize.BEAT)
    section = json.loads((tmp_path / "loopwright.json").read_text("utf-8"))["pads"]
    assert section["D"] == {"16": {"clip": "bcde2345"}}


def test_a_project_without_pads_quantises_to_bars(read):
    assert read() == ({}, Quantize.BAR)


def test_a_cleared_pad_is_forgotten(keep, read):
    keep({0: PAD, 1: PAD})
    keep({0: EMPTY})
    assert read()[0] == {1: PAD}


def test_marks_and_unknown_fields_are_preserved(tmp_path, keep, read):
    Marks(tmp_path).write({"abcd2345": Mark(starred=True)})
    path = tmp_path / "loopwright.json"
    contents = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**contents, "pads": {"swing": 58, "A": {"99": 1}}}), "utf-8")
    keep({0: PAD})
    section = json.loads(path.read_text("utf-8"))["pads"]
    assert (section["swing"], section["A"]["99"]) == (58, 1)
    assert Marks(tmp_path).read() == {"abcd2345": Mark(starred=True)}
    assert read()[0] == {0: PAD}


@pytest.mark.parametrize(
    "section",
    [
        [1, 2],
        {"A": [], "quantise": 7},
        {"A": {"0": {"clip": "x"}, "17": {"clip": "x"}, "one": {"clip": "x"}}},
        {"A": {"1": {"clip": "x", "pan": 9}, "2": {"clip": 3}, "3": None, "4": {"mode": "?"}}},
        {"A": {"1": {"choke": 2}}},
    ],
)
def test_damaged_entries_are_skipped(tmp_path, read, section):
    (tmp_path / "loopwright.json").write_text(json.dumps({"pads": section}), "utf-8")
    assert read() == ({}, Quantize.BAR)


def test_an_unwritable_folder_is_reported(tmp_path, keep):
    (tmp_path / ".loopwright").write_text("a file where the folder should be", "utf-8")
    with pytest.raises(ProjectError, match="cannot store pads"):
        keep({0: PAD})
