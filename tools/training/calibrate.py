"""Measures how certain the tempo is, or the key: `python -m tools.training.calibrate DIR...`.

    python -m tools.training.calibrate DIR... [--keys] [--check]

The folders hold loops whose names say their tempo (and key), of sources that the nets were not
trained on. Each is analysed as its file is and cut anywhere, for the key as training wears it, and
of the likelihood that the net gives its choice becomes a table of how often that choice is right:
isotonic regression by pooling adjacent violators
(Ayer, Brunk, Ewing, Reid & Silverman, "An empirical distribution function for sampling with
incomplete information", Annals of Mathematical Statistics 26, 1955). The tables are written beside
the weights of the nets.
"""

import argparse
import itertools
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.real_loops import KnownFile, cut_anywhere, is_near, known_files, sound_paths
from engine.craft.candidate_nets import LEARNED, certainty, likelihoods, log_odds
from engine.craft.features import Floats
from engine.craft.hearing import Hearing
from engine.craft.source_time import heard_time, silence_around
from engine.loops.take import Audio
from tools.training.lessons import keys_from_file

_CUTS = 2
_KNOTS = 12
_MOST_BARS = 16
_RANGES = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0)
_PRIOR = 1.0
"""So many right and wrong ones are added to each pool, since few are not all."""

Seen = list[tuple[float, bool]]
"""The log odds of likelihoods, and whether the tempo was right."""


def table_of(seen: Seen) -> Floats:
    """Return rising log odds and how often a choice of each is right, (2, knots)."""
    pools: list[list[float]] = []  # the sum of log odds, how many are right, and how many there are
    for pool in np.array_split(np.array(sorted(seen), float), _KNOTS):
        if not len(pool):
            continue
        pools.append([float(pool[:, 0].sum()), float(pool[:, 1].sum()), float(len(pool))])
        while len(pools) > 1 and _share(pools[-2]) >= _share(pools[-1]):
            last = pools.pop()
            pools[-1] = [one + other for one, other in zip(pools[-1], last, strict=True)]
    odds = [total / count for total, _, count in pools]
    return np.array([odds, [_share(pool) for pool in pools]])


def _share(pool: list[float]) -> float:
    _, right, count = pool
    return (right + _PRIOR) / (count + 2 * _PRIOR)


def presented(file: KnownFile, random: np.random.Generator) -> Iterator[Audio]:
    """Yield a loop as it is, and cut anywhere."""
    yield file.audio
    if file.bars is not None:
        for _ in range(_CUTS):
            yield cut_anywhere(file, random)[0]


def analysed(folders: list[Path]) -> dict[str, Seen]:
    """Analyse the loops in folders; return what was seen of each kind of tempo."""
    seen: dict[str, Seen] = defaultdict(list)
    random = np.random.default_rng(0)
    for folder in folders:
        for file in known_files(folder, None, 0):
            for audio in presented(file, random):
                silence = silence_around(audio, file.rate)
                heard = heard_time(Hearing(audio, file.rate), silence, file.meter, _MOST_BARS)
                odds = log_odds(heard.likelihood)
                seen[heard.kind].append((odds, is_near(heard.bpm, file.bpm)))
    return seen


def analysed_keys(folders: list[Path]) -> dict[str, Seen]:
    """Analyse the loops in folders whose names say their key; return what was seen of the keys."""
    paths = [path for folder in folders for path in sound_paths(folder)]
    seen: dict[str, Seen] = defaultdict(list)
    for number, path in enumerate(paths):
        for _, example in keys_from_file(path, number):
            likely = likelihoods("key", example.features.astype(np.float64))
            best = int(np.argmax(likely))
            seen["key"].append((log_odds(float(likely[best])), bool(example.right[best])))
    return seen


def _check(seen: dict[str, Seen]) -> None:
    """Print how often tempos are right, by their certainty: a reliability diagram as a table."""
    told = [
        (certainty(kind, 1 / (1 + np.exp(-odds))), right)
        for kind, listed in seen.items()
        for odds, right in listed
    ]
    for low, high in itertools.pairwise(_RANGES):
        inside = [pair for pair in told if low <= pair[0] < high]
        if inside:
            sure, right = (float(np.mean(column)) for column in zip(*inside, strict=True))
            print(f"{low:.1f} to {high:.1f}: {len(inside)}, certain {sure:.2f}, right {right:.2f}")


def _write(seen: dict[str, Seen]) -> None:
    with np.load(LEARNED, allow_pickle=False) as known:
        learned = dict(known)
    for kind, listed in seen.items():
        table = table_of(listed)
        learned[f"certainty.{kind}"] = table.astype(np.float32)
        print(f"{kind}, {len(listed)} analyses:")
        for odds, share in table.T:
            print(f"  likelihood {1 / (1 + np.exp(-odds)):.4f}: right {share:.2f}")
    np.savez_compressed(LEARNED, allow_pickle=False, **learned)


def main(arguments: list[str]) -> int:
    """Analyse the loops, and write the tables or check them."""
    parser = argparse.ArgumentParser(prog="tools.training.calibrate", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    parser.add_argument("--keys", action="store_true", help="the key instead of the tempo")
    parser.add_argument("--check", action="store_true", help="only check the tables that are there")
    options = parser.parse_args(arguments)
    seen = (analysed_keys if options.keys else analysed)(options.folders)
    (_check if options.check else _write)(seen)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
