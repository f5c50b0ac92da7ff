"""The loops that sketch makes, as files on disk would hold them."""

import hashlib
import itertools

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


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("role", ROLES)
def test_a_loop_is_exact_finite_and_closed(style, role):
    brief, audio = loop(f"{style} {role}", 21, bars=2)
    assert audio.dtype == np.float32
    assert audio.shape == (brief.grid.frames, 2)
    assert np.isfinite(audio).all()
    assert 0.2 < np.abs(audio).max() <= 0.9, "neither silent nor clipped"
    assert audio.std() > 0.01
    assert np.abs(audio.mean(axis=0)).max() < 1e-4, "no DC"
    steps = np.abs(np.diff(np.concatenate([audio, audio[:1]]), axis=0)).max(axis=1)
    assert steps[-1] <= max(np.percentile(steps[:-1], 99.9), 1e-3), "no step at the seam"


@pytest.mark.parametrize("meter", ["3/4", "6/8", "5/4", "7/8", "12/8", "7/16"])
@pytest.mark.parametrize("rate", [44_100, 88_200, 96_000])
def test_a_loop_has_its_exact_length_in_any_meter_at_any_rate(meter, rate):
    brief, audio = loop("funk full mix", 4, meter=meter, rate=rate, bpm=133.37, bars=3)
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
    shares = [heard.band_share(loop(prompt, seed)[1], RATE, low_hz, high_hz) for seed in range(4)]
    assert min(shares) > share


def test_a_seed_gives_the_same_bytes_and_another_seed_other_music():
    def fingerprint(seed):
        return hashlib.sha256(loop("lo-fi full mix", seed, bars=1)[1].tobytes()).hexdigest()

    assert fingerprint(8) == fingerprint(8)
    assert len({fingerprint(seed) for seed in range(5)}) == 5


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
    for word, seed in itertools.product(("wet", "dusty", "long", "lazy swung"), (1, 2)):
        brief, audio = loop(f"{word} hip-hop drums", seed, bars=1, bpm=91.7)
        assert len(audio) == brief.grid.frames


def _worked_on(prompt, mode, amount, seed=9):
    made = LoopRequest(prompt=prompt, seed=5, bpm=100.0, key="C minor")
    brief, audio = loop(prompt, 5, bpm=100.0, key="C minor")
    asked = msgspec.structs.replace(made, mode=mode, source="a", amount=amount, seed=seed)
    (take,) = SketchGenerator().generate_from(
        asked, brief.grid, [seed], [audio], (made,), lambda *_: None
    )
    return audio, take.audio


def _changed_beats(before, after):
    """Return how many of 16 beats differ, once the whole loop has the level that it had."""
    old, new = (audio.reshape(16, -1) for audio in (before, after))
    gain = np.median((old * new).sum(axis=1) / ((new**2).sum(axis=1) + 1e-12)).clip(0.9, 1.1)
    return int((np.abs(old - gain * new).max(axis=1) > 0.02).sum())


@pytest.mark.parametrize("prompt", ["funk drums", "house bass", "synthwave lead"])
def test_varying_changes_the_requested_share_of_beats(prompt):
    changed = []
    for amount in (0.0, 0.25, 1.0):
        before, after = _worked_on(f"dry {prompt}", "vary", amount)
        changed.append(_changed_beats(before, after))
    assert changed[0] == 0
    assert 1 <= changed[1] <= 9, "a changed beat may ring on into the next"
    assert changed[2] > changed[1]


def test_continuing_keeps_the_band_and_plays_something_else():
    before, after = _worked_on("funk drums", "continue", None)
    assert after.shape == before.shape
    assert not np.allclose(before, after, atol=0.02)
    assert heard.centroid_hz(after, RATE) == pytest.approx(heard.centroid_hz(before, RATE), rel=0.2)


def test_sketch_refuses_sources_it_did_not_make():
    request = LoopRequest(source="a.wav", mode="vary")
    with pytest.raises(LoopError, match="choose such a clip"):
        next(SketchGenerator().generate_from(request, LoopGrid(bpm=100), [1], [], (), print))


def _made_by_steps(*steps, made=None):
    """Return the loop that sketch makes after these steps, as a job would order the last."""
    made = made or LoopRequest(prompt="dry funk drums", seed=5, bpm=100.0)
    brief, audio = loop(made.prompt, 5, bpm=100.0)
    *before, last = [
        msgspec.structs.replace(made, mode=mode, source="a", amount=0.5, seed=seed)
        for mode, seed in steps
    ]
    (take,) = SketchGenerator().generate_from(
        last, brief.grid, [last.seed], [audio], (made, *before), lambda *_: None
    )
    return take.audio


def test_a_variation_can_be_varied_again():
    once = _made_by_steps(("vary", 11))
    nothing_more = _made_by_steps(("vary", 11), ("retempo", 0), ("vary", 12))
    assert np.array_equal(nothing_more, _made_by_steps(("vary", 11), ("vary", 12)))
    assert not np.allclose(once, nothing_more, atol=0.02)
    assert not np.allclose(_made_by_steps(("vary", 12)), nothing_more, atol=0.02)
    on = _made_by_steps(("continue", 11), ("vary", 12))
    assert not np.allclose(_made_by_steps(("continue", 11)), on, atol=0.02)


def test_varying_by_zero_returns_the_same_loop():
    made = LoopRequest(prompt="dry funk drums", seed=5, bpm=100.0)
    brief, audio = loop(made.prompt, 5, bpm=100.0)
    step = msgspec.structs.replace(made, mode="vary", source="a", amount=0.5, seed=11)
    nothing = msgspec.structs.replace(step, amount=0.0, seed=12)
    (take,) = SketchGenerator().generate_from(
        nothing, brief.grid, [12], [audio], (made, step), lambda *_: None
    )
    assert np.array_equal(take.audio, _made_by_steps(("vary", 11)))
