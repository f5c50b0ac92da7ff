"""The parts of a loop, each for itself."""

import itertools

import msgspec
import numpy as np
import pytest

from engine.generators.sketch.generator import SketchGenerator
from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest

SKETCH = SketchGenerator()


def parts_of(prompt, mix=None, stem=None, report=lambda *_: None, **fields):
    """Return a loop and its parts by role."""
    made = LoopRequest(prompt=prompt, seed=3, bars=1, **fields)
    plan = SKETCH.plan(made)
    settled = {"bpm": plan.grid.bpm, "meter": str(plan.grid.meter), "key": plan.key}
    made = msgspec.structs.replace(made, **settled)
    if mix is None:
        (mix,) = (take.audio for take in SKETCH.generate(made, plan.grid, [3], lambda *_: None))
    request = msgspec.structs.replace(made, mode="stems", source="x", stem=stem)
    takes = SKETCH.generate_from(request, plan.grid, [3], [mix], (made,), report)
    return mix, {take.part: take.audio for take in takes}


def db(part, whole):
    return 10 * np.log10(np.square(part).sum() / np.square(whole).sum())


@pytest.mark.parametrize(
    "prompt", ["house full mix", "bossa nova in 7/8", "warm pad and bass, dub"]
)
def test_without_a_limiter_or_colour_the_parts_are_the_mix(prompt):
    mix, parts = parts_of(prompt)
    whole = sum(parts.values())
    assert len(parts) > 1
    assert all(part.shape == mix.shape for part in parts.values())
    level = np.std(mix) / np.std(whole)
    assert db(mix - level * whole, mix) < -60


@pytest.mark.parametrize("prompt", ["distorted dusty techno full mix", "hard rock, loud, fuzzy"])
def test_with_colour_the_parts_are_as_loud_as_the_mix_and_never_clipped(prompt):
    mix, parts = parts_of(prompt)
    assert abs(db(sum(parts.values()), mix)) < 0.1 or max(map(np.max, parts.values())) > 0.99
    assert max(np.abs(part).max() for part in parts.values()) <= 1


def test_one_part_alone_is_the_same_as_among_all():
    mix, parts = parts_of("funk full mix")
    _, alone = parts_of("funk full mix", mix, "bass")
    assert list(alone) == ["bass"]
    assert np.array_equal(alone["bass"], parts["bass"])
    with pytest.raises(LoopError, match="no part 'kazoo': choose one of drums, bass"):
        parts_of("funk full mix", mix, "kazoo")


def test_progress_names_the_part_that_is_played():
    stages = []
    _, parts = parts_of("dub bass and drums", report=lambda _, stage: stages.append(stage))
    found = [stage for stage, _ in itertools.groupby(stages)]
    assert found == [*(f"playing {role}" for role in parts), "mixing"]
