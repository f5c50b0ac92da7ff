import pytest

from desktop.transport.fields import FIELDS, KEYS, TapTempo, read_bpm, show_bpm
from engine.loops.errors import LoopError
from engine.loops.precedence import SessionTime

TIME = SessionTime(bpm=120.0, meter="4/4", bars=4)
FIELD = {field.name: field for field in FIELDS}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("bpm", "93,5", 93.5),
        ("bpm", " 128 bpm", 128.0),
        ("meter", "7/8", "7/8"),
        ("key", "F#m", "F# minor"),
        ("key", "any", ""),
        ("key", "", ""),
        ("bars", "3", 3),
    ],
)
def test_a_field_reads_what_a_musician_types(name, text, value):
    assert FIELD[name].read(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [("bpm", "fast"), ("bpm", "900"), ("meter", "4"), ("key", "H"), ("bars", "0"), ("bars", "-1")],
)
def test_an_invalid_value_is_refused_with_the_allowed_range(name, text):
    with pytest.raises(LoopError, match=r"is .*, but must be .*\."):
        FIELD[name].read(text)


def test_a_tempo_shows_two_decimals_or_more_if_it_has_more():
    assert show_bpm(84.0) == "84.00"
    assert show_bpm(93.3333) == "93.3333"
    assert read_bpm(show_bpm(93.3333)) == 93.3333


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@pytest.mark.parametrize("steps", [-1000, -1, 1, 1000])
def test_nudging_never_leaves_the_valid_range(field, steps):
    value = getattr(TIME, field.name)
    nudged = field.step(value, steps)
    assert field.read(field.show(nudged)) == nudged


def test_nudging_the_key_wraps_around():
    key = ""
    for _ in KEYS:
        key = FIELD["key"].step(key, 1)
    assert key == ""


def test_taps_half_a_second_apart_are_120_bpm():
    tap = TapTempo()
    assert [tap.tap(at) for at in (10.0, 10.5, 11.0)] == [None, 120.0, 120.0]


def test_tapping_starts_over_after_a_pause():
    tap = TapTempo()
    tap.tap(0.0)
    tap.tap(0.5)
    assert tap.tap(9.0) is None
    assert tap.tap(10.0) == 60.0
