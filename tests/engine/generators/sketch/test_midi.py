"""The notes that sketch states are those that it plays."""

import msgspec
import numpy as np
import pytest

from engine.generators.sketch.band import _LEVELS, play_drums, play_notes
from engine.generators.sketch.brief import read_brief
from engine.generators.sketch.generator import SketchGenerator, performance
from engine.generators.sketch.midi import DRUM_NUMBERS
from engine.generators.sketch.stage import Stage
from engine.generators.sketch.styles import STYLES
from engine.generators.sketch.synth.kits import FAMILIES
from engine.loops.cancel import no_check
from engine.loops.request import LoopRequest

SKETCH = SketchGenerator()


def request(prompt, seed=5, **fields):
    made = LoopRequest(prompt=prompt, seed=seed, **fields)
    plan = SKETCH.plan(made)
    grid = plan.grid
    settled = {
        "bpm": grid.bpm,
        "meter": str(grid.meter),
        "bars": grid.bars or None,
        "key": plan.key,
    }
    return msgspec.structs.replace(made, **settled), grid


def dry(made, grid):
    """Return the only part of a loop without space and colour, (frames, 2)."""
    brief, score = performance((made,), grid, made.key)
    stage = Stage(brief, grid.frames, made.seed, no_check)
    (role,) = brief.roles
    if role in score.strokes:
        return play_drums(stage, score.strokes[role]).T
    return play_notes(stage, role, score.notes[role]).T


def onsets_s(audio, rate):
    """Return when a loop of separate sounds gets suddenly louder, in seconds."""
    level = np.abs(audio).max(axis=1)
    loud = level > 0.1 * level.max()
    quiet_before = np.array(
        [not loud[max(0, i - rate // 20) : i].any() for i in np.flatnonzero(loud)]
    )
    return np.flatnonzero(loud)[quiet_before] / rate


@pytest.mark.parametrize(
    "prompt", ["lo-fi claves, lazy, swing, loose", "marimba lead, loose, staccato"]
)
def test_starts_are_where_the_audio_starts(prompt):
    made, grid = request(prompt, bars=2, bpm=70.0)
    (part,) = SKETCH.notes((made,), grid)
    stated = np.unique([note.start * 60 / grid.bpm for note in part.notes])
    heard = onsets_s(dry(made, grid), grid.rate)
    assert len(heard) > 4
    assert max(np.abs(stated - each).min() for each in heard) < 0.004


@pytest.mark.parametrize("style", STYLES)
def test_every_part_of_a_full_mix_has_notes_but_textures(style):
    made, grid = request(f"{style} full mix", bars=2)
    parts = SKETCH.notes((made,), grid)
    assert [part.name for part in parts] == [role for role in _roles(made) if role != "texture"]
    for part in parts:
        assert part.notes
        assert part.is_drums == (part.name in ("drums", "percussion"))
        assert all(0 < note.velocity <= 1 and 20 < note.number < 110 for note in part.notes)


def _roles(made):
    return read_brief(made, made.seed).roles


def test_every_drum_voice_has_a_note():
    assert {voice for family in FAMILIES.values() for voice in family.voices} <= DRUM_NUMBERS.keys()
    assert set(_LEVELS) <= DRUM_NUMBERS.keys()


def test_a_variation_has_its_own_notes_and_a_one_shot_too():
    made, grid = request("house bass")
    step = msgspec.structs.replace(made, mode="vary", source="a", amount=0.5, seed=11)
    (base,), (other,) = SKETCH.notes((made,), grid), SKETCH.notes((made, step), grid)
    assert base.name == other.name
    shared = len(set(base.notes) & set(other.notes))
    assert 0 < shared < len(base.notes)
    hit, short = request("808 kick", seconds=1.0)
    (stroke,) = SKETCH.notes((hit,), short)
    assert [note.number for note in stroke.notes] == [36]
