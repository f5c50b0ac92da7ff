"""The thread that looks after the store, with real folders and without a window."""

import threading

import pytest

from desktop.library.rows import BUILT_IN, MISSING
from desktop.library.store_thread import ADD, CHECK, REMOVE, StoreThread
from engine.models.catalogue import built_in_catalogue
from engine.models.manifest import FileRecord, Manifest, sha256_of, write_json
from tests.fakes import checkpoints
from tests.fakes.checkpoints import safetensors, weights_file, write

LIMIT_S = 60


class Told:
    """Takes what the thread says, and waits for it."""

    def __init__(self):
        self.found, self.progress, self.results = [], [], []
        self.changed = threading.Condition()

    def take(self, where):
        def take(*said):
            with self.changed:
                where.append(said if len(said) > 1 else said[0])
                self.changed.notify_all()

        return take

    def wait(self, where, count=1):
        with self.changed:
            assert self.changed.wait_for(lambda: len(where) >= count, LIMIT_S)
        return where[-1]


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LOOPWRIGHT_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def reported():
    return Told()


@pytest.fixture
def thread(root, reported):
    assert root
    thread = StoreThread(
        reported.take(reported.found),
        reported.take(reported.progress),
        reported.take(reported.results),
    )
    yield thread
    thread.close()


def put_musicldm(root, more=None):
    """Put a checkpoint there as if it had been downloaded."""
    place = write(root / "musicldm" / "checkpoint", checkpoints.musicldm() | (more or {}))
    files = [path for path in sorted(place.rglob("*")) if path.is_file()]
    records = tuple(
        FileRecord(path.relative_to(place).as_posix(), path.stat().st_size, sha256_of(path))
        for path in files
    )
    manifest = Manifest(
        model="musicldm", hub="x/y", revision="0" * 40, licence="x", downloaded="x", files=records
    )
    write_json(root / "musicldm" / "manifest.json", manifest)
    return place


def test_a_scan_reports_all_models_and_the_capacity(thread, reported, root):
    thread.refresh()
    found = reported.wait(reported.found)
    states = {row.id: row.state for row in found.rows}
    known = {entry.id for entry in built_in_catalogue().entries}
    assert (set(states), states["sketch"], states["musicldm"]) == (known, BUILT_IN, MISSING)
    assert found.capacity.memory > 0
    assert not root.exists()


def test_of_many_waiting_scans_one_is_enough(root, reported):
    assert root
    may_go_on = threading.Event()

    def take(found):
        reported.take(reported.found)(found)
        assert may_go_on.wait(LIMIT_S)

    thread = StoreThread(take, reported.progress.append, reported.take(reported.results))
    thread.refresh()
    reported.wait(reported.found)
    for _ in range(20):
        thread.refresh()
    thread.check("sketch")
    may_go_on.set()
    reported.wait(reported.results)
    reported.wait(reported.found, 3)  # the last one is that after the check
    thread.close()
    assert len(reported.found) == 3


def test_installed_and_removed_models_are_reported_as_such(thread, reported, root):
    put_musicldm(root)
    thread.check("musicldm")
    whole = "musicldm is complete, revision 000000000000."
    assert reported.wait(reported.results) == (CHECK, "musicldm", whole, False)
    thread.remove("musicldm")
    result = reported.wait(reported.results, 2)
    assert (result.what, result.failed) == (REMOVE, False)
    assert result.text.startswith("Removed musicldm and freed ")
    assert not (root / "musicldm").exists()


def test_damaged_files_are_named(thread, reported, root):
    (put_musicldm(root) / weights_file("unet")).write_bytes(b"")
    thread.check("musicldm")
    result = reported.wait(reported.results)
    assert result.failed
    assert result.text.startswith(f"{weights_file('unet')} has another size than before")


def test_a_waiting_check_can_be_cancelled(thread, reported, root):
    put_musicldm(root)
    thread.check("musicldm")
    thread.cancel_check("musicldm")
    assert reported.wait(reported.results) == (CHECK, "musicldm", "", False)
    assert reported.progress == []


def test_a_running_check_can_be_cancelled(root, reported):
    large = put_musicldm(root, {weights_file("vae"): safetensors({"vae.in": (16, 2**20)})})
    took = []

    def cancel(model_id, fraction):
        took.append(fraction)
        thread.cancel_check(model_id)

    thread = StoreThread(reported.take(reported.found), cancel, reported.take(reported.results))
    thread.check("musicldm")
    assert reported.wait(reported.results) == (CHECK, "musicldm", "", False)
    thread.close()
    assert len(took) == 1
    assert 0 < took[0] < 1
    assert large.exists()


def test_a_folder_is_added_or_refused_by_name(thread, reported, tmp_path):
    good = write(tmp_path / "good", checkpoints.musicgen())
    bad = write(tmp_path / "bad", checkpoints.musicgen() | {"code.py": b""})
    thread.add_folder(good)
    thread.add_folder(bad)
    reported.wait(reported.results, 2)
    first, second = reported.results
    assert first == (ADD, str(good), f"Added {good} as the model good.", False)
    assert second.failed
    assert "code.py" in second.text


def test_closing_drops_waiting_checks(thread, reported):
    for model in ("musicldm", "audioldm2", "sketch"):
        thread.check(model)
    thread.close()
    assert all(result.what == CHECK for result in reported.results)
