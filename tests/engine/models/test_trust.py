"""Folders that a stranger has made: 200 of them refused, and the good ones taken."""

import json
import os
import time
from pathlib import Path

import pytest

import engine.models.trust
from engine.models.errors import UntrustedFolder
from engine.models.headers import LONGEST_HEADER_BYTES, MOST_TENSORS
from engine.models.trust import check_folder
from tests.fakes import checkpoints
from tests.fakes.checkpoints import config_file, safetensors, weights_file, write

CANARY = Path("canary")
PICKLE = b"cos\nsystem\n(S'touch canary'\ntR."
CODE = b"open('canary', 'w').close()\n"
PARTS = sorted(checkpoints.AUDIOLDM2_CLASSES)
WITH_WEIGHTS = [part for part in PARTS if weights_file(part) in checkpoints.audioldm2()]


def index_with(**changed):
    def change(files):
        files["model_index.json"] = json.dumps(
            json.loads(files["model_index.json"]) | changed
        ).encode()

    return change


def index_without(part):
    def change(files):
        index = json.loads(files["model_index.json"])
        del index[part]
        files["model_index.json"] = json.dumps(index).encode()

    return change


def config_with(part, **changed):
    def change(files):
        config = json.loads(files[config_file(part)])
        files[config_file(part)] = json.dumps(config | changed).encode()

    return change


def nested_config_with(**changed):
    def change(files):
        config = json.loads(files[config_file("text_encoder")])
        config["text_config"] |= changed
        files[config_file("text_encoder")] = json.dumps(config).encode()

    return change


def file_with(name, data):
    def change(files):
        files[name] = data

    return change


def without(name):
    def change(files):
        del files[name]

    return change


def header(length, rest=b""):
    return length.to_bytes(8, "little") + rest


def of_tensors(count):
    entry = '"{}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'
    text = f"{{{','.join(entry.format(number) for number in range(count))}}}".encode()
    return header(len(text), text)


def one(**tensor):
    entry = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} | tensor
    text = json.dumps({"a": entry}).encode()
    return header(len(text), text) + bytes(4)


