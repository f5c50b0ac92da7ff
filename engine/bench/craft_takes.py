"""Loops and raw takes whose truth is known, for the study of craft.

A raw take is a loop of sketch that was cut anywhere, plays up to 6 % too fast or too slow, and has
reverb and noise on it, as a model's takes have.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.generators.sketch.generator import SketchGenerator
from engine.loops.key import key_of
from engine.loops.request import LoopRequest, checked_request
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid

RHYTHMIC = ("drums", "full mix", "percussion")
TONAL = ("chords", "pad", "full mix", "bass line", "lead")
STYLES = (
    "house", "techno", "drum and bass", "jungle", "hip-hop", "lo-fi", "trap", "dubstep",
    "uk garage", "synthwave", "rock", "funk", "disco", "reggae", "afrobeat", "jazz",
)  # fmt: skip
_METERS = ("4/4", "4/4", "4/4", "4/4", "4/4", "4/4", "3/4", "6/8", "5/4", "7/8")
_MOST_OFF = 0.06
_REVERB_S, _REVERB_FALL_S, _REVERB_SHARE = 0.4, 0.08, 0.15
_NOISE_DB = -40.0
_LONGER = 1.6


class KnownLoop(NamedTuple):
    """A loop of sketch and its truth."""

    style: str
    role: str
    grid: LoopGrid
    key: str | None
    audio: Audio


class RawTake(NamedTuple):
    """A take made from a loop, and how much faster than the loop it plays."""

    take: Take
    loop: KnownLoop
    faster: float


def known_loops(count: int, roles: tuple[str, ...], *, meters: bool = False) -> Iterator[KnownLoop]:
    """Yield loops, each of another seed; `meters` lets a part of them be in other meters."""
    generator = SketchGenerator()
    choices = itertools.cycle([(style, role) for role in roles for style in STYLES])
    for number, (style, role) in zip(range(count), choices, strict=False):
        random = np.random.default_rng(number)
        key = key_of(int(random.integers(12)), "minor" if random.random() < 0.5 else "major")
        meter = _METERS[int(random.integers(len(_METERS)))] if meters else "4/4"
        request = checked_request(
            LoopRequest(
                prompt=f"{style} {role}", bars=4, seed=1000 + number, meter=meter, key=str(key)
            )
        )
        plan = generator.understand(request)
        made = next(iter(generator.generate(request, plan.grid, [1000 + number], _unheard)))
        yield KnownLoop(style, role, plan.grid, plan.key, made.audio)


def raw_take(loop: KnownLoop, seed: int) -> RawTake:
    """Return a take that is cut off the grid, too fast or too slow, with reverb and noise."""
    import soxr

    random = np.random.default_rng(seed)
    faster = 1 + random.uniform(-_MOST_OFF, _MOST_OFF)
    rate, frames = loop.grid.rate, len(loop.audio)
    first = int(random.integers(frames))
    span = np.arange(first, first + int(frames * _LONGER))
    played = soxr.resample(np.take(loop.audio, span, axis=0, mode="wrap"), faster, 1.0)
    wet = _reverberated(played, rate, random)
    noise = random.standard_normal(wet.shape) * np.sqrt(np.mean(wet**2)) * 10 ** (_NOISE_DB / 20)
    audio = (0.7 * (wet + noise)).astype(np.float32)
    return RawTake(Take(audio=audio, rate=rate, seed=seed), loop, faster)


def _reverberated(audio: Audio, rate: int, random: np.random.Generator) -> Audio:
    from scipy.signal import fftconvolve

    frames = int(_REVERB_S * rate)
    tail = random.standard_normal(frames) * np.exp(-np.arange(frames) / (_REVERB_FALL_S * rate))
    tail *= _REVERB_SHARE / np.sqrt(np.sum(tail**2))
    wet: Audio = audio + fftconvolve(audio, tail[:, None], axes=0)[: len(audio)]
    return wet


def _unheard(_fraction: float, _stage: str) -> None:
    """Nobody waits for a loop of the study."""
