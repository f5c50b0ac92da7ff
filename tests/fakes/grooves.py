"""A groove whose tempo and beat are known: kick, snare on two and four, hats on the eighths."""

import numpy as np


def groove(bpm, seconds, rate=44_100, first_s=0.37):
    """Return mono audio whose first kick is at `first_s`."""
    random = np.random.default_rng(4)
    audio = np.zeros((round(seconds * rate), 1), np.float32)
    length = rate // 10
    fall = np.exp(-np.arange(length) / (0.02 * rate))
    kick = np.sin(2 * np.pi * 60 * np.arange(length) / rate) * fall
    for step in range(int((seconds - first_s) * bpm / 30)):
        start = round((first_s + step * 30 / bpm) * rate)
        hat = 0.1 * random.standard_normal(length) * fall**4
        snare = 0.4 * random.standard_normal(length) * fall * (step % 4 == 2)
        burst = hat + snare + kick * (step % 4 == 0)
        part = audio[start : start + length, 0]
        part += (0.5 * burst[: len(part)]).astype(np.float32)
    return audio
