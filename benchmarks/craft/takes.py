"""Loops and raw takes with known facts, for the study of craft and for its training.

A raw take is a loop of sketch that is cut anywhere, plays up to 6 % too fast or too slow, and has
reverb and noise, as a model's takes have.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import numpy as np

from engine.generators.sketch.generator import SketchGenerator
from engine.loops.key import key_of
from engine.loops.request import SKETCH_VERSIONS, LoopRequest, checked_request
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid

RHYTHMIC = ("drums", "full mix", "percussion")
TONAL = ("chords", "pad", "full mix", "bass line", "lead")
STYLES = (
    "house", "techno", "drum and bass", "jungle", "hip-hop", "lo-fi", "trap", "dubstep",
    "uk garage", "synthwave", "rock", "funk", "disco", "reggae", "afrobeat", "jazz",
)  # fmt: skip
"""The styles that craft was trained on."""
OTHER_STYLES = (
    "trance", "ambient", "metal", "dub", "cinematic", "bossa nova", "electro", "breakbeat", "r&b",
    "amapiano",
)  # fmt: skip
"""The styles that were not used in training."""
_METERS = ("4/4", "4/4", "4/4", "4/4", "4/4", "4/4", "3/4", "6/8", "5/4", "7/8")
_BARS = (2, 4, 4, 8)
_MOST_OFF = 0.06
_REVERB_S, _REVERB_FALL_S, _REVERB_SHARE = 0.4, 0.08, 0.15
_NOISE_DB = -40.0
_LONGER = 1.6


class KnownLoop(NamedTuple):
    """A loop of sketch and its facts."""

    style: str
    role: str
    grid: LoopGrid
    key: str | None
    audio: Audio


class RawTake(NamedTuple):
    """A take made from a loop, how much faster than the loop it plays, and its first downbeat."""

    take: Take
    loop: KnownLoop
    faster: float
    downbeat_s: float


def known_loops(
    count: int,
    roles: tuple[str, ...],
    *,
    styles: tuple[str, ...] = STYLES,
    first_seed: int = 1000,
    various: bool = False,
    version: int = SKETCH_VERSIONS[-1],
) -> Iterator[KnownLoop]:
    """Yield loops of four bars of 4/4, each with its own seed, of a version of sketch or the last.

    With `various`, four in ten are in other meters, and the loops have two, four or eight bars.
    """
    choices = itertools.cycle([(style, role) for role in roles for style in styles])
    for seed, (style, role) in zip(range(first_seed, first_seed + count), choices, strict=False):
        random = np.random.default_rng(seed - first_seed)
        key = key_of(int(random.integers(12)), "minor" if random.random() < 0.5 else "major")
        meter = _METERS[int(random.integers(len(_METERS)))] if various else "4/4"
        bars = _BARS[int(random.integers(len(_BARS)))] if various else 4
        yield known_loop(style, role, seed, key=str(key), meter=meter, bars=bars, version=version)


def known_loop(
    style: str,
    role: str,
    seed: int,
    *,
    key: str,
    meter: str = "4/4",
    bars: int = 4,
    faster: float = 1.0,
    version: int = SKETCH_VERSIONS[-1],
) -> KnownLoop:
    """Return a loop of sketch, at `faster` times the tempo that its style would have."""
    generator = SketchGenerator()
    request = LoopRequest(
        prompt=f"{style} {role}", bars=bars, seed=seed, meter=meter, key=key,
        sketch_version=version,
    )  # fmt: skip
    plan = generator.plan(checked_request(request))
    if faster != 1.0:
        request = msgspec.structs.replace(request, bpm=round(plan.grid.bpm * faster, 2))
        plan = generator.plan(checked_request(request))
    made = next(iter(generator.generate(request, plan.grid, [seed], _ignore)))
    return KnownLoop(style, role, plan.grid, plan.key, made.audio)


def raw_take(loop: KnownLoop, seed: int, seconds: float | None = None) -> RawTake:
    """Return a take that is cut off the grid, too fast or too slow, with reverb and noise.

    It lasts `seconds` or, by default, 1.6 times as long as the loop.
    """
    import soxr

    random = np.random.default_rng(seed)
    faster = 1 + random.uniform(-_MOST_OFF, _MOST_OFF)
    rate, frames = loop.grid.rate, len(loop.audio)
    first = int(random.integers(frames))
    length = frames * _LONGER if seconds is None else seconds * rate * faster
    span = np.arange(first, first + int(length))
    played = soxr.resample(np.take(loop.audio, span, axis=0, mode="wrap"), faster, 1.0)
    wet = _reverberated(played, rate, random)
    noise = random.standard_normal(wet.shape) * np.sqrt(np.mean(wet**2)) * 10 ** (_NOISE_DB / 20)
    audio = (0.7 * (wet + noise)).astype(np.float32)
    downbeat_s = (frames - first) % frames / rate / faster
    return RawTake(Take(audio=audio, rate=rate, seed=seed), loop, faster, downbeat_s)


def _reverberated(audio: Audio, rate: int, random: np.random.Generator) -> Audio:
    from scipy.signal import fftconvolve

    frames = int(_REVERB_S * rate)
    tail = random.standard_normal(frames) * np.exp(-np.arange(frames) / (_REVERB_FALL_S * rate))
    tail *= _REVERB_SHARE / np.sqrt(np.sum(tail**2))
    wet: Audio = audio + fftconvolve(audio, tail[:, None], axes=0)[: len(audio)]
    return wet


def _ignore(_fraction: float, _stage: str) -> None:
    """Ignore the progress of a loop."""
