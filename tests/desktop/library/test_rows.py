"""What the page of models says of a model, and how models of another machine are read."""

import pytest

from desktop.library.rows import rows_there, take_words
from engine.loops.precedence import SessionTime
from engine.models.catalogue import built_in_catalogue


@pytest.mark.parametrize(
    ("bars", "per_second", "words"),
    [
        (4, 0.75, "4 bars in about 6 s"),
        (1, 0.1, "1 bar in under 1 s"),
        (8, 20.0, "8 bars in about 5 min"),
    ],
)
def test_times_are_said_for_the_sessions_length(bars, per_second, words):
    assert take_words(SessionTime(bpm=120.0, meter="4/4", bars=bars), per_second) == words


def test_models_of_another_machine_are_shown_as_far_as_they_can_be_read():
    entries = built_in_catalogue().entries
    said = [{**entry.shown(), "state": "not downloaded"} for entry in entries]
    said += [{"id": "odd"}, {**said[-1], "id": "new", "state": "on the moon"}]
    rows = {row.id: row for row in rows_there(said)}
    assert rows.keys() == {"new", *(entry.id for entry in entries)}
    states = [rows[each].state for each in ("sketch", "musicldm", "new")]
    assert states == ["built in", "not downloaded", "scanning"]
    assert all(row.is_there for row in rows.values())
