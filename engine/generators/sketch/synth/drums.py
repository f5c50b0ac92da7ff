"""Drums: each stroke is synthesised by itself, from ringing modes and bursts of coloured noise.

A stroke that is harder is not only louder: contact with a hard stick is shorter, so it excites
higher modes; the pitch of a skin drops further; some parts (the crack of a rim, the buzz of wires)
sound only above, or mostly below, a certain force. No two strokes are alike: the stick never hits
the same place.
"""

import dataclasses
from collections.abc import Mapping
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.generators.sketch.synth.parallel import Begun
from engine.generators.sketch.synth.tables import Float, band_top_hz

_BANDS = 4
_SHORT_TAPE, _LONG_TAPE = 2**14, 2**16
_LONGEST_S = 2.5
_RING_LIVES, _BURST_LIVES = 8.0, 5.75
"""Decay times after which a mode is cut, 70 dB down, and a band of noise, 50 dB down."""


@dataclasses.dataclass(frozen=True)
class Hit:
    """One stroke: its force, 0..1, its own source of chance, and the rate in Hz."""

    velocity: float
    rng: np.random.Generator
    rate: int


class Drum(Protocol):
    """Whatever can be struck: a synthesised drum, or a sample of one."""

    def begin(self, rate: int) -> None:
        """Begin to make what all its strokes at a rate need."""
        ...

    def strike(self, hit: Hit) -> Float:
        """Return the sound of one stroke, (frames,) or (2, frames), float32, with a peak near 1."""
        ...


Kit = Mapping[str, Drum]
"""The drums of a kit by voice."""


@dataclasses.dataclass(frozen=True)
class Force:
    """How a part of a drum answers to the force of a stroke.

    Attributes:
        steep: exponent from velocity to level; below 1, soft strokes have more of the part.
        above: the velocity below which the part is silent; it is full 0.2 above that.
    """

    steep: float = 1.0
    above: float = 0.0

    def level(self, velocity: float) -> float:
        """Return the level of the part at a velocity."""
        gate = 1.0 if not self.above else float(np.clip((velocity - self.above) / 0.2, 0, 1))
        return gate * velocity**self.steep


@dataclasses.dataclass(frozen=True)
class Ring:
    """Modes that ring: skins, shells, wood, bells.

    Attributes:
        modes: (frequency in Hz, level, time constant in s) of each mode.
        drop: how much higher, relatively, a full stroke begins; `drop_s` is how fast it falls.
        contact_hz: above this frequency, a stroke of velocity 0.7 excites modes less and less.
        scatter_db: how much the levels of the modes differ from stroke to stroke.
    """

    modes: tuple[tuple[float, float, float], ...]
    drop: float = 0.0
    drop_s: float = 0.02
    contact_hz: float = 2000.0
    scatter_db: float = 1.5
    force: Force = Force()

    def sound(self, hit: Hit) -> Float:
        """Return the sound of one stroke, (frames,)."""
        level = self.force.level(hit.velocity)
        hz, levels, decay_s = (np.array(column) for column in zip(*self.modes, strict=True))
        contact = self.contact_hz * 2 ** (2.2 * (hit.velocity - 0.7))
        tune = 2 ** (hit.rng.normal(0, 0.006))
        levels = level * levels * 10 ** (hit.rng.normal(0, self.scatter_db, len(hz)) / 20)
        levels /= 1 + (hz / contact) ** 2
        decay_s = decay_s * 2 ** hit.rng.normal(0, 0.1, len(hz))
        lengths = (np.minimum(_RING_LIVES * decay_s, _LONGEST_S) * hit.rate).astype(int) + 64
        time = np.arange(lengths.max()) / hit.rate
        drop = self.drop * hit.velocity
        warped = time + drop * self.drop_s * (1 - np.exp(-time / self.drop_s))
        whole = np.zeros(len(time), np.float32)
        for mode, frames in enumerate(lengths):
            if hz[mode] * tune * (1 + drop) < band_top_hz(hit.rate):
                turns = (hz[mode] * tune) * warped[:frames]
                wave = np.sin(((turns - np.floor(turns)) * (2 * np.pi)).astype(np.float32))
                fall = np.exp((time[:frames] * (-1 / decay_s[mode])).astype(np.float32))
                whole[:frames] += np.float32(levels[mode]) * wave * fall
        return whole


