"""What happens to sound on its way into a sample folder: rooms, tape, vinyl, narrow bands, MP3."""

import io

import numpy as np

from engine.loops.take import Audio

_ROOM_S = 0.5
_WOW_HZ = (0.3, 1.5)
_CRACKLES_PER_S = 8


def worn(audio: Audio, rate: int, random: np.random.Generator) -> Audio:
    """Return audio, (frames, channels), of the same length after some of these happened to it."""
    for chance, happen in (
        (0.3, _in_a_room), (0.3, _saturated), (0.2, _narrowed), (0.2, _on_tape),
        (0.4, _hissing), (0.15, _crackling), (0.1, _through_mp3),
    ):  # fmt: skip
        if random.random() < chance:
            audio = happen(audio, rate, random)
    return np.ascontiguousarray(audio, dtype=np.float32)


def _in_a_room(audio: Audio, rate: int, random: np.random.Generator) -> Audio:
    from scipy.signal import fftconvolve

    frames = round(_ROOM_S * rate)
    fall_s = float(random.uniform(0.03, 0.15))
    tail = random.standard_normal(frames) * np.exp(-np.arange(frames) / (fall_s * rate))
    tail *= random.uniform(0.1, 0.5) / np.sqrt(np.sum(tail**2))
    wet: Audio = audio + fftconvolve(audio, tail[:, None], axes=0)[: len(audio)]
    return wet


def _saturated(audio: Audio, _rate: int, random: np.random.Generator) -> Audio:
    drive = random.uniform(1.5, 6.0) / (float(np.abs(audio).max()) + 1e-9)
    loud: Audio = np.tanh(audio * drive) / drive
    return loud


def _narrowed(audio: Audio, rate: int, random: np.random.Generator) -> Audio:
    import soxr

    low = int(random.choice((8_000, 11_025, 16_000)))
    narrow: Audio = soxr.resample(soxr.resample(audio, rate, low), low, rate)
    return _of_length(narrow, len(audio))


def _on_tape(audio: Audio, rate: int, random: np.random.Generator) -> Audio:
    """Return audio whose speed sways by up to 0.3 %."""
    hertz = random.uniform(*_WOW_HZ)
    depth_s = random.uniform(0.0, 0.003) / (2 * np.pi * hertz)
    times = np.arange(len(audio))
    read = times + depth_s * rate * np.sin(2 * np.pi * hertz * times / rate)
    return np.stack([np.interp(read, times, channel) for channel in audio.T], axis=1)


def _hissing(audio: Audio, _rate: int, random: np.random.Generator) -> Audio:
    level = np.sqrt(np.mean(audio**2)) * 10 ** (random.uniform(-50, -22) / 20)
    noisy: Audio = audio + level * random.standard_normal(audio.shape)
    return noisy


def _crackling(audio: Audio, rate: int, random: np.random.Generator) -> Audio:
    count = 1 + random.poisson(_CRACKLES_PER_S * len(audio) / rate)
    crackling = audio.copy()
    level = np.sqrt(np.mean(audio**2))
    crackling[random.integers(len(audio), size=count)] += level * random.uniform(
        -3, 3, size=(count, 1)
    )
    return crackling


def _through_mp3(audio: Audio, rate: int, _random: np.random.Generator) -> Audio:
    import soundfile

    stream = io.BytesIO()
    soundfile.write(stream, np.clip(audio, -1, 1), rate, format="MP3")
    stream.seek(0)
    return _of_length(soundfile.read(stream, dtype="float32", always_2d=True)[0], len(audio))


def _of_length(audio: Audio, frames: int) -> Audio:
    return np.pad(audio[:frames], ((0, max(0, frames - len(audio))), (0, 0)))
