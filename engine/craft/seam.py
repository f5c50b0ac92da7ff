"""How smoothly a loop continues across its seam, compared with its other beats.

A seam is audible if its surroundings, in sound and rhythm, occur nowhere else in the loop. So the
surroundings of the seam are compared with every other position, and the distance to the nearest one
is divided by what is typical of the loop's own beats. 1 is as natural as any beat; larger values
are more conspicuous. (The step between the samples is `engine.loops.measure.seam`.)
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.craft.features import HOPS_PER_S, Features, Floats
from engine.loops.cancel import Check
from engine.loops.take import Audio

Places = NDArray[np.float32]

AROUND_HOPS = int(0.2 * HOPS_PER_S)
NEAR_HOPS = 2 * AROUND_HOPS // 3
_RHYTHM_BANDS = (4, 9, 15, 23)
_POOLED_BANDS = 2
HIGHEST = 100.0
_AT_ONCE = 2048


@dataclasses.dataclass(frozen=True)
class Continuity:
    """How unusual the seam is: around 1 is natural, larger is more conspicuous, at most 100."""

    spectrum: float
    rhythm: float

    @property
    def spectrum_share(self) -> float:
        """How well the sound continues, 0..1."""
        return min(1.0, 1.0 / max(self.spectrum, 1e-6))

    @property
    def rhythm_share(self) -> float:
        """How well the rhythm continues, 0..1."""
        return min(1.0, 1.0 / max(self.rhythm, 1e-6))


def continuity(features: Features, beats: int, at: float = 0.0) -> Continuity:
    """Return how the seam of a loop compares with its other beats.

    Args:
        features: the loop, closed.
        beats: how many beats it has.
        at: the position of the seam, as a share of the loop; 0 is its beginning.
    """
    count = len(features.bands)
    lines = np.rint((np.arange(max(beats, 2)) / max(beats, 2) + at) * count).astype(int) % count
    return Continuity(*(_novelty(each, lines, features.check) for each in seam_features(features)))


def seam_features(features: Features) -> tuple[Floats, Floats]:
    """Return the features of each hop: its spectrum, and the onset strength in four bands."""
    pooled = features.bands.reshape(len(features.bands), -1, _POOLED_BANDS).mean(axis=2)
    sums = np.cumsum(features.rises, axis=1)[:, _RHYTHM_BANDS]
    return pooled, np.diff(sums, axis=1, prepend=0.0)


def surroundings(values: Floats, before: NDArray[np.int_], behind: NDArray[np.int_]) -> Places:
    """Return the weighted surroundings of positions, (positions, values).

    Args:
        values: the features at each hop.
        before: for each position, the hop at which its first half ends.
        behind: for each position, the hop at which its second half begins; the same hop except at
            a join.
    """
    around = min(AROUND_HOPS, len(values) // 4)
    weight = np.sqrt(np.hanning(2 * around + 3)[1:-1])[:, None]
    span = np.arange(-around, around + 1)
    hops = np.where(span < 0, before[:, None] + span, behind[:, None] + span) % len(values)
    places: Places = (values[hops] * weight).reshape(len(before), -1).astype(np.float32)
    return places


def surroundings_in_parts(
    values: Floats, hops: NDArray[np.int_], check: Check
) -> Iterator[tuple[slice, Places]]:
    """Yield the surroundings of some hops at a time, and which of the hops these are."""
    for first in range(0, len(hops), _AT_ONCE):
        check()
        part = slice(first, first + _AT_ONCE)
        yield part, surroundings(values, hops[part], hops[part])


def squared_distances(ones: Places, others: Places) -> Places:
    """Return the squared distance of each position to each other one."""
    power = np.sum(ones**2, axis=1)[:, None] + np.sum(others**2, axis=1)[None, :]
    squared: Places = np.maximum(power - 2.0 * (ones @ others.T), 0.0)
    return squared


def level_dip_db(audio: Audio, rate: int, beats: int) -> float:
    """Return how far the level at the seam drops below that of the other beats, in dB, 0 or more.

    The level is measured over 20 ms, just before and just after; it is compared with the quietest
    of the other beats at the same positions.
    """
    size = round(0.02 * rate)
    power = np.square(audio, dtype=np.float64).mean(axis=1)
    total = np.concatenate([[0.0], np.cumsum(np.concatenate([power, power[: 2 * size]]))])
    level = 10 * np.log10((total[size:] - total[:-size])[: len(audio)] / size + 1e-9)
    lines = np.rint(np.arange(beats) * len(audio) / beats).astype(int)
    falls = [
        float(np.min(level[(lines[1:] + shift) % len(audio)]) - level[shift % len(audio)])
        for shift in (-size, 0)
    ]
    return max(0.0, *falls)


def _novelty(values: Floats, lines: NDArray[np.int_], check: Check) -> float:
    """Return the first line's distance to its nearest match, over the median of the others."""
    count = len(values)
    hops = np.arange(count)
    apart = np.abs((hops[None, :] - lines[:, None] + count // 2) % count - count // 2)
    at_lines = surroundings(values, lines, lines)
    nearest, power = np.full(len(lines), np.inf), 0.0
    for part, places in surroundings_in_parts(values, hops, check):
        squared = squared_distances(at_lines, places)
        squared[apart[:, part] < NEAR_HOPS] = np.inf
        nearest = np.minimum(nearest, np.sqrt(squared.min(axis=1)))
        power += float(np.sum(places**2))
    level = np.sqrt(power / (count * at_lines.shape[1]))
    usual = float(np.median(nearest[1:])) + 0.02 * float(level) + 1e-9
    return min(HIGHEST, float(nearest[0]) / usual)
