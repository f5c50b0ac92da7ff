import pytest

from desktop.pads.fields import PAD_FIELDS
from engine.loops.errors import OutOfRange

FIELDS = {field.name: field for field in PAD_FIELDS}


@pytest.mark.parametrize(
    ("name", "text", "value", "shown"),
    [
        ("choke", "none", 0, "none"),
        ("choke", "3", 3, "3"),
        ("semitones", "-7", -7, "\N{MINUS SIGN}7 st"),
        ("semitones", "+0,5 st", 0.5, "+0.5 st"),
        ("level_db", "\N{MINUS SIGN}2.5 dB", -2.5, "\N{MINUS SIGN}2.5 dB"),
        ("level_db", "0", 0, "0 dB"),
        ("pan", "20 L", -0.2, "20 L"),
        ("pan", "35r", 0.35, "35 R"),
        ("pan", "-10", -0.1, "10 L"),
        ("pan", "centre", 0, "centre"),
        ("start", "12.5 %", 0.125, "12.5 %"),
        ("end", "100", 1, "100 %"),
    ],
)
def test_typed_values_are_read_and_shown(name, text, value, shown):
    read = FIELDS[name].read(text)
    assert read == pytest.approx(value)
    assert FIELDS[name].show(read) == shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("choke", "9"), ("choke", "x"), ("semitones", "25"), ("semitones", "nan"),
        ("level_db", "loud"), ("level_db", "7"), ("pan", "101"), ("pan", "L"), ("start", "-1"),
        ("end", "101 %"), ("end", ""),
    ],
)  # fmt: skip
def test_invalid_values_are_refused_in_a_sentence(name, text):
    with pytest.raises(OutOfRange, match="must be"):
        FIELDS[name].read(text)


@pytest.mark.parametrize("field", PAD_FIELDS, ids=lambda field: field.name)
def test_steps_stay_in_range_and_can_be_read_again(field):
    for steps in (1_000, -1_000):
        value = field.step(0, steps)
        assert field.read(field.show(value)) == pytest.approx(value)
