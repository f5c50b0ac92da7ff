from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.loops.errors import LoopError, OutOfRange
from engine.loops.tempo import (
    METER_DENOMINATORS,
    RATES,
    LoopGrid,
    Meter,
    bars_named,
    checked_bpm,
    exact_bpm,
    format_bpm,
)

tempos = st.integers(200_000, 4_000_000).map(lambda n: n / 10_000)
meters = st.builds(Meter, st.integers(1, 32), st.sampled_from(METER_DENOMINATORS))
rates = st.one_of(st.sampled_from(RATES), st.integers(44_100, 96_000))


def frames_by_integers(bpm_text: str, meter: Meter, bars: int, rate: int) -> int:
    """Compute the frames of a loop without fractions: one division of whole numbers."""
    whole, _, decimals = bpm_text.partition(".")
    bpm_ten_thousandths = int(whole + decimals.ljust(4, "0"))
    dividend = bars * meter.numerator * 4 * 60 * rate * 10_000
    divisor = meter.denominator * bpm_ten_thousandths
    frames, rest = divmod(dividend, divisor)
    if 2 * rest > divisor or (2 * rest == divisor and frames % 2):
        frames += 1
    return frames


@given(tempos, meters, st.integers(1, 1024), rates)
def test_frames_are_exact_for_any_tempo_meter_bars_and_rate(bpm, meter, bars, rate):
    grid = LoopGrid(bpm=bpm, meter=meter, bars=bars, rate=rate)
    assert grid.frames == frames_by_integers(f"{bpm:.4f}", meter, bars, rate)


@pytest.mark.parametrize(
    ("bpm", "meter", "bars", "rate", "frames"),
    [
        (120.0, "4/4", 1, 48_000, 96_000),
        (128.0, "4/4", 4, 48_000, 360_000),
        (93.3, "4/4", 4, 44_100, 453_762),
        (174.0, "4/4", 8, 44_100, 486_621),
        (120.0, "7/8", 3, 48_000, 252_000),
        (90.0, "6/8", 2, 96_000, 384_000),
        (400.0, "1/32", 1, 44_100, 827),
        (20.0, "4/4", 1, 96_000, 1_152_000),
    ],
)
def test_frames_of_known_loops(bpm, meter, bars, rate, frames):
    grid = LoopGrid(bpm=bpm, meter=Meter.parse(meter), bars=bars, rate=rate)
    assert grid.frames == frames


def test_a_length_halfway_between_two_frames_rounds_to_even():
    # 1/32 at 240 BPM lasts 1/32 s: 1,378.125 frames at 44.1 kHz, and 44,112 / 32 = 1,378.5.
    grid = LoopGrid(bpm=240.0, meter=Meter(1, 32), bars=1, rate=44_112)
    assert float(grid.length_s * grid.rate) == 1378.5
    assert grid.frames == 1378


@given(tempos, meters, st.integers(1, 64), st.sampled_from(RATES))
def test_each_beat_is_within_half_a_frame_of_its_exact_position(bpm, meter, bars, rate):
    grid = LoopGrid(bpm=bpm, meter=meter, bars=bars, rate=rate)
    beats = grid.beat_frames
    assert len(beats) == bars * meter.numerator
    assert beats[0] == 0
    assert beats[-1] < grid.frames
    with localcontext() as context:
        context.prec = 60
        beat = Decimal(4) / meter.denominator * 60 / Decimal(f"{bpm:.4f}") * rate
        for number, frame in enumerate(beats):
            exact = number * beat
            assert abs(exact - frame) <= Decimal("0.5")
            assert frame == int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


@given(tempos)
def test_a_tempo_keeps_its_decimals(bpm):
    assert checked_bpm(bpm) == bpm
    assert exact_bpm(bpm) * 10_000 == round(bpm * 10_000)
    assert float(format_bpm(bpm)) == bpm


@given(tempos)
def test_a_float32_tempo_is_read_as_the_intended_decimal(bpm):
    assert checked_bpm(float(np.float32(bpm))) == bpm


@pytest.mark.parametrize(
    ("bpm", "text"), [(128.0, "128"), (93.5, "93.5"), (100.0, "100"), (128.3701, "128.3701")]
)
def test_a_tempo_is_written_without_trailing_zeros(bpm, text):
    assert format_bpm(bpm) == text


@pytest.mark.parametrize(
    "bpm", [0, -1, 19.9999, 400.0001, float("nan"), float("inf"), float("-inf"), 10**400]
)
def test_a_tempo_outside_20_to_400_is_refused(bpm):
    with pytest.raises(OutOfRange, match=r"^The tempo is .*, but must be 20 to 400 BPM\.$"):
        checked_bpm(bpm)


@given(meters)
def test_a_formatted_meter_is_parsed_back(meter):
    assert Meter.parse(str(meter)) == meter
    assert Meter.parse(f" {meter.numerator} / {meter.denominator} ") == meter


@pytest.mark.parametrize("text", ["0/4", "33/4", "4/3", "4/64", "4", "4/4/4", "-4/4", "", "a/b"])
def test_an_invalid_meter_is_refused(text):
    with pytest.raises(OutOfRange, match=r"^The meter is '.*', but must be "):
        Meter.parse(text)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"rate": 22_050}, "The sample rate is 22050, but must be 44100, 48000, 88200, 96000."),
        ({"bars": 0}, "The number of bars is 0, but must be 1 to 1024."),
        ({"bars": -4}, "The number of bars is -4, but must be 1 to 1024."),
        ({"bars": 1025}, "The number of bars is 1025, but must be 1 to 1024."),
        ({"bpm": float("nan")}, "The tempo is nan, but must be 20 to 400 BPM."),
        ({"meter": Meter(0, 4)}, "The meter is '0/4', but must be 1-32 over 1, 2, 4, 8, 16 or 32."),
        ({"seconds": 0.001}, "The length is 0.001, but must be 0.01 to 600 s."),
        ({"seconds": float("nan")}, "The length is nan, but must be 0.01 to 600 s."),
        (
            {"bars": 1024, "bpm": 20.0},
            "1024 bars of 4/4 at 20 BPM last 12288 s, over the limit of 600 s: ask for fewer bars.",
        ),
    ],
)
def test_an_invalid_grid_is_refused_in_one_sentence(fields, sentence):
    with pytest.raises(LoopError) as caught:
        LoopGrid(**{"bpm": 120.0, **fields}).checked()
    assert str(caught.value) == sentence


@given(st.integers(10, 600_000), tempos, st.sampled_from(RATES))
def test_the_frames_of_a_one_shot_depend_only_on_its_seconds(milliseconds, bpm, rate):
    grid = LoopGrid(bpm=bpm, seconds=milliseconds / 1000, rate=rate).checked()
    whole, rest = divmod(milliseconds * rate, 1000)
    assert grid.frames == whole + (rest > 500 or (rest == 500 and whole % 2 == 1))
    assert grid.beat_frames == [0]
    assert not grid.is_loop


@pytest.mark.parametrize(
    ("text", "bars"), [("3", (3,)), ("2-4", (2, 3, 4)), ("1,3", (1, 3)), (" 4 , 1-2", (1, 2, 4))]
)
def test_bars_are_parsed_as_musicians_write_them(text, bars):
    assert bars_named(text, 4) == bars


@pytest.mark.parametrize("text", ["", "0", "5", "3-2", "two", "1-9999", "1,,2", "-1"])
def test_invalid_bars_are_refused(text):
    with pytest.raises(OutOfRange, match="The list of bars to redo"):
        bars_named(text, 4)
