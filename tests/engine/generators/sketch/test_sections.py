"""One idea as the parts of a song."""

import msgspec
import pytest

from engine.craft.loudness import loudness_lufs
from engine.generators.sketch.brief import read_brief
from engine.generators.sketch.composer import chords_of
from engine.generators.sketch.generator import SketchGenerator, performance
from engine.generators.sketch.sections import SECTIONS
from engine.generators.sketch.stage import sound_of
from engine.loops.request import SONG_PARTS, LoopRequest

SKETCH = SketchGenerator()


def part_of(name, prompt="house full mix", seed=4):
    request = LoopRequest(prompt=prompt, seed=seed, bars=4, parts=(name,))
    return request, read_brief(request, seed)


def score_of(name, prompt="house full mix"):
    request, brief = part_of(name, prompt)
    key = None if brief.key is None else str(brief.key)
    return performance((request,), brief.grid, key)[1]


def density(name):
    score = score_of(name)
    return sum(len(part) for part in (*score.strokes.values(), *score.notes.values()))


def test_there_is_a_section_for_every_part():
    assert set(SECTIONS) == set(SONG_PARTS)


@pytest.mark.parametrize("name", SONG_PARTS)
def test_all_parts_share_time_key_chords_kit_and_sounds(name):
    request, brief = part_of(name)
    whole = read_brief(msgspec.structs.replace(request, parts=()), 4)
    assert (brief.grid, brief.key, brief.kit) == (whole.grid, whole.key, whole.kit)
    assert chords_of(brief, 4) == chords_of(whole, 4)
    for role in set(brief.roles) - {"drums", "percussion", "texture"}:
        assert sound_of(brief, role, 4) == sound_of(whole, role, 4)
    assert brief.title == f"{name} of {whole.title}"


def test_density_rises_to_the_drop_and_falls_to_the_break():
    counts = {name: density(name) for name in ("intro", "verse", "drop", "break", "outro")}
    assert counts["intro"] < counts["verse"] < counts["drop"]
    assert counts["break"] < counts["verse"]
    assert counts["outro"] < counts["drop"]


def test_an_intro_has_no_weight_and_a_break_no_drums():
    voices = {stroke.voice for stroke in score_of("intro").strokes["drums"]}
    assert voices
    assert not voices & {"kick", "snare", "clap"}
    assert not score_of("break").strokes
    assert set(score_of("break", "house drums").strokes) == {"drums"}


def test_an_intro_is_softer_than_the_drop():
    levels = {}
    for name in ("intro", "drop"):
        request, brief = part_of(name)
        (take,) = SKETCH.generate(request, brief.grid, [4], lambda *_: None)
        levels[name] = loudness_lufs(take.audio, take.rate, closed=True)
    assert 3 < levels["drop"] - levels["intro"] < 9
