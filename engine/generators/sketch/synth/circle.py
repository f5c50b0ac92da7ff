"""Effects on a circle: the loop's end runs into its beginning in every one of them.

Sound is (frames, 2) float32, one turn of the loop. Recursive filters are run over the end of the
loop first, until their state is that of a loop that has always been running; delays are
rotations; a reverb is folded round as often as it is long.
"""

import numpy as np
import scipy.fft
import scipy.ndimage
import scipy.signal
from numpy.typing import NDArray

Float = NDArray[np.float32]

_WARM_UP_S = 0.25


def add_round(circle: Float, start: int, sound: Float, gain: Float | float = 1.0) -> None:
    """Add a sound at a frame, folding what runs past the end round to the beginning.

    Args:
        circle: (frames, 2), changed in place.
        start: any frame number; taken modulo the length.
        sound: (n,) or (n, 2), of any length.
        gain: a factor, or (2,) for left and right.
    """
    frames = len(circle)
    place = start % frames
    shaped = sound[:, None] if sound.ndim == 1 else sound
    factor = np.asarray(gain, dtype=np.float32)
    done = 0
    while done < len(shaped):
        count = min(frames - place, len(shaped) - done)
        circle[place : place + count] += shaped[done : done + count] * factor
        done += count
        place = 0


def filtered(circle: Float, sos: NDArray[np.float64], rate: int) -> Float:
    """Return the loop behind second-order sections, in their steady state."""
    sections = sos.astype(np.float32)
    warm = int(_WARM_UP_S * rate)
    lead_in = np.take(circle, np.arange(-warm, 0), axis=0, mode="wrap")
    state = np.zeros((len(sections), 2, circle.shape[1]), np.float32)
    _, state = scipy.signal.sosfilt(sections, lead_in, axis=0, zi=state)
    out, _ = scipy.signal.sosfilt(sections, circle, axis=0, zi=state)
    return np.asarray(out, dtype=np.float32)


def low_pass(circle: Float, cutoff_hz: float, rate: int, order: int = 2) -> Float:
    """Return the loop behind a Butterworth low-pass."""
    cutoff = min(cutoff_hz, 0.48 * rate)
    return filtered(circle, scipy.signal.butter(order, cutoff, fs=rate, output="sos"), rate)


def high_pass(circle: Float, cutoff_hz: float, rate: int, order: int = 2) -> Float:
    """Return the loop behind a Butterworth high-pass."""
    sos = scipy.signal.butter(order, cutoff_hz, "highpass", fs=rate, output="sos")
    return filtered(circle, sos, rate)


def shelf(circle: Float, corner_hz: float, gain_db: float, rate: int, *, high: bool) -> Float:
    """Return the loop behind a shelf of one octave slope.

    Source: Bristow-Johnson, Audio EQ Cookbook (slope 1).
    """
    amplitude = 10 ** (gain_db / 40)
    turn = 2 * np.pi * corner_hz / rate
    cosine, alpha = np.cos(turn), np.sin(turn) / np.sqrt(2)
    sign = 1 if high else -1
    plus, minus = amplitude + 1, amplitude - 1
    root = 2 * np.sqrt(amplitude) * alpha
    b = [
        amplitude * (plus + sign * minus * cosine + root),
        -2 * sign * amplitude * (minus + sign * plus * cosine),
        amplitude * (plus + sign * minus * cosine - root),
    ]
    a = [
        plus - sign * minus * cosine + root,
        2 * sign * (minus - sign * plus * cosine),
        plus - sign * minus * cosine - root,
    ]
    sos = np.array([[*b, *a]]) / a[0]
    return filtered(circle, sos, rate)


def echoes(circle: Float, delay_frames: int, feedback: float, tone_hz: float, rate: int) -> Float:
    """Return the echoes of a loop (without the loop), each duller and on the other side."""
    total = np.zeros_like(circle)
    echo = circle
    level = 1.0
    for number in range(6):
        level *= feedback if number else 1.0
        if level < 0.03:
            break
        echo = np.roll(low_pass(echo, tone_hz, rate, 1), delay_frames, axis=0)[:, ::-1]
        total += np.float32(level) * echo
    return total


