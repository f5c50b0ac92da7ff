"""Trains the nets of craft: `python -m tools.training.train [NAME...] [--folder=DIR...]`.

Names: `pulse` (tempo and bar), `keys`. It makes and analyses the loops of `tools.training.lessons`,
trains the nets of `engine.craft.candidate_nets`, and writes them to `engine/craft/learned.npz`.
`--folder=DIR` adds the loops of a folder, whose names say their tempo (for `pulse`, see
`tools.training.grooves`) or also their key (for `keys`, see `tools.training.tunes`). `--loops=N`
makes fewer loops, and `--keep=FOLDER` keeps the examples, so that the nets can be trained again
without making them.

Each net is a softmax over the candidates of one take, trained by Adam (Kingma & Ba, ICLR 2015) with
dropout on the features. It is the mean of several, whose training differs only by chance: on loops
of other sources that is right more often than any of them (Hansen & Salamon, "Neural network
ensembles", IEEE TPAMI 12, 1990).
"""

import argparse
import itertools
import pickle
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.real_loops import sound_paths
from engine.craft.candidate_nets import LEARNED
from engine.craft.features import Floats
from tools.training.lessons import Example, Marks, from_file, keys, keys_from_file, tempo_and_bar

LESSONS: dict[str, Callable[[int], list[tuple[str, Example]]]] = {
    "pulse": tempo_and_bar,
    "keys": keys,
}
FROM_FILES: dict[str, Callable[[Path, int], list[tuple[str, Example]]]] = {
    "pulse": from_file,
    "keys": keys_from_file,
}
_LOOPS = {"pulse": 3200, "keys": 4000}
_NETS, _HIDDEN, _EPOCHS, _BATCH, _RATE = 4, 24, 40, 64, 3e-3
_DROPOUT, _DECAY = {"key": 0.6}, {"key": 1e-2}
_USUAL_DROPOUT, _USUAL_DECAY = 0.3, 3e-3
"""The net of the key has the most features for its examples, and is held back most."""


def trained(name: str, lessons: list[Example]) -> dict[str, NDArray[np.float32]]:
    """Return the weights of net `name`, which chooses the right candidates of the examples.

    The mean of several nets is one net that has the hidden units of all.
    """
    dropout, decay = _DROPOUT.get(name, _USUAL_DROPOUT), _DECAY.get(name, _USUAL_DECAY)
    nets = [
        _one_trained(lessons, np.random.default_rng(seed), dropout, decay) for seed in range(_NETS)
    ]
    into, bias, out = (np.concatenate(parts, axis=-1) for parts in zip(*nets, strict=True))
    found = {"into": into, "bias": bias, "out": out / _NETS}
    return {f"{name}.{part}": array.astype(np.float32) for part, array in found.items()}


