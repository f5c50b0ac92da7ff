import pytest

from desktop.pads.banks import Pad
from desktop.pads.edits import PadEdits
from desktop.pads.store import PadStore
from desktop.state.notices import Notices
from playback.clocks import Quantize

pytestmark = pytest.mark.usefixtures("qapp")


class CountingStore(PadStore):
    writes = 0

    def write(self, pads, line=None):
        self.writes += 1
        super().write(pads, line)


def test_changes_during_a_drag_are_written_together(qtbot, tmp_path, writer):
    store = CountingStore(tmp_path)
    edits = PadEdits(store, writer, Notices())
    with qtbot.waitSignal(writer.idle, timeout=20_000):
        for level in range(-20, 1):
            edits.keep(0, Pad(clip="abcd2345", level_db=float(level)))
        edits.keep(1, Pad(clip="bcde2345"))
        edits.keep_line(Quantize.BEAT)
    assert store.writes == 1
    pads = {0: Pad(clip="abcd2345"), 1: Pad(clip="bcde2345")}
    assert edits.read() == (pads, Quantize.BEAT)
    edits.save()
    assert writer.finish() == ""
    assert store.writes == 1  # nothing was left to write


def test_closing_writes_pending_changes(tmp_path, writer):
    edits = PadEdits(PadStore(tmp_path), writer, Notices())
    edits.keep(0, Pad(clip="abcd2345"))
    writer.close()
    assert edits.read()[0] == {0: Pad(clip="abcd2345")}


def test_unsaved_pads_are_written_with_the_next_change(qtbot, tmp_path, writer):
    notices, shown_notices = Notices(), []
    notices.show_with(shown_notices.append)
    project = tmp_path / "moved away"
    edits = PadEdits(PadStore(project), writer, notices)
    edits.keep(0, Pad(clip="abcd2345"))
    qtbot.waitUntil(lambda: bool(shown_notices), timeout=20_000)
    project.mkdir()
    edits.keep(1, Pad(clip="bcde2345"))
    assert writer.finish() == ""
    assert edits.read()[0] == {0: Pad(clip="abcd2345"), 1: Pad(clip="bcde2345")}
    assert len(shown_notices) == 1
