"""Writes the WAV file of a clip: audio, tags and recipe.

Audio is (frames, channels), float32, -1..1; samples outside are clipped, except in `32f`. 16-bit
audio gets triangular dither of two least significant bits (Lipshitz et al., JAES 40(5), 1992),
drawn from the seed of the take, so that the same take has the same bytes.
"""

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.loops.recipe import Recipe, encode_recipe
from engine.loops.riff import LargeData, riff_pieces
from engine.loops.tags import TagFacts, tag_chunks_after_audio, tag_chunks_before_audio
from engine.loops.take import Audio

RECIPE_CHUNK = b"lwrc"
_BLOCK_FRAMES = 2**18
_PCM, _FLOAT = 1, 3
_SAMPLE_BYTES = {"16": 2, "24": 3, "32f": 4}
Words = NDArray[np.int16] | NDArray[np.int32]


def clip_bytes(
    audio: Audio, bits: str, facts: TagFacts, recipe: Recipe, *, dither: bool = True
) -> bytes:
    """Return the whole WAV file of a clip; see `clip_pieces`."""
    return b"".join(clip_pieces(audio, bits, facts, recipe, dither=dither))


def clip_pieces(
    audio: Audio, bits: str, facts: TagFacts, recipe: Recipe, *, dither: bool = True
) -> Iterator[bytes]:
    """Yield the WAV file of a clip in pieces, so that a long one needs little memory.

    Args:
        audio: (frames, channels) float32, -1..1, at the rate of `facts.grid`.
        bits: `16`, `24` or `32f`.
        facts: the facts for the tags.
        recipe: stored as JSON in the chunk `lwrc`.
        dither: whether 16-bit audio gets dither: not if it had 16 bits before.
    """
    chunks: list[tuple[bytes, bytes | LargeData]] = []
    chunks.append((b"fmt ", _fmt(facts.grid.rate, audio.shape[1], bits)))
    chunks += tag_chunks_before_audio(facts)
    if bits == "32f":
        chunks.append((b"fact", struct.pack("<I", len(audio))))
    seed = (recipe.request.seed or 0) if dither else None
    size = audio.size * _SAMPLE_BYTES[bits]
    chunks.append((b"data", LargeData(size, pcm_pieces(audio, bits, seed))))
    chunks += tag_chunks_after_audio(facts)
    chunks.append((RECIPE_CHUNK, encode_recipe(recipe)))
    return riff_pieces(b"WAVE", chunks)


def _fmt(rate: int, channels: int, bits: str) -> bytes:
    sample_bytes = _SAMPLE_BYTES[bits]
    block = channels * sample_bytes
    kind = _FLOAT if bits == "32f" else _PCM
    head = struct.pack("<HHIIHH", kind, channels, rate, rate * block, block, sample_bytes * 8)
    return head + (struct.pack("<H", 0) if kind == _FLOAT else b"")


def pcm_bytes(audio: Audio, bits: str, dither_seed: int | None = 0) -> bytes:
    """Return interleaved little-endian samples of `audio`, (frames, channels), -1..1.

    Without a seed, 16-bit samples get no dither: they had no more bits before.
    """
    return b"".join(pcm_pieces(audio, bits, dither_seed))


def pcm_pieces(audio: Audio, bits: str, dither_seed: int | None = 0) -> Iterator[bytes]:
    """Yield what `pcm_bytes` returns, some frames at a time."""
    if bits == "32f":
        for block in _blocks(audio):
            yield np.ascontiguousarray(block, dtype="<f4").tobytes()
    elif bits == "16":
        for words in _words(audio, bits, dither_seed):
            yield words.astype("<i2").tobytes()
    else:
        for words in _words(audio, bits, dither_seed):
            yield _lowest_three_bytes(words).tobytes()


def _lowest_three_bytes(words: Words) -> NDArray[np.uint8]:
    """Return the samples of 24 bits, (samples, 3), byte by byte: sample by sample takes longer."""
    wide = words.astype("<i4").reshape(-1, 1).view(np.uint8)
    packed = np.empty((len(wide), 3), np.uint8)
    for byte in range(3):
        packed[:, byte] = wide[:, byte]
    return packed


def pcm_words(audio: Audio, bits: str, dither_seed: int | None = 0) -> Words:
    """Return the samples of `audio` as whole numbers of 16 or 24 bits; see `pcm_bytes`."""
    words: Words = np.concatenate([*_words(audio, bits, dither_seed)])
    return words


def _words(audio: Audio, bits: str, dither_seed: int | None) -> Iterator[Words]:
    if bits == "24":
        for block in _blocks(audio):
            scaled = np.clip(np.rint(block.astype(np.float64) * 8388608.0), -8388608, 8388607)
            yield scaled.astype(np.int32)
        return
    dither = None if dither_seed is None else _Dither(dither_seed, audio.size)
    for block in _blocks(audio):
        sound = block * np.float32(32768.0)
        if dither is not None:
            sound += dither.next(block.shape)
        yield np.clip(np.rint(sound), -32768, 32767).astype(np.int16)


def _blocks(audio: Audio) -> Iterator[Audio]:
    for first in range(0, max(1, len(audio)), _BLOCK_FRAMES):
        yield audio[first : first + _BLOCK_FRAMES]


class _Dither:
    """Triangular noise of a seed, block by block: the same as for all samples at once.

    It is the difference of two runs of equally distributed numbers, the second of which begins
    where the first ends.
    """

    def __init__(self, seed: int, samples: int) -> None:
        bits = np.random.PCG64(seed)
        self._runs = np.random.Generator(np.random.PCG64(seed)), np.random.Generator(bits)
        bits.advance(samples // 2)  # each of its 64-bit numbers makes two
        self._runs[1].random(samples % 2, dtype=np.float32)

    def next(self, shape: tuple[int, ...]) -> Audio:
        first, second = (run.random(shape, dtype=np.float32) for run in self._runs)
        noise: Audio = first - second
        return noise
