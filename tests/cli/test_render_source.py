"""`loopwright render --source`: who plays follows the same policy as in the window and over OSC."""

from pathlib import Path

import msgspec
import pytest

from engine.loops.file_facts import read_recipe
from tests.fakes.clips import CLIP_ID, clip_of, grid_of, retempoed_recipe


@pytest.fixture
def retempoed(tmp_path):
    """A clip that MusicLDM played and that was brought to another tempo afterwards."""
    grid = grid_of(bars=1)
    path = tmp_path / f"warm-bass_128bpm_1bars_{CLIP_ID}.wav"
    path.write_bytes(clip_of(grid, recipe=retempoed_recipe("musicldm", grid), bits="16"))
    return path


def test_a_clip_is_varied_by_its_own_model_unless_another_is_given(loopwright, retempoed):
    derive = ("render", "", "--source", str(retempoed), "--mode", "vary")
    assert "'musicldm' is not downloaded" in loopwright.run(*derive).sentence
    named = loopwright.run(*derive, "--model", "sketch")
    assert (named.code, "'musicldm'" in named.err) == (2, False)


def test_a_mode_no_model_supports_is_refused_before_the_engine_starts(loopwright, retempoed):
    result = loopwright.run("render", "", "--source", str(retempoed), "--mode", "continue")
    assert result.code == 2
    assert result.sentence == (
        "Sketch can only continue what it played alone: choose such a loop, or a model such as "
        "musicgen-small."
    )


def test_a_sketch_clip_is_varied_in_its_own_format(loopwright):
    clip = loopwright.render("dusty drums", "--bars", "1", "--bits", "16", "--rate", "44100")
    result = loopwright.render("", "--source", clip.lines[0], "--mode", "vary")
    assert result.code == 0, result
    request = read_recipe(Path(result.lines[0])).request
    assert msgspec.structs.asdict(request) | {"seed": 0} == msgspec.structs.asdict(request) | {
        "seed": 0, "mode": "vary", "rate": 44_100, "bits": "16", "model": "sketch",
    }  # fmt: skip


def test_an_arrangement_that_fits_takes_four_commands(loopwright):
    made = loopwright.render("funk drums", "--bars", "1", "--seed", "5").lines
    for role in ("bass", "chords", "lead"):
        result = loopwright.render("", "--fits", *made, "--seed", "5")
        assert result.code == 0, result
        made += result.lines
        assert read_recipe(Path(made[-1])).role == role
    chords = {read_recipe(Path(path)).request.guide.chords for path in made[2:]}
    assert len(chords) == 1
    both = loopwright.render("bass", "--fits", made[0], "--source", made[1])
    assert (both.code, "leave out --source" in both.sentence) == (2, True)