@dataclasses.dataclass(frozen=True)
class Burst:
    """Coloured noise that dies away: wires, sticks, hands, air, and the dense modes of cymbals.

    Attributes:
        low_hz: lower edge, 12 dB per octave; `high_hz` is the upper one.
        tilt_db: per octave, between the edges.
        peaks: resonances: (Hz, dB, width in octaves).
        decay_s: time constant at 1 kHz; it falls with frequency to the power of `fade`.
        hold: share that decays four times as slowly: the late part of wires and cymbals.
        opens: octaves by which the upper edge rises from velocity 0.3 to 1.
        metal: 0..1, how much it consists of lines instead of noise; `seed` chooses them.
        lines: (Hz, level) of the partials of an electronic cymbal.
        repeats: onsets in s at which it begins again, as the hands of a clap.
        delay_s: how long after the stroke it begins.
    """

    low_hz: float
    high_hz: float
    decay_s: float
    level: float = 1.0
    tilt_db: float = 0.0
    peaks: tuple[tuple[float, float, float], ...] = ()
    attack_s: float = 0.0
    fade: float = 0.25
    hold: float = 0.0
    opens: float = 1.0
    metal: float = 0.0
    lines: tuple[tuple[float, float], ...] = ()
    seed: int = 0
    repeats: tuple[float, ...] = ()
    delay_s: float = 0.0
    force: Force = Force(1.3)
    _tapes: dict[int, Begun[Float]] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Its noise by rate, up to 1 MB, which is made once and goes when the drum goes."""

    def begin(self, rate: int) -> None:
        """Begin to make its noise, unless that has been begun."""
        if rate not in self._tapes:
            self._tapes[rate] = Begun(partial(_noise, self, rate))

    def sound(self, hit: Hit) -> Float:
        """Return the sound of one stroke, (frames,)."""
        lives = self._lives(self.decay_s * 2 ** hit.rng.normal(0, 0.12))
        span = _BURST_LIVES * lives.max() * (2 if self.hold else 1)
        span += self.attack_s + self.delay_s + sum(self.repeats[-1:])
        frames = int(min(span, _LONGEST_S) * hit.rate) + 64
        tape = self._tape(hit.rate)
        start = int(hit.rng.integers(tape.shape[1] // 2))
        if start + frames > tape.shape[1]:
            tape = np.tile(tape, -(-(start + frames) // tape.shape[1]))
        time = np.arange(frames, dtype=np.float32) / np.float32(hit.rate)
        cut = self.high_hz * 2 ** (self.opens * (hit.velocity - 1) / 0.7)
        loud = self.level * self.force.level(hit.velocity) * 10 ** (hit.rng.normal(0, 0.6) / 20)
        levels = loud / np.sqrt(1 + (self.centres() / cut) ** 4)
        starts = [late * (1 + 0.12 * hit.rng.standard_normal()) for late in self.repeats]
        whole = np.zeros(frames, np.float32)
        for band, life, level in zip(tape, lives, levels, strict=True):
            envelope = self._envelope(time, float(life), starts)
            envelope *= np.float32(level)
            envelope *= band[start : start + frames]
            whole += envelope
        return self._begun(whole, hit.rate)

    def centres(self) -> NDArray[np.float64]:
        """Return the middle of each band in Hz."""
        ratio = max(self.high_hz / self.low_hz, 2.0)
        return self.low_hz * ratio ** ((np.arange(_BANDS) + 0.5) / _BANDS)

    def _tape(self, rate: int) -> Float:
        self.begin(rate)
        return self._tapes[rate].result()

    def _lives(self, decay_s: float) -> NDArray[np.float64]:
        return np.asarray(decay_s * (self.centres() / 1000.0) ** -self.fade)

    def _envelope(self, time: Float, life: float, starts: list[float]) -> Float:
        last = max(starts, default=0.0)
        fall = np.exp((time - np.float32(last)) * np.float32(-1 / life))
        if self.hold:
            fall = np.float32(1 - self.hold) * fall + np.float32(self.hold) * np.sqrt(np.sqrt(fall))
        if starts:
            fall[time < last] = 0
            for start in (0.0, *starts[:-1]):
                since = time - np.float32(start)
                np.maximum(fall, np.exp(since * np.float32(-1 / 0.006)) * (since >= 0), out=fall)
        return fall

    def _begun(self, sound: Float, rate: int) -> Float:
        """Return the sound with its rise, and as late as it begins."""
        rise = max(int(max(self.attack_s, 0.0004) * rate), 2)
        sound[:rise] *= np.linspace(0, 1, len(sound[:rise]), dtype=np.float32)
        delay = int(self.delay_s * rate)
        return np.concatenate([np.zeros(delay, np.float32), sound]) if delay else sound


def _noise(burst: Burst, rate: int) -> Float:
    """Return the noise of a burst in bands, (bands, frames), unit RMS in all; it runs round.

    Each stroke begins elsewhere on it.
    """
    size = _SHORT_TAPE if burst.decay_s < 0.05 else _LONG_TAPE
    size *= 2 if rate > 50_000 else 1
    hz = np.fft.rfftfreq(size, 1 / rate) + 1e-3
    amplitude = (hz / 1000.0) ** (burst.tilt_db / 6.02) / np.sqrt(1 + (burst.low_hz / hz) ** 4)
    for centre, gain_db, width in burst.peaks:
        bell = np.exp(-((np.log2(hz / centre) / width) ** 2))
        amplitude *= 10 ** (gain_db / 20 * bell)
    if burst.metal:
        amplitude *= (1 - burst.metal) + burst.metal * _lines(burst, hz)
    amplitude[hz > band_top_hz(rate)] = 0
    amplitude /= np.sqrt(1 + (hz / burst.high_hz) ** 4)
    place = np.interp(np.log2(hz), np.log2(burst.centres()), np.arange(_BANDS))
    share = np.maximum(0, 1 - np.abs(place - np.arange(_BANDS)[:, None]))
    scale = size / (2 * np.sqrt((amplitude**2).sum()) + 1e-20)
    chance = np.random.default_rng(burst.seed).standard_normal((2, len(hz)), dtype=np.float32)
    bins = (scale * amplitude).astype(np.float32) * (chance[0] + np.complex64(1j) * chance[1])
    tape: Float = np.fft.irfft(share.astype(np.float32) * bins, size, axis=1).astype(np.float32)
    return tape


def _lines(burst: Burst, hz: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the lines of a cymbal's spectrum, of unit RMS."""
    if burst.lines:
        lines = np.zeros(len(hz))
        for line_hz, level in burst.lines:
            place = round(line_hz / (hz[2] - hz[1]))
            if place < len(lines):
                lines[place] += level
        return lines * np.sqrt(len(hz) / (lines**2).sum())
    rng = np.random.default_rng(burst.seed)
    lines = rng.standard_exponential(len(hz)) ** 2.2
    curve_db = np.interp(np.log2(hz / 20), np.arange(0, 10.2, 0.2), rng.normal(0, 3.5, 51))
    return lines / np.sqrt((lines**2).mean()) * 10 ** (curve_db / 20)


