"""Effects on a circle: in each of them, the loop's end runs into its beginning.

Audio is (2, frames) float32 here, one turn of the loop. Filters have the state of a loop that has
always been playing; delays are rotations; a reverb tail is wrapped round the loop as often as
needed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.generators.sketch.synth.parallel import by_channel, in_order
from engine.loops import filters
from engine.loops.filters import Section, fast_length, filtered

Float = NDArray[np.float32]
Spectra = NDArray[np.complexfloating]
Spectrum = Callable[[Float], Float]
"""Amplitude as a function of frequency in Hz."""

_HALF_BAND = (np.sinc(np.arange(-11.5, 12)) * np.kaiser(24, 7.0)).astype(np.float32)
"""Windowed sinc that interpolates half-way between samples; -80 dB above 0.42 of the rate."""


def add_round(circle: Float, start: int, sound: Float, gain: Float) -> None:
    """Add a sound at a frame, wrapping what runs past the end to the beginning.

    Args:
        circle: (2, frames), changed in place.
        start: any frame number; taken modulo the length.
        sound: (n,) or (2, n), of any length.
        gain: (2,), for left and right.
    """
    frames, count = circle.shape[1], sound.shape[-1]
    sides = (sound, sound) if sound.ndim == 1 else sound
    place, done = start % frames, 0
    while done < count:
        part = min(frames - place, count - done)
        for channel in (0, 1):
            piece = sides[channel][done : done + part]
            circle[channel, place : place + part] += piece * gain[channel]
        done += part
        place = 0


def low_pass(circle: Float, cutoff_hz: float, rate: int, order: int = 2) -> Float:
    """Return the loop through a Butterworth low-pass."""
    cutoff = min(cutoff_hz, 0.48 * rate)
    return filtered(circle, filters.low_pass(cutoff, rate, order), rate, closed=True)


def high_pass(circle: Float, cutoff_hz: float, rate: int, order: int = 2) -> Float:
    """Return the loop through a Butterworth high-pass."""
    return filtered(circle, filters.high_pass(cutoff_hz, rate, order), rate, closed=True)


def shelf(circle: Float, corner_hz: float, gain_db: float, rate: int, *, high: bool) -> Float:
    """Return the loop through a shelving filter.

    Source: Bristow-Johnson, Audio EQ Cookbook (slope 1).
    """
    amplitude = 10 ** (gain_db / 40)
    turn = 2 * np.pi * corner_hz / rate
    cosine, alpha = np.cos(turn), np.sin(turn) / np.sqrt(2)
    sign = 1 if high else -1
    plus, minus = amplitude + 1, amplitude - 1
    root = 2 * np.sqrt(amplitude) * alpha
    norm = plus - sign * minus * cosine + root
    section: Section = (
        amplitude * (plus + sign * minus * cosine + root) / norm,
        -2 * sign * amplitude * (minus + sign * plus * cosine) / norm,
        amplitude * (plus + sign * minus * cosine - root) / norm,
        2 * sign * (minus - sign * plus * cosine) / norm,
        (plus - sign * minus * cosine - root) / norm,
    )
    return filtered(circle, (section,), rate, closed=True)


def echoes(circle: Float, delay_frames: int, feedback: float, tone_hz: float, rate: int) -> Float:
    """Return only the echoes of a loop, each duller and on the opposite side."""
    total = np.zeros_like(circle)
    echo, level = circle, 1.0
    while level >= 0.06:
        echo = np.roll(low_pass(echo, tone_hz, rate, 1), delay_frames, axis=1)[::-1]
        total += np.float32(level) * echo
        level *= feedback
    return total


class Room(NamedTuple):
    """A room as a loop of some length meets it.

    Attributes:
        spectra: of its response, for left and right.
        frames: the length of the loop.
        length: of the response.
        size: of the Fourier transforms.
    """

    spectra: list[Spectra]
    frames: int
    length: int
    size: int

    @classmethod
    def of(cls, response: Float, frames: int) -> "Room":
        """Return a room by its response, (2, frames)."""
        length = response.shape[1]
        size = fast_length(frames + length)
        sides = in_order(lambda side: np.fft.rfft(side, size), response)
        return cls(list(sides), frames, length, size)

    def around(self, circle: Float) -> Float:
        """Return only the room of a loop, all round the circle."""
        spectrum = np.fft.rfft(circle.mean(axis=0), self.size)

        def wet_side(side: Spectra) -> Float:
            return np.asarray(np.fft.irfft(spectrum * side, self.size), dtype=np.float32)

        wet = np.stack(list(in_order(wet_side, self.spectra)))[:, : self.frames + self.length]
        folded = np.zeros_like(circle)
        add_round(folded, 0, wet, np.ones(2, np.float32))
        return folded


def reverb(frames: int, decay_s: float, rate: int) -> Room:
    """Return the reverb for a loop of some length: decaying noise that darkens with time.

    `decay_s` is the time to -60 dB.
    """
    length = int(1.1 * decay_s * rate)
    time = np.arange(length, dtype=np.float32) / np.float32(rate)
    tail = np.random.default_rng(1969).standard_normal((2, length), dtype=np.float32)
    tail *= np.exp(time * np.float32(-6.9 / decay_s)) * np.minimum(time / np.float32(0.012), 1)
    dark = filtered(tail, filters.band_pass(180, 4200, rate, 1), rate, closed=False)
    dark /= np.sqrt(np.sum(dark**2, axis=1, keepdims=True))
    return Room.of(dark, frames)


def wow(circle: Float, depth_frames: float, turns: int) -> Float:
    """Return the loop with slowly drifting pitch; the drift has `turns` cycles per loop."""
    frames = circle.shape[1]
    index = np.arange(frames)
    moved = index + depth_frames * np.sin(2 * np.pi * turns * index / frames)
    whole = np.floor(moved).astype(np.intp)
    part = (moved - whole).astype(np.float32)
    here = circle.take(whole, axis=1, mode="wrap")
    return here + part * (circle.take(whole + 1, axis=1, mode="wrap") - here)


def soft_clip(circle: Float, drive: float) -> Float:
    """Return the loop through a soft clipper at twice the rate.

    The curve is a cubic, so it adds nothing above third harmonics; at twice the rate, those of
    everything below a third of the old rate do not alias.
    """
    pushed = circle * np.float32(1 + 3 * drive)
    here, between = _cubic(pushed), _cubic(_half_a_step(pushed, 12))
    # `between` holds samples half a step early; the same filter moves them back.
    return np.float32(0.5) * (here + _half_a_step(between, 11))


def _half_a_step(circle: Float, before: int) -> Float:
    """Return the loop moved by half a sample; the filter reaches `before` frames back."""
    after = len(_HALF_BAND) - 1 - before
    wrapped = circle.take(np.arange(-before, circle.shape[1] + after), axis=1, mode="wrap")
    return by_channel(lambda side: np.convolve(side, _HALF_BAND, mode="valid"), wrapped)


def _cubic(sound: Float) -> Float:
    bounded = np.clip(sound, -1.5, 1.5)
    return bounded * (1 - np.float32(4 / 27) * bounded * bounded)


def compressed(circle: Float, threshold_db: float, ratio: float, rate: int) -> Float:
    """Return the loop through a compressor: 8 ms attack, 120 ms release, linked channels."""
    block = max(1, rate // 1000)
    frames = circle.shape[1]
    count = -(-frames // block)
    power = np.zeros(count * block, np.float32)
    power[:frames] = (circle**2).mean(axis=0)
    level_db = 10 * np.log10(power.reshape(count, block).mean(axis=1) + 1e-9)
    targets = np.minimum(0, (threshold_db - level_db) * (1 - 1 / ratio)).tolist()
    attack, release = float(np.exp(-1 / 8)), float(np.exp(-1 / 120))
    gain, current = [0.0] * count, 0.0
    for _ in range(2):  # the second round starts where the first ended
        for index, target in enumerate(targets):
            keep = attack if target < current else release
            current = keep * current + (1 - keep) * target
            gain[index] = current
    place = np.arange(frames) / block - 0.5
    smooth = np.interp(place, np.arange(-1, count + 1), [gain[-1], *gain, gain[0]])
    return circle * (10 ** (smooth / 20)).astype(np.float32)


def limited(circle: Float, ceiling: float, rate: int) -> Float:
    """Return the loop with every peak below a ceiling, by a limiter with 3 ms lookahead."""
    window = int(0.003 * rate) | 1
    peak = np.abs(circle).max(axis=0)
    if peak.max() <= ceiling:
        return circle
    gain = np.minimum(1.0, ceiling / np.maximum(peak, 1e-9))
    reach = (3 * window - 1) // 2
    around = gain.take(np.arange(-reach, len(gain) + reach), mode="wrap")
    lowest = _sliding_minimum(around, 2 * window + 1)
    smooth = np.convolve(lowest, np.full(window, 1 / window, lowest.dtype), mode="valid")
    return circle * smooth.astype(np.float32)


def _sliding_minimum(values: Float, width: int) -> Float:
    """Return the lowest of each `width` values in a row; fewer values by `width` - 1."""
    reach = 1
    while 2 * reach <= width:
        values = np.minimum(values[:-reach], values[reach:])
        reach *= 2
    rest = width - reach
    return np.minimum(values[: len(values) - rest], values[rest:])


def loudness_db(circle: Float, rate: int) -> float:
    """Return the loudness of a loop that goes round, in LUFS (ITU-R BS.1770)."""
    weighted = shelf(circle, 1682, 4.0, rate, high=True)
    for _ in range(2):
        weighted = high_pass(weighted, 38, rate, 1)
    hop = max(1, rate // 10)
    power = (weighted**2).sum(axis=0)
    steps = np.add.reduceat(power, np.arange(0, len(power), hop)) / hop
    blocks = np.mean([np.roll(steps, -turn) for turn in range(4)], axis=0)
    levels_db = -0.691 + 10 * np.log10(blocks + 1e-12)
    loud = blocks[levels_db > levels_db.max() - 40]
    gated = loud[loud > 0.1 * loud.mean()]
    return float(-0.691 + 10 * np.log10(gated.mean() + 1e-12))


def noise_round(frames: int, rate: int, shape: Spectrum, seed: int, blend_s: float = 0.3) -> Float:
    """Return seamlessly looping noise with a given spectrum and unit RMS.

    The noise is generated longer by `blend_s`, and the excess is crossfaded, at equal power, into
    the beginning, so that the last frame is followed by exactly the frame that came next.
    """
    blend = min(int(blend_s * rate), frames)
    size = fast_length(frames + blend)
    amplitude = shape(np.arange(size // 2 + 1, dtype=np.float32) * np.float32(rate / size))
    live = np.flatnonzero(amplitude > 1e-4 * amplitude.max())
    turns = np.random.default_rng(seed).random((2, len(live)), dtype=np.float32)

    def side_of(turned: Float) -> Float:
        bins = np.zeros(len(amplitude), np.complex64)
        bins[live] = amplitude[live] * np.exp(np.complex64(2j * np.pi) * turned)
        return np.asarray(np.fft.irfft(bins, size))

    sound = by_channel(side_of, turns)
    circle = sound[:, :frames].copy()
    angle = np.linspace(0, np.pi / 2, blend, endpoint=False, dtype=np.float32)
    circle[:, :blend] *= np.sin(angle)
    circle[:, :blend] += sound[:, frames : frames + blend] * np.cos(angle)
    return circle / (circle.std() + np.float32(1e-12))
