"""Writes the WAV file of a clip: audio, tags and recipe.

Audio is (frames, channels), float32, -1..1; samples outside are clipped, except in `32f`. 16-bit
audio gets triangular dither of two least significant bits (Lipshitz et al., JAES 40(5), 1992),
drawn from the seed of the take, so that the same take has the same bytes.
"""

import struct

import numpy as np
from numpy.typing import NDArray

from engine.loops.recipe import Recipe, encode_recipe
from engine.loops.riff import riff_bytes
from engine.loops.tags import TagFacts, tag_chunks_after_audio, tag_chunks_before_audio
from engine.loops.take import Audio

RECIPE_CHUNK = b"lwrc"
_BLOCK_FRAMES = 2**18
_PCM, _FLOAT = 1, 3
Words = NDArray[np.int16] | NDArray[np.int32]


def clip_bytes(
    audio: Audio, bits: str, facts: TagFacts, recipe: Recipe, *, dither: bool = True
) -> bytes:
    """Return the whole WAV file of a clip.

    Args:
        audio: (frames, channels) float32, -1..1, at the rate of `facts.grid`.
        bits: `16`, `24` or `32f`.
        facts: the facts for the tags.
        recipe: stored as JSON in the chunk `lwrc`.
        dither: whether 16-bit audio gets dither: not if it had 16 bits before.
    """
    chunks = [(b"fmt ", _fmt(facts.grid.rate, audio.shape[1], bits))]
    chunks += tag_chunks_before_audio(facts)
    if bits == "32f":
        chunks.append((b"fact", struct.pack("<I", len(audio))))
    seed = (recipe.request.seed or 0) if dither else None
    chunks.append((b"data", pcm_bytes(audio, bits, seed)))
    chunks += tag_chunks_after_audio(facts)
    chunks.append((RECIPE_CHUNK, encode_recipe(recipe)))
    return riff_bytes(b"WAVE", chunks)


def _fmt(rate: int, channels: int, bits: str) -> bytes:
    sample_bytes = {"16": 2, "24": 3, "32f": 4}[bits]
    block = channels * sample_bytes
    kind = _FLOAT if bits == "32f" else _PCM
    head = struct.pack("<HHIIHH", kind, channels, rate, rate * block, block, sample_bytes * 8)
    return head + (struct.pack("<H", 0) if kind == _FLOAT else b"")


def pcm_bytes(audio: Audio, bits: str, dither_seed: int | None = 0) -> bytes:
    """Return interleaved little-endian samples of `audio`, (frames, channels), -1..1.

    Without a seed, 16-bit samples get no dither: they had no more bits before.
    """
    if bits == "32f":
        return np.ascontiguousarray(audio, dtype="<f4").tobytes()
    if bits == "16":
        return pcm_words(audio, bits, dither_seed).astype("<i2").tobytes()
    blocks = range(0, len(audio), _BLOCK_FRAMES)
    return b"".join(_pcm_24(audio[first : first + _BLOCK_FRAMES]) for first in blocks)


def pcm_words(audio: Audio, bits: str, dither_seed: int | None = 0) -> Words:
    """Return the samples of `audio` as whole numbers of 16 or 24 bits; see `pcm_bytes`."""
    if bits == "24":
        scaled = np.clip(np.rint(audio.astype(np.float64) * 8388608.0), -8388608, 8388607)
        whole: NDArray[np.int32] = scaled.astype(np.int32)
        return whole
    scaled = audio * 32768.0
    if dither_seed is not None:
        noise = np.random.default_rng(dither_seed).random((2, *audio.shape), dtype=np.float32)
        scaled += noise[0] - noise[1]
    words: NDArray[np.int16] = np.clip(np.rint(scaled), -32768, 32767).astype(np.int16)
    return words


def _pcm_24(audio: Audio) -> bytes:
    whole = pcm_words(audio, "24").astype("<i4").reshape(-1, 1).view(np.uint8)
    return whole[:, :3].tobytes()