def _one_trained(
    lessons: list[Example], random: np.random.Generator, dropout: float, decay: float
) -> list[Floats]:
    """Return the weights of a net: into its hidden units, their bias, and out of them."""
    features, there, right = _side_by_side(lessons)
    mean, spread = features[there].mean(axis=0), features[there].std(axis=0) + 1e-3
    standard = np.where(there[..., None], (features - mean) / spread, 0).astype(np.float32)
    size = features.shape[2]
    weights = _new_weights(size, random)
    adam = _Adam(weights)
    for epoch in range(_EPOCHS):
        now = _RATE * 0.5 * (1 + np.cos(np.pi * epoch / _EPOCHS))
        for batch in np.array_split(random.permutation(len(lessons)), len(lessons) // _BATCH + 1):
            kept = random.random((len(batch), 1, size)) >= dropout
            seen = np.asarray(standard[batch] * kept / (1 - dropout), np.float64)
            slopes = _slopes(weights, seen, there[batch], right[batch])
            decayed = [s + decay * w for s, w in zip(slopes, weights, strict=True)]
            adam.step(decayed, now)
    into = weights[0] / spread[:, None]
    return [into, weights[1] - mean @ into, weights[2]]


def _new_weights(size: int, random: np.random.Generator) -> list[Floats]:
    return [
        random.standard_normal((size, _HIDDEN)) / np.sqrt(size),
        np.zeros(_HIDDEN),
        random.standard_normal(_HIDDEN) * 0.1,
    ]


def _side_by_side(lessons: list[Example]) -> tuple[NDArray[np.float32], Marks, Marks]:
    """Return padded features (lessons, candidates, features), and masks: present, right."""
    most = max(len(lesson.right) for lesson in lessons)
    shape = (len(lessons), most)
    features = np.zeros((*shape, lessons[0].features.shape[1]), np.float32)
    there, right = np.zeros(shape, bool), np.zeros(shape, bool)
    for row, lesson in enumerate(lessons):
        count = len(lesson.right)
        features[row, :count] = lesson.features
        there[row, :count], right[row, :count] = True, lesson.right
    return features, there, right


def _slopes(weights: list[Floats], seen: Floats, there: Marks, right: Marks) -> list[Floats]:
    """Return the gradient of the mean log likelihood of the right candidates, negated."""
    into, bias, out = weights
    before = seen @ into + bias
    hidden = np.maximum(before, 0)
    scores = np.where(there, hidden @ out, -1e9)
    likely = np.exp(scores - scores.max(axis=1, keepdims=True))
    likely /= likely.sum(axis=1, keepdims=True)
    target = np.where(right, likely, 0)
    target /= target.sum(axis=1, keepdims=True) + 1e-12
    off = (likely - target) / len(seen)
    back = off[..., None] * out * (before > 0)
    rows = seen.reshape(-1, seen.shape[2])
    return [
        rows.T @ back.reshape(-1, back.shape[2]),
        back.sum(axis=(0, 1)),
        np.einsum("bk,bkh->h", off, hidden),
    ]


class _Adam:
    """Moves weights against their gradients, in place."""

    def __init__(self, weights: list[Floats]) -> None:
        self._weights = weights
        self._mean = [np.zeros_like(each) for each in weights]
        self._square = [np.zeros_like(each) for each in weights]
        self._steps = 0

    def step(self, slopes: list[Floats], rate: float) -> None:
        self._steps += 1
        for place, slope in enumerate(slopes):
            mean, square = self._mean[place], self._square[place]
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope**2 - square)
            unbiased = mean / (1 - 0.9**self._steps)
            spread = np.sqrt(square / (1 - 0.999**self._steps)) + 1e-8
            self._weights[place] -= rate * unbiased / spread


def lessons_of(name: str, count: int, folders: list[Path]) -> dict[str, list[Example]]:
    """Make and analyse loops of one kind of lesson; return the examples for each net."""
    lessons: dict[str, list[Example]] = {}
    paths = [path for folder in folders for path in sound_paths(folder)]
    with ProcessPoolExecutor() as pool:
        made = pool.map(LESSONS[name], range(count), chunksize=8)
        read = pool.map(FROM_FILES[name], paths, range(len(paths)), chunksize=8)
        for number, found in enumerate(itertools.chain(made, read), start=1):
            for net, example in found:
                lessons.setdefault(net, []).append(example)
            if number % 100 == 0:
                print(f"{name}: {number} of {count + len(paths)} loops analysed", flush=True)
    return lessons


def main(arguments: list[str]) -> int:
    """Make the examples, train the nets, and write them."""
    parser = argparse.ArgumentParser(prog="tools.training.train", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--folder", type=Path, action="append", default=[])
    parser.add_argument("--loops", type=int)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(LESSONS):
        parser.error(f"There are no lessons {sorted(unknown)}: choose of {list(LESSONS)}.")
    weights: dict[str, NDArray[np.float32]] = {}
    if LEARNED.exists():
        with np.load(LEARNED, allow_pickle=False) as file:
            weights |= dict(file)
    for name in options.names or list(LESSONS):
        kept = options.keep and options.keep / f"{name}.lessons"
        if kept and kept.exists():
            lessons = pickle.loads(kept.read_bytes())  # noqa: S301 - this script's own file
        else:
            lessons = lessons_of(name, options.loops or _LOOPS[name], options.folder)
            if kept:
                kept.write_bytes(pickle.dumps(lessons))
        for net, listed in lessons.items():
            weights |= trained(net, listed)
            print(f"{net}: trained on {len(listed)} examples", flush=True)
    np.savez_compressed(LEARNED, allow_pickle=False, **weights)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