def reverb(circle: Float, decay_s: float, rate: int) -> Float:
    """Return the reverberation of a loop (without the loop): decaying noise, darker with time.

    `decay_s` is the time to -60 dB.
    """
    frames = len(circle)
    length = int(1.1 * decay_s * rate)
    rng = np.random.default_rng(1969)
    time = np.arange(length, dtype=np.float32) / np.float32(rate)
    tail = rng.standard_normal((2, length), dtype=np.float32)
    tail *= np.exp(time * np.float32(-6.9 / decay_s)) * np.minimum(time / 0.012, 1)
    dark = scipy.signal.sosfilt(
        scipy.signal.butter(1, [180, 4200], "bandpass", fs=rate, output="sos").astype(np.float32),
        tail,
    )
    dark /= np.sqrt(np.sum(dark**2, axis=1, keepdims=True))
    size = scipy.fft.next_fast_len(frames + length, real=True)
    mono = circle.mean(axis=1)
    spectrum = scipy.fft.rfft(mono, size) * scipy.fft.rfft(dark.astype(np.float32), size)
    wet = scipy.fft.irfft(spectrum, size)[:, : frames + length].T
    folded = np.zeros_like(circle)
    add_round(folded, 0, np.ascontiguousarray(wet, dtype=np.float32))
    return folded


def wow(circle: Float, depth_frames: float, turns: int) -> Float:
    """Return the loop with a slow wander of pitch; `turns` whole cycles fit the loop."""
    frames = len(circle)
    index = np.arange(frames)
    moved = index + depth_frames * np.sin(2 * np.pi * turns * index / frames)
    whole = np.floor(moved).astype(np.int64)
    part = (moved - whole).astype(np.float32)[:, None]
    return circle[whole % frames] * (1 - part) + circle[(whole + 1) % frames] * part


def soft_clip(circle: Float, drive: float) -> Float:
    """Return the loop behind a soft clipper at twice the rate.

    The curve is a cubic, so it makes no more than third harmonics; at twice the rate those of
    everything below a third of the old rate stay below the fold.
    """
    frames = len(circle)
    spectrum = scipy.fft.rfft(circle, axis=0)
    up = scipy.fft.irfft(spectrum, 2 * frames, axis=0) * np.float32(2 * (1 + 3 * drive))
    np.clip(up, -1.5, 1.5, out=up)
    up -= np.float32(4 / 27) * up**3
    down = scipy.fft.rfft(up, axis=0)[: frames // 2 + 1]
    out = scipy.fft.irfft(down * np.float32(0.5), frames, axis=0)
    return np.asarray(out, dtype=np.float32)


def compressed(circle: Float, threshold_db: float, ratio: float, rate: int) -> Float:
    """Return the loop behind a compressor: 8 ms attack, 120 ms release, both channels as one."""
    block = max(1, rate // 1000)
    frames = len(circle)
    count = -(-frames // block)
    power = np.zeros(count * block, np.float32)
    power[:frames] = (circle**2).mean(axis=1)
    level_db = 10 * np.log10(power.reshape(count, block).mean(axis=1) + 1e-9)
    wanted = np.minimum(0, (threshold_db - level_db) * (1 - 1 / ratio))
    attack, release = np.exp(-1 / 8), np.exp(-1 / 120)
    gain, current = np.zeros(count), 0.0
    for _ in range(2):  # the second time round starts where the first ended
        for index, target in enumerate(wanted.tolist()):
            keep = attack if target < current else release
            current = keep * current + (1 - keep) * target
            gain[index] = current
    place = np.arange(frames) / block - 0.5
    smooth = np.interp(place, np.arange(-1, count + 1), [gain[-1], *gain, gain[0]])
    return circle * (10 ** (smooth / 20)).astype(np.float32)[:, None]


def limited(circle: Float, ceiling: float, rate: int) -> Float:
    """Return the loop with every peak under a ceiling, by a gain that sees 3 ms ahead."""
    window = int(0.003 * rate) | 1
    peak = np.abs(circle).max(axis=1)
    if peak.max() <= ceiling:
        return circle
    gain = np.minimum(1.0, ceiling / np.maximum(peak, 1e-9))
    lowest = scipy.ndimage.minimum_filter1d(gain, 2 * window + 1, mode="wrap")
    smooth = scipy.ndimage.uniform_filter1d(lowest, window, mode="wrap")
    return circle * smooth.astype(np.float32)[:, None]


def noise_round(frames: int, shape: NDArray[np.float32], seed: int) -> Float:
    """Return noise that runs round without a seam, of unit RMS.

    Args:
        shape: amplitude for each bin of `rfft` over `frames`.
        seed: of the phases.
    """
    rng = np.random.default_rng(seed)
    turns = rng.random((2, len(shape)), dtype=np.float32) * np.float32(2 * np.pi)
    sound = scipy.fft.irfft(shape * np.exp(1j * turns), frames, axis=1).T
    return (sound / (sound.std() + 1e-12)).astype(np.float32)
