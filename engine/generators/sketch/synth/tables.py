"""Band-limited wavetables: single cycles built from their harmonics, and playing them.

A cycle holds only the harmonics below the top of the band, so that whatever is done to its
spectrum (filters, drive, damping) cannot alias. A sweep is a stack of cycles, one for each filter
setting, read with linear interpolation in both directions. On band-limited wavetables see
Välimäki & Huovilainen, "Antialiasing Oscillators in Subtractive Synthesis", IEEE Signal
Processing Magazine 24(2), 2007.
"""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Float = NDArray[np.float32]
Complex = NDArray[np.complex64]

TOP_OF_BAND_HZ = 20_000.0
TOP_OF_BAND_RATE = 0.45
_SMALLEST_TABLE = 1024
_LARGEST_TABLE = 16_384


def band_top_hz(rate: int) -> float:
    """Return the frequency above which no oscillator puts anything."""
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
    raise ValueError(f"no waveform is called {name!r}")


def cycles(spectra: NDArray[np.complex128] | NDArray[np.float64]) -> Float:
    """Return one cycle for each row of harmonics 1..K; (rows, table) float32.

    The table is long enough that linear interpolation leaves its images below the noise of 16 bit.
    """
    count = spectra.shape[-1]
    size = int(np.clip(2 ** np.ceil(np.log2(8 * count)), _SMALLEST_TABLE, _LARGEST_TABLE))
    bins = np.zeros((*spectra.shape[:-1], size // 2 + 1), dtype=np.complex64)
    bins[..., 1 : count + 1] = spectra * (-0.5j * size)
    return scipy.fft.irfft(bins, size, axis=-1)


def phase_ramp(freq_hz: float, frames: int, rate: int, start: float = 0.0) -> NDArray[np.float64]:
    """Return the phase of a steady note in cycles."""
    return start + np.arange(frames) * (freq_hz / rate)


def play(table: Float, phase: NDArray[np.float64]) -> Float:
    """Read one cycle along `phase` (in cycles), with linear interpolation."""
    place = (phase % 1.0) * len(table)
    index = place.astype(np.int32)
    part = (place - index).astype(np.float32)
    closed = np.append(table, table[0])
    here = closed[index]
    return here + part * (closed[index + 1] - here)


def play_sweep(tables: Float, phase: NDArray[np.float64], position: Float) -> Float:
    """Read a stack of cycles along `phase`, moving through the stack along `position`.

    Args:
        tables: (rows, table) as `cycles` makes them.
        phase: in cycles.
        position: 0 (first row) to rows - 1 (last row), for each frame.
    """
    rows, size = tables.shape
    place = (phase % 1.0) * size
    index = place.astype(np.int32)
    part = (place - index).astype(np.float32)
    row = np.minimum(position.astype(np.int32), max(rows - 2, 0))
    blend = position - row
    closed = np.concatenate([tables, tables[:, :1]], axis=1).reshape(-1)
    first = row * (size + 1) + index
    low = closed[first]
    low += part * (closed[first + 1] - low)
    if rows == 1:
        return low
    first += size + 1
    high = closed[first]
    high += part * (closed[first + 1] - high)
    return low + blend * (high - low)
