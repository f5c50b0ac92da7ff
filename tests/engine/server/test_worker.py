"""The worker without a process around it, for moments that a process cannot be held at."""

import contextlib
import errno
import os
import shutil
import tracemalloc

import msgspec
import numpy as np
import pytest

from engine.loops.file_facts import read_recipe
from engine.loops.project import Project
from engine.loops.request import LoopRequest
from engine.models.store import ModelStore
from engine.protocol import (
    Analyse,
    Analysed,
    Cancelled,
    Done,
    Failed,
    Progress,
    Render,
    Save,
    TakeReady,
)
from engine.server.delivery import write_audio
from engine.server.failure import failed_event
from engine.server.kept import unsaved_folder
from engine.server.queue import Job, JobQueue
from engine.server.worker import Worker
from tests.fakes.clips import clip_of, grid_of, recipe_of
from tests.fakes.generators import FAKES


class Shop:
    """A queue and a worker; `then` is called with each event."""

    def __init__(self, folder, then=lambda _event: None):
        self.folder = folder
        self.events = []
        self._then = then
        self.jobs = JobQueue(self._note)
        self._worker = Worker(self.jobs, ModelStore(FAKES), self._note)

    def _note(self, event):
        self.events.append(event)
        self._then(event)
        if isinstance(event, Done | Failed | Cancelled) and self.jobs.open_jobs == 0:
            self.jobs.close()

    def analyse(self, path):
        """Run the analysis `0` of a file and return its end."""
        self.jobs.add(Analyse("0", str(path)))
        self._worker.run()
        return self.events[-1]

    def run(self, *requests):
        """Run jobs called 0, 1, ... to their ends and return these."""
        for number, request in enumerate(requests):
            self.jobs.add(Render(str(number), request, str(self.folder)))
        self._worker.run()
        return [event for event in self.events if isinstance(event, Done | Failed | Cancelled)]


def tone(**fields):
    return LoopRequest(**{"prompt": "tone", "model": "fake", "bars": 1} | fields)


def test_cancelling_after_the_last_take_leaves_no_clip(tmp_path):
    def cancel_at_the_last_report(event):
        if isinstance(event, Progress) and event.stage == "take 2":
            shop.jobs.cancel(event.id)

    shop = Shop(tmp_path, cancel_at_the_last_report)
    assert shop.run(tone(takes=2)) == [Cancelled("0")]
    assert list(tmp_path.iterdir()) == []


def test_cancelling_while_clips_are_written_is_too_late(tmp_path):
    def cancel_at_the_first_clip(event):
        if isinstance(event, TakeReady):
            shop.jobs.cancel(event.id)

    shop = Shop(tmp_path, cancel_at_the_first_clip)
    (done,) = shop.run(tone(takes=2))
    assert isinstance(done, Done)
    assert len(list(tmp_path.glob("*.wav"))) == 2


def test_a_folder_that_disappears_while_clips_are_written_fails_only_that_job(tmp_path):
    folder = tmp_path / "project"

    def take_the_folder_away(event):
        if isinstance(event, TakeReady) and event.id == "0":
            shutil.rmtree(folder)
            folder.touch()
        elif isinstance(event, Failed):
            folder.unlink()

    shop = Shop(folder, take_the_folder_away)
    failed, done = shop.run(tone(takes=3, seed=7), tone())
    assert failed.code == 500
    assert failed.message == (
        f"Project folder {folder} is not a folder: choose another place. 2 takes were saved in "
        f"{unsaved_folder()} instead; seed 7 makes them again."
    )
    assert isinstance(done, Done)
    assert len([event for event in shop.events if isinstance(event, TakeReady)]) == 2


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where the state of programs is kept, empty at first."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def losing_its_folder(folder, then=lambda _event: None):
    """Return a shop whose folder is gone once the first clip has been written."""

    def note(event):
        if isinstance(event, TakeReady) and folder.is_dir() and event.id == "0":
            shutil.rmtree(folder)
            folder.touch()
        then(event)

    return Shop(folder, note)


def test_takes_that_cannot_be_written_are_saved_in_another_folder(tmp_path, home):
    elsewhere = tmp_path / "elsewhere"

    def save(event):
        if isinstance(event, Failed):
            shop.jobs.add(Save("save", "0", str(elsewhere)))

    shop = losing_its_folder(tmp_path / "project", save)
    failed, done = shop.run(tone(takes=3, seed=7))
    assert failed.kept == 2
    assert isinstance(done, Done)
    saved = [read_recipe(elsewhere / clip.file) for clip in clips_of(shop)[1:]]
    assert {recipe.take for recipe in saved} | {clips_of(shop)[0].recipe.take} == {0, 1, 2}
    assert list(home.rglob("*.wav")) == []


def test_takes_that_cannot_be_saved_elsewhere_are_still_kept(tmp_path, home):
    places = iter([tmp_path / "none" / "elsewhere", tmp_path / "elsewhere"])

    def save(event):
        if isinstance(event, Failed):
            shop.jobs.add(Save(f"after {event.id}", event.id, str(next(places))))

    shop = losing_its_folder(tmp_path / "project", save)
    *failed, done = shop.run(tone(takes=3, seed=7))
    assert [each.kept for each in failed] == [2, 2]
    assert "has no parent folder" in failed[1].message
    assert len(done.clips) == 2
    assert list(home.rglob("*.wav")) == []


