"""Downloads through the engine: beside renders, cancelled, and with the network gone after."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine.loops.request import LoopRequest
from engine.models.store import MISSING, READY, ModelStore
from engine.protocol import (
    Cancelled,
    Done,
    Download,
    Failed,
    Models,
    Progress,
    Rejected,
    Render,
    Terminal,
    decode_event,
    encode,
)
from tests.fakes import checkpoints
from tests.fakes.checkpoint_generator import FETCHED, HUB, WITH_CHECKPOINTS
from tests.fakes.checkpoints import safetensors, weights_file, write
from tests.fakes.front_end import FrontEnd
from tests.fakes.hub import REVISION, UNET, hub_with_musicldm
from tests.fakes.libraries import installed_in

ENGINE = [sys.executable, "-P", str(Path(__file__).parents[2] / "fakes" / "hub_engine.py")]


@pytest.fixture
def hub(monkeypatch):
    with hub_with_musicldm(HUB) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("LOOPWRIGHT_MODELS", str(tmp_path / "store"))
    return ModelStore(WITH_CHECKPOINTS)


@pytest.fixture
def front(tmp_path, hub, store):  # noqa: ARG001 - the engine needs them
    with FrontEnd(tmp_path / "project", ENGINE) as front:
        yield front


def stages(front, job):
    return [e.stage for e in front.events_of(job) if isinstance(e, Progress)]


def test_a_download_reports_progress_until_the_model_is_ready(front, store):
    job = front.client.download("fetched")
    assert front.end_of(job) == Done(job, ())
    assert front.story(job) == ["queued", "progress", "done"]
    assert stages(front, job)[0] == "connecting to the hub"
    assert any("of 2 MB" in stage for stage in stages(front, job))
    assert store.state(FETCHED) == READY
    models = {
        facts["id"]: facts for facts in front.first(Models, front.client.list_models()).models
    }
    assert models["fetched"]["state"] == "ready"
    assert models["second"]["state"] == "not downloaded"


def test_downloads_and_renders_do_not_wait_for_each_other(front, hub):
    slow = front.render("slow")
    front.first(Progress, slow)
    job = front.client.download("fetched")
    assert front.end_of(job) == Done(job, ())
    front.client.cancel(slow)
    assert front.end_of(slow) == Cancelled(slow)
    hub.repos["someone/second-model"] = hub.repos[HUB] | {UNET: safetensors({"x": (64, 6_000)})}
    hub.stalled[UNET] = 0
    waiting = front.client.download("second")
    assert hub.reached.wait(60)
    assert isinstance(front.end_of(front.render("tone")), Done)
    hub.go_on.set()
    assert front.end_of(waiting) == Done(waiting, ())


def test_a_hanging_download_is_cancelled_at_once_and_can_be_resumed(front, hub, store):
    hub.stalled[UNET] = 1_000_000
    job = front.client.download("fetched")
    assert hub.reached.wait(60)
    behind = front.client.download("second")
    front.client.cancel(behind)
    assert front.end_of(behind) == Cancelled(behind)
    front.client.cancel(job)
    assert front.end_of(job) == Cancelled(job)
    assert store.state(FETCHED) == MISSING
    assert psutil.Process(front.engine_pid()).children() == []
    hub.go_on.set()
    hub.requests.clear()
    again = front.client.download("fetched")
    assert front.end_of(again) == Done(again, ())
    assert weights_file("vae") not in hub.fetched()


def test_an_engine_that_exits_ends_its_download(front, hub):
    hub.stalled[UNET] = 0
    job = front.client.download("fetched")
    assert hub.reached.wait(60)
    children = psutil.Process(front.engine_pid()).children()
    assert len(children) == 1
    front.client.close()
    assert front.end_of(job) == Cancelled(job)
    gone, alive = psutil.wait_procs(children, timeout=20)
    assert (len(gone), alive) == (1, [])


@pytest.mark.parametrize(
    ("model", "code", "words"),
    [
        ("nobody", 404, "There is no model 'nobody'"),
        ("second", 500, "Model 'second' could not be downloaded: the hub does not have it"),
    ],
)
def test_an_impossible_download_is_refused_in_one_sentence(front, model, code, words):
    job = front.client.download(model)
    failed = front.end_of(job)
    assert isinstance(failed, Failed)
    assert failed.code == code
    assert failed.message.startswith(words)


def test_a_built_in_model_needs_no_download(front):
    job = front.client.download("sketch")
    assert front.end_of(job) == Done(job, ())


def test_a_missing_model_fails_its_job_and_the_next_one_runs(front):
    failed = front.end_of(front.render(model="fetched"))
    assert failed.message == (
        "Model 'fetched' is not downloaded: get it with 'loopwright models download fetched'."
    )
    assert isinstance(front.end_of(front.render()), Done)


def test_generating_uses_no_network(tmp_path, hub, store, monkeypatch):  # noqa: ARG001
    record = tmp_path / "sockets"
    monkeypatch.setenv("LOOPWRIGHT_TEST_SOCKETS", str(record))
    with FrontEnd(tmp_path / "project", ENGINE) as front:
        job = front.client.download("fetched")
        assert front.end_of(job) == Done(job, ())
        hub.requests.clear()
        clip = front.end_of(front.render(model="fetched"))
        assert isinstance(clip, Done)
    assert hub.requests == []
    assert not record.exists()


def test_a_clip_records_the_revision_and_the_licence_of_its_model(front):
    front.end_of(front.client.download("fetched"))
    job = front.render(model="fetched")
    front.end_of(job)
    (clip,) = [event.clip for event in front.events_of(job) if hasattr(event, "clip")]
    model = clip.recipe.model
    assert (model.id, model.revision, model.commercial_use) == ("fetched", REVISION, False)
    assert model.licence == FETCHED.licence


def test_a_damaged_model_fails_its_job_and_names_the_file(front, store):
    front.end_of(front.client.download("fetched"))
    path = store.home("fetched") / "checkpoint" / UNET
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    failed = front.end_of(front.render(model="fetched"))
    assert f"{UNET} has changed since it was downloaded" in failed.message


def test_a_downloads_id_cannot_be_used_for_a_render(hub, store):  # noqa: ARG001
    hub.stalled[UNET] = 0
    with subprocess.Popen(ENGINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as engine:
        for message in (Download("a", "fetched"), Download("a", "sketch"),
                        Render("a", LoopRequest(prompt="x", model="fake"), "/")):  # fmt: skip
            engine.stdin.write(encode(message))
        engine.stdin.flush()
        events = (decode_event(line) for line in engine.stdout)
        refused = [next(e for e in events if isinstance(e, Rejected)) for _ in range(2)]
        engine.stdin.close()
        ends = [event for event in events if isinstance(event, Terminal)]
    assert {event.message for event in refused} == {
        "There is already a job 'a': choose another id."
    }
    assert ends == [Cancelled("a")]


def test_an_untrusted_folder_fails_its_job(front, tmp_path):
    folder = write(tmp_path / "evil", checkpoints.musicldm() | {"unet/evil.py": b""})
    failed = front.end_of(front.render(model=str(folder)))
    assert "unet/evil.py" in failed.message
    assert failed.message.startswith(f"Folder {folder} is not used as a model")
    assert os.listdir(tmp_path / "project") == []


def test_too_old_a_library_refuses_a_downloaded_model(tmp_path, monkeypatch, hub, store):
    assert (hub.repos, store.state(FETCHED)) == ({HUB: hub.repos[HUB]}, MISSING)
    monkeypatch.setenv("PYTHONPATH", installed_in(tmp_path / "old", torch="2.9.1"))
    with FrontEnd(tmp_path / "project", ENGINE) as front:
        front.end_of(front.client.download("fetched"))
        failed = front.end_of(front.render(model="fetched"))
        assert isinstance(front.end_of(front.render()), Done)
    assert failed.code == 500
    assert failed.message == (
        "Downloaded models need torch 2.10.0 or later, and 2.9.1 is installed: get it with "
        "'pip install -U \"torch>=2.10.0\"'."
    )
