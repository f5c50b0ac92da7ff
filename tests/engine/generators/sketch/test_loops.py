"""The loops that sketch makes, as files on disk would hold them."""

import functools
import hashlib

import msgspec
import numpy as np
import pytest

from engine.generators.sketch.generator import SketchGenerator
from engine.generators.sketch.styles import STYLES
from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid
from tests.engine.generators.sketch import listening as heard
from tests.engine.generators.sketch.study import RATE, ROLES, loop

FUNK = "dry funk drums"


@pytest.mark.parametrize(
    ("style", "role"),
    [
        (style, role)
        for row, role in enumerate(ROLES)
        for number, style in enumerate(STYLES)
        # Each style plays all its parts in a full mix; each part also plays alone in a third.
        if role == "full mix" or (row + number) % 3 == 0
    ],
)
def test_a_loop_is_exact_finite_and_closed(style, role):
    brief, audio = loop(f"{style} {role}", 21, bars=1)
    assert audio.dtype == np.float32
    assert audio.shape == (brief.grid.frames, 2)
    assert np.isfinite(audio).all()
    assert 0.2 < np.abs(audio).max() <= 0.9, "neither silent nor clipped"
    assert audio.std() > 0.01
    assert np.abs(audio.mean(axis=0)).max() < 1e-4, "no DC"
    steps = np.abs(np.diff(np.concatenate([audio, audio[:1]]), axis=0)).max(axis=1)
    assert steps[-1] <= max(np.percentile(steps[:-1], 99.9), 1e-3), "no step at the seam"


@pytest.mark.parametrize(
    ("meter", "rate"),
    [("3/4", 44_100), ("6/8", 88_200), ("5/4", 96_000), ("7/8", 44_100), ("12/8", 88_200),
     ("7/16", 96_000)],
)  # fmt: skip
def test_a_loop_has_its_exact_length_in_any_meter_at_any_rate(meter, rate):
    brief, audio = loop("funk full mix", 4, meter=meter, rate=rate, bpm=133.37, bars=1)
    assert audio.shape == (brief.grid.frames, 2)
    assert audio.std() > 0.01


@pytest.mark.parametrize(
    ("prompt", "low_hz", "high_hz", "share"),
    [
        ("house bass", 20, 300, 0.75),
        ("dub bass", 20, 250, 0.8),
        ("trap hi-hats", 4000, 20_000, 0.6),
        ("house kick", 30, 250, 0.7),
        ("jazz lead", 300, 6000, 0.8),
        ("synthwave pad", 80, 3000, 0.8),
        ("rock chords", 60, 4000, 0.8),
    ],
)
def test_the_energy_is_in_the_range_of_the_role(prompt, low_hz, high_hz, share):
    for seed in range(4):
        _, audio = loop(prompt, seed, bars=1)
        assert heard.band_share(audio, RATE, low_hz, high_hz) > share


def test_a_seed_gives_the_same_bytes_and_another_seed_other_music():
    seeds = (8, 8, 0, 1, 2)
    made = [hashlib.sha256(loop("lo-fi full mix", s, bars=1)[1]).hexdigest() for s in seeds]
    assert made[0] == made[1]
    assert len(set(made)) == 4


