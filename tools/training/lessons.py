"""Training data of craft: loops, each as a file of whole bars and as a raw take.

The loops are those of sketch, in the styles in `STYLES` and with seeds that the study of craft does
not use, and those of a folder, which are worn as samples are. Every fourth loop of sketch adds a
plain pattern.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.craft.takes import STYLES, TONAL, KnownLoop, RawTake, known_loop, raw_take
from benchmarks.real_loops import known_file
from engine.craft.bar import STEPS_PER_BEAT, turns
from engine.craft.features import Features, extract_features
from engine.craft.partials import steady_partials, tuning_of
from engine.craft.pulse import regular_beat
from engine.craft.tempo import Tempogram, candidates
from engine.craft.tonality import key_features
from engine.loops.key import Key, key_of
from engine.loops.request import SKETCH_VERSIONS
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid
from tools.training.patterns import RATE, pattern
from tools.training.wear import worn

_FIRST_SEED, _FIRST_TONAL_SEED = 2_000_000, 2_500_000
_ROLES = (
    "drums", "full mix", "drums", "full mix", "drums", "full mix", "percussion", "bass line",
    "chords", "lead", "pad",
)  # fmt: skip
_WITHOUT_BAR = frozenset({"percussion"})
"""Sketch starts hand drum patterns anywhere, so their bar cannot be detected."""
METRICAL = frozenset({"drums", "full mix", "percussion"})
"""The roles that are also played in other meters."""
_BARS = (1, 2, 4, 4, 4, 8)
_TONAL_BARS = (2, 4, 4, 8)
_OTHER_METERS, _SHARE_OF_OTHER_METERS = ("3/4", "6/8", "5/4", "7/8"), 0.2
_OTHER_METERS_SAY = 2
"""How often the bars of other meters are shown, as they are rare."""
_SLOWER, _FASTER = 0.85, 1.18
_SHORTEST_S, _LONGEST_S = 4.0, 14.0
_LOW_RATE = 16_000
_RIGHT = 0.01
_LOOPS_PER_PATTERN = 4
_WHOLE_FILES = 0.6
_DETUNED, _SHARE_DETUNED = 0.5, 0.3
"""How far loops of known key are off their tuning in semitones, and how often."""
_CUT_LAPS = (0.5, 1.7)
_FEWEST_LAPS, _MOST_LAPS, _SHORTEST_CUT_S = 0.7, 2.5, 1.5

Marks = NDArray[np.bool_]


class Example(NamedTuple):
    """The candidates of one take, and which of them are right."""

    features: NDArray[np.float32]
    right: Marks


def tempo_and_bar(number: int) -> list[tuple[str, Example]]:
    """Return the examples of loop `number` for each net, as a rotated loop and as a raw take."""
    random = np.random.default_rng(_FIRST_SEED + number)
    style = STYLES[number % len(STYLES)]
    role = _ROLES[number // len(STYLES) % len(_ROLES)]
    metrical = role in METRICAL
    odd = metrical and random.random() < _SHARE_OF_OTHER_METERS
    loop = known_loop(
        style,
        role,
        _FIRST_SEED + number,
        key=str(key_of(int(random.integers(12)), "minor" if random.random() < 0.5 else "major")),
        meter=str(random.choice(_OTHER_METERS)) if odd else "4/4",
        bars=int(random.choice(_BARS)),
        faster=float(random.uniform(_SLOWER, _FASTER)) if random.random() < 0.5 else 1.0,
        version=int(random.choice(SKETCH_VERSIONS)),
    )
    steps = round(STEPS_PER_BEAT * loop.grid.meter.bar_quarters)
    found: list[tuple[str, Example]] = []
    for analysis, bpm, downbeat_s in _presented(loop, number, random):
        found += _tempo_example(analysis, bpm)
        if role not in _WITHOUT_BAR:
            found += _bar_example(analysis, bpm, downbeat_s, steps) * (
                _OTHER_METERS_SAY if odd else 1
            )
    return found + (_pattern_example(number) if number % _LOOPS_PER_PATTERN == 0 else [])


def from_file(path: Path, number: int) -> list[tuple[str, Example]]:
    """Return the examples of a loop whose name says its tempo, worn, as a file and as a cut."""
    file = known_file(path)
    if file is None or file.bars is None:
        return []
    random = np.random.default_rng(_FIRST_SEED + number)
    grid = LoopGrid(bpm=file.bpm, meter=file.meter, bars=file.bars, rate=file.rate)
    audio = worn(file.audio, file.rate, random)
    loop = KnownLoop("", "", grid, None, audio)
    is_whole = random.random() < _WHOLE_FILES
    shift = 0 if is_whole else int(random.integers(len(audio)))
    turned = extract_features(np.roll(audio, shift, axis=0), file.rate)
    laps = float(random.uniform(_FEWEST_LAPS, _MOST_LAPS))
    raw = raw_take(loop, number, max(_SHORTEST_CUT_S, laps * len(audio) / file.rate))
    cut = extract_features(*_at_a_rate_of_models(raw, random))
    steps = round(STEPS_PER_BEAT * grid.meter.bar_quarters)
    found: list[tuple[str, Example]] = []
    for analysis, bpm, downbeat_s in (
        (turned, grid.bpm, shift / grid.rate), (cut, grid.bpm * raw.faster, raw.downbeat_s),
    ):  # fmt: skip
        found += _tempo_example(analysis, bpm)
        found += _bar_example(analysis, bpm, downbeat_s, steps)
    return found


def _pattern_example(number: int) -> list[tuple[str, Example]]:
    plain = pattern(_FIRST_SEED + number)
    analysis = extract_features(plain.audio, RATE)
    return _bar_example(analysis, plain.bpm, plain.downbeat_s, STEPS_PER_BEAT * plain.beats)


def keys(number: int) -> list[tuple[str, Example]]:
    """Return the key examples of tonal loop `number`: from its first bar or not, and as a take.

    A raw take that plays faster sounds higher, by up to a semitone: its key is the shifted one.
    """
    seed = _FIRST_TONAL_SEED + number
    random = np.random.default_rng(seed)
    style, role = STYLES[number % len(STYLES)], TONAL[number // len(STYLES) % len(TONAL)]
    key = key_of(int(random.integers(12)), "minor" if random.random() < 0.5 else "major")
    loop = known_loop(style, role, seed, key=str(key), bars=int(random.choice(_TONAL_BARS)))
    raw = raw_take(loop, number, float(random.uniform(_SHORTEST_S, _LONGEST_S)))
    file = extract_features(loop.audio, loop.grid.rate, closed=True)
    take = extract_features(*_at_a_rate_of_models(raw, random))
    return (
        _key_examples(file, key, from_first_bar=True)
        + _key_examples(file, key)
        + _key_examples(take, key, raw.faster)
    )


def keys_from_file(path: Path, number: int) -> list[tuple[str, Example]]:
    """Return the key examples of a loop whose name says its key, worn: as a file and as a cut.

    It may be off the usual tuning, by up to half a semitone.
    """
    import soxr

    file = known_file(path)
    if file is None or file.bars is None or file.key is None:
        return []
    random = np.random.default_rng(_FIRST_TONAL_SEED + number)
    audio = worn(file.audio, file.rate, random)
    faster = float(random.uniform(-_DETUNED, _DETUNED)) if random.random() < _SHARE_DETUNED else 0.0
    faster = 2 ** (faster / 12)
    if faster != 1.0:
        audio = soxr.resample(audio, faster, 1.0)
    first, length = int(random.integers(len(audio))), float(random.uniform(*_CUT_LAPS))
    span = np.arange(first, first + int(length * len(audio)))
    cut = np.take(audio, span, axis=0, mode="wrap")
    whole = extract_features(audio, file.rate, closed=True)
    return (
        _key_examples(whole, file.key, faster, from_first_bar=True)
        + _key_examples(whole, file.key, faster)
        + _key_examples(extract_features(cut, file.rate), file.key, faster)
    )


def _key_examples(
    analysis: Features, key: Key, faster: float = 1.0, *, from_first_bar: bool = False
) -> list[tuple[str, Example]]:
    """Return the example of a take that plays so many times as fast, and so higher; or none."""
    partials, _ = steady_partials(analysis.long_spectrum)
    if not len(partials.hertz):
        return []
    tuning = tuning_of(partials)
    features = key_features(partials, tuning, from_first_bar=from_first_bar)
    higher = round(12 * float(np.log2(faster)) - tuning)
    right = np.zeros(24, bool)
    right[(key.pitch_class + higher) % 12 + 12 * key.is_minor] = True
    return [("key", Example(features.astype(np.float32), right))]


def _presented(
    loop: KnownLoop, number: int, random: np.random.Generator
) -> tuple[tuple[Features, float, float], ...]:
    """Return a loop as a rotated file and as a raw take, each with its tempo and a downbeat."""
    grid = loop.grid
    shift = int(random.integers(len(loop.audio))) if random.random() < 0.67 else 0
    turned = extract_features(np.roll(loop.audio, shift, axis=0), grid.rate)
    shortest_s = max(_SHORTEST_S, 2.05 * float(grid.meter.bar_quarters) * 60 / grid.bpm)
    raw = raw_take(loop, number, max(shortest_s, float(random.uniform(_SHORTEST_S, _LONGEST_S))))
    return (
        (turned, grid.bpm, shift / grid.rate),
        (
            extract_features(*_at_a_rate_of_models(raw, random)),
            grid.bpm * raw.faster,
            raw.downbeat_s,
        ),
    )


def _at_a_rate_of_models(raw: RawTake, random: np.random.Generator) -> tuple[Audio, int]:
    """Return the audio of a take, every other one at 16 kHz, like latent diffusion."""
    import soxr

    audio, rate = raw.take.audio, raw.take.rate
    if random.random() < 0.5:
        return audio, rate
    return soxr.resample(audio, rate, _LOW_RATE), _LOW_RATE


def _tempo_example(analysis: Features, bpm: float) -> list[tuple[str, Example]]:
    tempogram = Tempogram(analysis)
    features = candidates(tempogram, tempogram.candidates, analysis.length_s)
    right = np.abs(tempogram.candidates / bpm - 1) < _RIGHT
    return [("tempo", Example(features.astype(np.float32), right))] if right.any() else []


def _bar_example(
    analysis: Features, bpm: float, downbeat_s: float, steps: int
) -> list[tuple[str, Example]]:
    step_s = 60 / bpm / STEPS_PER_BEAT
    first_s = regular_beat(analysis, bpm)[0] % step_s
    features = turns(analysis, first_s, 60 / bpm, steps)
    if features is None:
        return []
    right = np.zeros(steps, bool)
    right[round((downbeat_s - first_s) / step_s) % steps] = True
    return [("bar", Example(features.astype(np.float32), right))]