def test_with_a_full_home_disk_takes_are_kept_in_memory(tmp_path, home):
    home.touch()
    (failed,) = losing_its_folder(tmp_path / "project").run(tone(takes=3, seed=7))
    assert failed.message.endswith("2 takes were not written; seed 7 makes them again.")
    assert failed.kept == 2


def test_saving_without_kept_takes_is_refused(tmp_path):
    shop = Shop(tmp_path)
    shop.jobs.add(Save("save", "0", str(tmp_path)))
    (failed,) = shop.run()
    assert "no longer in memory" in failed.message


@pytest.mark.hold(9)
def test_takes_too_large_for_the_disk_are_refused_before_generating(small_disk):
    shop = Shop(small_disk(2**20))
    (failed,) = shop.run(tone(takes=16))
    assert "MB of free space, but the takes need 11.3 MB: free some space" in failed.message
    assert not [event for event in shop.events if isinstance(event, Progress)]


@pytest.mark.hold(9)
def test_a_disk_that_fills_up_loses_no_take(small_disk, home):
    disk = small_disk(2**21)

    def fill(event):
        if isinstance(event, TakeReady):
            with contextlib.suppress(OSError), (disk / "filler").open("wb") as stream:
                stream.write(bytes(2**21))

    shop = Shop(disk, fill)
    (failed,) = shop.run(tone(takes=2, seed=7))
    assert "no space left on device" in failed.message
    assert f"1 take was saved in {unsaved_folder()} instead" in failed.message
    assert [read_recipe(path).take for path in home.rglob("*.wav")] == [1]


def test_a_model_stays_loaded_between_jobs(tmp_path):
    shop = Shop(tmp_path)
    shop.run(tone(model="fake-big"), tone(model="fake-big"), tone(), tone(model="fake-big"))
    loads = [e.id for e in shop.events if isinstance(e, Progress) and "loading" in e.stage]
    assert loads == ["0", "3"]


@pytest.mark.parametrize("folder", ["relative", ""])
def test_a_relative_folder_is_refused(folder):
    (failed,) = Shop(folder).run(tone())
    assert "is not absolute" in failed.message


def test_a_long_error_message_is_truncated(tmp_path):
    (failed,) = Shop(tmp_path / ("x" * 100_000)).run(tone())
    assert failed.code == 500
    assert len(failed.message) <= 2_000


def clips_of(shop):
    return [event.clip for event in shop.events if isinstance(event, TakeReady)]


def test_a_setting_the_model_lacks_is_refused_before_loading(tmp_path):
    shop = Shop(tmp_path)
    (failed,) = shop.run(tone(model="fake-big", guidance=3.0))
    assert failed.message.startswith("Model 'fake-big' has no setting 'guidance'")
    assert not any(isinstance(event, Progress) for event in shop.events)


def test_several_prompts_run_in_turn_each_as_if_alone(tmp_path):
    shop = Shop(tmp_path)
    shop.run(tone(prompt="one", also=("two", "three"), takes=2, seed=5), tone(prompt="two", seed=5))
    *clips, alone = clips_of(shop)
    assert [clip.recipe.request.prompt for clip in clips] == [
        "one", "one", "two", "two", "three", "three",
    ]  # fmt: skip
    assert [clip.recipe.rank for clip in clips] == [1, 2] * 3
    assert all(clip.recipe.request.also == () for clip in clips)
    first_of_two = next(clip for clip in clips[2:4] if clip.recipe.take == 0)
    assert first_of_two.recipe.request == alone.recipe.request


def test_with_several_prompts_nothing_is_written_before_all_takes_are_made(tmp_path, expect_log):
    expect_log("ERROR engine.server.failure: job 0 fails with code 500")
    shop = Shop(tmp_path)
    (failed,) = shop.run(tone(also=("fail",)))
    assert isinstance(failed, Failed)
    assert list(tmp_path.iterdir()) == []


def test_progress_runs_evenly_over_the_prompts(tmp_path):
    stages = []
    shop = Shop(tmp_path, stages.append)
    shop.run(tone(also=("two",), takes=2))
    fractions = [event.fraction for event in stages if isinstance(event, Progress)]
    assert fractions == pytest.approx([0, 0.95 / 4, 0.95 / 2, 0.95 * 3 / 4])


def test_latents_are_written_beside_the_clip_and_named_like_it(tmp_path):
    shop = Shop(tmp_path)
    shop.run(tone(prompt="latents", keep_latents=True))
    (clip,) = clips_of(shop)
    stem = clip.file.removesuffix(".wav")
    assert clip.latents == str(tmp_path / "latents" / f"{stem}.npy")
    array = np.load(clip.latents, allow_pickle=False)
    assert (array.dtype, array.shape) == (np.float32, (2, 3, 4))
    assert clip.recipe.request.keep_latents


