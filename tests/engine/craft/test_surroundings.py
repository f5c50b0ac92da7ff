"""Chords, groove and room, heard in loops of plain tones and clicks with a known truth."""

import numpy as np
import pytest

from engine.craft.features import extract_features
from engine.craft.surroundings import chords_in, groove_in, room_in
from engine.loops.guide import LOWEST_OCTAVE_MIDI, OCTAVES
from engine.loops.key import Key
from tests.fakes.clips import grid_of

TRIADS = {
    "C": (48, 64, 67, 72),
    "Am": (45, 64, 69, 72),
    "F": (41, 65, 69, 72),
    "G": (43, 62, 67, 71),
}
ROOTS = {"C": 0, "Am": 9, "F": 5, "G": 7}


def tones(grid, names):
    """Return chords of equal length that fill a loop, each tone with four overtones."""
    audio = np.zeros((grid.frames, 1), np.float32)
    edges = np.linspace(0, grid.frames, len(names) + 1).astype(int)
    for name, begin, end in zip(names, edges, edges[1:], strict=False):
        time = np.arange(end - begin) / grid.rate
        for midi in TRIADS[name]:
            hertz = 440 * 2 ** ((midi - 69) / 12)
            for overtone in range(1, 5):
                audio[begin:end, 0] += 0.05 / overtone * np.sin(2 * np.pi * overtone * hertz * time)
    return audio


def clicks(grid, starts_quarters):
    audio = np.zeros((grid.frames, 1), np.float32)
    burst = np.random.default_rng(1).normal(0, 0.3, 600) * np.exp(-np.arange(600) / 120)
    for start in starts_quarters:
        first = round(start * 60 / grid.bpm * grid.rate)
        audio[(first + np.arange(600)) % grid.frames, 0] += burst
    return audio


def heard(audio, grid):
    return extract_features(audio.astype(np.float32), grid.rate, closed=True)


@pytest.mark.parametrize("key", [None, Key("C", "major")])
@pytest.mark.parametrize(
    ("names", "bars", "meter"),
    [(["C", "Am", "F", "G"], 4, "4/4"), (["C", "F", "G", "Am"], 2, "4/4"), (["Am", "G"], 2, "7/8")],
)
def test_chords_are_heard_by_half_bars(names, bars, meter, key):
    grid = grid_of(meter, bars=bars, bpm=100.0)
    chords = chords_in(heard(tones(grid, names), grid), grid, key)
    assert [chord.root for chord in chords] == [ROOTS[name] for name in names]
    length = float(grid.quarters) / len(names)
    assert [chord.start for chord in chords] == [length * number for number in range(len(names))]
    assert sum(chord.length for chord in chords) == float(grid.quarters)


def test_noise_has_no_chords():
    grid = grid_of(bars=1)
    noise = np.random.default_rng(2).normal(0, 0.1, (grid.frames, 1))
    assert chords_in(heard(noise, grid), grid, None) == ()


def test_swing_and_lateness_are_heard_within_five_milliseconds():
    grid = grid_of(bars=2, bpm=100.0)
    late = np.array([0.0, 0.06, 0.0, 0.06] * 4)
    late[4] = late[12] = 0.02
    starts = [step / 4 + late[step % 16] for step in range(32) if step % 8 != 5]
    groove = np.array(groove_in(heard(clicks(grid, starts), grid), grid))
    period = len(groove)
    assert period == 16
    assert np.abs(groove - late).max() * 60 / grid.bpm < 0.005


def test_where_nothing_starts_together_there_is_no_groove():
    grid = grid_of(bars=2, bpm=100.0)
    noise = np.random.default_rng(2).normal(0, 0.1, (grid.frames, 1))
    assert set(groove_in(heard(noise, grid), grid)) == {0.0}


def test_room_is_taken_where_and_when_it_sounds():
    grid = grid_of(bars=8, bpm=100.0)
    time = np.arange(grid.frames) / grid.rate
    audio = np.sin(2 * np.pi * 110 * time) * (time % (16 * 60 / 100) < 8 * 60 / 100)
    room = np.array(room_in(heard(0.3 * audio[:, None], grid), grid))
    octave = (45 - LOWEST_OCTAVE_MIDI) // 12
    assert room.shape == (64, OCTAVES)
    assert room[2:30, octave].min() > 0.9
    assert room[36:60, octave].max() < 0.2
    assert np.delete(room[2:30], octave, axis=1).max() < 0.6
