"""`loopwright export` and `--midi`: what other programs get of a clip."""

import json
from pathlib import Path

import mido
import pytest
import soundfile

from desktop.clips.marks import Marks
from desktop.clips.rows import Mark
from engine.loops.clip import clip_id_of
from engine.loops.edits import Edits
from engine.loops.file_facts import read_facts
from tests.cli.program import REAL, Program
from tests.fakes.clips import CLIP_ID, clip_of, grid_of, retempoed_recipe


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A clip that sketch made, with its MIDI beside it; nothing changes them."""
    program = Program(tmp_path_factory.mktemp("made"), REAL)
    result = program.render("funk drums and bass", "--bars", "2", "--seed", "3", "--midi")
    assert result.code == 0, result
    return [Path(line) for line in result.lines]


def test_midi_is_written_beside_the_clip_and_printed_after_it(made):
    clip, midi = made
    assert midi == clip.with_suffix(".mid")
    assert [track.name for track in mido.MidiFile(midi).tracks[1:]] == ["drums", "bass"]


def test_stems_are_clips_with_their_parent_in_the_recipe(loopwright, made, tmp_path):
    result = loopwright.run("export", str(made[0]), "--to", str(tmp_path / "out"), "--stems")
    assert result.code == 0, result
    copy, *stems = (read_facts(Path(line)) for line in result.lines)
    assert [stem.recipe.role for stem in stems] == ["drums", "bass"]
    assert {stem.frames for stem in stems} == {copy.frames}
    for stem in stems:
        assert (stem.recipe.request.mode, stem.recipe.request.stem) == ("stems", stem.recipe.role)
        assert stem.recipe.request.source == copy.recipe.clip_id
        assert stem.recipe.title == f"{stem.recipe.role} of {copy.recipe.title}"
        assert stem.recipe.made_from == copy.recipe.lineage
        assert stem.tags.acid.bpm == copy.recipe.grid.bpm
    assert (stems[0].recipe.key, stems[1].recipe.key) == (None, copy.recipe.key)
    again = loopwright.run(
        "again", result.lines[2], "--source", result.lines[0], "--project", str(tmp_path / "again")
    )
    (bass,) = again.lines
    read = [soundfile.read(path)[0] for path in (bass, result.lines[2])]
    assert (read[0] == read[1]).all()


def test_again_writes_the_same_midi(loopwright, made):
    again = loopwright.run("again", str(made[0]), "--project", str(loopwright.project), "--midi")
    first, second = (mido.MidiFile(path).tracks for path in (made[1], again.lines[1]))
    assert first == second


def test_clips_are_copied_with_their_midi_and_repeating_it_changes_nothing(loopwright, made):
    to = loopwright.home / "handover"
    command = ("export", str(made[0]), "--to", str(to), "--midi")
    for _ in range(2):
        result = loopwright.run(*command)
        assert (result.code, result.err) == (0, "")
        assert result.lines == [str(to / path.name) for path in made]
        assert [(to / path.name).read_bytes() for path in made] == [p.read_bytes() for p in made]
    kinds = [json.loads(line)["type"] for line in loopwright.run(*command, "--json").lines]
    assert [kind for kind in kinds if kind != "progress"] == ["copied", "midi_written", "done"]


@pytest.mark.parametrize("which", [0, 1])
def test_another_file_of_that_name_is_not_replaced(loopwright, made, which):
    to = loopwright.home / "handover"
    to.mkdir()
    (to / made[which].name).write_text("mine")
    result = loopwright.run("export", str(made[0]), "--to", str(to), "--midi")
    assert result.code == 1
    assert "nothing was replaced" in result.sentence
    assert (to / made[which].name).read_text() == "mine"


def test_a_clip_without_a_score_is_refused_before_anything_is_written(loopwright, made, tmp_path):
    grid = grid_of(bars=1)
    path = tmp_path / f"warm-bass_128bpm_1bars_{CLIP_ID}.wav"
    to = tmp_path / "handover"
    for model, reason in (("musicldm", "only what sketch played alone"), ("sketch", "stretched")):
        path.write_bytes(clip_of(grid, recipe=retempoed_recipe(model, grid), bits="16"))
        result = loopwright.run("export", str(made[0]), str(path), "--to", str(to), "--midi")
        assert (result.code, to.exists()) == (2, False)
        assert reason in result.sentence
    assert loopwright.run("export", str(path), "--to", str(to)).code == 0


def test_midi_of_another_model_is_refused_before_the_engine_starts(loopwright_with_fakes):
    result = loopwright_with_fakes.render("tone", "--model", "fake", "--midi")
    assert result.code == 2
    assert result.sentence == (
        "Only what sketch plays alone has MIDI and stems: leave them out, or use sketch."
    )
    assert loopwright_with_fakes.clips() == []


def test_a_texture_has_no_midi(loopwright):
    result = loopwright.render("vinyl crackle", "--bars", "1", "--midi")
    assert result.code == 2
    assert result.sentence == "'vinyl crackle' has no notes: a texture has no MIDI."
    assert len(loopwright.clips()) == 1


def test_clips_are_written_in_another_format_under_other_names(loopwright, made):
    to = loopwright.home / "handover"
    command = (
        "export", str(made[0]), "--to", str(to), "--format", "flac", "--bits", "16",
        "--rate", "44100", "--names", "{number} {title} {tempo}",
    )  # fmt: skip
    for _ in range(2):
        result = loopwright.run(*command)
        assert (result.code, result.err) == (0, "")
    (path,) = map(Path, result.lines)
    before, after = read_facts(made[0]), read_facts(path)
    bpm = f"{before.recipe.grid.bpm:g}"
    assert path == to / f"1 {before.recipe.title} {bpm}bpm.flac"
    assert (after.rate, after.bits, after.tags.vorbis["bpm"]) == (44_100, "16", bpm)
    assert after.recipe.request == before.recipe.request
    again = loopwright.run("again", str(path), "--project", str(loopwright.project))
    assert soundfile.read(again.lines[0])[0].tolist() == soundfile.read(made[0])[0].tolist()


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--format", "mp3"), "The format is 'mp3', but must be wav or flac."),
        (("--format", "flac", "--bits", "32f"), "The bit depth of FLAC is '32f'"),
        (("--rate", "8000"), "The sample rate is 8000"),
        (("--names", "{artist}"), "{artist} is no part of a name"),
    ],
)
def test_a_wrong_format_is_refused_before_anything_is_written(loopwright, made, flags, sentence):
    to = loopwright.home / "handover"
    result = loopwright.run("export", str(made[0]), "--to", str(to), *flags)
    assert (result.code, to.exists()) == (2, False)
    assert sentence in result.sentence


def test_the_edits_of_the_window_are_applied_unless_the_clip_is_wanted_as_made(
    loopwright, tmp_path
):
    clip = tmp_path / f"warm_128bpm_4bars_{CLIP_ID}.wav"
    clip.write_bytes(clip_of(grid_of()))
    Marks(tmp_path).write({CLIP_ID: Mark(edits=Edits(bars=(1, 2), gain_db=-6.0))})
    out = str(tmp_path / "out")
    edited = loopwright.run("export", str(clip), "--to", out)
    as_made = loopwright.run("export", str(clip), "--to", out, "--as-made")
    assert (edited.code, as_made.code) == (0, 0), edited
    facts = read_facts(Path(edited.lines[0]))
    assert (facts.frames, facts.recipe.grid.bars) == (grid_of(bars=2).frames, 2)
    assert Path(as_made.lines[0]).read_bytes() == clip.read_bytes()


def test_stems_and_notes_are_trimmed_like_the_clip(loopwright, made, tmp_path):
    clip = tmp_path / made[0].name
    clip.write_bytes(made[0].read_bytes())
    Marks(tmp_path).write({clip_id_of(clip.name): Mark(edits=Edits(bars=(2, 2)))})
    out = tmp_path / "out"
    result = loopwright.run("export", str(clip), "--to", str(out), "--stems", "--midi")
    assert result.code == 0, result
    assert sorted(result.lines) == sorted(map(str, out.glob("*.*")))
    *audio, midi = map(Path, result.lines)
    facts = [read_facts(file) for file in audio]
    assert [each.recipe.role for each in facts[1:]] == ["drums", "bass"]
    assert {(each.frames, each.recipe.grid.bars) for each in facts} == {(facts[0].frames, 1)}
    assert midi.stem == audio[0].stem
    whole, part = mido.MidiFile(made[1]), mido.MidiFile(midi)
    assert part.length == pytest.approx(whole.length / 2)
    assert [sorted(_played(track)[1]) for track in part.tracks] == [
        sorted(_played(track)[2]) for track in whole.tracks
    ]


def _played(track):
    """Return the numbers of the notes that begin in the first two bars, by bar."""
    bars, at = {1: [], 2: []}, 0
    for message in track:
        at += message.time
        if message.type == "note_on":
            bars[1 + (at + 60) // 3840 % 2].append(message.note)  # 60 ticks early still count
    return bars
