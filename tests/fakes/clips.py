"""Clips for tests: a tone on a grid, with tags and a recipe."""

import struct

import msgspec
import numpy as np

from engine.loops.key import parse_key
from engine.loops.midi import MidiNote, MidiPart
from engine.loops.recipe import ModelFacts, Recipe, Scores
from engine.loops.request import LoopRequest
from engine.loops.riff import riff_bytes
from engine.loops.tags import TagFacts
from engine.loops.tempo import LoopGrid, Meter
from engine.loops.wav import clip_bytes, pcm_bytes

CLIP_ID = "abcd2345"
TITLE = "Warm bass"


def grid_of(meter="4/4", **fields) -> LoopGrid:
    """Return a checked grid; by default 4 bars of 4/4 at 128 BPM and 48 kHz."""
    return LoopGrid(**{"bpm": 128.0, "meter": Meter.parse(meter), **fields}).checked()


BASS_PART = MidiPart("bass", (MidiNote(0.0, 0.5, 36, 0.8), MidiNote(2.25, 0.75, 43, 0.4)))
DRUM_PART = MidiPart(
    "drums", (MidiNote(0.0, 0.25, 36, 1.0), MidiNote(1.0, 0.25, 38, 0.9)), is_drums=True
)


def noise_on(grid: LoopGrid, seed: int = 1, channels: int = 2):
    """Return noise of the grid's length, float32, (frames, channels), within -0.9..0.9."""
    random = np.random.default_rng(seed)
    return random.uniform(-0.9, 0.9, (grid.frames, channels)).astype(np.float32)


def tagged_file(path, audio, rate, bpm, beats):
    """Write a 16-bit WAV file with an acid tag, as other programs do, and return its path."""
    acid = struct.pack("<IHHfIHHf", 4, 0x30, 0x8000, 0.0, beats, 4, 4, bpm)
    channels = audio.shape[1]
    fmt = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    chunks = [(b"fmt ", fmt), (b"acid", acid), (b"data", pcm_bytes(audio, "16"))]
    path.write_bytes(riff_bytes(b"WAVE", chunks))
    return path


def recipe_of(grid: LoopGrid, *, key=None, title=TITLE, bits="24", seed=7) -> Recipe:
    return Recipe(
        program="Loopwright 0.1.0",
        created="2026-01-31T20:15:00",
        clip_id=CLIP_ID,
        request_id="job-1",
        request=LoopRequest(
            prompt=title, seed=seed, rate=grid.rate, bits=bits, near_words=(), sketch_version=1
        ),
        asked_seed=seed,
        asked_takes=1,
        take=0,
        rank=1,
        grid=grid,
        key=key,
        model=ModelFacts(id="sketch", name="Sketch", revision="1", licence="yours"),
        title=title,
        scores=Scores(loudness_db=-14.0, peak_db=-1.0, seam=0.5, total=0.75),
    )


def tags_of(grid: LoopGrid, *, key=None, title=TITLE, role="bass") -> TagFacts:
    return TagFacts(
        title=title,
        comment=f"{title} | sketch | 7 | yours",
        software="Loopwright 0.1.0",
        clip_id=CLIP_ID,
        created="2026-01-31T20:15:00",
        licence="yours",
        role=role,
        key=parse_key(key),
        grid=grid,
    )


def retempoed_recipe(model_id: str, grid: LoopGrid) -> Recipe:
    """Return the recipe of a clip that a model played and craft then brought to another tempo."""
    origin = LoopRequest(prompt=TITLE, model=model_id, steps=30, seed=7)
    request = LoopRequest(prompt=TITLE, mode="retempo", source="bcde2345", bpm=grid.bpm, seed=7)
    craft = ModelFacts(id="craft", name="Craft (no model)", revision="1", licence="yours")
    return msgspec.structs.replace(
        recipe_of(grid), request=request, made_from=(origin,), model=craft
    )


def clip_of(
    grid: LoopGrid, *, key=None, title=TITLE, bits="24", role="bass", audio=None, recipe=None
) -> bytes:
    """Return the bytes of a whole clip."""
    audio = noise_on(grid) if audio is None else audio
    return clip_bytes(
        audio,
        bits,
        tags_of(grid, key=key, title=title, role=role),
        recipe or recipe_of(grid, key=key, title=title, bits=bits),
    )
