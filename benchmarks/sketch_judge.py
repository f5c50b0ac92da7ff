"""Whether sketch's drums pass for real ones: `python -m benchmarks.sketch_judge REAL_DIR`.

REAL_DIR has a folder of real drum loops for each source (a pack, a record, a program); they stay
where they are. A classifier is trained to tell them from loops of sketch 1, by `drum_features`, and
then judges loops that were held out: real ones of other sources, and sketch's in other styles. A
second one, trained with sketch 2 in other styles, is far harder to pass.

    python -m benchmarks.sketch_judge REAL_DIR [--seeds N] [--bars N] [--most N]
"""

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.drum_features import Values, drum_features
from engine.generators.sketch.generator import SketchGenerator
from engine.generators.sketch.styles import STYLES
from engine.loops.audio_file import read_audio
from engine.loops.audio_formats import AUDIO_SUFFIXES
from engine.loops.errors import LoopError
from engine.loops.request import SKETCH_VERSIONS, LoopRequest

_LONGEST_S = 16
_FOLDS = 5
_SHOWN = (
    "20-60 Hz", "60-120 Hz", "120-250 Hz", "250-500 Hz", "500-1000 Hz", "1000-2000 Hz",
    "2000-4000 Hz", "4000-8000 Hz", "8000-12000 Hz", "crest", "difference of halves",
    "all strokes", "side/mid",
)  # fmt: skip


class Heard(NamedTuple):
    """The measures of loops, (loops, measures), and the group of each: a source or a style."""

    names: tuple[str, ...]
    values: Values
    groups: Values


def real_loops(folder: Path, most: int) -> Heard:
    """Return the measures of real loops, at most `most` of each source."""
    rows = []
    for source in sorted(each for each in folder.iterdir() if each.is_dir()):
        files = [path for path in source.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES]
        for place in np.random.default_rng(0).permutation(len(files))[:most]:
            try:
                file = read_audio(sorted(files)[place])
            except LoopError as error:
                print(f"left out: {error}")
                continue
            rows.append(
                (source.name, drum_features(file.audio[: _LONGEST_S * file.rate], file.rate))
            )
    return _gathered(rows)


def sketch_loops(version: int, seeds: int, bars: int) -> Heard:
    """Return the measures of drum loops of all styles by a version of sketch."""
    generator = SketchGenerator()
    rows = []
    for number, style in enumerate(STYLES):
        for seed in range(number, number + seeds):
            request = LoopRequest(
                prompt=f"{style} drums", seed=seed, bars=bars, sketch_version=version
            )
            plan = generator.plan(request)
            (take,) = generator.generate(request, plan.grid, [seed], lambda *_: None)
            rows.append((style, drum_features(take.audio, take.rate)))
    return _gathered(rows)


def _gathered(rows: list[tuple[str, dict[str, float]]]) -> Heard:
    names = tuple(rows[0][1])
    values = np.array([[measures[name] for name in names] for _, measures in rows])
    return Heard(names, values, np.array([group for group, _ in rows]))


def judges() -> dict[str, Callable[[], Any]]:
    """Return the classifiers by name, untrained."""
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    even = {"class_weight": "balanced"}
    return {
        "trees": lambda: ExtraTreesClassifier(150, min_samples_leaf=2, random_state=0, **even),
        "linear": lambda: make_pipeline(
            StandardScaler(), LogisticRegression(C=0.05, max_iter=1000, **even)
        ),
    }


def taken_for_real(judge: Callable[[], Any], real: Heard, known: Heard, asked: Heard) -> float:
    """Return the share of loops that a judge takes for real; it knows none of their group.

    Args:
        judge: makes an untrained classifier.
        real: the real loops that it learns.
        known: the loops of sketch that it learns.
        asked: the loops to be judged; they may be one of the others.
    """
    groups = np.unique(asked.groups)
    found = np.zeros(len(asked.groups), dtype=bool)
    for fold in range(min(_FOLDS, len(groups))):
        out = groups[fold::_FOLDS]
        learnt = [each.values[~np.isin(each.groups, out)] for each in (real, known)]
        truth = np.repeat([1, 0], [len(values) for values in learnt])
        here = np.isin(asked.groups, out)
        found[here] = judge().fit(np.concatenate(learnt), truth).predict(asked.values[here]) == 1
    return float(found.mean())


def rows(folder: Path, seeds: int, bars: int, most: int) -> Iterator[str]:
    """Yield the lines of the report."""
    real = real_loops(folder, most)
    by_version = {version: sketch_loops(version, seeds, bars) for version in SKETCH_VERSIONS}
    yield f"{len(real.values)} real loops of {len(np.unique(real.groups))} sources"
    for name, judge in judges().items():
        for known in SKETCH_VERSIONS:
            learnt = by_version[known]
            shares = {"real": taken_for_real(judge, real, learnt, real)}
            for version, loops in by_version.items():
                shares[f"sketch {version}"] = taken_for_real(judge, real, learnt, loops)
            taken = ", ".join(f"{kind} {share:.0%}" for kind, share in shares.items())
            yield f"{name} that knows sketch {known}: taken for real: {taken}"
    yield f"{'median (10 % - 90 %)':24}{'real':>24}" + "".join(
        f"{f'sketch {version}':>24}" for version in by_version
    )
    for column, measure in enumerate(real.names):
        if measure in _SHOWN:
            cells = (
                "{1:.1f} ({0:.1f} - {2:.1f})".format(
                    *np.percentile(each.values[:, column], (10, 50, 90))
                )
                for each in (real, *by_version.values())
            )
            yield f"{measure:24}" + "".join(f"{cell:>24}" for cell in cells)


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a folder with a folder of loops per source")
    parser.add_argument("--seeds", type=int, default=3, help="loops of each style (default: 3)")
    parser.add_argument("--bars", type=int, default=4, help="their length (default: 4)")
    parser.add_argument("--most", type=int, default=40, help="real loops per source (default: 40)")
    options = parser.parse_args()
    for row in rows(options.folder, options.seeds, options.bars, options.most):
        print(row, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
