"""Pickled weights become safetensors in a confined process; a pickle that does more is refused."""

import collections
import os
import pickle
import shutil
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.errors import EngineError
from engine.models.child import ChildEvent
from engine.models.conversion import convert, convert_folder
from engine.models.convert import Converted, NotConverted, read_pickles
from engine.models.convert import compare as compare_with_model
from engine.models.errors import UntrustedFolder
from engine.models.manifest import sha256_of
from engine.models.pickled import pickled_groups
from engine.models.store import MISSING, READY, ModelStore
from engine.models.trust import check_folder
from tests.engine.models.test_download import download, news_of, start
from tests.fakes.checkpoint_generator import FLAT, WITH_CHECKPOINTS
from tests.fakes.hub import Hub
from tests.fakes.tiny_checkpoints import write_audioldm2, write_musicgen

BIN = "pytorch_model.bin"
ROOT = Path(__file__).resolve().parents[3]


class Stages(list):
    """What was reported."""

    def __call__(self, _, stage):
        self.append(stage)


def pickle_weights(folder, name="model.safetensors", shards=1):
    """Replace weights in safetensors by pickled ones, as older libraries wrote them."""
    weights = load_file(folder / name)
    (folder / name).unlink()
    stem = "pytorch_model" if name.startswith("model") else "diffusion_pytorch_model"
    names, made = sorted(weights), []
    for number in range(shards):
        made.append(f"{stem}-0000{number + 1}-of-0000{shards}.bin" if shards > 1 else f"{stem}.bin")
        own = collections.OrderedDict((name, weights[name]) for name in names[number::shards])
        torch.save(own, folder / made[-1])
    return weights, made


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A small MusicGen as medium is published: its weights are in one pickle."""
    folder = write_musicgen(tmp_path_factory.mktemp("published") / "model")
    weights, _ = pickle_weights(folder)
    return folder, weights


def same(weights, others):
    assert weights.keys() == others.keys()
    return all(torch.equal(weight, others[name]) for name, weight in weights.items())


def test_every_weight_is_the_same_after_the_conversion(tmp_path):
    folder = write_musicgen(tmp_path / "model")
    weights, names = pickle_weights(folder, shards=2)
    (folder / "tied").mkdir()
    one = torch.arange(6.0)
    tied = {"one": one, "tied": one, "part": one[:2]}
    torch.save(tied, folder / "tied" / BIN)
    stages = Stages()
    groups = pickled_groups([*names, f"tied/{BIN}"])
    made = [["model.safetensors"], ["tied/model.safetensors"]]
    assert convert(groups, folder, folder, stages) == made
    assert same(load_file(folder / made[0][0]), weights)
    assert same(load_file(folder / made[1][0]), tied)
    assert "converting the weights to tied/model.safetensors" in stages


def test_the_parts_of_a_pipeline_are_converted_each_in_its_folder(tmp_path):
    folder = write_audioldm2(tmp_path / "published")
    kept = {}
    for path in sorted(folder.rglob("*.safetensors")):
        weights, _ = pickle_weights(path.parent, path.name)
        kept[path.relative_to(folder)] = weights
    assert len(kept) >= 6
    checkpoint = convert_folder(folder, tmp_path / "converted", Stages())
    assert checkpoint.family == "audioldm2"
    for path, weights in kept.items():
        assert same(load_file(checkpoint.folder / path), weights)
    assert list(folder.rglob("*.safetensors")) == []  # the person's folder is as it was
    assert list(checkpoint.folder.rglob("*.bin")) == []


class Evil:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def evil_pickles(canary):
    """Return objects whose unpickling would be noticed, or that are no tensors."""
    touch = f"open({str(canary)!r}, 'w')"
    return {
        "system": {"w": Evil(os.system, f"touch {canary}")},
        "exec": {"w": Evil(exec, touch)},
        "eval": {"w": Evil(eval, touch)},
        "getattr": {"w": Evil(getattr, "", "system")},
        "a key": {Evil(os.system, f"touch {canary}"): torch.zeros(2)},
        "beside tensors": {"w": torch.zeros(2), "metadata": Evil(os.mkdir, str(canary))},
        "a whole model": torch.nn.Linear(2, 2),
        "a type of ours": {"w": NotConverted("x")},
    }


@pytest.mark.parametrize("kind", evil_pickles("x"))
@pytest.mark.parametrize("protocol", [2, 4])
def test_a_pickle_that_asks_for_more_than_tensors_is_refused_before_it_runs(
    tmp_path, kind, protocol
):
    canary = tmp_path / "canary"
    torch.save(evil_pickles(canary)[kind], tmp_path / BIN, pickle_protocol=protocol)
    with pytest.raises(NotConverted, match=f"^{BIN} (asks for|names functions in a way)"):
        read_pickles(tmp_path, (BIN,))
    assert not canary.exists()


def archive(path, entries, kind=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", kind) as file:
        for name, data in entries.items():
            file.writestr(name, data)


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda path: path.write_bytes(pickle.dumps({"w": 1})), "is damaged, or was written by"),
        (lambda path: path.write_bytes(b"PK\x03\x04" + bytes(90)), "is damaged, or was written by"),
        (lambda path: path.write_bytes(b""), "is damaged, or was written by"),
        (lambda path: archive(path, {"a/version": "3"}), "has 0 pickles"),
        (lambda path: archive(path, {"a/data.pkl": "x", "b/data.pkl": "x"}), "has 2 pickles"),
        (lambda path: archive(path, {"a/constants.pkl": "x"}), "has 1 pickles"),
        (lambda path: archive(path, {"a/data.pkl": b"\xff\xff"}), "cannot be read"),
        (lambda path: archive(path, {"a/data.pkl": b"\x80\x02"}), "cannot be read"),
        (lambda path: archive(path, {"a/data.pkl": bytes(99)}, zipfile.ZIP_DEFLATED), "compressed"),
        (lambda path: archive(path, {"a/data.pkl": bytes(17 * 2**20)}), "more than 16,777,216"),
        (lambda path: archive(path, dict.fromkeys(map(str, range(20_001)), "")), "20,001 entries"),
        (lambda path: torch.save([torch.zeros(2)], path), "does not hold a table of tensors"),
        (lambda path: torch.save({}, path), "does not hold a table of tensors"),
        (lambda path: torch.save({"w": {"x": torch.zeros(2)}}, path), "which is not a tensor"),
        (lambda path: torch.save({3: torch.zeros(2)}, path), "'3', which is not a tensor"),
        (lambda path: torch.save({"step": 3}, path), "'step', which is not a tensor"),
    ],
)
def test_other_files_are_refused_in_one_sentence(tmp_path, write, reason):
    write(tmp_path / BIN)
    with pytest.raises(NotConverted, match=rf"^{BIN} .*{reason}"):
        read_pickles(tmp_path, (BIN,))


def test_weights_of_another_shape_than_the_configuration_says_are_found(tmp_path):
    folder = write_musicgen(tmp_path / "model")
    part = Converted(
        ("model.safetensors",), "config.json", "transformers", "MusicgenForConditionalGeneration"
    )
    compare_with_model(folder, part)
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if name.startswith("decoder.") and "fc1.weight" in name)
    save_file(weights | {name: weights[name].T.contiguous()}, folder / "model.safetensors")
    with pytest.raises(NotConverted, match=f"holds '{name}' of the shape .* as its configuration"):
        compare_with_model(folder, part)
    del weights[name]
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(NotConverted, match=f"lacks the weight '{name}'"):
        compare_with_model(folder, part)


def test_a_copy_that_cannot_be_finished_is_deleted(tmp_path, published):
    folder = shutil.copytree(published[0], tmp_path / "model")
    torch.save({"w": Evil(os.system, "true")}, folder / BIN)
    with pytest.raises(NotConverted, match="which no tensor needs"):
        convert_folder(folder, tmp_path / "converted", Stages())
    assert not (tmp_path / "converted").exists()


def test_a_folder_with_pickles_says_how_to_convert_it(published):
    with pytest.raises(
        UntrustedFolder, match=r"pytorch_model\.bin can hold code: make a converted"
    ):
        check_folder(published[0])


def test_only_a_checkpoint_can_be_converted(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("missing", "empty"):
        with pytest.raises(EngineError, match=f"{name} is not converted: "):
            convert_folder(tmp_path / name, tmp_path / "converted", Stages())
    assert not (tmp_path / "converted").exists()


def test_a_copy_leaves_out_pickles_that_are_not_needed(tmp_path):
    folder = write_musicgen(tmp_path / "cloned")
    for name in (BIN, "state_dict.bin", "README.md"):
        (folder / name).write_bytes(b"anything")
    checkpoint = convert_folder(folder, tmp_path / "converted", Stages())
    assert checkpoint.folder == tmp_path / "converted"
    assert {path.name for path in folder.iterdir()} - {
        path.name for path in checkpoint.folder.iterdir()
    } == {BIN, "state_dict.bin", "README.md"}


# -- the confinement ---------------------------------------------------------------------------

TRY = """
import os, socket, subprocess, sys
from pathlib import Path
from engine.models.confinement import confine

