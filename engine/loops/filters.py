"""Recursive filters in plain numpy: second-order sections, and Butterworth designs of them.

scipy.signal has all of this, but takes longer to import than a loop takes to make; tests compare
the two.
"""

import functools
import math

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Section = tuple[float, float, float, float, float]
"""A second-order section: b0, b1, b2, a1 and a2, where a0 is 1."""

_LEAD_IN_S = 0.3
"""After this time, nothing is left of the state of the slowest filter used, a cut at 24 Hz."""
_BLOCK = 64


def filtered(sound: Sound, sections: tuple[Section, ...], rate: int, *, closed: bool) -> Sound:
    """Return sound through sections in series, with the same shape.

    Args:
        sound: (channels, frames), float32.
        sections: of the filter.
        rate: in Hz.
        closed: whether the sound is a loop, which has always been playing; any other begins in
            silence.
    """
    frames = sound.shape[1]
    lead_in = int(_LEAD_IN_S * rate) if closed else 0
    blocks = -(-(lead_in + frames) // _BLOCK)
    # What fills the first block is more of the lead-in, or silence.
    before = blocks * _BLOCK - frames
    if closed:
        start = sound.take(np.arange(-before, 0), axis=1, mode="wrap")
    else:
        start = np.zeros((len(sound), before), np.float32)
    out = np.concatenate([start, sound], axis=1).reshape(-1, blocks, _BLOCK)
    for section in sections:
        out = _through(out, section)
    return out.reshape(-1, blocks * _BLOCK)[:, before:]


def _through(blocks: Sound, section: Section) -> Sound:
    """Return (channels, blocks, frames) through one section that starts at rest.

    Each block is filtered as if it started at rest, by one matrix for all; what the state at its
    start adds is linear in that state. The states follow from each other by a matrix as well,
    whose powers vanish soon: they are summed for 1, 2, 4, ... blocks at a time.
    """
    at_rest, to_state, from_state, step = _matrices(section)
    states = np.zeros((*blocks.shape[:2], 2), np.float64)
    states[:, 1:] = blocks[:, :-1] @ to_state
    reach = 1
    while reach < blocks.shape[1] and np.abs(step).max() > 1e-12:
        states[:, reach:] += states[:, :-reach] @ step.T
        step = step @ step
        reach *= 2
    out: Sound = blocks @ at_rest
    out += states.astype(np.float32) @ from_state
    return out


@functools.lru_cache(maxsize=32)
def _matrices(section: Section) -> tuple[Sound, Sound, Sound, NDArray[np.float64]]:
    """Return the matrices of a section in transposed direct form, for rows of a block of frames.

    They are frames to output, (block, block), and to the state at the end, (block, 2); a state to
    the output that it causes, (2, block), and to the state a block later, (2, 2).
    """
    b0, b1, b2, a1, a2 = section
    turn = np.array([[-a1, 1.0], [-a2, 0.0]])
    powers = [np.eye(2)]
    for _ in range(_BLOCK):
        powers.append(turn @ powers[-1])
    entry = np.array([b1 - a1 * b0, b2 - a2 * b0])
    after = np.array([power @ entry for power in powers])  # the state after an impulse
    response = np.array([b0, *after[: _BLOCK - 1, 0]])
    lag = np.arange(_BLOCK)[None, :] - np.arange(_BLOCK)[:, None]
    at_rest = np.where(lag >= 0, response[lag], 0)
    from_state = np.array([power[0] for power in powers[:_BLOCK]]).T
    return (
        at_rest.astype(np.float32), after[_BLOCK - 1 :: -1].astype(np.float32),
        from_state.astype(np.float32), powers[_BLOCK],
    )  # fmt: skip


def low_pass(cutoff_hz: float, rate: int, order: int = 2) -> tuple[Section, ...]:
    """Return a Butterworth low-pass of order 1 or 2."""
    return (_low_pass(math.tan(math.pi * cutoff_hz / rate), order),)


def high_pass(cutoff_hz: float, rate: int, order: int = 2) -> tuple[Section, ...]:
    """Return a Butterworth high-pass of order 1 or 2."""
    # A low-pass with its spectrum turned round has its corner as far below half the rate.
    b0, b1, b2, a1, a2 = _low_pass(1 / math.tan(math.pi * cutoff_hz / rate), order)
    return ((b0, -b1, b2, -a1, a2),)


def _low_pass(turn: float, order: int) -> Section:
    if order == 1:
        gain = turn / (1 + turn)
        return gain, gain, 0.0, (turn - 1) / (turn + 1), 0.0
    norm = 1 + math.sqrt(2) * turn + turn**2
    gain = turn**2 / norm
    return (
        gain, 2 * gain, gain, 2 * (turn**2 - 1) / norm, (1 - math.sqrt(2) * turn + turn**2) / norm,
    )  # fmt: skip


def band_pass(low_hz: float, high_hz: float, rate: int, order: int = 2) -> tuple[Section, ...]:
    """Return a Butterworth band-pass, of order 1 or 2 at each edge."""
    low, high = (math.tan(math.pi * edge / rate) for edge in (low_hz, high_hz))
    # Each pole of the analogue low-pass becomes two; with order 2, one of a pair stands for both.
    pole = complex(-1, 0) if order == 1 else complex(-1, 1) / math.sqrt(2)
    half, root = pole * (high - low) / 2, (pole**2 * (high - low) ** 2 / 4 - low * high) ** 0.5
    first, second = ((1 + s) / (1 - s) for s in (half + root, half - root))
    pairs = (
        [(first, second)] if order == 1 else [(each, each.conjugate()) for each in (first, second)]
    )
    poles = [(-(one + other).real, (one * other).real) for one, other in pairs]
    centre = complex(math.cos(turn := 2 * math.atan(math.sqrt(low * high))), -math.sin(turn))
    return tuple(
        (gain := abs((1 + centre * (a1 + centre * a2)) / (1 - centre**2)), 0.0, -gain, a1, a2)
        for a1, a2 in poles
    )


def fast_length(least: int) -> int:
    """Return the next even number with no prime factor above 5: its Fourier transform is fast."""
    best = 1 << max(1, (least - 1).bit_length())
    fives = 1
    while fives < best:
        odd = fives
        while odd < best:
            rest = -(-least // odd)
            best = min(best, odd << max(1, (rest - 1).bit_length()))
            odd *= 3
        fives *= 5
    return best
