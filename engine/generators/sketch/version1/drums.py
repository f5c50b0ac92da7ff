"""Drum voices, synthesised: skins, wires, claps, metal, wood and shakers.

Each voice returns two parts, body and top, so that a soft stroke can be duller than a hard one:
the top (click, noise) is scaled more steeply with velocity than the body. The hi-hat metal is six
square waves in the ratios of the TR-808's cymbal circuit, as many others have measured them.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.generators.sketch.synth.envelopes import decay
from engine.generators.sketch.synth.tables import (
    Float,
    band_top_hz,
    counted_cycles,
    cycles,
    phase_of,
    play,
)
from engine.loops.filters import band_pass, filtered

DrumSound = tuple[Float, Float]
"""Body and top, each (frames,) float32."""

_METAL_HZ = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)


@dataclasses.dataclass(frozen=True)
class Studio:
    """The setting for a drum: rate in Hz, a noise source, and the effect of the adjectives."""

    rate: int
    rng: np.random.Generator
    bright_octaves: float = 0.0
    decay_factor: float = 1.0
    drive: float = 0.0

    def time(self, length_s: float) -> Float:
        """Return a time axis in seconds, (frames,) float32."""
        return np.arange(max(int(length_s * self.rate), 64), dtype=np.float32) / np.float32(
            self.rate
        )

    def noise(self, frames: int, low_hz: float, high_hz: float) -> Float:
        """Return noise of unit RMS between two frequencies, (frames,)."""
        top = band_top_hz(self.rate)
        bend = 2 ** (0.7 * self.bright_octaves)
        high = min(high_hz * bend, 0.98 * top)
        low = min(low_hz * 2 ** (0.25 * self.bright_octaves), 0.7 * high)
        white = self.rng.standard_normal((1, frames + 256)).astype(np.float32)
        sound = filtered(white, band_pass(low, high, self.rate), self.rate, closed=False)[0, 256:]
        return (sound / (sound.std() + 1e-9)).astype(np.float32)


DrumVoice = Callable[[Studio], DrumSound]


@dataclasses.dataclass(frozen=True)
class Kick:
    """A bass drum: a sine that falls in pitch, with a click on top."""

    high_hz: float = 190.0
    low_hz: float = 50.0
    sweep_s: float = 0.03
    decay_s: float = 0.16
    click: float = 0.35
    drive: float = 0.2

    def __call__(self, studio: Studio) -> DrumSound:
        """Return body and top."""
        ring = self.decay_s * studio.decay_factor
        time = studio.time(min(6 * ring, 2.5))
        freq = self.low_hz + (self.high_hz - self.low_hz) * decay(time, self.sweep_s)
        wave = np.sin(2 * np.pi * counted_cycles(freq, studio.rate))
        body = wave.astype(np.float32) * decay(time, ring)
        push = np.float32(1 + 4 * min(1.0, self.drive + studio.drive))
        body = np.tanh(body * push) / np.float32(np.tanh(push))
        top = self.click * studio.noise(len(time), 900, 7000) * decay(time, 0.004) * 0.5
        return _soft_end(body), top


@dataclasses.dataclass(frozen=True)
class Skin:
    """Toms, congas, bongos, taikos: inharmonic modes of a membrane that drop a little in pitch."""

    hz: float = 110.0
    drop: float = 0.5
    decay_s: float = 0.25
    slap: float = 0.3
    slap_hz: float = 2500.0

    def __call__(self, studio: Studio) -> DrumSound:
        """Return body and top."""
        ring = self.decay_s * studio.decay_factor
        time = studio.time(min(6 * ring, 2.5))
        bend = 1 + self.drop * decay(time, 0.03)
        turns = counted_cycles(self.hz * bend, studio.rate)
        # The first modes of an ideal membrane (Fletcher & Rossing, The Physics of Musical
        # Instruments, ch. 3).
        modes = ((1.0, 1.0, 1.0), (1.594, 0.35, 0.6), (2.136, 0.2, 0.4), (2.653, 0.1, 0.3))
        body = np.zeros(len(time), np.float32)
        for ratio, level, life in modes:
            body += (
                level
                * np.sin(2 * np.pi * ratio * turns).astype(np.float32)
                * decay(time, ring * life)
            )
        top = self.slap * studio.noise(len(time), self.slap_hz / 3, self.slap_hz * 2)
        return _soft_end(0.75 * body), top * decay(time, 0.012) * 0.6


@dataclasses.dataclass(frozen=True)
class Snare:
    """Two modes of the head and the noise of the wires."""

    hz: float = 190.0
    tone: float = 0.6
    tone_s: float = 0.07
    wires: float = 0.7
    wires_s: float = 0.13
    low_hz: float = 1200.0
    high_hz: float = 9000.0

    def __call__(self, studio: Studio) -> DrumSound:
        """Return body and top."""
        time = studio.time(min(6 * max(self.wires_s, self.tone_s) * studio.decay_factor, 1.5))
        pitch = counted_cycles(1 + 0.5 * decay(time, 0.012), studio.rate)
        modes = np.sin(2 * np.pi * self.hz * pitch) + 0.6 * np.sin(
            2 * np.pi * 1.83 * self.hz * pitch
        )
        body = self.tone * modes.astype(np.float32) * decay(time, self.tone_s)
        noise = studio.noise(len(time), self.low_hz, self.high_hz)
        top = self.wires * 0.45 * noise * decay(time, self.wires_s * studio.decay_factor)
        top += 0.3 * studio.noise(len(time), 2500, 12_000) * decay(time, 0.006)
        return _soft_end(body), _soft_end(top)


@dataclasses.dataclass(frozen=True)
class Clap:
    """Several hands: bursts of band noise and a room tail."""

    low_hz: float = 900.0
    high_hz: float = 3200.0
    tail_s: float = 0.09
    hands: int = 4

    def __call__(self, studio: Studio) -> DrumSound:
        """Return body and top."""
        time = studio.time(7 * self.tail_s * studio.decay_factor)
        envelope = np.zeros_like(time)
        for hand in range(self.hands):
            since = time - np.float32(0.011 * hand)
            life = self.tail_s * studio.decay_factor if hand == self.hands - 1 else 0.006
            envelope = np.maximum(envelope, np.where(since >= 0, decay(since, life), 0))
        sound = studio.noise(len(time), self.low_hz, self.high_hz) * envelope
        return np.zeros(1, np.float32), _soft_end((0.55 * sound).astype(np.float32))


@dataclasses.dataclass(frozen=True)
class Metal:
    """Hi-hats, rides, crashes, cowbells: square waves above a high-pass, and noise."""

    decay_s: float = 0.05
    low_hz: float = 6500.0
    noise: float = 0.5
    tune: float = 1.0
    partials_hz: tuple[float, ...] = _METAL_HZ
    attack_s: float = 0.0
    ping_hz: float = 0.0

    def __call__(self, studio: Studio) -> DrumSound:
        """Return body and top."""
        ring = self.decay_s * studio.decay_factor
        time = studio.time(min(6 * ring, 3.0))
        metal = np.zeros(len(time), np.float32)
        for hz in self.partials_hz:
            metal += _square_above(hz * self.tune, self.low_hz, studio, len(time))
        metal /= np.float32(metal.std() + 1e-9)
        hiss = studio.noise(len(time), self.low_hz, 18_000)
        envelope = decay(time, ring)
        if self.attack_s:
            envelope = envelope * np.minimum(time / self.attack_s, 1)
        mixed = (1 - self.noise) * metal + self.noise * hiss
        body = np.zeros(len(time), np.float32)
        if self.ping_hz:
            body = 0.25 * np.sin(2 * np.pi * self.ping_hz * time) * decay(time, 0.6 * ring)
        return _soft_end(body), _soft_end(0.3 * mixed * envelope)


def _square_above(hz: float, low_hz: float, studio: Studio, frames: int) -> Float:
    top = band_top_hz(studio.rate)
    number = np.arange(1, max(2, int(top / hz)) + 1)
    bend = 2 ** (0.5 * studio.bright_octaves)
    freq = number * hz
    level = (number % 2) / number / (1 + (low_hz / freq) ** 6) / (1 + (freq / (11_000 * bend)) ** 4)
    level[freq > top] = 0
    start = float(studio.rng.random())
    return play(cycles(level), phase_of(hz, frames, studio.rate, start))


@dataclasses.dataclass(frozen=True)
class Wood:
    """Rims, claves, blocks, bells, triangles: a few ringing modes and a tick."""

    hz: float = 1700.0
    ratios: tuple[float, ...] = (1.0, 2.76, 5.4)
    decay_s: float = 0.03
    tick: float = 0.4

    def __call__(self, studio: Studio) -> DrumSound:
        """Return body and top."""
        ring = self.decay_s * studio.decay_factor
        time = studio.time(min(7 * ring + 0.02, 2.5))
        body = np.zeros(len(time), np.float32)
        tilt = 1.0 - 0.4 * studio.bright_octaves
        for ratio in self.ratios:
            if self.hz * ratio < band_top_hz(studio.rate):
                level = np.float32(0.6 / ratio**tilt)
                body += (
                    level * np.sin(2 * np.pi * self.hz * ratio * time) * decay(time, ring / ratio)
                )
        top = self.tick * studio.noise(len(time), 2000, 9000) * decay(time, 0.003)
        return _soft_end(body), top * np.float32(0.5)


@dataclasses.dataclass(frozen=True)
class Shake:
    """Shakers, tambourines, brushes, cabasas: noise with a soft start."""

    low_hz: float = 5500.0
    high_hz: float = 15_000.0
    attack_s: float = 0.018
    decay_s: float = 0.035
    jingle: float = 0.0

    def __call__(self, studio: Studio) -> DrumSound:
        """Return body and top."""
        ring = self.decay_s * studio.decay_factor
        time = studio.time(self.attack_s + 6 * ring)
        envelope = np.minimum(time / self.attack_s, 1) * decay(
            np.maximum(time - self.attack_s, 0), ring
        )
        sound = studio.noise(len(time), self.low_hz, self.high_hz)
        if self.jingle:
            for hz in (6300.0, 8100.0, 9700.0):
                sound += self.jingle * np.sin(2 * np.pi * hz * time)
        return np.zeros(1, np.float32), _soft_end((0.3 * sound * envelope).astype(np.float32))


def _soft_end(sound: NDArray[np.floating[Any]]) -> Float:
    """Return the sound with its last 2 % faded, so that a cut tail does not click."""
    tail = max(len(sound) // 50, 2)
    ended = sound.astype(np.float32)
    ended[-tail:] *= np.linspace(1, 0, tail, dtype=np.float32)
    return ended
