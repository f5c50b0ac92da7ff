"""Decodes latents to audio: the VAE to a mel spectrogram, the vocoder to a waveform.

The VAE runs on the whole loop, because its attention and norms see all of it. The vocoder sees only
a fraction of a second, so it runs in chunks with enough overlap to give the same result, and on a
circle if the loop is closed.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch

CHUNKS = (100, 800)
"""Mel frames (10 ms each) in the first chunk and in each later one, without the overlap.

The first is short, so that a second of audio can be previewed while the rest is computed.
"""


def mel_of(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    """Return log-mel spectrograms, (batch, mel frames, bins)."""
    return vae.decode(latents / vae.config.scaling_factor).sample.squeeze(1)


def frame_samples(vocoder: Any) -> int:
    """Return the number of audio samples in one mel frame."""
    return math.prod(vocoder.config.upsample_rates)


def context_frames(vocoder: Any) -> int:
    """Return how many mel frames to each side of a frame affect it."""
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
    """Yield audio of (batch, samples), float32 on the CPU, from beginning to end.

    If `closed`, the last frame is followed by the first. Otherwise both ends are padded with the
    vocoder's own silence, and the few samples beyond the last frame are dropped. `chunk_frames`
    gives the length of the first and of each later chunk.
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
    """Return the whole waveform, (batch, samples); see `sound_chunks`.

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
