import pytest
from PySide6.QtCore import Qt

from bridge.osc.clients import Endpoint
from bridge.osc.messages import build
from bridge.osc.traffic import MOST_KEPT, TrafficLog
from desktop.daw.traffic_items import COLUMNS, TrafficItems

LIVE = Endpoint("127.0.0.1", 5000)


@pytest.fixture
def log():
    return TrafficLog(clock=lambda: 1.25)


@pytest.fixture
def items(qtmodeltester):
    items = TrafficItems()
    qtmodeltester.check(items)
    return items


def addresses(items):
    return [items.index(row, 2).data() for row in range(items.rowCount())]


def note(log, count, first=0):
    for number in range(first, first + count):
        log.note(build(f"/{number}", "text"), LIVE, came_in=True)


def test_messages_arrive_in_batches_and_the_oldest_are_dropped(items, log, qtmodeltester):
    shown = 0
    for count in (3, 150, 1, 199, 500):
        note(log, count, shown)
        shown += count
        items.take(log.since(items.last_number))
        qtmodeltester.check(items)
        expected = [f"/{number}" for number in range(max(shown - MOST_KEPT, 0), shown)]
        assert addresses(items) == expected
    items.take(log.since(items.last_number))
    assert items.rowCount() == MOST_KEPT
    items.clear()
    qtmodeltester.check(items)
    assert items.rowCount() == 0


def test_large_bundles_show_only_their_last_messages(items, log):
    inner = build("/a")
    bundle = b"#bundle\0" + bytes(7) + b"\1" + (len(inner).to_bytes(4, "big") + inner) * 60
    for _ in range(50):
        log.note(bundle, LIVE, came_in=True)
    items.take(log.since(0))
    assert items.rowCount() == MOST_KEPT


def test_a_row_is_copied_as_it_is_shown(items, log):
    note(log, 2)
    log.note(build("/lw/pong"), Endpoint("127.0.0.1", 6000), came_in=False)
    items.names = {LIVE: "live"}
    items.take(log.since(0))
    assert [items.headerData(n, Qt.Orientation.Horizontal) for n in range(5)] == list(COLUMNS)
    cells = [items.index(1, column).data() for column in range(5)]
    assert cells[0].endswith(".250")
    assert cells[1:] == ["in", "/1", '"text"', "live"]
    assert items.text([1]) == "  ".join(cells)
    assert items.text([]).count("\n") == 2
    assert items.text([2]).split()[1:] == ["out", "/lw/pong", "127.0.0.1:6000"]