FORBIDDEN_FILES = [
    "pytorch_model.bin", "diffusion_pytorch_model.bin", "model.ckpt", "weights.pt", "weights.pth",
    "model.pkl", "model.pickle", "tf_model.h5", "model.onnx", "flax_model.msgpack", "model.npz",
    "model.joblib", "modeling_evil.py", "__init__.py", "evil.so", "evil.pyc", "model.gguf",
    "setup.cfg", "evil.sh", "noending", "model.safetensors.bin", "config.json.py", "x.dll",
]  # fmt: skip
CODE_KEYS = [
    ("auto_map", {"AutoModel": "evil.Model"}),
    ("auto_map", {}),
    ("trust_remote_code", True),
    ("trust_remote_code", False),
    ("custom_pipelines", {"evil": {}}),
    ("custom_pipeline", "evil/pipeline"),
    ("_attn_implementation", "evil/kernel"),
    ("attn_implementation", "evil/kernel@main"),
    ("_attn_implementation_internal", "evil/kernel"),
    ("use_kernels", True),
    ("kernel_config", {"x": "evil/kernel"}),
    ("quantization_config", {"quant_method": "evil"}),
    ("__class__", "os.system"),
    ("__reduce__", ["os.system", "touch canary"]),
    ("model_class", "os.system"),
    ("_module", "evil"),
    ("hook", "evil.py"),
    ("loader", ["evil"]),
    ("remote", True),
    ("load_in_pickle", True),
]
INDEX_CASES = {
    "library os": index_with(vae=["os", "AutoencoderKL"]),
    "library subprocess": index_with(unet=["subprocess", "UNet2DConditionModel"]),
    "library of its own": index_with(vae=["evil", "AutoencoderKL"]),
    "library with a dot": index_with(vae=["diffusers.utils", "AutoencoderKL"]),
    "library with a path": index_with(vae=["../evil", "AutoencoderKL"]),
    "empty library": index_with(vae=["", "AutoencoderKL"]),
    "library swapped": index_with(text_encoder=["diffusers", "ClapModel"]),
    "class system": index_with(vae=["diffusers", "system"]),
    "class of another part": index_with(vae=["diffusers", "UNet2DConditionModel"]),
    "auto class": index_with(text_encoder=["transformers", "AutoModel"]),
    "three values": index_with(vae=["diffusers", "AutoencoderKL", "evil"]),
    "one value": index_with(vae=["AutoencoderKL"]),
    "a text": index_with(vae="diffusers.AutoencoderKL"),
    "a table": index_with(vae={"library": "os"}),
    "nothing": index_with(vae=[None, None]),
    "null": index_with(vae=None),
    "numbers": index_with(vae=[1, 2]),
    "custom pipeline": index_with(_class_name=["evil", "Pipeline"]),
    "other pipeline": index_with(_class_name="StableDiffusionPipeline"),
    "pipeline of its own": index_with(_class_name="EvilPipeline"),
    "no pipeline": index_with(_class_name=None),
    "own part": index_with(evil=["diffusers", "AutoencoderKL"]),
    "safety checker": index_with(safety_checker=[None, None]),
    "auto_map": index_with(auto_map={"a": "b"}),
    "custom_pipelines": index_with(custom_pipelines=["x"]),
    "underscore": index_with(_custom_pipeline="evil/pipeline"),
    "version is a table": index_with(_diffusers_version={"a": 1}),
    "no index": without("model_index.json"),
    "index is a list": file_with("model_index.json", b"[]"),
    "index is no JSON": file_with("model_index.json", PICKLE),
    "index is empty": file_with("model_index.json", b""),
    "index is nested": file_with("model_index.json", b'{"a":' * 100_000),
    "index is huge": file_with("model_index.json", b" " * 2_000_000 + b"{}"),
    "index is not UTF-8": file_with("model_index.json", b'{"_class_name": "\xff"}'),
    **{f"{part} is not named": index_without(part) for part in PARTS},
}
HEADER_CASES = {
    "empty": b"",
    "short": b"\x02\x00",
    "length only": header(2),
    "longer than the file": header(10**9, b"{}"),
    "longest": header(2**64 - 1, b"{}"),
    "too many tensors": of_tensors(MOST_TENSORS + 1),
    "oversize": header(LONGEST_HEADER_BYTES + 1, b"{}" + b" " * LONGEST_HEADER_BYTES),
    "a pickle": PICKLE,
    "a zip": b"PK\x03\x04" + bytes(100),
    "no JSON": header(8, b"notjson!"),
    "a list": header(2, b"[]"),
    "nested": header(300_000, b'{"a":' * 60_000),
    "unknown type": one(dtype="OBJECT"),
    "negative side": one(shape=[-1]),
    "nine sides": one(shape=[1] * 9),
    "huge side": one(shape=[10**15]),
    "wrong offsets": one(data_offsets=[0, 8]),
    "negative offsets": one(data_offsets=[-4, 0]),
    "offsets reversed": one(data_offsets=[4, 0]),
    "offsets beyond": one(data_offsets=[10**9, 10**9 + 4]),
    "gap": one(data_offsets=[2, 6]),
    "text as shape": one(shape="1"),
    "fraction as side": one(shape=[1.5]),
    "extra key": one(code="evil"),
    "no tensors but data": header(2, b"{}" + bytes(4)),
    "data behind": one() + b"more",
}
VALUE_CASES = {
    "hidden size": config_with("text_encoder", hidden_size=10**6),
    "nested hidden size": nested_config_with(hidden_size=65),
    "nested vocabulary": nested_config_with(vocab_size=10**9),
    "nested depth": nested_config_with(num_hidden_layers=10**6),
    "negative": config_with("vae", block_out_channels=[-8, 16]),
    "zero": config_with("unet", in_channels=0),
    "wide": config_with("unet", block_out_channels=[8, 100_000]),
    "deep": config_with("language_model", n_layer=50_000),
    "embedding": config_with("language_model", n_embd=10**7),
    "kernel": config_with("vocoder", resblock_kernel_sizes=[10**6]),
    "rates": config_with("vocoder", upsample_rates=[5, 10**5]),
    "many rates": config_with("vocoder", upsample_rates=[1] * 1_000),
    "steps": config_with("scheduler", num_train_timesteps=10**9),
    "infinite": lambda files: files.update({config_file("vae"): b'{"scaling_factor": 1e999}'}),
    "not a number": lambda files: files.update({config_file("vae"): b'{"scaling_factor": NaN}'}),
    "long text": config_with("unet", act_fn="x" * 10_000),
    "architecture": config_with("text_encoder", architectures=["EvilModel"]),
    "architecture os": config_with("language_model", architectures=["os.system"]),
    "tokenizer class": config_with("tokenizer", tokenizer_class="EvilTokenizer"),
    "processor class": config_with("feature_extractor", processor_class="evil.Processor"),
    "extractor": config_with("feature_extractor", feature_extractor_type="Evil"),
    "chat template": config_with("tokenizer", chat_template="{{ evil }}"),
    "nested deep": config_with("vae", norm_num_groups=[[[[[[[[1]]]]]]]]),
    "unknown tokenizer key": file_with("tokenizer/tokenizer.json", b'{"evil": 1}'),
    "tokenizer is a list": file_with("tokenizer/tokenizer.json", b"[]"),
    "unknown JSON": file_with("vae/evil.json", b"{}"),
    "stray JSON": file_with("config.json", b"{}"),
    "stray weights": file_with("model.safetensors", safetensors({"a": (1,)})),
    "stray folder": file_with("evil/config.json", b"{}"),
    "huge config": file_with("vae/config.json", b" " * 2_000_000 + b"{}"),
    "index of shards leads out": lambda files: files.update(
        {
            "unet/diffusion_pytorch_model.safetensors.index.json": json.dumps(
                {"weight_map": {"a": "../../evil.safetensors"}}
            ).encode(),
            "unet/other.safetensors": files.pop(weights_file("unet")),
        }
    ),
    "index of shards names code": lambda files: files.update(
        {
            "unet/diffusion_pytorch_model.safetensors.index.json": json.dumps(
                {"weight_map": {"a": "config.json"}}
            ).encode(),
            "unet/other.safetensors": files.pop(weights_file("unet")),
        }
    ),
}
CASES = {
    **{f"index: {name}": change for name, change in INDEX_CASES.items()},
    **{f"file: {name}": file_with(f"unet/{name}", CODE) for name in FORBIDDEN_FILES},
    **{f"root file: {name}": file_with(name, PICKLE) for name in FORBIDDEN_FILES},
    **{
        f"key: {key} {number}": config_with("vae", **{key: value})
        for number, (key, value) in enumerate(CODE_KEYS)
    },
    **{
        f"nested key: {key} {number}": nested_config_with(**{key: value})
        for number, (key, value) in enumerate(CODE_KEYS)
    },
    **{
        f"tokenizer key: {key} {number}": config_with("tokenizer", **{key: value})
        for number, (key, value) in enumerate(CODE_KEYS)
    },
    **{
        f"weights: {name}": file_with(weights_file("unet"), data)
        for name, data in HEADER_CASES.items()
    },
    **{f"value: {name}": change for name, change in VALUE_CASES.items()},
    **{f"no config of {part}": without(config_file(part)) for part in PARTS},
    **{f"no weights of {part}": without(weights_file(part)) for part in WITH_WEIGHTS},
}


