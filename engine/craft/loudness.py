"""Loudness and true peak of a loop, after ITU-R BS.1770-4.

A loop is filtered as a circle, so that the filter has no start-up, and is repeated until it lasts
three seconds, because the gate needs that many blocks. This is our own implementation because it
must be very fast on each take; a test compares it with pyloudnorm.
"""

import functools
import math

import numpy as np
from numpy.typing import NDArray

from engine.loops.filters import Section, filtered
from engine.loops.measure import LOWEST_DB, frame_peaks, level_db
from engine.loops.take import Audio

_LEAST_S = 3.0
_BLOCK_S, _STEPS_PER_BLOCK = 0.4, 4
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0
_OFFSET = -0.691
_OVERSAMPLING = 4
_BLOCK, _CONTEXT, _BLOCKS_LOOKED_AT = 32, 12, 192
_REACH = 10
_MOST_BELOW_A_PEAK = 0.5
"""How far below a peak between samples the samples of its block may be."""
_BLOCKS_AT_ONCE = 4096
_STEPS_AT_ONCE = 64


def loudness_lufs(audio: Audio, rate: int, *, closed: bool) -> float:
    """Return the integrated loudness in LUFS, not below -120.

    Args:
        audio: (frames, 1 or 2 channels), finite.
        rate: in Hz.
        closed: whether the audio is a loop; a one-shot is followed by silence instead.
    """
    if not np.any(audio):
        return LOWEST_DB
    least = int(_LEAST_S * rate)
    if not closed and len(audio) < least:
        audio = np.pad(audio, ((0, least - len(audio)), (0, 0)))
    weighted = [
        filtered(np.ascontiguousarray(channel)[None], _weighting(rate), rate, closed=closed)[0]
        for channel in audio.T
    ]
    if len(audio) < least:  # a loop is repeated
        weighted = [np.resize(channel, least) for channel in weighted]
    return max(_gated(_step_powers(weighted, rate)), LOWEST_DB)


def _step_powers(channels: list[NDArray[np.float32]], rate: int) -> NDArray[np.float64]:
    """Return the mean power of each step of weighted channels, which may be long."""
    step = round(_BLOCK_S * rate / _STEPS_PER_BLOCK)
    count = len(channels[0]) // step
    powers = np.empty(count)
    for first in range(0, count, _STEPS_AT_ONCE):
        last = min(first + _STEPS_AT_ONCE, count)
        some = np.stack([channel[first * step : last * step] for channel in channels])
        power = np.square(some, dtype=np.float64).sum(axis=0)
        powers[first:last] = power.reshape(-1, step).mean(axis=1)
    return powers


def _gated(steps: NDArray[np.float64]) -> float:
    """Return the gated loudness of the power of steps, ignoring silent and soft blocks."""
    blocks = np.convolve(steps, np.ones(_STEPS_PER_BLOCK) / _STEPS_PER_BLOCK, mode="valid")
    loud = blocks[blocks > 10 ** ((_ABSOLUTE_GATE - _OFFSET) / 10)]
    if not len(loud):
        return LOWEST_DB
    loud = loud[loud > loud.mean() * 10 ** (_RELATIVE_GATE / 10)]
    return _OFFSET + 10 * math.log10(float(loud.mean()))


@functools.cache
def _weighting(rate: int) -> tuple[Section, Section]:
    """Return the K-weighting as second-order sections.

    The standard gives coefficients for 48 kHz only; for other rates they follow from the analogue
    shelf and high-pass behind them (Mansbridge, Finn & Reiss, "Implementation and evaluation of
    autonomous multi-track fader control", AES 132, 2012).
    """
    shelf_hz, shelf_db, shelf_q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    turn = math.tan(math.pi * shelf_hz / rate)
    high = 10 ** (shelf_db / 20)
    band = high**0.4996667741545416
    norm = 1 + turn / shelf_q + turn**2
    shelf = (
        (high + band * turn / shelf_q + turn**2) / norm,
        2 * (turn**2 - high) / norm,
        (high - band * turn / shelf_q + turn**2) / norm,
        2 * (turn**2 - 1) / norm,
        (1 - turn / shelf_q + turn**2) / norm,
    )
    low_hz, low_q = 38.13547087602444, 0.5003270373238773
    turn = math.tan(math.pi * low_hz / rate)
    norm = 1 + turn / low_q + turn**2
    low_cut = (1.0, -2.0, 1.0, 2 * (turn**2 - 1) / norm, (1 - turn / low_q + turn**2) / norm)
    return shelf, low_cut


