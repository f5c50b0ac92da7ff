"""The last look at a take: form, badges, ranking."""

import numpy as np
import pytest

from benchmarks.craft.noise import noise
from benchmarks.craft.takes import known_loop, raw_take
from engine.craft.finish import finish, rank
from engine.errors import EngineError
from engine.loops.take import Take
from engine.loops.tempo import LoopGrid

GRID = LoopGrid(bpm=120.0, bars=1)


def tone(level=0.5, frames=GRID.frames, channels=2):
    wave = level * np.sin(np.arange(frames) * (2 * np.pi * 100 / frames))
    return np.repeat(wave.astype(np.float32)[:, None], channels, axis=1)


def clicks(bpm=120.0, seconds=5, rate=48_000):
    """Bursts on each beat, every fourth of them low, every other one bright."""
    noise = np.random.default_rng(3)
    audio = np.zeros((seconds * rate, 2), np.float32)
    length = rate // 12
    fall = np.exp(-np.arange(length) / (0.02 * rate))[:, None]
    low = np.sin(2 * np.pi * 60 * np.arange(length) / rate)[:, None] * fall
    for beat in range(int(seconds * bpm / 60)):
        start = round(beat * 60 / bpm * rate)
        burst = low if beat % 2 == 0 else noise.standard_normal((length, 1)) * fall * 0.3
        part = audio[start : start + length]
        part += (0.5 * burst[: len(part)]).astype(np.float32)
    return audio


def take(audio, **changes):
    return Take(**{"audio": audio, "rate": GRID.rate, "seed": 1, "exact": True} | changes)


def test_a_good_take_passes_unchanged():
    audio = tone()
    finished = finish(take(audio, seed=9, text_match=0.4), 3, GRID)
    assert finished.audio is audio
    assert (finished.number, finished.seed, finished.badges) == (3, 9, ())
    assert finished.scores.text_match == 0.4
    assert not finished.rejected


@pytest.mark.parametrize(
    ("level", "badges"),
    [(0.0, ("silent",)), (0.0013, ("silent",)), (0.0015, ()), (1.0, ()), (1.01, ("clipped",))],
)
def test_takes_too_soft_or_too_loud_are_rejected(level, badges):
    assert finish(take(tone(level)), 0, GRID).badges == badges


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_non_finite_take_is_rejected_and_can_still_be_written(value):
    audio = tone()
    audio[100, 1] = value
    finished = finish(take(audio), 0, GRID)
    assert finished.badges == ("not finite",)
    assert finished.audio[100, 1] == 0
    assert np.isfinite(finished.audio).all()
    assert np.isfinite([finished.scores.loudness_db, finished.scores.seam]).all()


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (take(tone()[:0]), r"returned float32 audio of shape \(0, 2\)"),
        (
            take(tone(frames=GRID.frames + 1)),
            "returned 96001 frames at 48000 Hz instead of 96000 at 48000",
        ),
        (
            take(tone(), rate=44_100),
            "returned 96000 frames at 44100 Hz instead of 96000 at 48000 Hz",
        ),
        (take(tone().astype(np.float64)), r"returned float64 audio of shape \(96000, 2\)"),
        (take(tone()[:, 0]), r"returned float32 audio of shape \(96000,\)"),
        (take(tone().T), r"returned float32 audio of shape \(2, 96000\)"),
    ],
)
def test_a_malformed_take_is_blamed_on_the_model(broken, sentence):
    with pytest.raises(EngineError, match=sentence):
        finish(broken, 0, GRID)


def test_a_one_shot_has_no_seam():
    shot = LoopGrid(bpm=120.0, bars=0, seconds=2.0)
    audio = tone()
    audio[-1] = 0.9
    assert finish(take(audio), 0, shot).scores.seam == 0.0
    assert finish(take(audio), 0, GRID).scores.seam > 10


def test_an_inexact_take_becomes_exact_stereo_at_the_rate_of_the_grid():
    raw = Take(audio=tone(frames=40_000, channels=1), rate=16_000, seed=1)
    finished = finish(raw, 0, GRID)
    assert finished.audio.shape == (GRID.frames, 2)
    assert finished.audio.dtype == np.float32
    assert finished.repairs is not None


def test_noise_never_ranks_above_a_loop_and_is_rejected():
    finished = [
        finish(noise("white", 1), 0, GRID),
        finish(take(clicks(), exact=False), 1, GRID),
    ]
    assert "only noise" in finished[0].badges
    assert finished[0].rejected
    assert [each.number for each in rank(finished)] == [1, 0]


def test_steady_noise_of_any_colour_never_ranks_above_a_raw_take():
    colours = [finish(noise(k, 6), 0, GRID) for k in ("white", "brown", "dull", "swelling")]
    assert [worst.badges[0] for worst in colours] == ["only noise"] * 4
    for role in ("drums", "pad"):
        raw = raw_take(known_loop("ambient", role, 5, key="C minor"), 5)
        best = finish(raw.take, 1, raw.loop.grid)
        assert not best.rejected
        assert rank([*colours, best])[0] is best


def test_a_quiet_take_is_raised_badged_and_ranked_below_a_loud_one():
    quiet, loud = (
        finish(take(clicks() * np.float32(level), exact=False), number, GRID)
        for number, level in enumerate((0.002, 1.0))
    )
    assert "quiet" in quiet.badges
    assert not quiet.rejected
    assert [each.number for each in rank([quiet, loud])] == [1, 0]


def test_a_take_at_another_tempo_is_badged():
    finished = finish(take(clicks(bpm=93.0, seconds=8), exact=False), 0, GRID)
    assert any(badge.startswith("requested 120, detected 93") for badge in finished.badges)


def test_an_inexact_one_shot_is_cut_to_length_and_fades_out():
    shot = LoopGrid(bpm=120.0, bars=0, seconds=1.0)
    finished = finish(take(tone(), exact=False), 0, shot)
    assert len(finished.audio) == shot.frames
    assert abs(finished.audio[-1]).max() < 0.001


def test_kept_takes_come_before_rejected_ones_and_otherwise_keep_their_order():
    levels = [0.0, 0.5, 2.0, 0.4, 0.3]
    finished = [finish(take(tone(level)), n, GRID) for n, level in enumerate(levels)]
    assert [each.number for each in rank(finished)] == [1, 3, 4, 0, 2]


def test_a_step_at_the_seam_lowers_the_score_of_an_exact_take():
    assert finish(take(tone()), 0, GRID).scores.total == 1.0
    broken = tone()
    broken[0] = -1.0
    assert finish(take(broken), 0, GRID).scores.total < 1.0


@pytest.mark.parametrize("closed", [False, True])
def test_repairing_a_take_can_be_cancelled_between_any_two_steps(closed):
    grid = LoopGrid(bpm=120.0, bars=1)
    audio = np.random.default_rng(1).uniform(-0.5, 0.5, (100_000, 1)).astype(np.float32)
    take_ = Take(audio=audio, rate=grid.rate, seed=1, closed=closed)
    calls = []
    finish(take_, 0, grid, check=lambda: calls.append(1))
    assert len(calls) > 30

    for last in (1, 8, len(calls) // 2, len(calls)):
        left = [None] * last

        def give_up(left=left):
            left.pop()
            if not left:
                raise InterruptedError

        with pytest.raises(InterruptedError):
            finish(take_, 0, grid, check=give_up)
