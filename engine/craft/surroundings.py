"""What a new part has to fit, heard in loops: chords by half bars, groove, and what is taken.

All of it is on the loop's circle; the loop begins with its first bar.
"""

import itertools
from fractions import Fraction

import numpy as np

from engine.craft.features import (
    ANALYSIS_RATE,
    HOPS_PER_S,
    LONG_HOP,
    LONG_WINDOW,
    Features,
    Floats,
)
from engine.craft.partials import steady_partials, tuning_of
from engine.craft.tonality import LEAST_TONAL
from engine.loops.guide import (
    LOWEST_OCTAVE_MIDI,
    OCTAVES,
    STEP_QUARTERS,
    GuideChord,
    groove_steps,
)
from engine.loops.key import Key, key_of
from engine.loops.tempo import LoopGrid

_BASS_MIDI = (38, 55)
"""The range of the bass, which tells the root: below it are kicks, and of a bass the octave."""
_SHAPES = {"major": (0, 4, 7), "minor": (0, 3, 7), "diminished": (0, 3, 6)}
_RARE = 0.25
"""How much less likely a diminished triad is."""
_OUTSIDE_KEY = 0.35
"""How much less likely a chord is for each of its notes that the key lacks."""
_BASS_SAY = 0.7
_FIFTH_SAY = 0.6
_CHANGE_IN_BAR, _CHANGE = 0.45, 0.12
"""What a change of chord costs, in the middle of a bar and on its first beat."""
_REST = 0.02
"""A half bar whose pitches are weaker than this, relative to the strongest, keeps its chord."""
_REACH_S = 0.045
"""How far from its step an onset may be."""
_LEAST_ONSET = 0.25
"""The least strength of an onset, relative to the strong ones of the loop."""
_SHARP = 5.0
"""The least strength of an onset, relative to the median of all moments."""
_MOST_SCATTER_S = 0.012
_FLOOR_DB = 36.0
"""What is so far below the loudest octave of a step leaves room."""


def chords_in(features: Features, grid: LoopGrid, key: Key | None) -> tuple[GuideChord, ...]:
    """Return the triads of a loop by half bars; equal ones are joined. None without pitches.

    The chords of a key are more likely: of the one that is known, or else of the one that explains
    the loop best.

    The pitch classes of each half bar are compared with all major, minor and diminished triads, and
    the bass with their roots; the most likely sequence has few changes, most of them at bars.
    """
    partials, tonal = steady_partials(features.long_spectrum)
    if tonal < LEAST_TONAL or not len(partials.hertz):
        return ()
    halves = _halves(grid)
    midi = 69 + 12 * np.log2(partials.hertz / 440) - tuning_of(partials)
    centre_s = (partials.windows * LONG_HOP + LONG_WINDOW / 2) / ANALYSIS_RATE
    ends_s = np.array([float(end) for _, end in halves]) * 60 / grid.bpm
    half = np.searchsorted(ends_s, centre_s % features.length_s, side="right")
    half = np.minimum(half, len(halves) - 1)
    classes = np.rint(midi).astype(int) % 12
    weights = (
        (midi >= _BASS_MIDI[0])
        * partials.own_strength
        * np.cos(np.pi * (midi - np.rint(midi))) ** 2
    )
    everything, bass = np.zeros((len(halves), 12)), np.zeros((len(halves), 12))
    np.add.at(everything, (half, classes), weights)
    low = (midi >= _BASS_MIDI[0]) & (midi < _BASS_MIDI[1])
    np.add.at(bass, (half[low], classes[low]), weights[low])
    fits = _fits(everything, bass)
    keys = [key] if key is not None else [key_of(tonic, "major") for tonic in range(12)]
    found = max(
        (_likeliest(fits - _outside(each), halves, grid) for each in keys), key=lambda path: path[0]
    )[1]
    chords = [
        GuideChord(float(start), float(end - start), *_triad(place))
        for (start, end), place in zip(halves, found, strict=True)
    ]
    return tuple(_joined(chords))


