"""An engine at the other end of a real ssh: the same loops, whatever happens to the connection."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine import protocol
from engine.entry_points import ENGINE_VARIABLE, module_command
from engine.loops.file_facts import read_recipe
from engine.loops.request import LoopRequest
from engine.protocol import Cancelled, Done, Failed, Preview, Progress, TakeReady
from tests.fakes.front_end import FAKE_ENGINE, FrontEnd, engine_fails
from tests.fakes.soundfont import soundfont_bytes
from tests.fakes.sshd import needs_sshd, running_box
from tests.fakes.waiting import until

pytestmark = [needs_sshd, pytest.mark.usefixtures("environment")]
RELAY = module_command("engine.remote.relay")


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    with running_box(tmp_path_factory.mktemp("ssh")) as box:
        yield box


@pytest.fixture(scope="module")
def environment(box):
    """The environment of relays; they inherit it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", box.path)
        patch.setenv(ENGINE_VARIABLE, box.place)
        patch.setenv("XDG_STATE_HOME", str(box.folder / "state"))
        yield patch


@pytest.fixture(scope="module")
def shared(environment, tmp_path_factory):  # noqa: ARG001 - relays inherit it
    """A front end for tests that leave its engine as it is."""
    with FrontEnd(tmp_path_factory.mktemp("project"), RELAY) as front:
        yield front


@pytest.fixture
def front(tmp_path):
    with FrontEnd(tmp_path / "project", RELAY) as front:
        yield front


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    with FrontEnd(tmp_path_factory.mktemp("local"), FAKE_ENGINE) as front:
        yield front


def clips_of(front, job) -> list[Path]:
    assert isinstance(front.end_of(job), Done), front.end_of(job)
    return [Path(each.clip.path) for each in front.events_of(job) if isinstance(each, TakeReady)]


def samples(path) -> bytes:
    return soundfile.read(path, dtype="float64")[0].tobytes()


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": "house drums", "model": "sketch", "seed": 7, "takes": 2},
        {"prompt": "warm pad in D minor", "model": "sketch", "seed": 3, "bits": "16"},
        {"prompt": "tone", "seed": 3, "bits": "32f", "seconds": 0.3, "bars": None},
    ],
)
def test_a_loop_from_there_is_the_same_as_from_here(shared, local, fields):
    there = clips_of(shared, shared.render(**fields))
    here = clips_of(local, local.render(**fields))
    assert len(there) == fields.get("takes", 1)
    for one, other in zip(there, here, strict=True):
        assert one.parent == shared.project
        assert one.stat().st_size == other.stat().st_size
        assert samples(one) == samples(other)
        first, second = read_recipe(one), read_recipe(other)
        assert first.request == second.request
        assert first.scores == second.scores
        assert first.clip_id in one.name


def test_events_tell_the_same_story(shared, local):
    story = shared.story(shared.render(seed=1))
    shared_job, local_job = shared.render(seed=2), local.render(seed=2)
    assert isinstance(shared.end_of(shared_job), Done)
    assert isinstance(local.end_of(local_job), Done)
    assert set(local.story(local_job)) <= set(shared.story(shared_job)), story


def test_sources_go_there_without_their_paths(box, shared, tmp_path):
    (source,) = clips_of(shared, shared.render("house drums", model="sketch", seed=5))
    moved = tmp_path / "private folder" / "my beat.wav"
    moved.parent.mkdir()
    source.rename(moved)
    kit = tmp_path / "private kit"
    (kit / "snares").mkdir(parents=True)
    audio, rate = soundfile.read(moved)
    soundfile.write(kit / "kick.wav", audio[:9_000], rate)
    soundfile.write(kit / "snares" / "one.wav", audio[9_000:18_000], rate)
    request = LoopRequest(source="my beat.wav", mode="retempo", bpm=100)
    job = shared.client.render(request, shared.project, moved)
    (faster,) = clips_of(shared, job)
    assert read_recipe(faster).grid.bpm == 100
    fits = LoopRequest(
        prompt="bass", model="sketch", mode="accompany", source="my beat.wav", seed=1
    )
    clips_of(shared, shared.client.render(fits, shared.project, moved))
    own = LoopRequest(prompt="house drums", model="sketch", seed=1, bars=1)
    (played,) = clips_of(shared, shared.client.render(own, shared.project, kit=kit))
    assert {each.name for each in read_recipe(played).request.kit} == {"kick.wav", "one.wav"}
    logs = b"".join(path.read_bytes() for path in (box.home / "logs").glob("*.log"))
    assert b"private" not in logs


