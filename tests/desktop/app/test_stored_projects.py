"""Projects and settings that earlier versions left behind open in this one."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest
import soundfile

from desktop.clips.marks import Marks
from desktop.pads.store import PadStore
from desktop.state.settings import load_settings
from engine.loops.file_facts import read_facts
from engine.version import VERSION
from tests.cli.program import REAL, Program
from tests.desktop.window import LIMIT_MS, windows
from tests.fakes.silent_player import SilentPlayer
from tests.stored.make import facts_of

STORED = Path(__file__).resolve().parents[2] / "stored"
VERSIONS = sorted(path.name for path in STORED.iterdir() if (path / "expected.json").is_file())


def plain(value):
    """Return a value as it comes out of a file of JSON."""
    return json.loads(msgspec.json.encode(value))


@pytest.fixture(params=VERSIONS)
def stored(request, tmp_path):
    """What one version left behind, as a copy."""
    return Path(shutil.copytree(STORED / request.param, tmp_path / request.param))


@pytest.fixture
def project(stored):
    return stored / "project"


@pytest.fixture
def expected(stored):
    return json.loads((stored / "expected.json").read_text("utf-8"))


def test_this_version_has_a_stored_project():
    assert VERSION in VERSIONS, "make it with 'python tests/stored/make.py'"


def test_recipes_are_read(project, expected):
    assert len(expected["clips"]) == len(list(project.glob("*.wav"))) == 3
    for clip in expected["clips"]:
        now = facts_of(project / clip["file"])
        assert {name: now[name] for name in clip} == clip


def test_files_match_their_recipes(project, expected):
    for clip in expected["clips"]:
        info = soundfile.info(project / clip["file"])
        assert (info.frames, info.samplerate) == (clip["frames"], clip["rate"])
        assert read_facts(project / clip["file"]).recipe.program.startswith("Loopwright ")


def test_titles_stars_and_tags_are_read(project, expected):
    marks = {clip: plain(mark) for clip, mark in Marks(project).read().items()}
    assert marks == expected["marks"]


def test_pads_are_read(project, expected):
    pads, line = PadStore(project).read()
    found = {str(key): plain(pad) for key, pad in pads.items()}
    assert (found, line.value) == (expected["pads"], expected["quantise"])


def test_settings_are_read(stored, expected):
    settings = plain(load_settings(stored / "settings.json"))
    assert not list(stored.glob("*.damaged*"))
    assert {name: settings[name] for name in expected["settings"]} == expected["settings"]


def test_each_clip_can_be_made_again_from_its_recipe(project, expected, tmp_path):
    program = Program(tmp_path, REAL)
    for clip in expected["clips"]:
        source = [str(path) for path in project.glob(f"*_{clip['source']}.wav")]
        result = program.run(
            "again", str(project / clip["file"]), "--project", str(project),
            *(["--source", *source] if source else []),
        )  # fmt: skip
        assert result.code == 0, result.err
        info = soundfile.info(result.lines[0])
        assert (info.frames, info.samplerate) == (clip["frames"], clip["rate"])


def test_the_window_shows_the_clips_with_their_titles(qapp, qtbot, project, expected):
    with windows(qapp, project, SilentPlayer(), []) as open_window:
        desktop = open_window()
        qtbot.waitUntil(lambda: desktop.collection.total == 3, timeout=LIMIT_MS)
        rows = {row.id: row for row in desktop.collection.shown}
        for clip_id, mark in expected["marks"].items():
            assert plain(rows[clip_id].mark) == mark