def _halves(grid: LoopGrid) -> list[tuple[Fraction, Fraction]]:
    """Return where each half bar starts and ends, in quarter notes; short bars are not halved."""
    bar = grid.meter.bar_quarters
    first, middle = Fraction(0), Fraction(4 * (grid.meter.numerator // 2), grid.meter.denominator)
    parts = [(first, middle), (middle, bar)] if bar >= 3 and middle else [(first, bar)]
    return [
        (number * bar + start, number * bar + end)
        for number in range(grid.bars)
        for start, end in parts
    ]


def _fits(everything: Floats, bass: Floats) -> Floats:
    """Return how well each of the 36 triads fits each half bar, (halves, 36)."""
    pitches = _unit(everything)
    lows = _unit(bass)
    triads = [_triad(place) for place in range(12 * len(_SHAPES))]
    templates = _unit(np.array([[float(n in notes) for n in range(12)] for _, notes in triads]))
    roots = np.array([root for root, _ in triads])
    fits: Floats = pitches @ templates.T
    fits = fits + _BASS_SAY * (lows[:, roots] + _FIFTH_SAY * 0.5 * lows[:, (roots + 7) % 12])
    fits[:, 24:] -= _RARE
    level = everything.sum(axis=1)
    fits[level < _REST * level.max()] = 0.0
    return fits


def _outside(key: Key) -> Floats:
    """Return how much less likely each triad is in a key, (36,)."""
    scale = key.pitches
    triads = [_triad(place)[1] for place in range(12 * len(_SHAPES))]
    return _OUTSIDE_KEY * np.array([float(sum(n not in scale for n in notes)) for notes in triads])


def _likeliest(
    fits: Floats, halves: list[tuple[Fraction, Fraction]], grid: LoopGrid
) -> tuple[float, list[int]]:
    """Return how good the best sequence of triads is, and the sequence (by Viterbi's algorithm)."""
    total, came = fits[0], []
    for number in range(1, len(fits)):
        at_bar = halves[number][0] % grid.meter.bar_quarters == 0
        change = total.max() - (_CHANGE if at_bar else _CHANGE_IN_BAR)
        came.append(np.where(total >= change, np.arange(len(total)), int(total.argmax())))
        total = np.maximum(total, change) + fits[number]
    path = [int(total.argmax())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return float(total.max()), path[::-1]


def _triad(place: int) -> tuple[int, tuple[int, ...]]:
    root, shape = place % 12, tuple(_SHAPES.values())[place // 12]
    return root, tuple((root + step) % 12 for step in shape)


def _joined(chords: list[GuideChord]) -> list[GuideChord]:
    joined: list[GuideChord] = []
    for _, group in itertools.groupby(chords, key=lambda chord: chord.pitches):
        same = list(group)
        length = sum(chord.length for chord in same)
        joined.append(GuideChord(same[0].start, length, same[0].root, same[0].pitches))
    return joined


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit


def groove_in(features: Features, grid: LoopGrid) -> tuple[float, ...]:
    """Return how much later than the grid the steps of a loop are played, in quarter notes.

    A step on which nothing starts is as late as the others at its place in the beat. Where starts
    scatter widely, as those of pads do, there is no groove.
    """
    steps = round(grid.quarters / Fraction(STEP_QUARTERS))
    period = groove_steps(grid)
    step_s = STEP_QUARTERS * 60 / grid.bpm
    places_s = np.arange(steps, dtype=np.float64) * step_s
    late_s, strength = _onsets_near(features, places_s, min(_REACH_S, 0.45 * step_s))
    least = max(_LEAST_ONSET * np.percentile(strength, 95), _SHARP * np.median(features.onsets))
    strong = strength >= least
    if _scatter_s(late_s, strength * strong) > _MOST_SCATTER_S:
        return (0.0,) * period
    groove = np.full(period, np.nan)
    for number in range(period):
        here = np.arange(number, steps, period)
        here = here[strong[here]]
        if len(here):
            groove[number] = np.average(late_s[here], weights=strength[here])
    for place in range(4):
        same = groove[place::4]
        known = same[~np.isnan(same)]
        same[np.isnan(same)] = known.mean() if len(known) else 0.0
    quarters = np.clip(groove * grid.bpm / 60, -STEP_QUARTERS / 2, STEP_QUARTERS / 2)
    return tuple(round(float(each), 5) for each in quarters)


def _scatter_s(late_s: Floats, weights: Floats) -> float:
    """Return how far starts are from the mean of their place in the beat, on average."""
    away = np.zeros(len(late_s))
    for place in range(4):
        if weights[place::4].any():
            mean = np.average(late_s[place::4], weights=weights[place::4])
            away[place::4] = np.abs(late_s[place::4] - mean)
    return float(np.average(away, weights=weights)) if weights.any() else 0.0


def _onsets_near(features: Features, places_s: Floats, reach_s: float) -> tuple[Floats, Floats]:
    """Return how much later than each place its strongest onset is, and how strong it is.

    A slope towards an onset out of reach has no strength.
    """
    hops = features.onset_hops(places_s)
    reach = max(1, round(reach_s * HOPS_PER_S))
    around = np.rint(hops).astype(int)[:, None] + np.arange(-reach, reach + 1)
    onsets = features.onsets
    strengths = onsets[around % len(onsets)]
    peak = strengths.argmax(axis=1)
    rows = np.arange(len(places_s))
    at = around[rows, peak]
    before, here, after = (onsets[(at + move) % len(onsets)] for move in (-1, 0, 1))
    bend = before - 2 * here + after
    offset = np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, -1.0), 0.0)
    late_s = (at + np.clip(offset, -0.5, 0.5) - hops) / HOPS_PER_S
    is_peak = (here >= before) & (here >= after)
    return late_s, np.where(is_peak, here, 0.0)


def room_in(features: Features, grid: LoopGrid) -> tuple[tuple[float, ...], ...]:
    """Return how much of each step is taken in each octave, 0..1, over at most four bars.

    Longer loops are folded to four bars, of which the loudest counts.
    """
    windows = features.long_spectrum
    bins = np.fft.rfftfreq(LONG_WINDOW, 1 / ANALYSIS_RATE)
    octave = np.floor((69 - LOWEST_OCTAVE_MIDI + 12 * np.log2(np.maximum(bins, 1) / 440)) / 12)
    octave = np.clip(octave, -1, OCTAVES - 1).astype(int)
    power = np.stack([(windows[:, octave == each] ** 2).sum(axis=1) for each in range(OCTAVES)], 1)
    steps = round(grid.quarters / Fraction(STEP_QUARTERS))
    period = min(steps, round(4 * grid.meter.bar_quarters / Fraction(STEP_QUARTERS)))
    step_s = STEP_QUARTERS * 60 / grid.bpm
    hop_s = LONG_HOP / ANALYSIS_RATE
    taken = np.zeros((max(period, 1), OCTAVES))
    for step in range(steps):
        middle = ((step + 0.5) * step_s - LONG_WINDOW / 2 / ANALYSIS_RATE) / hop_s
        row = power[round(middle) % len(power)]
        taken[step % len(taken)] = np.maximum(taken[step % len(taken)], row)
    level = 10 * np.log10(taken / max(float(taken.max()), 1e-12) + 1e-12)
    share = np.clip(1 + level / _FLOOR_DB, 0.0, 1.0)
    return tuple(tuple(round(float(each), 2) for each in row) for row in share)
