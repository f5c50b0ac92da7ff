"""From latents to sound: the VAE to a mel spectrogram, the vocoder to a waveform.

The VAE runs on the whole loop, for its attention and its norms look at all of it. The vocoder
sees only a fraction of a second, so it runs in chunks with so much overlap that the result is the
same, and on a circle where the loop is closed.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch

CHUNKS = (100, 800)
"""Mel frames (10 ms each) in the first chunk and in each further one, without the overlap.

The first is short, for a second of sound can be heard while the rest is made.
"""


def mel_of(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    """Return log-mel spectrograms, (batch, mel frames, bins)."""
    return vae.decode(latents / vae.config.scaling_factor).sample.squeeze(1)


def frame_samples(vocoder: Any) -> int:
    """Return how many samples of sound one mel frame is."""
    return math.prod(vocoder.config.upsample_rates)


def context_frames(vocoder: Any) -> int:
    """Return how many mel frames to each side of a frame can be heard in it."""
    config = vocoder.config
    rate = 1
    reach = 3.0  # In mel frames; the first convolution has 7 taps.
    blocks = zip(config.resblock_kernel_sizes, config.resblock_dilation_sizes, strict=True)
    widest = max((kernel // 2) * (sum(dilations) + len(dilations)) for kernel, dilations in blocks)
    for step, taps in zip(config.upsample_rates, config.upsample_kernel_sizes, strict=True):
        reach += (taps + step) / (2 * step) / rate
        rate *= step
        reach += widest / rate
    return math.ceil(reach + 3 / rate)


def sound_chunks(
    vocoder: Any, mel: torch.Tensor, *, closed: bool, chunk_frames: tuple[int, int] = CHUNKS
) -> Iterator[torch.Tensor]:
    """Yield sound of (batch, samples), float32 on the CPU, from its beginning to its end.

    Where `closed`, the last frame is followed by the first. Elsewhere both ends are followed by
    the silence that the vocoder's own padding is, and the few samples that it makes beyond the
    last frame are left out. `chunk_frames` are the length of the first and of each further chunk.
    """
    frames, step, reach = mel.shape[1], frame_samples(vocoder), context_frames(vocoder)
    begin, size = 0, chunk_frames[0]
    while begin < frames:
        end = min(begin + size, frames)
        first, last = begin - reach, end + reach
        if not closed:
            first, last = max(first, 0), min(last, frames)
        around = torch.arange(first, last, device=mel.device) % frames
        skip = (begin - first) * step
        yield vocoder(mel[:, around])[:, skip : skip + (end - begin) * step].float().cpu()
        begin, size = end, chunk_frames[1]


def waveform_of(
    vocoder: Any,
    mel: torch.Tensor,
    *,
    closed: bool,
    report: Callable[[float], None],
    on_preview: Callable[[torch.Tensor, int], None] | None = None,
    chunk_frames: tuple[int, int] = CHUNKS,
) -> torch.Tensor:
    """Return the whole sound, (batch, samples); see `sound_chunks`.

    `report` is called with the fraction done before each chunk and at the end, `on_preview` with
    each chunk and the total number of samples.
    """
    chunks: list[torch.Tensor] = []
    made, samples = 0, mel.shape[1] * frame_samples(vocoder)
    report(0.0)
    for chunk in sound_chunks(vocoder, mel, closed=closed, chunk_frames=chunk_frames):
        chunks.append(chunk)
        made += chunk.shape[1]
        if on_preview is not None:
            on_preview(chunk, samples)
        report(made / samples)
    return torch.cat(chunks, dim=1)
