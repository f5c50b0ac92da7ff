"""Tempo, beat and downbeat of a take.

Which tempo: autocorrelation times Fourier magnitude of the onset strength, since one errs to
slower and the other to faster multiples (Peeters, "Time Variable Tempo Detection and Beat
Marking", ICMC 2005), under a prior. How exactly, and where the beats lie: the tempo and the phase
at which the Fourier coefficients of the beat and its divisions are largest together. All of it is
our own; docs/craft.md tells how true it is, and how that was found.
"""

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from engine.craft.bar import STEPS_PER_BEAT, first_sixteenth
from engine.craft.hearing import HOPS_PER_S, Floats, Heard

SLOWEST_BPM, FASTEST_BPM = 40.0, 250.0
_PRIOR_BPM, _PRIOR_OCTAVES = 120.0, 0.6
_DIVISIONS = (1, 2, 4, 8)
_FINE_SIZE = 2**17
_PHASES = 384
_BY_CHANCE = 4.5
"""How regular noise seems, times the root of the number of hops; measured."""


@dataclasses.dataclass(frozen=True)
class Pulse:
    """The beat of a take.

    Attributes:
        bpm: beats per minute.
        first_beat_s: the time of the first beat, 0 to one beat.
        downbeat: how many beats after `first_beat_s` the first bar begins.
        confidence: 0..1, how regular the onsets are at this tempo.
    """

    bpm: float
    first_beat_s: float
    downbeat: int
    confidence: float

    @property
    def beat_s(self) -> float:
        """The length of a beat in seconds."""
        return 60.0 / self.bpm

    @property
    def first_bar_s(self) -> float:
        """The time of the first downbeat, in seconds."""
        return self.first_beat_s + self.downbeat * self.beat_s


def heard_bpm(heard: Heard, expected_bpm: float = _PRIOR_BPM) -> float:
    """Return the tempo that a listener would tap, 40 to 250 BPM; 0 for none.

    `expected_bpm` is where such a listener begins: without a reason, 120.
    """
    strength = _centred(heard)
    if not strength.any():
        return 0.0
    bpm = np.geomspace(SLOWEST_BPM, FASTEST_BPM, 800)
    prior = np.exp(-0.5 * (np.log2(bpm / expected_bpm) / _PRIOR_OCTAVES) ** 2)
    rough = float(bpm[np.argmax(_salience(strength, heard, bpm) * prior)])
    if heard.closed:
        return _whole_beats(strength, heard, rough)
    return _refined(strength, rough, 0.03)


def bpm_near(heard: Heard, asked_bpm: float, most: float) -> float:
    """Return the tempo of a take near the one asked for.

    Args:
        heard: the take.
        asked_bpm: the tempo that it should have.
        most: how far off it may be, as a share: 0.1 looks 10 % to each side.
    """
    strength = _centred(heard)
    if not strength.any():
        return asked_bpm
    if heard.closed:
        return _whole_beats(strength, heard, asked_bpm)
    bpm = asked_bpm * np.geomspace(1 / (1 + most), 1 + most, 161)
    prior = np.exp(-0.5 * (np.log(bpm / asked_bpm) / most) ** 2)
    rough = float(bpm[np.argmax(_salience(strength, heard, bpm) * prior)])
    return _refined(strength, rough, 0.012)


def find_pulse(heard: Heard, bpm: float, beats_per_bar: int) -> Pulse:
    """Return where the beats and bars lie at a known tempo; 1 beat per bar asks for no bars."""
    phase_s, confidence = _phase(heard, _centred(heard), bpm)
    beat_s = 60 / bpm
    first_s = heard.time_of(phase_s * HOPS_PER_S) % beat_s
    if beats_per_bar < 2:
        return Pulse(bpm, first_s, 0, confidence)
    first_s %= beat_s / STEPS_PER_BEAT
    sixteenths = first_sixteenth(heard, first_s, beat_s, beats_per_bar)
    beats, rest = divmod(sixteenths, STEPS_PER_BEAT)
    return Pulse(bpm, first_s + rest * beat_s / STEPS_PER_BEAT, beats, confidence)


