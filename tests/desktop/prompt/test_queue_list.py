import pytest

from desktop.prompt.queue_list import left_text


@pytest.mark.parametrize(
    ("left_s", "text"),
    [(0.2, "1 s left"), (11.4, "11 s left"), (89, "89 s left"), (505, "8 min left")],
)
def test_the_time_left_is_shown_in_minutes_or_seconds(left_s, text):
    assert left_text(left_s) == text
