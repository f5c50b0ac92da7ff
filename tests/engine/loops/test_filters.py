"""Filters, beside those of scipy."""

import numpy as np
import pytest
from scipy import signal

from engine.loops.filters import band_pass, filtered, high_pass, low_pass

RATES = [44_100, 96_000]
DESIGNS = {
    "low-pass": (lambda rate, order: low_pass(3_000, rate, order), 3_000, "lowpass"),
    "high-pass": (lambda rate, order: high_pass(24, rate, order), 24, "highpass"),
    "narrow": (lambda rate, order: band_pass(900, 1_100, rate, order), (900, 1_100), "bandpass"),
    "wide": (lambda rate, order: band_pass(180, 14_000, rate, order), (180, 14_000), "bandpass"),
}


def noise(frames, channels=2):
    made = np.random.default_rng(frames).standard_normal((channels, frames))
    return made.astype(np.float32)


def sos_of(sections):
    return np.array([[b0, b1, b2, 1, a1, a2] for b0, b1, b2, a1, a2 in sections])


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_has_the_same_response_as_in_scipy(name, order, rate):
    design, edges, kind = DESIGNS[name]
    theirs = signal.butter(order, edges, kind, fs=rate, output="sos")
    hertz = np.geomspace(5, 0.499 * rate, 500)
    ours = signal.freqz_sos(sos_of(design(rate, order)), hertz, fs=rate)[1]
    assert np.allclose(ours, signal.freqz_sos(theirs, hertz, fs=rate)[1], atol=1e-9)


@pytest.mark.parametrize("frames", [1, 63, 64, 65, 20_000])
def test_audio_that_starts_in_silence_is_filtered_as_in_scipy(frames):
    sections = band_pass(100, 4_000, 48_000)
    expected = signal.sosfilt(sos_of(sections), noise(frames).astype(np.float64))
    out = filtered(noise(frames), sections, 48_000, closed=False)
    assert out.dtype == np.float32
    assert np.allclose(out, expected, atol=1e-5)


@pytest.mark.parametrize("frames", [777, 30_011])
@pytest.mark.parametrize("cutoff_hz", [24, 3_000])
def test_a_loop_is_filtered_as_if_always_playing(frames, cutoff_hz):
    sections = high_pass(cutoff_hz, 48_000)
    turns = 2 + 48_000 // frames
    played = np.tile(noise(frames).astype(np.float64), turns)
    expected = signal.sosfilt(sos_of(sections), played)[:, -frames:]
    out = filtered(noise(frames), sections, 48_000, closed=True)
    assert np.allclose(out, expected, atol=1e-4)