def _centred(heard: Heard) -> Floats:
    """Return the onset strength without its slow part, so that only rhythm is left."""
    strength = heard.onsets
    width = min(len(strength), int(HOPS_PER_S * 0.5) | 1)
    if width < 3:
        return np.zeros(len(strength))
    half = width // 2
    mode = "wrap" if heard.closed else "edge"
    padded = np.pad(strength, half, mode=mode)  # type: ignore[call-overload]
    slow = np.convolve(padded, np.ones(width) / width, mode="valid")[: len(strength)]
    above: Floats = np.maximum(strength - slow, 0.0)
    centred: Floats = above - above.mean()
    return centred


def _salience(strength: Floats, heard: Heard, bpm: Floats) -> Floats:
    count = len(strength)
    size = count if heard.closed else 2 * count
    power = np.abs(np.fft.rfft(strength, size)) ** 2
    correlation = np.fft.irfft(power, size)[: count if heard.closed else count // 2 + count // 3]
    if not heard.closed:
        correlation = correlation / (count - np.arange(len(correlation)))
    correlation = np.maximum(correlation / correlation[0], 0.0)
    lags = 60 / bpm * HOPS_PER_S
    at = np.arange(len(correlation))
    by_lag = sum(np.interp(lags * beats, at, correlation, right=0.0) for beats in (1, 2, 4))
    by_wave = sum(_magnitude(strength, bpm * n / 60) for n in (1, 2, 4))
    salience: Floats = np.asarray(by_lag) * np.asarray(by_wave)
    return salience


def _spectrum(strength: Floats) -> NDArray[np.complex128]:
    windowed = strength * np.hanning(len(strength))
    transformed: NDArray[np.complex128] = np.fft.rfft(windowed, _FINE_SIZE)
    return transformed


def _magnitude(strength: Floats, hertz: Floats) -> Floats:
    spectrum = np.abs(_spectrum(strength))
    return np.interp(hertz * _FINE_SIZE / HOPS_PER_S, np.arange(len(spectrum)), spectrum)


def _refined(strength: Floats, rough_bpm: float, most: float) -> float:
    """Return the tempo near a rough one at which beat and divisions are strongest together."""
    bpm = rough_bpm * (1 + np.linspace(-most, most, 401))
    spectrum = np.abs(_spectrum(strength))
    at = np.arange(len(spectrum))
    together = sum(
        np.interp(bpm / 60 * n * _FINE_SIZE / HOPS_PER_S, at, spectrum) ** 2 for n in _DIVISIONS
    )
    return float(bpm[np.argmax(together)])


def _whole_beats(strength: Floats, heard: Heard, bpm: float) -> float:
    """Return the tempo near `bpm` that fits a whole number of beats round the circle."""
    exact = heard.length_s * bpm / 60
    counts = np.array([n for n in (math.floor(exact), math.ceil(exact)) if n > 0])
    if len(counts) == 1 or abs(exact - round(exact)) < 0.02:
        return max(1, round(exact)) * 60 / heard.length_s
    circle = np.abs(np.fft.rfft(strength))
    together = [sum(circle[n * k] for k in _DIVISIONS if n * k < len(circle)) for n in counts]
    return float(counts[int(np.argmax(together))] * 60 / heard.length_s)


def _phase(heard: Heard, strength: Floats, bpm: float) -> tuple[float, float]:
    """Return the time of a beat in seconds, before the delay, and the confidence, 0..1.

    Low onsets have a say in which division is the beat; all of them say exactly where it is.
    """
    turns = np.arange(len(strength)) / HOPS_PER_S * bpm / 60
    taus = np.arange(_PHASES) / _PHASES
    low = heard.low_onsets - heard.low_onsets.mean()
    parts = (strength / (strength.std() + 1e-9), low / (low.std() + 1e-9))
    score = np.zeros(_PHASES)
    strongest = 0.0
    for division in _DIVISIONS:
        turning = np.exp(-2j * np.pi * division * turns)
        waves = [np.sum(part * turning) for part in parts]
        strongest = max(strongest, float(abs(waves[0])) / float(np.abs(parts[0]).sum() + 1e-9))
        wave = waves[0] + (waves[1] if division <= 2 else 0.0)
        score += np.real(wave * np.exp(2j * np.pi * division * taus))
    by_chance = min(0.5, _BY_CHANCE / np.sqrt(len(strength)))
    confidence = float(np.clip((2.0 * strongest - by_chance) / (1 - by_chance), 0.0, 1.0))
    return float(taus[np.argmax(score)]) * 60 / bpm, confidence
