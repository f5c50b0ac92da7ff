import numpy as np
import pytest

from engine.loops.clip import clip_id_of
from engine.loops.errors import OutOfRange
from engine.loops.file_facts import read_facts
from engine.loops.project import Project
from engine.loops.recipe import ModelFacts
from engine.loops.recording import SilentRecording, write_recording
from engine.loops.tempo import LoopGrid
from playback.clip_audio import read_clip
from tests.fakes.clips import grid_of, noise_on, recipe_of

NC = ModelFacts(id="musicldm", name="x", revision="1", licence="CC-BY-NC", commercial_use=False)


@pytest.fixture
def project(tmp_path):
    return Project.open(tmp_path / "tapes")


def source(title="Warm bass", key="D minor", **fields):
    import msgspec

    return msgspec.structs.replace(recipe_of(grid_of(), key=key, title=title), **fields)


def write(project, audio, grid, *sources):
    clip = write_recording(project, audio, grid, sources, "Loopwright 0.1.0")
    return clip, project.folder / clip.file


def test_a_recording_is_a_clip_like_any_other(project):
    grid = grid_of("7/8", bars=3, bpm=93.3)
    audio = noise_on(grid)
    clip, path = write(project, audio, grid, source(role="bass"))
    facts = read_facts(path)
    assert clip_id_of(path.name) == clip.id == facts.recipe.clip_id
    assert path.name.startswith("recording-of-warm-bass_93.3bpm_Dm_3bars_")
    assert (facts.frames, facts.bits, facts.tags.acid.bpm) == (grid.frames, "24", 93.3)
    assert np.abs(read_clip(path).audio - audio).max() < 2**-23
    recipe = facts.recipe
    assert (recipe.model.id, recipe.role, recipe.key) == ("recording", "bass", "D minor")
    assert recipe.request.prompt == "Recording of pads: Warm bass (abcd2345)"
    assert recipe.scores.peak_db == pytest.approx(20 * np.log10(np.abs(audio).max()), abs=0.01)
    assert recipe.repairs is None


def test_a_recording_may_be_sold_only_if_all_its_clips_may(project):
    grid = grid_of(bars=1)
    clip, _ = write(project, noise_on(grid), grid, source(), source(model=NC))
    assert not clip.recipe.model.commercial_use
    assert clip.recipe.model.licence == "yours; CC-BY-NC"


def test_differing_clips_leave_key_and_role_open(project):
    grid = grid_of(bars=1)
    others = source("Bells", role="lead"), source("Hats", key=None), source("Bells")
    clip, _ = write(project, noise_on(grid), grid, source(), *others)
    assert (clip.recipe.key, clip.recipe.role) == (None, None)
    assert clip.title == "Recording of Warm bass and 2 more"
    again, _ = write(project, noise_on(grid), grid, clip.recipe, source("Bells"))
    assert again.title == "Recording of a recording and Bells"


def test_too_loud_a_recording_is_turned_down_as_a_whole(project):
    grid = grid_of(bars=1)
    audio = noise_on(grid) * 4
    clip, path = write(project, audio, grid)
    written = read_clip(path).audio
    assert np.abs(written).max() == pytest.approx(10 ** (-0.1 / 20), abs=1e-4)
    share = 10 ** (clip.recipe.repairs.gain_db / 20)
    assert np.abs(written - audio * share).max() < 1e-6


def test_a_recording_of_any_length_is_a_one_shot_of_its_seconds(project):
    for frames in (4_801, 123_457, 11_520_000 // 97):
        audio = np.full((frames, 2), 0.1, dtype=np.float32)
        grid = grid_of(bars=0, seconds=frames / 48_000)
        _, path = write(project, audio, grid)
        facts = read_facts(path)
        assert facts.frames == frames == facts.recipe.grid.frames
        assert facts.tags.acid.one_shot


def test_silence_is_not_written(project):
    grid = grid_of(bars=1)
    with pytest.raises(SilentRecording, match="no pad played"):
        write(project, np.zeros((grid.frames, 2), dtype=np.float32), grid)
    assert list(project.folder.glob("*.wav")) == []


def test_an_unsupported_rate_is_refused(project):
    grid = LoopGrid(bpm=120.0, bars=1, rate=32_000)
    with pytest.raises(OutOfRange, match="The sample rate is 32000"):
        write(project, noise_on(grid), grid)
