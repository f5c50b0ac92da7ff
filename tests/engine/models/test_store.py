"""The store: states, folders of the user, and where it stands."""

import json
from pathlib import Path

import pytest

from engine.errors import EngineError, UnknownModel
from engine.models.errors import NotDownloaded, UntrustedFolder
from engine.models.families.latent_diffusion import WORK
from engine.models.families.musicgen import musicgen_work
from engine.models.store import MISSING, READY, ModelStore, default_root
from tests.fakes import checkpoints
from tests.fakes.checkpoint_generator import FETCHED, WITH_CHECKPOINTS
from tests.fakes.checkpoints import weights_file, write


@pytest.fixture
def store(tmp_path):
    return ModelStore(WITH_CHECKPOINTS, tmp_path / "store")


def test_the_environment_sets_the_store_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("LOOPWRIGHT_MODELS", str(tmp_path / "x"))
    assert default_root() == tmp_path / "x"
    assert ModelStore(WITH_CHECKPOINTS).root == tmp_path / "x"
    monkeypatch.setenv("LOOPWRIGHT_MODELS", "relative")
    assert default_root() == Path.cwd() / "relative"
    monkeypatch.delenv("LOOPWRIGHT_MODELS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_root().is_relative_to(tmp_path)
    assert default_root().parts[-2:] == ("Loopwright", "models")


def test_listing_creates_no_folder(store):
    store.shown()
    with pytest.raises(NotDownloaded):
        store.find("fetched")
    assert not store.root.exists()


def test_every_model_is_listed_with_its_state(store):
    states = {facts["id"]: facts["state"] for facts in store.shown()}
    assert states["sketch"] == states["fake"] == READY
    assert states["fetched"] == MISSING


def test_a_missing_model_error_gives_the_download_command(store):
    with pytest.raises(NotDownloaded) as caught:
        store.find("fetched")
    assert str(caught.value) == (
        "Model 'fetched' is not downloaded: get it with 'loopwright models download fetched'."
    )


def test_an_unknown_model_is_refused(store):
    with pytest.raises(UnknownModel):
        store.find("nobody")


@pytest.mark.parametrize("model_id", ["sketch", "fake"])
def test_a_built_in_model_needs_nothing_and_cannot_be_removed(store, model_id):
    assert store.find(model_id).checkpoint is None
    assert store.check(model_id).entry.id == model_id
    with pytest.raises(EngineError, match="is built in: there is nothing to remove"):
        store.remove(model_id)


def test_removing_a_missing_model_does_nothing(store):
    with pytest.raises(NotDownloaded):
        store.remove("fetched")


def test_a_folder_is_a_model_named_without_its_path(store, tmp_path):
    folder = write(tmp_path / "My own MusicLDM!", checkpoints.musicldm())
    model = store.find(str(folder))
    assert model.entry.id == "my-own-musicldm"
    assert model.entry.family == "musicldm"
    assert model.revision.startswith("sha256:")
    again = store.find("my-own-musicldm")
    assert again.checkpoint.folder == folder
    assert again.revision == model.revision
    assert str(tmp_path) not in repr(model.entry.facts(model.revision))


@pytest.mark.parametrize(
    ("options", "family"),
    [
        ({}, "musicgen"),
        ({"channels": 2}, "musicgen"),
        ({"melody": True}, "musicgen-melody"),
        ({"melody": True, "channels": 2}, "musicgen-melody"),
    ],
)
def test_a_flat_folder_gets_rate_and_channels_from_its_configuration(
    store, tmp_path, options, family
):
    entry = store.find(str(write(tmp_path / "mine", checkpoints.musicgen(**options)))).entry
    assert (entry.id, entry.family) == ("mine", family)
    assert (entry.sample_rate, entry.channels) == (32_000, options.get("channels", 1))
    assert entry.generator == "engine.generators.musicgen.generator:MusicGenGenerator"
    assert entry.work == musicgen_work(layers=1, hidden=16)


def test_a_latent_diffusion_folder_is_a_model_of_16_khz_mono(store, tmp_path):
    entry = store.find(str(write(tmp_path / "model", checkpoints.musicldm()))).entry
    assert (entry.sample_rate, entry.channels) == (16_000, 1)
    assert entry.work == WORK


@pytest.mark.parametrize("name", ["spiece.model", "config.json", "model.safetensors"])
def test_the_revision_of_a_flat_folder_depends_only_on_loaded_files(store, tmp_path, name):
    files = checkpoints.musicgen()
    folder = write(tmp_path / "model", files)
    before = store.find(str(folder)).revision
    write(folder, {"README.md": b"read me", "assets/card.md": b"x"})
    assert store.find(str(folder)).revision == before
    other = {**checkpoints.musicgen(fill=9, channels=2), "spiece.model": b"other"}
    write(folder, {name: other[name]})
    assert store.find(str(folder)).revision != before


def test_folders_of_one_name_get_distinct_ids_and_never_that_of_a_model(store, tmp_path):
    names = []
    for parent in ("a", "b"):
        folder = write(tmp_path / parent / "sketch", checkpoints.musicldm())
        names.append(store.find(str(folder)).entry.id)
    assert names == ["sketch-2", "sketch-3"]
    assert store.find(str(tmp_path / "a" / "sketch")).entry.id == "sketch-2"
    assert store.find("sketch").checkpoint is None


def test_a_folder_id_has_no_accents_and_is_listed_among_known_models(store, tmp_path):
    name = store.find(str(write(tmp_path / "Schön", checkpoints.musicldm()))).entry.id
    assert name == "schon"
    assert store.find(name).checkpoint.folder == tmp_path / "Schön"
    with pytest.raises(UnknownModel, match="did you mean 'schon'"):
        store.find("schön")
    with pytest.raises(UnknownModel, match=r"known models: .*, schon"):
        store.find("qqqqqqqq")


def test_the_revision_of_a_folder_changes_with_its_files(store, tmp_path):
    folder = write(tmp_path / "model", checkpoints.musicldm())
    before = store.find(str(folder)).revision
    write(folder, {weights_file("unet"): checkpoints.musicldm(fill=9)[weights_file("unet")]})
    assert store.find(str(folder)).revision != before


def test_a_folder_used_once_is_checked_each_time(store, tmp_path):
    folder = write(tmp_path / "model", checkpoints.musicldm())
    store.find(str(folder))
    (folder / "unet" / "evil.py").write_text("")
    with pytest.raises(UntrustedFolder):
        store.find("model")


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"model": 1}', b"\xff"])
def test_damaged_lists_of_folders_and_stamps_are_harmless(store, tmp_path, data):
    folder = write(tmp_path / "model", checkpoints.musicldm())
    store.find(str(folder))
    (store.root / "folders.json").write_bytes(data)
    (store.root / "stamps.json").write_bytes(data)
    assert store.find(str(folder)).entry.id == "model"


