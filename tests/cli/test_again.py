"""`loopwright again`: renders the same clip from its recipe, or a changed one."""

import struct
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from engine.loops.file_facts import read_recipe
from engine.loops.riff import riff_bytes
from engine.loops.wav import clip_bytes
from tests.cli.program import REAL, Program
from tests.fakes import checkpoints
from tests.fakes.checkpoints import write
from tests.fakes.clips import grid_of, noise_on, recipe_of, tags_of


def data_chunk(path: Path) -> bytes:
    data = path.read_bytes()
    start = data.index(b"data") + 8
    return data[start : start + struct.unpack_from("<I", data, start - 4)[0]]


@pytest.fixture
def clip(loopwright_with_fakes):
    return Path(loopwright_with_fakes.render("tone", "--model", "fake", "--bpm", "99").lines[0])


def again(program, clip, *flags) -> Path:
    result = program.run("again", str(clip), "--project", str(program.project), *flags)
    assert result.code == 0, result
    return Path(result.lines[0])


def test_without_flags_the_same_audio_becomes_a_new_clip(loopwright_with_fakes, clip):
    made = again(loopwright_with_fakes, clip)
    assert made != clip
    assert data_chunk(made) == data_chunk(clip)


def test_each_take_can_be_made_again(loopwright_with_fakes):
    result = loopwright_with_fakes.render("tone", "--model", "fake", "--takes", "3")
    for line in result.lines:
        assert data_chunk(again(loopwright_with_fakes, Path(line))) == data_chunk(Path(line))


def test_flags_change_only_their_fields_of_the_recipe(loopwright_with_fakes, clip):
    made = read_recipe(
        again(loopwright_with_fakes, clip, "--seed", "3", "--prompt", "other", "--bars", "2")
    )
    before = read_recipe(clip).request
    assert made.request == msgspec.structs.replace(before, seed=3, prompt="other", bars=2)


def test_a_loop_can_be_made_again_as_a_one_shot(loopwright_with_fakes):
    clip = Path(loopwright_with_fakes.render("tone", "--model", "fake", "--bars", "2").lines[0])
    made = read_recipe(again(loopwright_with_fakes, clip, "--seconds", "0.5"))
    assert (made.grid.is_loop, made.grid.seconds) == (False, 0.5)


def test_the_new_clip_goes_into_the_default_project_wherever_the_file_is(
    loopwright_with_fakes, clip
):
    result = loopwright_with_fakes.run("again", str(clip))
    assert Path(result.lines[0]).parent == loopwright_with_fakes.home / "Music" / "Loopwright"


def test_a_clip_of_a_missing_model_is_reported(clip, tmp_path):
    (tmp_path / "other").mkdir()
    without_fakes = Program(tmp_path / "other", REAL)
    result = without_fakes.run("again", str(clip))
    assert result.code == 2
    assert result.sentence.startswith("There is no model 'fake'; known models: sketch")
    assert without_fakes.clips() == []


@pytest.fixture
def strangers_clip(tmp_path):
    """A clip whose recipe names a model folder, which is a usable one."""
    folder = write(tmp_path / "stranger", checkpoints.musicldm())
    grid = grid_of(bars=1)
    recipe = recipe_of(grid)
    request = msgspec.structs.replace(recipe.request, model=str(folder))
    recipe = msgspec.structs.replace(recipe, request=request)
    path = tmp_path / "strange.wav"
    path.write_bytes(clip_bytes(noise_on(grid), "24", tags_of(grid), recipe))
    return path


def test_a_model_folder_named_by_a_recipe_is_neither_loaded_nor_added(
    loopwright_with_fakes, strangers_clip, tmp_path
):
    result = again_of(loopwright_with_fakes, strangers_clip)
    assert result.code == 2
    assert result.sentence == (
        f"The recipe names the model folder '{tmp_path}/stranger', which you have not added: give "
        "it with --model if you trust it, or give another model."
    )
    assert not list(loopwright_with_fakes.home.rglob("folders.json"))


def test_a_given_model_replaces_that_of_the_recipe(loopwright_with_fakes, strangers_clip):
    result = again_of(loopwright_with_fakes, strangers_clip, "--model", "fake")
    assert result.code == 0, result
    assert read_recipe(Path(result.lines[0])).model.id == "fake"


def test_clips_of_an_added_model_folder_can_be_made_again(
    loopwright_with_fakes, strangers_clip, tmp_path
):
    assert loopwright_with_fakes.run("models", "add", str(tmp_path / "stranger")).code == 0
    (tmp_path / "stranger" / "model_index.json").unlink()  # to see that it is looked at is enough
    result = again_of(loopwright_with_fakes, strangers_clip)
    assert result.code == 2
    assert result.sentence.startswith(
        f"Folder {tmp_path}/stranger is not used as a model: model_index.json is missing"
    )


def again_of(program, clip, *flags):
    return program.run("again", str(clip), "--project", str(program.project), *flags)


def test_a_flag_out_of_range_is_a_usage_error(loopwright, clip):
    result = loopwright.run("again", str(clip), "--bpm", "0")
    assert result.code == 2
    assert result.sentence.startswith("The tempo is 0")


def test_a_file_without_a_recipe_is_reported(loopwright, tmp_path):
    path = tmp_path / "foreign.wav"
    fmt = struct.pack("<HHIIHH", 1, 1, 48_000, 96_000, 2, 16)
    path.write_bytes(riff_bytes(b"WAVE", [(b"fmt ", fmt), (b"data", bytes(8))]))
    result = loopwright.run("again", str(path))
    assert result.code == 1
    assert result.err == (
        f"{path} cannot be read as a clip: it has no recipe, so Loopwright did not make it.\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    (
        (b'"bpm":99.0', b'"bpm":0.00'),
        (b'"bpm":99.0', b'"bpm":9e99'),
        (b'"prompt":"tone"', b'"prompt":"    "'),
        (b'"request":{', b'"request":[{'),
    ),
)
def test_an_invalid_recipe_is_reported(loopwright, clip, tmp_path, before, after):
    hostile = tmp_path / "hostile.wav"
    data = clip.read_bytes()
    assert before in data
    hostile.write_bytes(data.replace(before, after))
    result = loopwright.run("again", str(hostile))
    assert result.code == 1
    assert result.err.count("\n") == 1
    assert "which is a bug" not in result.err
    assert loopwright.clips() == [clip]


def test_a_loop_with_ones_own_drums_needs_them_again(loopwright, tmp_path):
    kit = tmp_path / "kit"
    kit.mkdir()
    sound = np.exp(-np.arange(4_800) / 500)[:, None] * np.ones((1, 2))
    soundfile.write(kit / "kick.wav", sound, 48_000)
    (clip,) = loopwright.render("kick drum", "--bars", "1", "--kit", str(kit)).lines
    missing = loopwright.run("again", clip)
    assert missing.code == 2
    assert "missing: kick.wav: choose the folder that has them (--kit)" in missing.sentence
    there = loopwright.run("again", clip, "--kit", str(kit), "--project", str(tmp_path / "again"))
    assert there.code == 0, there
    assert (soundfile.read(there.lines[0])[0] == soundfile.read(clip)[0]).all()