inside, outside, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
print(*confine(inside, 2**30))
tries = {
    "write inside": lambda: (inside / "made").write_text("x"),
    "read inside": lambda: (inside / "made").read_text(),
    "write outside": lambda: (outside / "made").write_text("x"),
    "write outside by a descriptor": lambda: os.open(outside / "made", os.O_WRONLY | os.O_CREAT),
    "read outside": lambda: (outside / "secret").read_text(),
    "connect": lambda: socket.create_connection(("127.0.0.1", port), 5),
    "start": lambda: subprocess.run(["/bin/true"], check=True),
    "use memory": lambda: bytearray(2**31),
}
for name, do in tries.items():
    try:
        do()
    except (OSError, MemoryError) as error:
        print(name, "refused", type(error).__name__)
    else:
        print(name, "done")
"""


def test_a_confined_process_reaches_its_folder_and_nothing_else(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "-c", TRY, inside, outside, str(port)],
            capture_output=True, text=True, check=True, cwd=ROOT,
        )  # fmt: skip
    enforced, *lines = result.stdout.splitlines()
    assert lines[:2] == ["write inside done", "read inside done"]
    refused = [line.partition(" refused")[0] for line in lines if " refused" in line]
    always = ["write outside", "write outside by a descriptor", "connect", "start"]
    by_kernel = {"files": "read outside", "memory": "use memory"}
    expected = {*always, *(by_kernel[name] for name in enforced.split() if name in by_kernel)}
    assert set(refused) == expected
    assert not (outside / "made").exists()


# -- downloads ---------------------------------------------------------------------------------


@pytest.fixture
def hub(published):
    folder, _ = published
    with Hub() as hub:
        hub.repos[FLAT.hub] = {path.name: path.read_bytes() for path in folder.iterdir()} | {
            "state_dict.bin": b"never fetched"
        }
        yield hub


@pytest.fixture
def store(tmp_path):
    return ModelStore(WITH_CHECKPOINTS, tmp_path / "store")


def test_a_download_converts_pickled_weights_and_records_both_hashes(store, hub, published):
    stages = stages_until_it_is_killed(start(store, hub.address, FLAT), "comparing the weights")
    assert any("converting the weights" in stage for stage in stages)
    assert "state_dict.bin" not in hub.fetched()
    assert store.state(FLAT) == MISSING
    hub.requests.clear()
    stages = [each.stage for each in news_of(start(store, hub.address, FLAT))]
    assert hub.fetched() == []
    assert not any("converting the weights" in stage for stage in stages)
    folder = store.check("flat").checkpoint.folder
    assert same(load_file(folder / "model.safetensors"), published[1])
    assert list(store.root.rglob("*.bin")) == []
    (converted,) = store.manifest("flat").converted
    (before,), (after,) = converted.published, converted.files
    assert (before.path, after.path) == (BIN, "model.safetensors")
    assert before.sha256 == sha256_of(published[0] / BIN)
    assert after.sha256 == sha256_of(folder / "model.safetensors")
    assert after in store.manifest("flat").files
    assert store.state(FLAT) == READY


def stages_until_it_is_killed(process, last):
    """Kill a download when it reports a stage that begins with a text; return all stages."""
    stages = [""]
    while not stages[-1].startswith(last):
        stages.append(msgspec.json.decode(process.stdout.readline(), type=ChildEvent).stage)
    process.kill()
    news_of(process)
    return stages


def test_a_download_of_a_pickle_that_asks_for_more_is_not_kept(store, hub, tmp_path):
    canary = tmp_path / "canary"
    torch.save({"w": Evil(os.system, f"touch {canary}")}, tmp_path / BIN)
    hub.repos[FLAT.hub][BIN] = (tmp_path / BIN).read_bytes()
    failed = download(store, hub, FLAT).failed
    name = "nt.system" if sys.platform == "win32" else "posix.system"
    assert f"{BIN} asks for '{name}', which no tensor needs; report it" in failed
    assert store.state(FLAT) == MISSING
    assert not canary.exists()
    assert [path for path in store.root.rglob(BIN) if path.is_file()] == []
