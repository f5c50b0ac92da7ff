"""Exported clips: other formats, rates and titles, with all that was known of the loop."""

import io

import msgspec
import numpy as np
import pytest
import soundfile

from engine.loops.edits import NONE, Edits
from engine.loops.errors import LoopError
from engine.loops.export import ExportClip, Format, write_export
from engine.loops.export_names import file_names
from engine.loops.file_facts import read_facts
from engine.loops.flac import comments_in
from engine.loops.project import Project
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid
from tests.fakes.clips import clip_of, grid_of


def ring(grid: LoopGrid) -> Audio:
    """Return seven whole turns in the loop: what is true of it at any rate."""
    turns = 7 * np.arange(grid.frames) / grid.frames
    return np.stack([0.5 * np.sin(2 * np.pi * turns), 0.4 * np.cos(2 * np.pi * turns)], 1).astype(
        np.float32
    )


@pytest.fixture
def project(tmp_path):
    return Project.open(tmp_path / "out")


@pytest.fixture
def clip(tmp_path):
    """A loop of 4 bars at 93 BPM, whose length at 44.1 kHz is rounded anew."""
    grid = grid_of(bpm=93.0)
    path = tmp_path / "clip.wav"
    path.write_bytes(clip_of(grid, audio=ring(grid), key="D minor"))
    return path


@pytest.mark.parametrize("kind", ["wav", "flac"])
@pytest.mark.parametrize("bits", ["16", "24"])
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_a_loop_stays_exact_and_tells_what_it_is(clip, project, kind, bits, rate):
    before = read_facts(clip)
    path = write_export(ExportClip.read(clip), f"out.{kind}", Format(kind, bits, rate), project)
    facts, grid = read_facts(path), grid_of(bpm=93.0, rate=rate)
    assert (facts.format.lower(), facts.bits, facts.rate) == (kind, bits, rate)
    assert (facts.frames, facts.recipe.grid) == (grid.frames, grid)
    assert facts.recipe == msgspec.structs.replace(before.recipe, grid=grid)
    tags = facts.tags
    told = (tags.acid.bpm, tags.id3["initial_key"]) if kind == "wav" else tuple(
        tags.vorbis[name] for name in ("bpm", "initial_key")
    )  # fmt: skip
    assert tuple(map(str, told)) == (("93.0" if kind == "wav" else "93"), "Dm")
    heard, _ = soundfile.read(path)
    np.testing.assert_allclose(heard, ring(grid), atol=2e-4 if bits == "16" else 1e-5)


def test_nothing_changes_where_nothing_is_asked_for(clip, project):
    for form in (Format(), Format("wav", "24", 48_000)):
        path = write_export(ExportClip.read(clip), "same.wav", form, project)
        assert path.read_bytes() == clip.read_bytes()


def test_16_bits_are_not_dithered_a_second_time(tmp_path, project):
    grid = grid_of(bars=1)
    path = tmp_path / "clip.wav"
    path.write_bytes(clip_of(grid, audio=ring(grid), bits="16"))
    for kind in ("wav", "flac"):
        made = write_export(ExportClip.read(path, "New"), f"a.{kind}", Format(kind, "16"), project)
        assert (soundfile.read(made)[0] == soundfile.read(path)[0]).all()
        assert read_facts(made).recipe.title == "New"


def test_a_one_shot_has_its_seconds_at_the_new_rate(tmp_path, project):
    grid = LoopGrid(bpm=120.0, bars=0, seconds=0.5)
    path = tmp_path / "shot.wav"
    path.write_bytes(clip_of(grid, audio=ring(grid)))
    made = write_export(ExportClip.read(path), "shot.wav", Format(rate=44_100), project)
    facts = read_facts(made)
    assert (facts.frames, facts.recipe.grid.seconds) == (22_050, 0.5)


