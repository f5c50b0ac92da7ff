from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt

from desktop.clips.collection import ClipCollection
from desktop.clips.items import ClipItems
from desktop.clips.rows import Mark, row_of_name
from desktop.prompt.job_items import JobItems
from desktop.prompt.open_jobs import OpenJobs
from engine import protocol
from engine.loops.request import LoopRequest

IDS = ["abcd2345", "bcde2345", "cdef2345", "defg2345"]


def row(number):
    return row_of_name(Path(f"/p/loop-{number}_84bpm_4bars_{IDS[number]}.wav"), number)


@pytest.fixture
def collection():
    return ClipCollection()


@pytest.fixture
def items(collection, qtmodeltester):
    items = ClipItems(collection)
    qtmodeltester.check(items)
    return items


def test_the_adapter_follows_every_kind_of_change(collection, items, qtmodeltester):
    changes = [
        lambda: collection.put([row(0), row(2)]),
        lambda: collection.put([row(3)]),
        lambda: collection.put([row(1)]),
        lambda: collection.mark(IDS[1], Mark(starred=True, title="Mine")),
        lambda: collection.order_by("Starred first"),
        lambda: collection.search("mine"),
        lambda: collection.search(""),
        lambda: collection.remove([IDS[0]]),
        lambda: collection.remove(IDS),
    ]
    for change in changes:
        change()
        shown = [items.index(n).data() for n in range(items.rowCount())]
        assert shown == [each.shown_title for each in collection.shown]
        qtmodeltester.check(items)


def test_inserting_a_clip_keeps_other_positions(collection, items, qtbot):
    collection.put([row(0), row(1)])
    with qtbot.waitSignal(items.rowsInserted), qtbot.assertNotEmitted(items.modelReset):
        collection.put([row(2)])


def test_only_the_lines_that_change_are_painted_again(collection, items):
    collection.put([row(n) for n in range(4)])
    changed = []
    items.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    renamed = [msgspec.structs.replace(row(n), title="Other") for n in (0, 2, 3)]
    collection.put(renamed)  # newest first: lines 3, 1 and 0
    assert changed == [(0, 1), (3, 3)]


def test_dragging_exports_file_urls_to_copy(collection, items):
    collection.put([row(0), row(1)])
    data = items.mimeData([items.index(0), items.index(1)])
    assert [url.toLocalFile() for url in data.urls()] == [str(row(1).path), str(row(0).path)]
    assert items.supportedDragActions() == Qt.DropAction.CopyAction
    assert items.flags(items.index(0)) & Qt.ItemFlag.ItemIsDragEnabled


def test_a_screen_reader_gets_a_whole_sentence(collection, items):
    collection.put([row(0)])
    spoken = items.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "loop 0, 84 BPM, 4 bars"


def test_the_item_model_follows_the_open_jobs(qtmodeltester):
    open_jobs = OpenJobs(lambda: 0.0)
    items = JobItems(open_jobs)
    qtmodeltester.check(items)
    open_jobs.add("one", LoopRequest(prompt="drums"))
    open_jobs.add("two", LoopRequest(prompt="bass"))
    qtmodeltester.check(items)
    open_jobs.on_event(protocol.Progress("two", 0.5, "step 1/2"))
    spoken = items.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("bass, step 1/2, 50%")
    open_jobs.on_event(protocol.Done("one", ()))
    assert items.rowCount() == 1
    qtmodeltester.check(items)