@dataclasses.dataclass(frozen=True)
class Synthesised:
    """A drum of several parts.

    Attributes:
        push: saturation of the whole, 0..1.
        low_cut_hz: of the whole, 12 dB per octave; 0 for none.
        ease_s: length of a soft start.
    """

    parts: tuple[Ring | Burst, ...]
    push: float = 0.0
    ease_s: float = 0.0

    def begin(self, rate: int) -> None:
        """Begin to make the noise of its strokes."""
        for part in self.parts:
            if isinstance(part, Burst):
                part.begin(rate)

    def strike(self, hit: Hit) -> Float:
        """Return the sound of one stroke, (frames,)."""
        sounds = [part.sound(hit) for part in self.parts if part.force.level(hit.velocity) > 0]
        whole = np.zeros(max(map(len, sounds), default=64), np.float32)
        for sound in sounds:
            whole[: len(sound)] += sound
        if self.push:
            drive = np.float32(1 + 3 * self.push)
            whole = np.tanh(whole * drive) / np.float32(np.tanh(drive))
        ramp = int(self.ease_s * hit.rate)
        if ramp:
            ramp = min(ramp, len(whole))
            whole[:ramp] *= np.linspace(0, 1, ramp, dtype=np.float32)
        tail = max(len(whole) // 50, 2)
        whole[-tail:] *= np.linspace(1, 0, tail, dtype=np.float32)
        return whole