def test_latents_of_an_unwritten_clip_are_removed(tmp_path):
    def put_a_file_in_place_of_the_folder(event):
        if isinstance(event, Progress):
            (tmp_path / "rejected").touch()

    shop = Shop(tmp_path, put_a_file_in_place_of_the_folder)
    (failed,) = shop.run(tone(prompt="silent latents", keep_latents=True))
    assert isinstance(failed, Failed)
    assert list((tmp_path / "latents").iterdir()) == []


def test_an_impossible_path_is_not_blamed_on_the_model(tmp_path):
    shop = Shop(f"{tmp_path}/a\0b")
    (failed,) = shop.run(tone())
    assert failed.message.startswith(f"Project folder {tmp_path}/a\0b could not be written to (")
    assert "Model" not in failed.message


def test_an_unreadable_file_is_not_blamed_on_the_model(tmp_path, expect_log):
    expect_log("job 0 fails with code 500")
    job = Job(Render("0", tone(), str(tmp_path)))
    error = OSError(errno.EIO, "Input/output error", "/models/unet.safetensors")
    assert failed_event(job, error).message == (
        "Cannot read or write the file /models/unet.safetensors (input/output error): "
        "check the disk or the network, and try again."
    )


@pytest.mark.slow
def test_takes_of_a_long_job_are_kept_on_disk_and_not_in_memory(tmp_path):
    def note(event):
        if isinstance(event, Progress):
            held.append(tracemalloc.get_traced_memory()[0])

    held = []
    shop = Shop(tmp_path, note)
    tracemalloc.start()
    try:
        (done,) = shop.run(tone(bars=None, seconds=120.0, takes=7))
    finally:
        tracemalloc.stop()
    assert len(done.clips) == 7
    assert len(list(tmp_path.iterdir())) == 7
    audio_bytes = 120 * 48_000 * 2 * 4
    assert max(held) - min(held) < 3 * audio_bytes


@pytest.fixture
def riff(tmp_path):
    """A WAV file with two seconds of a tone."""
    path = tmp_path / "riff.wav"
    path.write_bytes(clip_of(grid_of(bars=1, bpm=120.0)))
    return path


def test_an_analysis_has_one_result_and_makes_no_clip(tmp_path, riff):
    shop = Shop(tmp_path / "project")
    assert shop.analyse(riff) == Done("0", ())
    (result,) = [event for event in shop.events if isinstance(event, Analysed)]
    assert result.analysis.source.bars.value == 1
    assert result.analysis.detected.loudness_lufs > -20
    assert os.listdir(tmp_path) == ["riff.wav"]


def test_a_cancelled_analysis_has_no_result(tmp_path, riff):
    def cancel(event):
        if isinstance(event, Progress):
            shop.jobs.cancel(event.id)

    shop = Shop(tmp_path, cancel)
    assert shop.analyse(riff) == Cancelled("0")
    assert not any(isinstance(event, Analysed) for event in shop.events)


def test_an_analysis_of_what_is_no_audio_fails_in_a_sentence(tmp_path):
    path = tmp_path / "notes.wav"
    path.write_text("no audio")
    failed = Shop(tmp_path).analyse(path)
    assert (failed.code, failed.message) == (
        400,
        f"{path} cannot be read as a clip: it is not an audio file.",
    )


def test_one_take_of_several_is_what_it_would_be_among_them(tmp_path):
    request = LoopRequest(prompt="house drums", takes=3, seed=7, bars=1)
    whole, single = Shop(tmp_path / "whole"), Shop(tmp_path / "single")
    whole.run(request)
    single.jobs.add(Render("one", request, str(single.folder), only_take=2))
    single.run()
    recipes = [each.clip.recipe for each in whole.events if isinstance(each, TakeReady)]
    (among,) = [each for each in recipes if each.take == 2]
    (alone,) = [each.clip.recipe for each in single.events if isinstance(each, TakeReady)]
    assert (alone.request, alone.scores, alone.grid) == (among.request, among.scores, among.grid)
    assert (alone.take, alone.asked_takes, alone.rank) == (2, 3, 1)


def test_a_take_that_a_request_does_not_have_is_refused(tmp_path):
    shop = Shop(tmp_path)
    shop.jobs.add(Render("0", tone(takes=2), str(tmp_path), only_take=2))
    (failed,) = shop.run()
    assert failed.message == "There is no take 2 of 2: choose 0 to 1."


def test_the_file_name_of_drums_has_no_key(tmp_path):
    grid = grid_of()
    pitched = recipe_of(grid, title="Dusty", key="A minor")
    drums = msgspec.structs.replace(pitched, role="drums", clip_id="bcde2345")
    audio = np.zeros((grid.frames, 2), np.float32)
    project = Project(tmp_path)
    names = [write_audio(project, audio, each, rejected=False).file for each in (pitched, drums)]
    assert [name.rpartition("_")[0] for name in names] == [
        "dusty_128bpm_Am_4bars",
        "dusty_128bpm_4bars",
    ]
