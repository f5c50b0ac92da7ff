"""Adapters change the sound as if they were added to the weights."""

import shutil
from pathlib import Path

import pytest
import soundfile
import torch
from safetensors.torch import save_file

from engine.generators.ace_step.adapters import adapted
from engine.generators.ace_step.checkpoint import load_checkpoint
from engine.generators.ace_step.pipeline import Pipeline, PipelineRequest
from engine.generators.ace_step.wording import Wording
from engine.loops.adapters import adapters_named
from engine.loops.cancel import RepeatableReport
from engine.loops.errors import LoopError, OutOfRange
from engine.loops.file_facts import read_recipe
from engine.loops.request import LoopRequest, checked_request
from engine.models.catalogue import Catalogue
from engine.protocol import Render, TakeReady
from tests.fakes.worker import events_of

LAYERS = {"self_attn.to_q": "self_attn.q_proj", "cross_attn.to_out.0": "cross_attn.o_proj"}
MLP = "mlp.up_proj"


def thin(shape, seed, rank=2):
    chance = torch.Generator().manual_seed(seed)
    out, inside = shape
    return torch.randn(rank, inside, generator=chance), torch.randn(out, rank, generator=chance)


@pytest.fixture(scope="module")
def checkpoint(turbo_folder):
    return load_checkpoint(turbo_folder)


@pytest.fixture(scope="module")
def files(checkpoint, tmp_path_factory):
    """Two adapters, one as the library writes them, one as the authors do, with an alpha."""
    folder = tmp_path_factory.mktemp("adapters")
    weights = checkpoint.transformer.state_dict()
    one, other = {}, {}
    for number, (ours, theirs) in enumerate(LAYERS.items()):
        down, up = thin(weights[f"layers.0.{ours}.weight"].shape, number)
        one[f"transformer.layers.0.{ours}.lora_A.weight"] = down
        one[f"transformer.layers.0.{ours}.lora_B.weight"] = up
        other[f"base_model.model.layers.1.{theirs}.lora_A.weight"] = down
        other[f"base_model.model.layers.1.{theirs}.lora_B.weight"] = up
    down, up = thin(weights[f"layers.1.{MLP}.weight"].shape, 9)
    other |= {
        f"decoder.layers.1.{MLP}.lora_down.weight": down,
        f"decoder.layers.1.{MLP}.lora_up.weight": up,
        f"decoder.layers.1.{MLP}.alpha": torch.tensor(1.0),
    }
    save_file(one, folder / "lofi.safetensors")
    save_file(other, folder / "tape.safetensors")
    return folder


def latents_of(pipeline, adapters=()):
    asked = PipelineRequest(
        told=Wording(caption="pad", seconds=10), seeds=(1,), latents=20, steps=2
    )
    with adapted(pipeline.transformer, adapters):
        return pipeline.latents(asked, RepeatableReport(lambda _fraction, _stage: None, ""))


def test_two_adapters_are_what_their_sum_in_the_weights_is(turbo_folder, files):
    merged = load_checkpoint(turbo_folder)
    weights = dict(merged.transformer.named_parameters())
    for number, ours in enumerate(LAYERS):
        for layer, share in ((0, 0.8), (1, -0.5)):
            weight = weights[f"layers.{layer}.{ours}.weight"]
            down, up = thin(weight.shape, number)
            weight.data += share * up @ down
    weight = weights[f"layers.1.{MLP}.weight"]
    down, up = thin(weight.shape, 9)
    weight.data += -0.5 * (1 / 2) * up @ down
    cpu = torch.device("cpu")
    expected = latents_of(Pipeline(merged, cpu, torch.float32))
    pipeline = Pipeline.load(turbo_folder, cpu, torch.float32)
    plain = latents_of(pipeline)
    adapters = [(files / "lofi.safetensors", 0.8), (files / "tape.safetensors", -0.5)]
    assert (latents_of(pipeline, adapters) - expected).abs().max() < 1e-4
    assert (plain - expected).abs().max() > 1e-2
    assert torch.equal(latents_of(pipeline), plain)  # nothing stays


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"evil": (2, 2)}, "has the weight 'evil', which is not one of a LoRA"),
        ({"layers.9.mlp.up_proj.lora_A.weight": (2, 32)}, "no matrices for a layer 'layers.9"),
        (
            {
                "layers.0.mlp.up_proj.lora_A.weight": (2, 7),
                "layers.0.mlp.up_proj.lora_B.weight": (48, 2),
            },
            "has other sizes at 'layers.0.mlp.up_proj'",
        ),
    ],
)
def test_an_adapter_of_another_model_is_refused(turbo, tmp_path, weights, words):
    file = tmp_path / "other.safetensors"
    save_file({name: torch.zeros(shape) for name, shape in weights.items()}, file)
    with pytest.raises(LoopError, match=words), adapted(turbo._pipeline.transformer, [(file, 1.0)]):
        pass


def test_adapters_are_named_with_their_shares():
    assert adapters_named("lofi:0.8, my tape") == (("lofi", 0.8), ("my tape", 1.0))
    assert checked_request(LoopRequest(prompt="a", adapters="lofi")).adapters == "lofi:1"
    for wrong in ("../x", "lofi:9", "a:b", ",", ", ".join("abcdefghi")):
        with pytest.raises(OutOfRange):
            adapters_named(wrong)


def test_a_job_finds_adapters_among_the_models_and_records_them(
    tmp_path, turbo_folder, files, monkeypatch
):
    monkeypatch.setenv("LOOPWRIGHT_MODELS", str(tmp_path / "models"))
    shutil.copytree(files, tmp_path / "models" / "adapters")

    def clip_with(adapters):
        request = LoopRequest(
            prompt="pad", model=str(turbo_folder), bars=1, bpm=120.0, steps=1, seed=1,
            adapters=adapters,
        )  # fmt: skip
        events = events_of(Render("0", request, str(tmp_path)), models=Catalogue([]))
        clips = [event.clip.path for event in events if isinstance(event, TakeReady)]
        return clips[0] if clips else events[-1].message

    plain, other = clip_with(None), clip_with("lofi:0.5")
    assert (soundfile.read(plain)[0] != soundfile.read(other)[0]).any()
    recipe = read_recipe(Path(other))
    assert recipe.request.adapters == "lofi:0.5"
    assert "that of the adapter 'lofi'" in recipe.model.licence
    missing = clip_with("jazz")
    assert missing.startswith("There is no adapter 'jazz' in ")
    assert missing.endswith(": choose one of lofi, tape.")
