"""Downloads of a flat checkpoint: as any other, with a list of names of its own."""

import json

import pytest

from engine.models.child import ChildEvent
from engine.models.hub import needed_files
from engine.models.store import MISSING, READY, ModelStore
from tests.engine.models.test_download import download
from tests.fakes import checkpoints
from tests.fakes.checkpoint_generator import FLAT, WITH_CHECKPOINTS
from tests.fakes.checkpoints import safetensors
from tests.fakes.hub import REVISION, Hub

# What lies beside a published MusicGen and is never fetched.
OTHERS = {
    "README.md": b"hello",
    ".gitattributes": b"",
    "pytorch_model.bin": b"pickle",
    "pytorch_model-00001-of-00002.bin": b"pickle",
    "pytorch_model.bin.index.json": b"{}",
    "state_dict.bin": b"pickle",
    "compression_state_dict.bin": b"pickle",
    "flax_model.msgpack": b"pickle",
    "modeling_evil.py": b"evil",
    "model.fp16.safetensors": b"x",
    "other.safetensors": b"x",
    "onnx/config.json": b"{}",
    "onnx/model.safetensors": b"x",
}


@pytest.fixture
def hub():
    with Hub() as hub:
        hub.repos[FLAT.hub] = checkpoints.musicgen() | OTHERS
        yield hub


@pytest.fixture
def store(tmp_path):
    return ModelStore(WITH_CHECKPOINTS, tmp_path / "store")


def test_a_download_fetches_only_the_listed_files(store, hub):
    assert download(store, hub, FLAT) == ChildEvent(done=True)
    assert store.state(FLAT) == READY
    model = store.find("flat")
    assert (model.revision, model.checkpoint.family) == (REVISION, "musicgen")
    there = {
        path.relative_to(model.checkpoint.folder).as_posix(): path.read_bytes()
        for path in model.checkpoint.folder.rglob("*")
        if path.is_file()
    }
    assert there == checkpoints.musicgen()
    assert sorted(hub.fetched()) == sorted(there)
    assert store.check("flat").revision == REVISION


def test_shards_are_fetched_with_their_index(store, hub):
    files = checkpoints.musicgen()
    del files["model.safetensors"]
    table = {}
    for number, part in enumerate(("text_encoder", "audio_encoder", "decoder"), start=1):
        tensors = {f"{part}.{tensor}": (16, 64) for tensor in range(8)}
        name = f"model-0000{number}-of-00003.safetensors"
        files[name] = safetensors(tensors)
        table |= dict.fromkeys(tensors, name)
    files["model.safetensors.index.json"] = json.dumps({"weight_map": table}).encode()
    hub.repos[FLAT.hub] = files | OTHERS
    assert download(store, hub, FLAT) == ChildEvent(done=True)
    assert sorted(hub.fetched()) == sorted(files)
    assert store.find("flat").checkpoint.parameters == 3 * 8 * 16 * 64


@pytest.mark.parametrize(
    ("missing", "extra", "words"),
    [
        (
            "model.safetensors",
            ["pytorch_model.bin"],
            "the repository has only some of the files of model; try again later",
        ),
        (
            "model.safetensors",
            ["pytorch_model.bin", "pytorch_model-00001-of-00002.bin"],
            "the repository has no weights in safetensors; update Loopwright, or report it.",
        ),
        ("config.json", [], "the repository has no config.json; update Loopwright"),
    ],
)
def test_an_unusable_repository_is_refused_before_the_first_byte(store, hub, missing, extra, words):
    for name in (missing, *extra):
        del hub.repos[FLAT.hub][name]
    news = download(store, hub, FLAT)
    assert words in news.failed
    assert news.failed.startswith("Model 'flat' could not be downloaded: ")
    assert hub.fetched() == []


def test_an_untrusted_flat_checkpoint_is_not_kept(store, hub):
    config = json.loads(hub.repos[FLAT.hub]["config.json"])
    config["decoder"]["auto_map"] = {"AutoModel": "evil.Model"}
    hub.repos[FLAT.hub]["config.json"] = json.dumps(config).encode()
    news = download(store, hub, FLAT)
    assert "config.json has the key 'auto_map', which may lead to code" in news.failed
    assert store.state(FLAT) == MISSING
    assert [path for path in store.root.rglob("*.safetensors") if path.is_file()] == []


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_unrelated_files_of_a_flat_repository_are_not_selected(name):
    assert needed_files({*checkpoints.musicgen(), name}, flat=True) == set(checkpoints.musicgen())


@pytest.mark.parametrize(
    "name",
    ["config.json\n", "../config.json", "/config.json", "model_index.json", "vae/config.json",
     "model-1-of-2.safetensors", "model-00001-of-00002.safetensors.bin", ""],
)  # fmt: skip
def test_only_exact_names_are_selected_from_a_flat_repository(name):
    assert needed_files({*checkpoints.musicgen(), name}, flat=True) == set(checkpoints.musicgen())