def test_a_kit_is_what_it_is_here_and_an_unwritable_name_in_it_is_left_out(shared, tmp_path):
    (source,) = clips_of(shared, shared.render("house drums", model="sketch", seed=5))
    kit = tmp_path / "kit"
    kit.mkdir()
    audio, rate = soundfile.read(source)
    for name in (b"kick.wav", b"snare \xff.wav", b".hidden kick.wav"):
        with (kit / os.fsdecode(name)).open("wb") as file:
            soundfile.write(file, audio[:9_000], rate, format="WAV")
    (kit / "linked snare.wav").symlink_to(source)
    request = LoopRequest(prompt="house drums", model="sketch", seed=1, bars=1)
    (played,) = clips_of(shared, shared.client.render(request, shared.project, kit=kit))
    assert [each.name for each in read_recipe(played).request.kit] == ["kick.wav"]


@pytest.mark.skipif(shutil.which("fluidsynth") is None, reason="needs the package fluidsynth")
def test_a_soundfont_goes_there(shared, tmp_path):
    font = tmp_path / "tone.sf2"
    font.write_bytes(soundfont_bytes(length_s=0.6, release_s=0.3))
    request = LoopRequest(prompt="piano chords", model="sketch", seed=1, bars=1)
    (played,) = clips_of(shared, shared.client.render(request, shared.project, kit=font))
    assert [each.name for each in read_recipe(played).request.kit] == ["tone.sf2"]


def test_a_missing_source_is_reported(shared, tmp_path):
    request = LoopRequest(source="no.wav", mode="retempo", bpm=100)
    failed = shared.end_of(shared.client.render(request, shared.project, tmp_path / "no.wav"))
    assert (failed.code, "no.wav cannot be read" in failed.message) == (400, True)


def test_files_are_analysed_and_notes_written_there(shared, tmp_path):
    (clip,) = clips_of(shared, shared.render("bass in A minor", model="sketch", seed=5, bars=2))
    job = shared.client.analyse(clip)
    assert isinstance(shared.end_of(job), Done)
    assert shared.first(protocol.Analysed, job).analysis is not None
    job = shared.client.write_midi(clip, tmp_path)
    assert isinstance(shared.end_of(job), Done)
    assert Path(shared.first(protocol.MidiWritten, job).path) == tmp_path / f"{clip.stem}.mid"
    assert (tmp_path / f"{clip.stem}.mid").read_bytes().startswith(b"MThd")


def test_latents_come_along_and_rejected_takes_stay_apart(shared):
    (clip,) = clips_of(shared, shared.render(seed=3, keep_latents=True))
    assert np.load(shared.project / "latents" / f"{clip.stem}.npy").shape == (2, 3, 4)
    (rejected,) = clips_of(shared, shared.render("silent", seed=3))
    assert rejected.parent == shared.project / "rejected"


def test_the_first_take_is_heard_while_it_is_made(tmp_path):
    grown = []

    def note(event):
        if isinstance(event, Preview):
            grown.append((event.frames, Path(event.path).stat().st_size))

    with FrontEnd(tmp_path / "project", RELAY, then=note) as front:
        (clip,) = clips_of(front, front.render("early", preview=True))
    assert len(grown) == 5
    assert all(size >= frames * 2 * 4 for frames, size in grown)  # it may have grown meanwhile
    assert [path.name for path in (tmp_path / "project").iterdir() if path.is_file()] == [clip.name]


def test_models_are_those_of_the_box(shared):
    reply = shared.client.list_models()
    found = shared.first(protocol.Models, reply)
    assert [model["id"] for model in found.models] == [
        "fake", "fake-big", "fake-parts", "sketch",
    ]  # fmt: skip


def test_failures_are_told_as_they_are(shared):
    failed = shared.end_of(shared.render("fail"))
    assert (failed.code, failed.message[:20]) == (500, "Model 'fake' failed ")