def true_peak_db(audio: Audio) -> float:
    """Return the peak between the samples in dBTP, four times oversampled, not below -120.

    Only the highest blocks are oversampled: a peak between samples is next to high samples.
    """
    if len(audio) < _BLOCK or not np.any(audio):
        return level_db(float(np.max(np.abs(audio), initial=0.0)))
    highest = _block_peaks(audio)
    count = min(_BLOCKS_LOOKED_AT, len(highest))
    chosen = np.argpartition(highest, len(highest) - count)[len(highest) - count :]
    chosen = np.append(chosen, len(highest))  # and the frames after the last whole block
    return level_db(max(float(_fine_peaks(audio, chosen).max()), float(np.abs(audio).max())))


def peaks_above(audio: Audio, level: float) -> NDArray[np.float32]:
    """Return the true peak at each frame that may be above a level, (frames,); 0 elsewhere."""
    samples = frame_peaks(audio)
    peaks = np.where(samples > level, samples, 0.0)
    if len(audio) < _BLOCK:
        return peaks.astype(np.float32)
    highest = np.append(_block_peaks(audio), np.inf)
    chosen = np.flatnonzero(highest > _MOST_BELOW_A_PEAK * level)
    for first in range(0, len(chosen), _BLOCKS_AT_ONCE):
        some = chosen[first : first + _BLOCKS_AT_ONCE]
        frames = (some[:, None] * _BLOCK + np.arange(_BLOCK)) % len(audio)
        np.maximum.at(peaks, frames, _fine_peaks(audio, some))
    return peaks.astype(np.float32)


def _block_peaks(audio: Audio) -> NDArray[np.float32]:
    """Return the highest sample of each whole block."""
    blocks = len(audio) // _BLOCK
    highest = frame_peaks(audio[: blocks * _BLOCK]).reshape(blocks, _BLOCK)
    peaks: NDArray[np.float32] = highest.max(axis=1)
    return peaks


def _fine_peaks(audio: Audio, blocks: NDArray[np.int_]) -> NDArray[np.float32]:
    """Return the peak from each frame of some blocks to the next frame, (blocks, 32)."""
    span = np.arange(-_CONTEXT, _BLOCK + _CONTEXT)
    windows = audio[(blocks[:, None] * _BLOCK + span) % len(audio)]
    fine = np.abs(windows.transpose(0, 2, 1) @ _between_samples()).max(axis=1)
    peaks: NDArray[np.float32] = fine.reshape(len(blocks), _BLOCK, _OVERSAMPLING).max(axis=2)
    return peaks


@functools.cache
def _between_samples() -> NDArray[np.float32]:
    """Return the matrix from a block with its context to the block, oversampled.

    It is a sinc of 20 samples under a Kaiser window (beta 5).
    """
    places = _CONTEXT + np.arange(_BLOCK * _OVERSAMPLING) / _OVERSAMPLING
    apart = np.arange(_BLOCK + 2 * _CONTEXT)[:, None] - places
    window = np.i0(5 * np.sqrt(np.maximum(1 - (apart / _REACH) ** 2, 0))) * (abs(apart) <= _REACH)
    kernel = np.sinc(apart) * window
    return np.asarray(kernel / kernel.sum(axis=0), dtype=np.float32)
