"""Band-limited wavetables: single cycles built from their harmonics, and playing them.

A cycle contains only harmonics below the top of the band, so that changes to its spectrum
(filters, drive, damping) cannot alias. A sweep is a stack of cycles, one for each filter
setting, read with linear interpolation in both directions. On band-limited wavetables see
Välimäki & Huovilainen, "Antialiasing Oscillators in Subtractive Synthesis", IEEE Signal
Processing Magazine 24(2), 2007.
"""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Phase = NDArray[np.uint32]
"""Phase as 32-bit fractions of a turn, which wrap automatically."""

TOP_OF_BAND_HZ = 20_000.0
TOP_OF_BAND_RATE = 0.45
_TURN = 2**32
_SMALLEST_TABLE = 1024
_LARGEST_TABLE = 16_384


def band_top_hz(rate: int) -> float:
    """Return the frequency above which oscillators produce nothing."""
    return min(TOP_OF_BAND_HZ, TOP_OF_BAND_RATE * rate)


def harmonic_count(freq_hz: float, rate: int) -> int:
    """Return how many harmonics of a note lie below the top of the band; at least 1."""
    return max(1, int(band_top_hz(rate) / freq_hz))


def waveform(name: str, count: int, pulse_width: float = 0.3) -> NDArray[np.float64]:
    """Return the amplitudes of harmonics 1..count of `sine`, `saw`, `square`, `triangle`, `pulse`.

    Phases are those of a sine series; the peak of the wave is near 1.
    """
    number = np.arange(1, count + 1)
    odd = number % 2
    if name == "sine":
        return (number == 1).astype(float)
    if name == "saw":
        return 0.64 / number
    if name == "square":
        return 1.27 * odd / number
    if name == "triangle":
        return 0.81 * odd * np.where(number % 4 == 1, 1, -1) / number**2
    if name == "pulse":
        return 0.9 * np.sin(np.pi * number * pulse_width) / number
    raise ValueError(f"there is no waveform {name!r}")


def cycles(spectra: NDArray[np.complex128] | NDArray[np.float64]) -> Float:
    """Return one cycle for each row of harmonics 1..K; (rows, table) float32.

    The table is long enough that linear interpolation leaves its images below the noise of 16 bit.
    """
    count = spectra.shape[-1]
    size = int(np.clip(2 ** np.ceil(np.log2(8 * count)), _SMALLEST_TABLE, _LARGEST_TABLE))
    bins = np.zeros((*spectra.shape[:-1], size // 2 + 1), dtype=np.complex64)
    bins[..., 1 : count + 1] = spectra * (-0.5j * size)
    return np.asarray(np.fft.irfft(bins, size, axis=-1), dtype=np.float32)


def phase_of(freq_hz: float, frames: int, rate: int, start: float = 0.0) -> Phase:
    """Return the phase of a steady note; `start` is in cycles."""
    step = np.uint32(round(freq_hz / rate * _TURN) % _TURN)
    offset = np.uint32(int(start % 1.0 * _TURN) % _TURN)
    return np.arange(frames, dtype=np.uint32) * step + offset


def wrapped_phase(cycles_done: NDArray[np.float64]) -> Phase:
    """Return the phase of a note from its counted cycles, as for a slide."""
    return ((cycles_done % 1.0) * _TURN).astype(np.uint32)


def counted_cycles(freq_hz: NDArray[np.floating], rate: int) -> NDArray[np.float64]:
    """Return how many cycles a moving frequency has run through, from 0 at the first frame."""
    steps = (freq_hz[1:].astype(np.float64) + freq_hz[:-1]) / (2 * rate)
    return np.concatenate([[0.0], np.cumsum(steps)])


def play(table: Float, phase: Phase) -> Float:
    """Read one cycle along `phase`, with linear interpolation."""
    index, part = _split(phase, len(table))
    closed = np.append(table, table[0])
    here = closed.take(index)
    index += 1
    return here + part * (closed.take(index) - here)


def play_sweep(tables: Float, phase: Phase, position: Float) -> Float:
    """Read a stack of cycles along `phase`, moving through the stack along `position`.

    Args:
        tables: (rows, table) as `cycles` makes them, two rows or more.
        phase: see `Phase`.
        position: 0 (first row) to rows - 1 (last row), for each frame.
    """
    rows, size = tables.shape
    index, part = _split(phase, size)
    row = np.minimum(position.astype(np.int32), rows - 2)
    blend = position - row
    closed = np.concatenate([tables, tables[:, :1]], axis=1).reshape(-1)
    index += row * np.int32(size + 1)
    low = closed.take(index)
    index += 1
    low += part * (closed.take(index) - low)
    index += size
    high = closed.take(index)
    index += 1
    high += part * (closed.take(index) - high)
    return low + blend * (high - low)


def _split(phase: Phase, size: int) -> tuple[NDArray[np.intp], Float]:
    """Return the place in a table of `size` (a power of two), whole and part."""
    shift = 32 - int(size).bit_length() + 1
    index = (phase >> np.uint32(shift)).astype(np.intp)
    part = (phase & np.uint32(2**shift - 1)).astype(np.float32) * np.float32(2.0**-shift)
    return index, part
