"""Plain patterns for training the bar net: a low sound marks the bar, bright ones the beats.

The loops of sketch always have a kit or a band. A model's take may be as bare as a metronome, where
the low accent is the only sign of the bar.
"""

import dataclasses

import numpy as np

from engine.craft.features import Floats
from engine.loops.take import Audio

RATE = 22_050
_BEATS = (3, 4, 4, 4, 5, 7)
_SLOWEST_BPM, _FASTEST_BPM = 60.0, 170.0
_SHORTEST_S, _LONGEST_S = 8.0, 14.0
_SOUND_S = 0.25


@dataclasses.dataclass(frozen=True)
class Pattern:
    """Audio of a plain pattern, (frames, 1) at `RATE`, and the position of its bars."""

    audio: Audio
    bpm: float
    beats: int
    downbeat_s: float


def pattern(seed: int) -> Pattern:
    """Return a pattern of any tempo and number of beats, starting anywhere in its bar."""
    random = np.random.default_rng(seed)
    beats, bpm = int(random.choice(_BEATS)), float(random.uniform(_SLOWEST_BPM, _FASTEST_BPM))
    step_s = 30 / bpm
    bar_s = 2 * beats * step_s
    downbeat_s = float(random.uniform(0, bar_s))
    levels = _levels(beats, random)
    sounds = (_low(random), _bright(random), _bright(random))
    audio = np.zeros(int(random.uniform(_SHORTEST_S, _LONGEST_S) * RATE))
    first = -int(downbeat_s / step_s)
    for step in range(first, int((len(audio) / RATE - downbeat_s) / step_s)):
        start = round((downbeat_s + step * step_s) * RATE)
        for sound, level in zip(sounds, levels[:, step % (2 * beats)], strict=True):
            part = audio[start : start + len(sound)]
            part += level * float(random.uniform(0.85, 1.15)) * sound[: len(part)]
    audio += random.standard_normal(len(audio)) * 10 ** float(random.uniform(-4, -2.3))
    return Pattern(audio.astype(np.float32)[:, None], bpm, beats, downbeat_s)


def _levels(beats: int, random: np.random.Generator) -> Floats:
    """Return the levels of the low sound and two brighter ones on each eighth of the bar."""
    levels = np.zeros((3, 2 * beats))
    levels[0, 0] = random.uniform(0.4, 1.0)
    levels[1, ::2] = random.uniform(0.1, 0.5)
    if random.random() < 0.5:
        levels[1, 1::2] = levels[1, 0] * random.uniform(0.2, 0.9)
    if random.random() < 0.3:
        levels[2, 2 * int(random.integers(1, beats))] = random.uniform(0.1, 0.4)
    return levels


def _low(random: np.random.Generator) -> Floats:
    times = np.arange(round(_SOUND_S * RATE)) / RATE
    fall = np.exp(-times / random.uniform(0.015, 0.08))
    sound: Floats = np.sin(2 * np.pi * random.uniform(45, 110) * times) * fall
    return sound


def _bright(random: np.random.Generator) -> Floats:
    """Return a burst of noise or a short tone."""
    times = np.arange(round(_SOUND_S * RATE)) / RATE
    fall = np.exp(-times / random.uniform(0.003, 0.03))
    noisy = random.standard_normal(len(times))
    tone = np.sin(2 * np.pi * random.uniform(400, 3_000) * times)
    sound: Floats = (noisy if random.random() < 0.7 else tone) * fall
    return sound
