import pytest

from desktop.prompt.job_items import JobItems
from desktop.prompt.open_jobs import OpenJobs
from desktop.prompt.queue_list import CARD_HEIGHT, QueueList, left_text
from desktop.theme.colours import DARK


@pytest.mark.parametrize(
    ("left_s", "text"),
    [(0.2, "1 s left"), (11.4, "11 s left"), (89, "89 s left"), (505, "8 min left")],
)
def test_the_time_left_is_shown_in_minutes_or_seconds(left_s, text):
    assert left_text(left_s) == text


@pytest.mark.parametrize(("height", "cards"), [(48, 1), (90, 1), (92, 2), (139, 2), (200, 4)])
def test_only_whole_cards_are_shown(qtbot, height, cards):
    queue = QueueList(DARK, JobItems(OpenJobs()))
    qtbot.addWidget(queue)
    queue.resize(200, height)
    queue.show()
    assert (queue.viewport().height() + 4) // (CARD_HEIGHT + 4) == cards
    assert (queue.viewport().height() + 4) % (CARD_HEIGHT + 4) == 0
