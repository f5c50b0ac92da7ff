"""Marks that are edited while earlier ones are still being written."""

import threading

import pytest

from desktop.clips.collection import ClipCollection
from desktop.clips.mark_edits import MarkEdits
from desktop.clips.marks import Marks
from desktop.clips.rows import Mark, row_of_name
from desktop.state.notices import Notices
from tests.fakes.project_holder import block_project

CLIP = "abcd2345"
STARRED = Mark(starred=True)
LIMIT_MS = 20_000

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def gate(writer):
    """Keeps the writer from beginning until it is set."""
    gate = threading.Event()
    writer.write(gate.wait, lambda: None, pytest.fail)
    yield gate
    gate.set()


@pytest.fixture
def collection(tmp_path):
    collection = ClipCollection()
    collection.put([row_of_name(tmp_path / f"loop_84bpm_4bars_{CLIP}.wav", 1)])
    return collection


@pytest.fixture
def shown_notices():
    return []


@pytest.fixture
def edits(tmp_path, collection, writer, shown_notices):
    notices = Notices()
    notices.show_with(shown_notices.append)
    edits = MarkEdits(Marks(tmp_path), collection, writer, notices)
    edits.read()()
    return edits


@pytest.fixture
def shown(collection):
    """Call it for the mark that the list shows."""
    return lambda: collection.row(CLIP).mark


@pytest.fixture
def settle(qtbot, writer, gate):
    """Let the writer go on, and wait until it has done everything."""

    def settle_():
        with qtbot.waitSignal(writer.idle, timeout=LIMIT_MS):
            gate.set()

    return settle_


def test_the_last_of_quick_edits_is_shown_and_stored(tmp_path, edits, shown, settle):
    for mark in (STARRED, Mark(), STARRED):
        edits.apply({CLIP: mark})
        assert shown() == mark
    settle()
    assert shown() == STARRED
    assert Marks(tmp_path).read() == {CLIP: STARRED}


def test_a_failed_edit_shows_the_stored_value_again(tmp_path, edits, shown, settle, shown_notices):
    Marks(tmp_path).write({CLIP: Mark(title="Küche")})
    edits.read()()
    block_project(tmp_path)
    edits.apply({CLIP: Mark(title="Küche", starred=True)})
    edits.apply({CLIP: Mark(title="Kitchen", starred=True)})
    settle()
    assert shown() == Mark(title="Küche")
    assert all("cannot store marks" in notice.text for notice in shown_notices)
    assert len(shown_notices) == 2


def test_a_failed_edit_does_not_hide_a_later_one(
    tmp_path, edits, writer, shown, settle, shown_notices
):
    hidden = block_project(tmp_path)
    edits.apply({CLIP: STARRED})
    writer.write(hidden.unlink, lambda: None, pytest.fail)
    edits.apply({CLIP: Mark(starred=True, title="Kitchen")})
    settle()
    assert len(shown_notices) == 1
    assert shown() == Mark(starred=True, title="Kitchen")
    assert Marks(tmp_path).read() == {CLIP: shown()}


def test_marks_read_after_their_clip_was_found_are_shown(tmp_path, edits, shown):
    Marks(tmp_path).write({CLIP: STARRED})  # Somebody else's, in a folder that is back.
    told = []
    edits.on_shown = told.append
    edits.read()()
    assert shown() == STARRED
    assert told == [CLIP]