@pytest.fixture(autouse=True)
def _watched_for_code_that_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    assert not CANARY.exists()


def test_there_are_at_least_200_malicious_folders():
    assert len(CASES) >= 200


@pytest.mark.hold(12)
@pytest.mark.parametrize("case", CASES)
def test_a_malicious_folder_is_refused_with_the_file_and_the_reason(tmp_path, hold, case):
    files = checkpoints.audioldm2()
    CASES[case](files)
    folder = write(tmp_path / "model", files)
    began = time.thread_time()
    with pytest.raises(UntrustedFolder) as caught:
        check_folder(folder)
    spent_ms = (time.thread_time() - began) * 1_000
    hold.figure(12, "a malicious folder refused, no code run; at most {ms:.1f} ms", ms=spent_ms)
    sentence = str(caught.value)
    assert sentence.startswith(f"Folder {folder} is not used as a model: ")
    assert len(sentence) < 1_000
    assert "\n" not in sentence
    assert caught.value.file in sentence


@pytest.mark.parametrize("files", [checkpoints.musicldm(), checkpoints.audioldm2()])
def test_the_published_layout_is_accepted(tmp_path, files):
    extra = {
        "README.md": b"hello",
        "tokenizer/chat_template.jinja": b"{{ never rendered }}",
        ".gitattributes": b"",
        ".git/hooks/post-checkout": b"never read",
        "tokenizer/merges.txt": b"a b",
        "text_encoder/generation_config.json": b'{"do_sample": true, "max_length": 50}',
    }
    checkpoint = check_folder(write(tmp_path / "model", files | extra))
    assert checkpoint.family in ("musicldm", "audioldm2")
    assert checkpoint.parts["unet"].parameters == 16 * 64 + 64 * 4
    weights = [name for name in files if name.endswith(".safetensors")]
    assert checkpoint.parameters == len(weights) * (16 * 64 + 64 * 4)


def test_nothing_fills_in_a_template_for_conversations():
    code = Path(engine.models.trust.__file__).parents[1].rglob("*.py")
    assert not [path for path in code if "apply_chat_template" in path.read_text("utf-8")]


