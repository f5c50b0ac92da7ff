"""The WAV file of a clip: audio, tags and recipe, to bytes and back.

Audio is (frames, channels), float32, -1..1; samples outside are clipped, except in `32f`. 16-bit
audio gets triangular dither of two least significant bits (Lipshitz et al., JAES 40(5), 1992),
drawn from the seed of the take, so that the same take has the same bytes.
"""

import dataclasses
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.loops.errors import UnreadableClip
from engine.loops.recipe import Recipe, decode_recipe, encode_recipe
from engine.loops.riff import riff_bytes, split_list, walk_chunks
from engine.loops.tags import TagFacts, tag_chunks_after_audio, tag_chunks_before_audio
from engine.loops.take import Audio

RECIPE_CHUNK = b"lwrc"
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


def clip_bytes(audio: Audio, bits: str, facts: TagFacts, recipe: Recipe) -> bytes:
    """Return the whole WAV file of a clip.

    Args:
        audio: (frames, channels) float32, -1..1, at the rate of `facts.grid`.
        bits: `16`, `24` or `32f`.
        facts: the facts for the tags.
        recipe: stored as JSON in the chunk `lwrc`.
    """
    chunks = [(b"fmt ", _fmt(facts.grid.rate, audio.shape[1], bits))]
    chunks += tag_chunks_before_audio(facts)
    if bits == "32f":
        chunks.append((b"fact", struct.pack("<I", len(audio))))
    chunks.append((b"data", pcm_bytes(audio, bits, recipe.request.seed or 0)))
    chunks += tag_chunks_after_audio(facts)
    chunks.append((RECIPE_CHUNK, encode_recipe(recipe)))
    return riff_bytes(b"WAVE", chunks)


def _fmt(rate: int, channels: int, bits: str) -> bytes:
    sample_bytes = {"16": 2, "24": 3, "32f": 4}[bits]
    block = channels * sample_bytes
    kind = _FLOAT if bits == "32f" else _PCM
    head = struct.pack("<HHIIHH", kind, channels, rate, rate * block, block, sample_bytes * 8)
    return head + (struct.pack("<H", 0) if kind == _FLOAT else b"")


def pcm_bytes(audio: Audio, bits: str, dither_seed: int = 0) -> bytes:
    """Return interleaved little-endian samples of `audio`, (frames, channels), -1..1."""
    if bits == "32f":
        return np.ascontiguousarray(audio, dtype="<f4").tobytes()
    if bits == "16":
        noise = np.random.default_rng(dither_seed).random((2, *audio.shape), dtype=np.float32)
        dithered = np.rint(audio * 32768.0 + (noise[0] - noise[1]))
        words: NDArray[np.int16] = np.clip(dithered, -32768, 32767).astype("<i2")
        return words.tobytes()
    scaled = np.clip(np.rint(audio.astype(np.float64) * 8388608.0), -8388608, 8388607)
    whole: NDArray[np.uint8] = scaled.astype("<i4").reshape(-1, 1).view(np.uint8)
    return whole[:, :3].tobytes()


@dataclasses.dataclass(frozen=True, kw_only=True)
class WavFacts:
    """Format, tags and recipe of a WAV file from any program; see `read_facts`."""

    path: Path
    rate: int
    channels: int
    bits: str
    frames: int
    tags: Mapping[str, Any]
    recipe: Recipe | None


def read_facts(path: Path) -> WavFacts:
    """Read format, tags and recipe of a WAV file, without its audio.

    Raises:
        UnreadableClip: the file is missing, not a WAV file, or damaged.
        LoopError: its recipe is damaged or too new.
    """
    try:
        with path.open("rb") as stream:
            chunks, audio_bytes = walk_chunks(stream, path)
    except OSError as error:
        raise UnreadableClip(path, (error.strerror or str(error)).lower()) from error
    if len(chunks.get(b"fmt ", b"")) < 16 or audio_bytes is None:
        raise UnreadableClip(path, "it has no format or no audio")
    kind, channels, rate, _, block, depth = struct.unpack_from("<HHIIHH", chunks[b"fmt "])
    if kind == _EXTENSIBLE and len(chunks[b"fmt "]) >= 26:
        kind = struct.unpack_from("<H", chunks[b"fmt "], 24)[0]
    if not (channels and rate and block):
        raise UnreadableClip(path, "its format is empty")
    recipe = chunks.get(RECIPE_CHUNK)
    return WavFacts(
        path=path,
        rate=rate,
        channels=channels,
        bits=f"{depth}f" if kind == _FLOAT else str(depth),
        frames=audio_bytes // block,
        tags=_read_tags(chunks),
        recipe=None if recipe is None else decode_recipe(recipe),
    )


def _read_tags(chunks: Mapping[bytes, bytes]) -> dict[str, Any]:
    tags: dict[str, Any] = {}
    if len(acid := chunks.get(b"acid", b"")) >= 24:
        flags, root, _, _, beats, den, num, bpm = struct.unpack_from("<IHHfIHHf", acid)
        tags["acid"] = {
            "one_shot": bool(flags & 1),
            "root_note": root % 12 if flags & 2 else None,
            "beats": beats,
            "meter": f"{num}/{den}",
            "bpm": float(np.format_float_positional(np.float32(bpm))) if np.isfinite(bpm) else None,
        }
    if len(sampler := chunks.get(b"smpl", b"")) >= 60:
        start, end = struct.unpack_from("<II", sampler, 44)
        tags["loop"] = {"start": start, "end": end}
    if len(cue := chunks.get(b"cue ", b"")) >= 4:
        tags["cues"] = min(struct.unpack_from("<I", cue)[0], (len(cue) - 4) // 24)
    if info := chunks.get(b"LIST:INFO"):
        tags["info"] = {
            name.decode("latin-1"): data.rstrip(b"\0").decode("utf-8", "replace")
            for name, data in split_list(info)
        }
    return tags


def read_recipe(path: Path) -> Recipe:
    """Read the recipe of a clip.

    Raises:
        UnreadableClip: the file cannot be read, or has no recipe.
        LoopError: the recipe is damaged or too new.
    """
    recipe = read_facts(path).recipe
    if recipe is None:
        raise UnreadableClip(path, "it has no recipe, so Loopwright did not make it")
    return recipe
