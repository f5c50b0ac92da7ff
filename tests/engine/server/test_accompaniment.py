"""Parts that fit loops, from files to clips, through the worker."""

import msgspec
import numpy as np
import pytest
import soundfile

from engine.loops.file_facts import read_recipe
from engine.loops.request import LoopRequest
from engine.models.catalogue import Catalogue
from engine.protocol import Done, Render, TakeReady
from tests.fakes.generators import HEARING_ENTRY
from tests.fakes.worker import events_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("project")


def rendered(folder, request, *paths, **others):
    """Run one job, and return how it ended and the paths of its clips."""
    source, *fits = (*map(str, paths), "")[: max(1, len(paths))]
    render = Render("0", request, str(folder), source, fit_paths=tuple(fits))
    events = events_of(render, **others)
    return events[-1], [event.clip.path for event in events if isinstance(event, TakeReady)]


@pytest.fixture(scope="module")
def mix(folder):
    _, (path,) = rendered(folder, LoopRequest(prompt="funk drums and chords", bars=2, seed=5))
    return path


def fitting(prompt, *fits, **fields):
    return LoopRequest(prompt=prompt, mode="accompany", source="a", fits=fits, seed=7, **fields)


@pytest.fixture(scope="module")
def bass(folder, mix):
    _, (path,) = rendered(folder, fitting("bass"), mix)
    return path


def test_a_part_has_the_grid_the_key_and_the_style_of_what_it_fits(mix, bass):
    theirs, ours = read_recipe(mix), read_recipe(bass)
    assert ours.grid == theirs.grid
    assert (ours.key, ours.role) == (theirs.key, "bass")
    assert ours.request.source == theirs.clip_id
    assert ours.request.guide.style == "funk"
    assert [chord.length for chord in ours.request.guide.chords] == [4.0, 4.0]
    assert ours.understood[0] == "fits funk drums and chords"
    assert ours.model.licence == "yours, without restriction"


def test_a_clip_is_made_again_without_the_loops_that_it_fits(folder, bass):
    _, (again,) = rendered(folder, read_recipe(bass).request)
    assert np.array_equal(soundfile.read(again)[0], soundfile.read(bass)[0])


def test_without_a_prompt_the_missing_part_is_added_and_parts_pass_on_their_chords(
    folder, mix, bass
):
    stems = LoopRequest(mode="stems", source="a")
    _, (drums, _) = rendered(folder, stems, mix)
    _, (chords,) = rendered(folder, fitting("", "b"), drums, bass)
    made = read_recipe(chords)
    assert made.role == "chords"
    assert made.request.fits == (read_recipe(bass).clip_id,)
    assert made.request.guide.chords == read_recipe(bass).request.guide.chords


def test_any_sound_can_be_fitted_and_its_licence_does_not_matter(folder, mix):
    stranger = folder / "stranger_2bars.flac"
    soundfile.write(stranger, *soundfile.read(mix))
    ended, (path,) = rendered(folder, fitting("lead"), stranger)
    assert isinstance(ended, Done)
    made = read_recipe(path)
    assert made.request.guide.chords
    assert made.request.guide.style is None
    assert made.grid.frames == read_recipe(mix).grid.frames
    assert made.model.licence == "yours, without restriction"


def test_a_part_can_be_varied_and_has_stems(folder, bass):
    vary = LoopRequest(mode="vary", source="a", amount=0.5, seed=1)
    _, (path,) = rendered(folder, vary, bass)
    assert read_recipe(path).made_from == (read_recipe(bass).request,)
    _, (stem,) = rendered(folder, LoopRequest(mode="stems", source="a"), bass)
    assert read_recipe(stem).role == "bass"


def test_a_model_that_hears_gets_the_sum_of_the_loops_and_plays_alone(folder, mix, bass):
    request = fitting("pad", "b", model="fake-hearing")
    _, (path,) = rendered(folder, request, mix, bass, models=Catalogue([HEARING_ENTRY]))
    made, ours = read_recipe(path), soundfile.read(path)[0]
    assert (made.model.id, made.request.guide) == ("fake-hearing", None)
    whole = soundfile.read(mix)[0] + soundfile.read(bass)[0]
    gain = np.vdot(ours, whole) / np.vdot(whole, whole)
    assert gain < 0
    np.testing.assert_allclose(ours, gain * whole, atol=1e-4)
    assert made.model.licence == "for tests"


def test_loops_of_two_meters_or_with_all_parts_are_refused(folder, mix):
    _, (waltz,) = rendered(folder, LoopRequest(prompt="waltz bass", bars=2, meter="3/4", seed=1))
    failed, _ = rendered(folder, fitting("lead", "b"), mix, waltz)
    assert failed.code == 400
    assert failed.message == "The loops are in 4/4 and 3/4: choose loops of one meter."
    failed, _ = rendered(folder, fitting(""), mix)
    assert failed.message.startswith("The loops have all the usual parts: say what to add")


def test_a_damaged_guide_in_a_recipe_is_refused_in_a_sentence(folder, bass):
    request = read_recipe(bass).request
    guide = msgspec.structs.replace(request.guide, groove=(9.0,))
    failed, _ = rendered(folder, msgspec.structs.replace(request, guide=guide))
    assert (failed.code, failed.message) == (400, "The guide is out of its range: leave it out.")
