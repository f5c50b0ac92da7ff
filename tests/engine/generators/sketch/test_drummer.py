"""The drummer: no two bars alike, every seed its own groove, and the style kept."""

import itertools

import numpy as np
import pytest

from engine.generators.sketch.brief import read_brief
from engine.generators.sketch.composer import composed
from engine.generators.sketch.styles import STYLES
from engine.loops.request import LoopRequest


def strokes(prompt, seed, bars=4, **fields):
    request = LoopRequest(prompt=prompt, seed=seed, bars=bars, **fields)
    return composed(read_brief(request, seed), seed).strokes["drums"]


def by_bar(played, bars=4):
    return [
        {(s.voice, round(s.start % 4, 3)) for s in played if 4 * bar <= s.start < 4 * bar + 4}
        for bar in range(bars)
    ]


@pytest.mark.parametrize("style", ["hip-hop", "house", "rock", "jungle"])
def test_no_two_bars_are_alike(style):
    for first, second in itertools.combinations(by_bar(strokes(f"{style} drums", 3)), 2):
        assert first != second


@pytest.mark.parametrize("style", STYLES)
def test_every_stroke_is_inside_and_no_drum_is_struck_twice_at_once(style):
    played = strokes(f"{style} drums", 5)
    assert all(0 <= stroke.start < 16 and 0 < stroke.velocity <= 1 for stroke in played)
    places = [(stroke.voice, stroke.start) for stroke in played]
    assert len(set(places)) == len(places)


def test_four_on_the_floor_stays():
    for seed in range(5):
        kicks = {s.start for s in strokes("house drums", seed) if s.voice == "kick"}
        assert set(map(float, range(16))) <= kicks


def test_named_drums_alone_get_no_others():
    assert {stroke.voice for stroke in strokes("kick only", 2)} == {"kick"}


def _rhythm(played):
    steps = np.zeros(64)
    for stroke in played:
        steps[int(4 * stroke.start) % 64] += stroke.velocity
    return steps


def test_seeds_of_a_style_differ_more_than_in_version_1():
    means = []
    for version in (1, 2):
        rhythms = [
            _rhythm(strokes("hip-hop drums", seed, sketch_version=version)) for seed in range(8)
        ]
        alike = np.corrcoef(rhythms)[np.triu_indices(8, 1)]
        means.append(alike.mean())
    assert means[1] < means[0]


def test_a_tight_groove_has_no_scatter_of_its_own():
    def scatter(prompt):
        return np.std([s.late_s for s in strokes(prompt, 3) if s.voice == "hat"])

    assert scatter("robotic house drums") < scatter("loose house drums")