def test_published_class_names_are_mapped_to_their_meaning(tmp_path):
    checkpoint = check_folder(write(tmp_path / "model", checkpoints.audioldm2()))
    assert checkpoint.parts["language_model"].class_name == "GPT2Model"


def test_an_unknown_key_may_have_an_empty_or_numeric_value(tmp_path):
    files = checkpoints.musicldm()
    config_with("vae", left_by_an_old_version=None, another=0.5, third=False)(files)
    assert check_folder(write(tmp_path / "model", files)).family == "musicldm"


def test_files_left_by_file_managers_are_ignored(tmp_path):
    names = (
        ".DS_Store",
        "unet/desktop.ini",
        "vae/Thumbs.db",
        "unet/._config.json",
        "Icon\r",
        ".~lock.model_index.json#",
        "unet/~$config.json",
        "__MACOSX/unet/._config.json",
        ".Trashes/501/evil.py",
        "vae/__MACOSX/evil.bin",
        ".git/hooks/pre-commit",
        ".Trash-1000/x.py",
        "System Volume Information/IndexerVolumeGuid",
        ".Spotlight-V100/store.db",
    )
    files = checkpoints.musicldm() | dict.fromkeys(names, b"litter")
    assert check_folder(write(tmp_path / "model", files)).family == "musicldm"


def test_shards_are_counted_together(tmp_path):
    files = checkpoints.musicldm()
    del files[weights_file("unet")]
    names = ["diffusion_pytorch_model-00001-of-00002.safetensors", "second.safetensors"]
    for name, tensor in zip(names, ("a", "b"), strict=True):
        files[f"unet/{name}"] = safetensors({tensor: (64, 10)})
    table = {"weight_map": dict(zip("ab", names, strict=True)), "metadata": {"total_size": 1}}
    files["unet/diffusion_pytorch_model.safetensors.index.json"] = json.dumps(table).encode()
    checkpoint = check_folder(write(tmp_path / "model", files))
    assert checkpoint.parts["unet"].parameters == 2 * 64 * 10


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside.json", "missing.json"])
def test_a_link_out_of_the_folder_is_refused(tmp_path, target):
    folder = write(tmp_path / "model", checkpoints.musicldm())
    (tmp_path / "outside.json").write_text("{}")
    (folder / "vae" / "config.json").unlink()
    (folder / "vae" / "config.json").symlink_to(target)
    with pytest.raises(UntrustedFolder, match=r"vae/config\.json"):
        check_folder(folder)


def test_a_link_to_itself_is_refused(tmp_path):
    folder = write(tmp_path / "model", checkpoints.musicldm())
    (folder / "vae" / "config.json").unlink()
    (folder / "vae" / "config.json").symlink_to("config.json")
    with pytest.raises(UntrustedFolder, match="too many levels of symbolic links"):
        check_folder(folder)


def test_a_link_to_a_folder_is_refused(tmp_path):
    folder = write(tmp_path / "model", checkpoints.musicldm())
    (folder / "vae").rename(tmp_path / "vae")
    (folder / "vae").symlink_to(tmp_path / "vae")
    with pytest.raises(UntrustedFolder, match="vae is a link to a folder"):
        check_folder(folder)


def test_a_pipe_instead_of_a_file_is_refused_without_blocking(tmp_path):
    folder = write(tmp_path / "model", checkpoints.musicldm())
    (folder / "vae" / "config.json").unlink()
    os.mkfifo(folder / "vae" / "config.json")
    with pytest.raises(UntrustedFolder, match="is not an ordinary file"):
        check_folder(folder)


def test_a_snapshot_in_the_hub_clients_cache_is_accepted_with_its_links(tmp_path):
    snapshot = tmp_path / "models--a--b" / "snapshots" / "abc"
    write(snapshot, checkpoints.musicldm())
    blobs = snapshot.parent.parent / "blobs"
    blobs.mkdir()
    (snapshot / "vae" / "config.json").rename(blobs / "1")
    (snapshot / "vae" / "config.json").symlink_to("../../../blobs/1")
    assert check_folder(snapshot).family == "musicldm"


@pytest.mark.parametrize("make", ["missing", "file", "empty"])
def test_a_folder_that_is_not_a_model_is_refused(tmp_path, make):
    place = tmp_path / "model"
    if make == "file":
        place.write_text("x")
    elif make == "empty":
        place.mkdir()
    with pytest.raises(UntrustedFolder):
        check_folder(place)
