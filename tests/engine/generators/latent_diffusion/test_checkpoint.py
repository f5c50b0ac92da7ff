import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.generators.interface import UnusableCheckpoint
from engine.generators.latent_diffusion.checkpoint import load_checkpoint


@pytest.fixture
def folder(folders, tmp_path):
    return shutil.copytree(folders["audioldm2"], tmp_path / "mine")


def change(path, **more):
    path.write_text(json.dumps(json.loads(path.read_text()) | more))


def refused(folder, pattern):
    with pytest.raises(UnusableCheckpoint, match=pattern):
        load_checkpoint(folder)


def test_parts_are_loaded_completely_and_ready_to_run(folder):
    checkpoint = load_checkpoint(folder)
    stored = load_file(folder / "unet" / "diffusion_pytorch_model.safetensors")
    state = checkpoint.unet.state_dict()
    assert stored.keys() == state.keys()
    assert all(torch.equal(stored[name], state[name]) for name in stored)
    assert not checkpoint.unet.training
    assert type(checkpoint.language_model).__name__ == "GPT2Model"


def test_weights_in_several_files_are_the_same_weights(folder):
    path = folder / "unet" / "diffusion_pytorch_model.safetensors"
    stored = load_file(path)
    names = sorted(stored)
    shards = {
        f"diffusion_pytorch_model-0000{number}-of-00002.safetensors": names[number - 1 :: 2]
        for number in (1, 2)
    }
    for file, some in shards.items():
        save_file({name: stored[name] for name in some}, path.with_name(file))
    table = {name: file for file, some in shards.items() for name in some}
    index = path.with_name("diffusion_pytorch_model.safetensors.index.json")
    index.write_text(json.dumps({"weight_map": table}))
    path.unlink()
    state = load_checkpoint(folder).unet.state_dict()
    assert all(torch.equal(stored[name], state[name]) for name in stored)
    path.with_name("diffusion_pytorch_model-00002-of-00002.safetensors").unlink()
    refused(folder, "00002-of-00002.safetensors is missing")


def test_a_language_model_stored_with_its_head_loads_the_same(folder):
    plain = load_checkpoint(folder).language_model.state_dict()
    path = folder / "language_model" / "model.safetensors"
    stored = {f"transformer.{name}": value for name, value in load_file(path).items()}
    stored["lm_head.weight"] = stored["transformer.wte.weight"].clone()
    save_file(stored, path, {"format": "pt"})
    change(folder / "model_index.json", language_model=["transformers", "GPT2LMHeadModel"])
    headed = load_checkpoint(folder).language_model.state_dict()
    assert all(torch.equal(plain[name], headed[name]) for name in plain)


def test_attention_weights_of_an_old_vae_are_found_by_their_old_names(folder):
    path = folder / "vae" / "diffusion_pytorch_model.safetensors"
    new = load_file(path)
    names = {
        ".to_q.": ".query.",
        ".to_k.": ".key.",
        ".to_v.": ".value.",
        ".to_out.0.": ".proj_attn.",
    }
    old = {}
    for name, value in new.items():
        for now, once in names.items():
            name = name.replace(now, once)  # noqa: PLW2901
        old[name] = value
    assert old.keys() != new.keys()
    save_file(old, path)
    state = load_checkpoint(folder).vae.state_dict()
    assert all(torch.equal(new[name], state[name]) for name in new)


def test_another_pipeline_is_refused(folder):
    change(folder / "model_index.json", _class_name="StableDiffusionPipeline")
    refused(folder, "model_index.json names the pipeline 'StableDiffusionPipeline': choose a fold")


@pytest.mark.parametrize("named", [["os", "system"], ["my_code", "UNet"], None, "unet", [1, 2, 3]])
def test_an_unlisted_class_is_refused(folder, named):
    change(folder / "model_index.json", unet=named)
    refused(folder, "as unet: only AudioLDM2UNet2DConditionModel is allowed")


@pytest.mark.parametrize("key", ["auto_map", "quantization_config"])
@pytest.mark.parametrize("part", ["unet", "text_encoder"])
def test_a_config_that_requests_remote_code_is_refused(folder, part, key):
    change(folder / part / "config.json", **{key: {"AutoModel": "modeling.Evil"}})
    refused(folder, f"config.json has the key '{key}', which may run foreign code")


@pytest.mark.parametrize(
    ("part", "name"),
    [("vae", "diffusion_pytorch_model"), ("text_encoder", "model")],
)
def test_weights_in_formats_other_than_safetensors_are_not_opened(folder, part, name):
    path = folder / part / f"{name}.safetensors"
    path.rename(path.with_suffix(".bin"))
    refused(folder, f"{name}.safetensors is missing: download it; only weights in safetensors")


@pytest.mark.parametrize("part", ["unet", "language_model"])
def test_mismatched_weights_are_refused(folder, part):
    (path,) = (folder / part).glob("*.safetensors")
    stored = load_file(path)
    stored.pop(max(stored))
    save_file(stored, path, {"format": "pt"})
    refused(folder, "download the checkpoint again")


def test_an_invalid_index_is_refused(folder):
    (folder / "model_index.json").write_text("{")
    refused(folder, "model_index.json is not valid JSON: download")


def test_an_invalid_folder_is_refused(tmp_path):
    refused(tmp_path / "missing", "cannot be read .*: choose a complete checkpoint folder")
