"""The judge of drums: it tells apart what differs, and takes for real what does not."""

import numpy as np
import soundfile

from benchmarks.drum_features import drum_features
from benchmarks.sketch_judge import Heard, judges, real_loops, taken_for_real

RATE = 44_100


def _loops(mean, groups, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(mean, 1, (30, 4))
    return Heard(tuple("abcd"), values, np.array([f"{groups} {n % 6}" for n in range(30)]))


def test_a_judge_takes_for_real_what_is_like_the_real():
    real, fake, like_real = (
        _loops(mean, group, seed)
        for seed, (mean, group) in enumerate([(2, "pack"), (-2, "style"), (2, "style")])
    )
    for judge in judges().values():
        assert taken_for_real(judge, real, fake, real) > 0.9
        assert taken_for_real(judge, real, fake, fake) < 0.1
        assert taken_for_real(judge, real, fake, like_real) > 0.9


def test_measures_do_not_depend_on_level_rate_or_channels():
    time = np.arange(2 * RATE) / RATE
    beat = np.sin(2 * np.pi * 180 * time) * np.exp(-((time % 0.25) * 30))
    beat += 0.2 * np.random.default_rng(1).standard_normal(len(time)) * ((time % 0.5) < 0.02)
    audio = beat.astype(np.float32)[:, None]
    first, softer = (
        drum_features(audio, RATE),
        drum_features(np.repeat(audio * 0.1, 2, axis=1), RATE),
    )
    assert first.keys() == softer.keys()
    for name, value in first.items():
        assert abs(value - softer[name]) < 0.2, name
    assert first["side/mid"] == -40


def test_real_loops_are_grouped_by_their_folders(tmp_path):
    noise = np.random.default_rng(2).uniform(-0.5, 0.5, (RATE, 2)).astype(np.float32)
    for source in ("one", "two"):
        (tmp_path / source).mkdir()
        soundfile.write(tmp_path / source / "loop.wav", noise, RATE)
        (tmp_path / source / "notes.txt").write_text("no audio")
    found = real_loops(tmp_path, 5)
    assert found.groups.tolist() == ["one", "two"]
    assert np.isfinite(found.values).all()