def test_float_keeps_what_is_louder_than_full_scale(tmp_path, project):
    grid = grid_of(bars=1)
    loud = 4 * ring(grid)
    path = tmp_path / "loud.wav"
    path.write_bytes(clip_of(grid, audio=loud, bits="32f"))
    for kind, bits, peak in (("wav", None, 2.0), ("flac", "24", 1.0)):
        made = write_export(ExportClip.read(path), f"x.{kind}", Format(kind, bits, 96_000), project)
        assert abs(soundfile.read(made)[0]).max() == pytest.approx(peak, abs=1e-4)


def test_a_file_of_another_program_is_only_copied(tmp_path, project):
    path = tmp_path / "found.wav"
    soundfile.write(path, np.full((4_800, 2), 0.1), 48_000, "PCM_16")
    found = ExportClip.read(path)
    assert write_export(found, "x.wav", Format(), project).read_bytes() == path.read_bytes()
    with pytest.raises(LoopError, match="can only be exported as it is"):
        write_export(found, "x.flac", Format("flac"), project)
    assert not (project.folder / "x.flac").exists()


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (Format("mp3"), "The format is 'mp3', but must be wav or flac."),
        (Format("flac", "32f"), "The bit depth of FLAC is '32f', but must be 16 or 24."),
        (Format(rate=22_050), "The sample rate is 22050"),
    ],
)
def test_what_cannot_be_written_is_refused_in_a_sentence(form, sentence):
    with pytest.raises(LoopError, match=sentence.replace("(", r"\(")):
        form.check()


def test_comments_that_are_damaged_or_newer_are_no_recipe(clip, project):
    path = write_export(ExportClip.read(clip), "x.flac", Format("flac"), project)
    whole = path.read_bytes()
    place = whole.index(b"LOOPWRIGHT_RECIPE")
    damaged = whole[: place - 4] + b"\xff\xff\xff\x7f" + whole[place:]
    assert "LOOPWRIGHT_RECIPE" in comments_in(io.BytesIO(whole))
    assert "LOOPWRIGHT_RECIPE" not in comments_in(io.BytesIO(damaged))
    path.write_bytes(whole.replace(b'"format":1', b'"format":9'))
    assert "this version reads 1" in read_facts(path).recipe_problem


def test_work_ends_between_two_steps(clip, project):
    class Stopped(Exception):
        pass

    def stop():
        raise Stopped

    with pytest.raises(Stopped):
        write_export(ExportClip.read(clip), "x.wav", Format(rate=96_000), project, stop)
    assert [path.name for path in project.folder.iterdir() if path.suffix] == []


@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_a_trimmed_loop_tells_its_own_length(clip, project, kind):
    edits, whole = Edits(bars=(2, 3), fade_out=1.0, gain_db=-6.0), ExportClip.read(clip)
    edited, form = ExportClip.read(clip, edits=edits), Format(kind, "24", 44_100)
    name = file_names([edited.named], "{name}", [edited.suffix(form)])[0]
    facts = read_facts(write_export(edited, name, form, project))
    grid = grid_of(bpm=93.0, bars=2, rate=44_100)
    recipe = facts.recipe
    assert (facts.frames, recipe.grid, recipe.edits) == (grid.frames, grid, edits)
    assert (recipe.edited_from, recipe.lineage) == (whole.facts.recipe.clip_id, ())
    assert f"_93bpm_Dm_2bars_{recipe.clip_id}.{kind}" in name
    if kind == "wav":
        acid, (loop,) = facts.tags.acid, facts.tags.smpl.loops
        assert (acid.bpm, acid.beats) == (93.0, 8)
        assert (loop.start, loop.end) == (0, grid.frames - 1)
    assert recipe.scores.peak_db < whole.facts.recipe.scores.peak_db - 5.5


def test_the_same_edits_make_the_same_file_and_no_edits_a_copy(clip):
    edited = ExportClip.read(clip, edits=Edits(gain_db=3.0))
    assert edited.named == ExportClip.read(clip, edits=Edits(gain_db=3.0)).named
    assert edited.named != ExportClip.read(clip, edits=Edits(gain_db=4.0)).named
    assert not edited.is_copied(Format())
    assert ExportClip.read(clip, edits=NONE).is_copied(Format())
