"""Teaching the nets of craft: what is right is learned, and each loop gives its lessons."""

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from tools.training.lessons import Example, keys, tempo_and_bar
from tools.training.patterns import RATE, pattern
from tools.training.train import trained

CANDIDATES, FEATURES = 6, 5


def lessons(count, seed):
    """Takes whose right candidate has the largest product of the first two features."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        features = random.standard_normal((CANDIDATES, FEATURES)).astype(np.float32)
        right = np.zeros(CANDIDATES, bool)
        right[np.argmax(features[:, 0] * features[:, 1])] = True
        found.append(Example(features, right))
    return found


def test_a_net_learns_the_right_candidate_and_generalises():
    weights = trained("tempo", lessons(600, seed=1))
    right = 0
    for example in lessons(200, seed=2):
        hidden = example.features @ weights["tempo.into"] + weights["tempo.bias"]
        scores = np.maximum(hidden, 0) @ weights["tempo.out"]
        right += example.right[np.argmax(scores)]
    assert right > 150


def test_training_again_gives_the_same_weights():
    first, second = (trained("bar", lessons(70, seed=3)) for _ in range(2))
    for name, weights in first.items():
        np.testing.assert_array_equal(weights, second[name])


def test_a_loop_gives_tempo_and_bar_examples_as_a_file_and_as_a_take():
    found = tempo_and_bar(1)
    assert sorted(name for name, _ in found) == ["bar", "bar", "tempo", "tempo"]
    for name, example in found:
        assert example.right.any()
        assert name == "tempo" or (len(example.right), example.right.sum()) == (16, 1)
        assert np.isfinite(example.features).all()


def test_a_tonal_loop_gives_its_key_and_a_faster_take_its_sounding_key():
    found = [example for name, example in keys(0) if name == "key"]
    from_its_first_bar_on, from_anywhere, take = found
    assert [example.features.shape[0] for example in found] == [24, 24, 24]
    assert [example.right.sum() for example in found] == [1, 1, 1]
    np.testing.assert_array_equal(from_its_first_bar_on.right, from_anywhere.right)
    assert (from_its_first_bar_on.features != from_anywhere.features).any()
    loop_key, take_key = (int(np.argmax(example.right)) for example in (from_anywhere, take))
    assert loop_key // 12 == take_key // 12
    assert (take_key - loop_key + 1) % 12 in (0, 1, 2)


def test_every_fourth_loop_adds_a_plain_pattern():
    assert [name for name, _ in tempo_and_bar(4)].count("bar") == 3


@pytest.mark.parametrize("seed", range(4))
def test_the_low_sound_of_a_pattern_marks_its_bar(seed):
    plain = pattern(seed)
    mono = plain.audio[:, 0]
    low = sosfilt(butter(4, 150, fs=RATE, output="sos"), mono) ** 2
    bar_s = 60 / plain.bpm * plain.beats
    begins = np.arange(plain.downbeat_s, len(mono) / RATE - 0.1, bar_s)
    loud = [low[round(at * RATE) :][: RATE // 10].sum() for at in begins]
    between = [low[round((at - bar_s / 2) * RATE) :][: RATE // 10].sum() for at in begins[1:]]
    assert min(loud) > 2 * max(between)
