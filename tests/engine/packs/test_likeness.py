"""Copies of a loop are near-duplicates; loops of other seeds, and of other prompts, are not."""

import itertools

import numpy as np
import pytest

from engine.generators.sketch.brief import read_brief
from engine.generators.sketch.generator import SketchGenerator
from engine.loops.request import LoopRequest
from engine.packs.likeness import NEAR_DUPLICATE, fingerprint, likeness

RATE = 48_000


def played(prompt, seeds, rate=RATE):
    made = []
    for seed in seeds:
        request = LoopRequest(prompt=prompt, seed=seed, bars=1, bpm=120.0, rate=rate)
        plan = read_brief(request, seed)
        (take,) = SketchGenerator().generate(request, plan.grid, [seed], lambda *_: None)
        made.append(take.audio)
    return made


def alike(one, other, rate=RATE, other_rate=RATE):
    return float(likeness(fingerprint(one, rate), fingerprint(other, other_rate)[None])[0])


@pytest.mark.parametrize("prompt", ["house drums", "trance lead in A minor", "dusty texture"])
def test_copies_are_near_duplicates_and_other_seeds_are_not(prompt):
    loops = played(prompt, (1, 2, 3))
    noise = np.random.default_rng(1).normal(0, 0.002, loops[0].shape).astype(np.float32)
    for audio in loops:
        for copy in (audio * 0.3, np.roll(audio, len(audio) // 4, axis=0), audio + noise,
                     audio.mean(axis=1, keepdims=True), np.tanh(2 * audio) / 2):  # fmt: skip
            assert alike(copy, audio) > NEAR_DUPLICATE
    for one, other in itertools.combinations(loops, 2):
        assert alike(one, other) < NEAR_DUPLICATE


def test_the_same_loop_at_another_rate_is_a_near_duplicate():
    (one,), (other,) = played("house drums", (1,)), played("house drums", (1,), 44_100)
    assert alike(one, other, RATE, 44_100) > NEAR_DUPLICATE


def test_silence_and_a_click_have_fingerprints():
    for audio in (np.zeros((10, 1), np.float32), np.eye(4_000, 2, dtype=np.float32)):
        assert np.isfinite(fingerprint(audio, RATE)).all()
