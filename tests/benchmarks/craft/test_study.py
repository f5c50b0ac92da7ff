"""The study of craft, small: the measures and repairs hold on loops whose truth is known."""

import numpy as np
import pytest

from benchmarks.craft.files import files
from benchmarks.craft.noise import noises
from benchmarks.craft.study import measures, sound
from benchmarks.craft.takes import RHYTHMIC, known_loops, raw_take
from engine.craft.finish import finish
from engine.loops.measure import seam


def test_tempo_bar_and_key_of_known_loops_are_detected():
    figures = measures(12)
    assert figures["takes: tempo asked for is up to 6 % off, 0.3 %"] >= 85
    assert figures["loops: tempo, all"] >= 85
    assert figures["loops: phase of the bar within 20 ms, drums"] >= 60
    assert figures["loops: key, chords"] >= 85


def test_a_small_stretch_preserves_attacks_and_pitch():
    figures = sound(2)
    assert figures["drums: onset strength, ratio, worst"] >= 0.9


def test_noise_is_classified_as_noise_and_drums_are_not():
    figures = noises(2)
    assert figures["drums: called only noise, %"] == 0
    assert [figures[f"noise, {kind}: called only noise, %"] for kind in ("white", "dull")] == [
        100
    ] * 2


def test_loops_are_used_unchanged_and_raw_takes_are_cut():
    figures = files(4)
    assert figures["drums: tempo and bars right, %"] == 100
    assert figures["raw takes of any length: taken as it is, %"] == 0


def test_raw_takes_get_an_exact_length_at_their_own_tempo_and_loop():
    for number, loop in enumerate(known_loops(2, RHYTHMIC)):
        raw = raw_take(loop, number)
        made = finish(raw.take, 0, loop.grid)
        _check(made, raw, loop)


def _check(made, raw, loop):
    assert made.audio.shape == (loop.grid.frames, 2)
    assert made.repairs.stretch == pytest.approx(raw.faster, rel=0.002)
    cut = np.roll(made.audio, made.repairs.turned_frames, axis=0)
    assert seam(cut) <= 1.0  # where the end was joined to the beginning
    # The file begins elsewhere, at an attack: its step is one of those that attacks have.
    steps = np.abs(np.diff(made.audio, axis=0)).max(axis=1)
    assert np.abs(made.audio[0] - made.audio[-1]).max() <= steps.max()
    assert -30 < made.scores.loudness_lufs <= -15.9
    assert made.scores.true_peak_db <= -0.9