@pytest.mark.parametrize(
    ("prompt", "seconds"),
    [("808 kick", 0.5), ("Rhodes chord in C minor", 2.0), ("riser", 3.0), ("techno drums", 1.7)],
)
def test_a_one_shot_starts_at_once_and_ends_in_silence(prompt, seconds):
    brief, audio = loop(prompt, 3, seconds=seconds)
    assert len(audio) == brief.grid.frames == round(seconds * RATE)
    assert np.abs(audio[-1]).max() < 1e-4
    if prompt != "riser":
        assert np.abs(audio[: RATE // 20]).max() > 0.05


def test_reverb_tails_continue_across_the_seam():
    # Rim shots alone leave gaps; what sounds before the first stroke of the turn can only be
    # the tail of the end.
    _, dry = loop("dry snare", 3, bpm=60.0, bars=1)
    _, wet = loop("wet snare", 3, bpm=60.0, bars=1)
    early = slice(0, RATE // 2)
    assert np.abs(wet[early]).std() > 3 * np.abs(dry[early]).std()


def test_adjectives_do_not_change_the_length():
    for word in ("wet", "dusty", "long", "lazy swung"):
        brief, audio = loop(f"{word} hip-hop drums", 1, bars=1, bpm=91.7)
        assert len(audio) == brief.grid.frames


@functools.cache
def _made_by_steps(prompt, *steps):
    """Return four bars of sketch after these steps of mode, amount and seed, as a job orders each.

    Each test listens to some of the same loops, and to change one is an error.
    """
    made = LoopRequest(prompt=prompt, seed=5, bpm=160.0, key="C minor")
    grid = LoopGrid(bpm=160.0)
    if not steps:
        (take,) = SketchGenerator().generate(made, grid, [5], lambda *_: None)
    else:
        *before, last = [
            msgspec.structs.replace(made, mode=mode, source="a", amount=amount, seed=seed)
            for mode, amount, seed in steps
        ]
        (take,) = SketchGenerator().generate_from(
            last, grid, [last.seed], [_made_by_steps(prompt)], (made, *before), lambda *_: None
        )
    take.audio.flags.writeable = False
    return take.audio


def _changed_beats(before, after):
    """Return how many of 16 beats differ, once the whole loop has the level that it had."""
    old, new = (audio.reshape(16, -1) for audio in (before, after))
    gain = np.median((old * new).sum(axis=1) / ((new**2).sum(axis=1) + 1e-12)).clip(0.9, 1.1)
    return int((np.abs(old - gain * new).max(axis=1) > 0.02).sum())


@pytest.mark.parametrize("prompt", ["funk drums", "house bass", "synthwave lead"])
def test_varying_changes_the_requested_share_of_beats(prompt):
    before = _made_by_steps(f"dry {prompt}")
    changed = [
        _changed_beats(before, _made_by_steps(f"dry {prompt}", ("vary", amount, 9)))
        for amount in (0.0, 0.25, 1.0)
    ]
    assert changed[0] == 0
    assert 1 <= changed[1] <= 9, "a changed beat may ring on into the next"
    assert changed[2] > changed[1]


def test_continuing_keeps_the_band_and_plays_something_else():
    before, after = _made_by_steps(FUNK), _made_by_steps(FUNK, ("continue", None, 9))
    assert after.shape == before.shape
    assert not np.allclose(before, after, atol=0.02)
    assert heard.centroid_hz(after, RATE) == pytest.approx(heard.centroid_hz(before, RATE), rel=0.2)


def test_sketch_refuses_sources_it_did_not_make():
    request = LoopRequest(source="a.wav", mode="vary")
    with pytest.raises(LoopError, match="choose such a clip"):
        next(SketchGenerator().generate_from(request, LoopGrid(bpm=100), [1], [], (), print))


def test_a_variation_can_be_varied_again():
    varied, again = ("vary", 0.5, 11), ("vary", 0.5, 12)
    twice = _made_by_steps(FUNK, varied, again)
    assert np.array_equal(_made_by_steps(FUNK, varied, ("retempo", 0.5, 0), again), twice)
    assert not np.allclose(_made_by_steps(FUNK, varied), twice, atol=0.02)
    assert not np.allclose(_made_by_steps(FUNK, again), twice, atol=0.02)
    on = ("continue", 0.5, 11)
    assert not np.allclose(_made_by_steps(FUNK, on), _made_by_steps(FUNK, on, again), atol=0.02)


def test_varying_by_zero_returns_the_same_loop():
    varied = ("vary", 0.5, 11)
    nothing = _made_by_steps(FUNK, varied, ("vary", 0.0, 12))
    assert np.array_equal(nothing, _made_by_steps(FUNK, varied))
