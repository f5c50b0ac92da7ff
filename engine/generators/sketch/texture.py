"""Textures: noise and tone without a beat, made on the loop's circle to have no seam."""

from collections.abc import Callable, Iterable

import numpy as np

from engine.generators.sketch.brief import Brief, Seed, stream
from engine.generators.sketch.patches import PATCHES
from engine.generators.sketch.synth.circle import (
    Float,
    Spectrum,
    add_round,
    high_pass,
    noise_round,
)
from engine.generators.sketch.synth.voice import Character, Strike, note_hz
from engine.loops.key import Key


def render_texture(brief: Brief, frames: int, seed: Seed, name: str | None = None) -> Float:
    """Return the texture of a brief, (2, frames), about unit RMS."""
    maker = TEXTURES[name or brief.texture]
    return maker(brief, frames, int(stream(seed, "texture").integers(2**31)))


def _band(centre_hz: float, octaves: float) -> Spectrum:
    return lambda freqs: np.exp(-((np.log2(np.maximum(freqs, 20) / centre_hz) / octaves) ** 2))


def _harmonics(base_hz: float, numbers: Iterable[int], tilt: float, width: float) -> Spectrum:
    """Return narrow bands on harmonics; `width` is relative, with a minimum of 1.5 Hz."""

    def shape(freqs: Float) -> Float:
        total = np.zeros_like(freqs)
        for number in numbers:
            band_hz = max(base_hz * number * width, 1.5)
            low, high = np.searchsorted(
                freqs, [base_hz * number - 4 * band_hz, base_hz * number + 4 * band_hz]
            )
            distance = (freqs[low:high] - base_hz * number) / band_hz
            total[low:high] += number**-tilt * np.exp(-(distance**2))
        return total

    return shape


def _swell(frames: int, seed: int, depth: float, most_turns: int = 3) -> Float:
    """Return a slow movement, 1 - depth to 1, in whole turns of the loop."""
    rng = stream(seed, "swell", most_turns)
    place = np.linspace(0, 1, 2049)
    wave = np.zeros(len(place))
    for turns in range(1, most_turns + 1):
        wave += rng.uniform(0.4, 1) * np.sin(2 * np.pi * (turns * place + rng.random()))
    level = 1 - depth * (wave - wave.min()) / np.ptp(wave)
    return np.interp(np.arange(frames) / frames, place, level).astype(np.float32)


def _bright(brief: Brief) -> float:
    return float(2 ** (1.2 * brief.axes["bright"] - 0.5 * brief.axes["warm"]))


def _clicks(brief: Brief, frames: int, seed: int, per_second: float, lowest_hz: float) -> Float:
    rate = brief.grid.rate
    rng = stream(seed, "clicks")
    circle = np.zeros((2, frames), np.float32)
    count = max(2, int(per_second * (1 + 0.8 * brief.axes["dense"]) * frames / rate))
    for _ in range(count):
        length = int(rng.uniform(0.0006, 0.004) * rate) + 8
        time = np.arange(length, dtype=np.float32) / rate
        hz = min(lowest_hz * 2 ** rng.uniform(0, 2.2) * _bright(brief), 0.4 * rate)
        click = np.sin(2 * np.pi * hz * time) * np.hanning(length).astype(np.float32)
        side = rng.uniform(0.2, 0.8)
        level = rng.exponential(1.0)
        add_round(circle, int(rng.integers(frames)), click,
                  level * np.array([1 - side, side], np.float32))  # fmt: skip
    return circle


def _vinyl(brief: Brief, frames: int, seed: int) -> Float:
    rate = brief.grid.rate
    hiss = noise_round(frames, rate, _band(3000 * _bright(brief), 2.2), seed)
    rumble = noise_round(frames, rate, _band(45, 0.5), seed + 1)
    return 0.12 * hiss + 0.05 * rumble + 1.3 * _clicks(brief, frames, seed, 22, 1400)


def _tape(brief: Brief, frames: int, seed: int) -> Float:
    shape = _band(5200 * _bright(brief), 1.6)
    return noise_round(frames, brief.grid.rate, shape, seed) * _swell(frames, seed, 0.35)


def _rain(brief: Brief, frames: int, seed: int) -> Float:
    shape = _band(4200 * _bright(brief), 1.7)
    bed = noise_round(frames, brief.grid.rate, shape, seed) * _swell(frames, seed, 0.3)
    return 0.5 * bed + 1.6 * _clicks(brief, frames, seed, 90, 2200)


