"""What craft calls only noise: raw takes of every style and role, and seven kinds of noise."""

from collections import defaultdict

import numpy as np

from benchmarks.craft.takes import OTHER_STYLES, STYLES, known_loop, raw_take
from engine.craft.badges import NOISE
from engine.craft.features import Floats
from engine.craft.finish import finish
from engine.loops.take import Take
from engine.loops.tempo import LoopGrid

NOISY_TAKES = 418
"""26 styles in eight roles, and noise: each kind about equally often."""
_ROLES = (
    "drums", "percussion", "bass line", "chords", "pad", "lead", "full mix", "texture",
)  # fmt: skip
_KINDS = ("white", "pink", "brown", "dull", "swelling", "hiss with hum", "crackle")
_FIRST_SEED = 4_000_000
_RATES, _SECONDS = (16_000, 32_000, 44_100), (4, 5, 8, 10)
_GRID = LoopGrid(bpm=120.0, bars=2)
_HUM_HZ, _CRACKLES_PER_S = 50.0, 12


def noises(count: int = NOISY_TAKES) -> dict[str, float]:
    """Return the share of takes that are called only noise, in percent, by role and kind."""
    called: dict[str, list[bool]] = defaultdict(list)
    whole = [(role, style) for role in _ROLES for style in (*STYLES, *OTHER_STYLES)]
    for number, (role, style) in enumerate(whole[:count]):
        seed = _FIRST_SEED + number
        loop = known_loop(style, role, seed, key="C minor" if number % 2 else "G major")
        made = finish(raw_take(loop, number).take, 0, loop.grid)
        called[f"{role}: called only noise, %"].append(NOISE in made.badges)
    for number in range(max(len(_KINDS), count - len(whole))):
        kind = _KINDS[number % len(_KINDS)]
        made = finish(noise(kind, number), 0, _GRID)
        called[f"noise, {kind}: called only noise, %"].append(NOISE in made.badges)
    return {name: round(100 * float(np.mean(listed)), 1) for name, listed in called.items()}


def noise(kind: str, seed: int) -> Take:
    """Return a take that contains only one kind of noise."""
    random = np.random.default_rng(seed)
    rate, seconds = int(random.choice(_RATES)), int(random.choice(_SECONDS))
    audio = _noise(kind, rate * seconds, rate, random)
    audio *= 0.1 / np.sqrt(np.mean(audio**2))
    return Take(audio=audio.astype(np.float32), rate=rate, seed=seed)


def _noise(kind: str, frames: int, rate: int, random: np.random.Generator) -> Floats:
    white: Floats = random.standard_normal((frames, 2))
    times = (np.arange(frames) / rate)[:, None]
    if kind == "swelling":
        swell = 1 + 0.8 * np.sin(2 * np.pi * random.uniform(0.05, 0.3) * times)
        return np.asarray(white * swell)
    if kind == "hiss with hum":
        return np.asarray(0.1 * white + 0.02 * np.sin(2 * np.pi * _HUM_HZ * times))
    if kind == "crackle":
        places = random.integers(frames, size=int(frames / rate * _CRACKLES_PER_S))
        faint = 0.02 * white
        faint[places] += random.standard_normal((len(places), 2))
        return faint
    hertz = np.fft.rfftfreq(frames, 1 / rate)[:, None] + 1
    dull = 1 / (1 + (hertz / random.uniform(300, 4_000)) ** 4)
    gains = {"white": hertz**0, "pink": hertz**-0.5, "brown": 1 / hertz, "dull": dull}
    coloured: Floats = np.fft.irfft(np.fft.rfft(white, axis=0) * gains[kind], frames, axis=0)
    return coloured