def test_a_damaged_manifest_is_a_damaged_model(store):
    home = store.home("fetched")
    home.mkdir(parents=True)
    for data in (b"", b"{}", b"[]", b"{" * 100_000, b"\xff"):
        (home / "manifest.json").write_bytes(data)
        assert store.state(FETCHED) == "damaged"
        with pytest.raises(EngineError, match=r"is damaged: manifest\.json cannot be read"):
            store.find("fetched")


def test_an_added_folder_is_known_by_name_and_only_its_headers_are_read(store, tmp_path):
    folder = write(tmp_path / "My pads", checkpoints.musicgen())
    entry = store.add_folder(folder)
    assert (entry.id, entry.name, entry.family) == ("my-pads", "My pads", "musicgen")
    assert entry.memory_bytes > entry.work.base
    assert store.add_folder(folder).id == "my-pads"
    assert [(own.name, own.folder, own.problem) for own in store.own()] == [("my-pads", folder, "")]
    assert not (store.root / "stamps.json").exists()
    assert store.check("my-pads").checkpoint.folder == folder


def test_a_refused_folder_is_not_added(store, tmp_path):
    folder = write(tmp_path / "mine", checkpoints.musicldm() | {"evil.py": b""})
    with pytest.raises(UntrustedFolder, match=r"evil\.py"):
        store.add_folder(folder)
    assert store.own() == []


def test_a_changed_folder_says_why_it_cannot_be_used(store, tmp_path):
    folder = write(tmp_path / "mine", checkpoints.musicldm())
    store.add_folder(folder)
    (folder / weights_file("unet")).write_bytes(b"no weights")
    (own,) = store.own()
    assert own.entry is None
    assert weights_file("unet") in own.problem


def test_a_removed_folder_keeps_its_files(store, tmp_path):
    folder = write(tmp_path / "mine", checkpoints.musicldm())
    store.add_folder(folder)
    assert store.remove("mine") == 0
    assert store.own() == []
    assert (folder / "model_index.json").is_file()
    with pytest.raises(UnknownModel):
        store.find("mine")


def test_download_progress_is_counted_against_the_plan(store):
    assert store.arrived(FETCHED) is None
    partial = store.home("fetched") / "partial"
    write(partial, {"files/a.safetensors.part": b"x" * 30, "files/b.json": b"y" * 10})
    files = [{"path": "a.safetensors", "size": 90}, {"path": "b.json", "size": 10}]
    (partial / "plan.json").write_text(json.dumps({"hub": "x", "revision": "", "files": files}))
    assert store.arrived(FETCHED) == (40, 100)
    (partial / "plan.json").write_text("{")
    assert store.arrived(FETCHED) is None