def test_a_job_is_cancelled_there(shared):
    job = shared.render("slow")
    shared.first(Progress, job)
    shared.client.cancel(job)
    assert isinstance(shared.end_of(job), Cancelled)
    assert isinstance(shared.end_of(shared.render("tone")), Done)


def test_takes_that_cannot_be_written_are_saved_elsewhere(box, front):
    front.end_of(front.render(seed=1))
    failed = front.end_of(front.render(f"unplug {front.project}", seed=9))
    assert isinstance(failed, Failed)
    assert failed.message.endswith("seed 9 makes them again.")
    assert len(list((box.folder / "state").rglob("unplug-*.wav"))) == 1


def test_a_lost_connection_costs_nothing(box, local, tmp_path):
    dropped = []

    def drop_once(event):
        if isinstance(event, TakeReady) and not dropped:
            dropped.append(event)
            box.drop()

    fields = {"prompt": "house drums", "model": "sketch", "takes": 4, "bars": 1}
    with FrontEnd(tmp_path / "project", RELAY, then=drop_once) as front:
        job = front.render(**fields)
        clips = clips_of(front, job)
        stages = [each.stage for each in front.events_of(job) if isinstance(each, Progress)]
    assert "reconnecting to box" in stages
    assert len(clips) == len(set(clips)) == 4
    assert len(list((tmp_path / "project").glob("*.wav"))) == 4
    seed = read_recipe(clips[0]).asked_seed
    again = clips_of(local, local.render(**fields, seed=seed))
    assert [samples(path) for path in clips] == [samples(path) for path in again]


def test_a_job_whose_connection_is_lost_twice_fails(box, front):
    job = front.render("slow")
    front.first(Progress, job)
    for times in (1, 2):
        until(lambda: box.connections() > 0)
        until(lambda times=times: len(started(front, job)) == times)
        box.drop()
    failed = front.end_of(job)
    assert (failed.code, "was lost twice" in failed.message) == (503, True)
    assert isinstance(front.end_of(front.render("tone")), Done)


def started(front, job) -> list:
    return [each for each in front.events_of(job) if isinstance(each, protocol.Understood)]


def test_a_box_that_is_off_is_named_and_found_again(box, front):
    box.stop()
    try:
        failed = front.end_of(front.render("tone"))
        assert (failed.code, failed.message.startswith("box cannot be reached (")) == (503, True)
        assert "refused" in failed.message
    finally:
        box.start()
    assert isinstance(front.end_of(front.render("tone")), Done)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (None, "Loopwright was not found on box"),
        ('echo \'{"type":"hello","wire":1,"version":"9.9.9"}\'; cat >/dev/null',
         "box has Loopwright 9.9.9, and this machine "),
        ("echo welcome; exit 3", "box cannot be reached"),
    ],
)  # fmt: skip
def test_what_is_missing_there_is_named(box, environment, tmp_path, script, sentence):
    program = tmp_path / "program"
    if script is not None:
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    environment.setenv(ENGINE_VARIABLE, f"ssh://box{program}")
    try:
        with FrontEnd(tmp_path / "project", RELAY) as front:
            failed = front.end_of(front.render("tone"))
    finally:
        environment.setenv(ENGINE_VARIABLE, box.place)
    assert sentence in failed.message
    assert "\n" not in failed.message


def test_a_login_that_prints_does_no_harm(box, environment, tmp_path):
    program = tmp_path / "program"
    program.write_text(
        f'#!/bin/sh\necho "Welcome to the box"\necho "{{"\nexec {box.program} "$@"\n'
    )
    program.chmod(0o755)
    environment.setenv(ENGINE_VARIABLE, f"ssh://box{program}")
    try:
        with FrontEnd(tmp_path / "project", RELAY) as front:
            assert isinstance(front.end_of(front.render("tone")), Done)
    finally:
        environment.setenv(ENGINE_VARIABLE, box.place)


@engine_fails
def test_nothing_is_left_there(box, tmp_path):
    before = set(box.leftovers())
    with FrontEnd(tmp_path / "project", RELAY) as front:
        assert isinstance(front.end_of(front.render("tone")), Done)
        os.kill(front.engine_pid(), 9)
        assert isinstance(front.end_of(front.render("tone")), Done)
        front.exits.clear()
    until(lambda: not set(box.leftovers()) - before)
