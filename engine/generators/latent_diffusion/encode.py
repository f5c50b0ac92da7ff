"""Encodes audio to latents: the reverse of `decode.py`.

The mel spectrogram is the one that AudioLDM and its successors were trained on: windows of 1,024
samples, magnitudes, Slaney's filters up to half the rate, the natural logarithm of at least 1e-5,
of audio without DC offset and with a peak of 0.5. A loop is read as a circle, so no window sees
silence beyond an end.
"""

import math
from typing import Any

import numpy as np
import torch

from engine.loops.take import Audio

WINDOW = 1024
_PEAK = 0.5
_MIN_MAGNITUDE = 1e-5
_MARGIN_FRAMES = 4096


def mono_at(audio: Audio, rate: int, wanted: int) -> torch.Tensor:
    """Return a loop of (frames, channels) at `rate` as mono at `wanted` Hz, (samples,)."""
    import soxr

    mono = audio.mean(axis=1)
    if rate == wanted:
        return torch.from_numpy(np.ascontiguousarray(mono, dtype=np.float32))
    # Pad with frames from the other end; their number is whole at both rates.
    unit = rate // math.gcd(rate, wanted)
    margin = unit * -(-_MARGIN_FRAMES // unit)
    around = soxr.resample(np.pad(mono, margin, mode="wrap"), rate, wanted)
    begin = margin * wanted // rate
    samples = round(len(mono) * wanted / rate)
    return torch.from_numpy(around[begin : begin + samples].astype(np.float32))


def log_mel(sound: torch.Tensor, rate: int, frames: int, bins: int) -> torch.Tensor:
    """Return the log-mel spectrogram of a loop, (frames, bins).

    The windows are spaced evenly on the circle, each centred on its frame. If the loop is not quite
    as long as `frames`, the spacing changes slightly, and no pitch changes.

    Args:
        sound: the loop once, (samples,).
        rate: of the sound, in Hz.
        frames: the number of frames; 10 ms each in the published checkpoints.
        bins: the number of mel bins of the checkpoint.
    """
    sound = sound - sound.mean()
    sound = sound * (_PEAK / sound.abs().max().clamp(min=1e-8))
    middles = ((torch.arange(frames) + 0.5) * len(sound) / frames).round().long()
    places = (middles[:, None] + torch.arange(WINDOW) - WINDOW // 2) % len(sound)
    spectrum = torch.fft.rfft(sound[places] * torch.hann_window(WINDOW)).abs()
    return (spectrum @ mel_filters(rate, bins)).clamp(min=_MIN_MAGNITUDE).log()


def mel_filters(rate: int, bins: int) -> torch.Tensor:
    """Return Slaney's mel filters from 0 Hz to half the rate, (frequencies, bins)."""
    from transformers.audio_utils import mel_filter_bank

    made = mel_filter_bank(
        WINDOW // 2 + 1, bins, 0.0, rate / 2, rate, norm="slaney", mel_scale="slaney"
    )
    return torch.from_numpy(made).float()


def latents_of(vae: Any, mel: torch.Tensor) -> torch.Tensor:
    """Return latents, (1, channels, time, frequency), of a log-mel spectrogram, (frames, bins).

    The mode of the encoder's distribution, so that one source has one set of latents.
    """
    found = vae.encode(mel[None, None]).latent_dist.mode()
    scaled: torch.Tensor = found.float() * vae.config.scaling_factor
    return scaled