def _wind(brief: Brief, frames: int, seed: int) -> Float:
    rate = brief.grid.rate
    layers = [
        noise_round(frames, rate, _band(hz * _bright(brief), 0.35), seed + n)
        * _swell(frames, seed + n, 0.95, 2 + n) ** 2
        for n, hz in enumerate((260.0, 420.0, 700.0, 1150.0))
    ]
    return np.asarray(sum(layers), dtype=np.float32)


def _air(brief: Brief, frames: int, seed: int) -> Float:
    rate = brief.grid.rate
    high = noise_round(frames, rate, _band(3600 * _bright(brief), 1.1), seed)
    low = noise_round(frames, rate, _band(320, 0.8), seed + 1)
    return high * _swell(frames, seed, 0.8) + 0.7 * low * _swell(frames, seed + 1, 0.7)


def _drone(brief: Brief, frames: int, seed: int) -> Float:
    key = brief.key or Key("C", "minor")
    rng = stream(seed, "drone")
    tilt = 1.5 - 0.6 * brief.axes["bright"] + 0.3 * brief.axes["warm"]
    total = np.zeros((2, frames), np.float32)
    for number, semitones in enumerate((0, 7, 12, 19, 24)):
        root = note_hz(36 + key.pitch_class + semitones)
        shape = _harmonics(root, range(1, 13), tilt, 0.003)
        layer = noise_round(frames, brief.grid.rate, shape, seed + number, 1.0)
        level = np.float32(rng.uniform(0.4, 1.0) / (1 + number))
        total += level * layer * _swell(frames, seed + number, 0.7)
    return total


def _machine(brief: Brief, frames: int, seed: int) -> Float:
    rate = brief.grid.rate
    base_hz = float(stream(seed, "machine").uniform(48, 62))
    hum = _harmonics(base_hz, (1, 2, 3, 4, 6, 9, 14, 21), 0.9, 0.002)
    hiss = noise_round(frames, rate, _band(2400 * _bright(brief), 0.7), seed + 1)
    cycles = max(1, round(float(brief.grid.quarters)))
    turn = (np.arange(frames) * cycles / frames) % 1.0
    stroke = (np.exp(-6 * turn) * np.minimum(turn / 0.02, 1)).astype(np.float32)
    return np.float32(0.5) * noise_round(frames, rate, hum, seed, 1.0) + 0.8 * hiss * stroke


def _riser(brief: Brief, frames: int, seed: int) -> Float:
    rate = brief.grid.rate
    place = np.linspace(0, 1, frames, dtype=np.float32)
    total = np.zeros((2, frames), np.float32)
    for number in range(7):
        centre = 220.0 * 2**number * _bright(brief)
        layer = noise_round(frames, rate, _band(min(centre, 15_000), 0.5), seed + number)
        total += layer * np.exp(-(((place * 6.5 - number) / 1.1) ** 2))
    fall = np.minimum((1 - place) * (frames / (0.02 * rate)), 1)
    return np.asarray(high_pass(total * place**1.5 * fall, 120, rate), dtype=np.float32)


def _grains(brief: Brief, frames: int, seed: int) -> Float:
    rate = brief.grid.rate
    rng = stream(seed, "grains")
    key = brief.key or Key("C", "major")
    circle = np.zeros((2, frames), np.float32)
    bell = PATCHES["bell"]
    character = Character(bright_octaves=brief.axes["bright"], attack=6.0, decay=0.5)
    count = max(4, int(7 * (1 + 0.7 * brief.axes["dense"]) * frames / rate))
    pentatonic = [key.steps[i] for i in ((0, 2, 3, 4, 6) if key.is_minor else (0, 1, 2, 4, 5))]
    sounds = {}
    for _ in range(count):
        midi = 72 + key.pitch_class + int(rng.choice(pentatonic)) + 12 * int(rng.integers(0, 2))
        if midi not in sounds:
            strike = Strike(note_hz(midi), int(0.2 * rate), 0.7)
            sounds[midi] = bell.render(strike, character, rate)
        side = rng.uniform(0.1, 0.9)
        add_round(circle, int(rng.integers(frames)), sounds[midi],
                  rng.uniform(0.2, 1) * np.array([1 - side, side], np.float32))  # fmt: skip
    return circle


TEXTURES: dict[str, Callable[[Brief, int, int], Float]] = {
    "vinyl": _vinyl, "tape": _tape, "rain": _rain, "wind": _wind, "air": _air, "drone": _drone,
    "machine": _machine, "riser": _riser, "grains": _grains,
}  # fmt: skip
