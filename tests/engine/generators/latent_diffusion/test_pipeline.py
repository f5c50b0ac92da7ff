import dataclasses
import socket

import pytest
import torch

from engine.generators.latent_diffusion.checkpoint import load_checkpoint
from engine.generators.latent_diffusion.decode import mel_of, sound_chunks
from engine.generators.latent_diffusion.family import Speech
from engine.generators.latent_diffusion.pipeline import Pipeline, PipelineRequest
from engine.generators.packed import can_pack_convolutions
from tests.fakes.torch_threads import torch_threads

ORDER = PipelineRequest(
    prompts=("dusty drums",), negatives=("hiss",), seeds=(3,), latent_frames=16, steps=2
)

ROUNDING = 1e-4  # After some steps, of random weights.


def no_report(_fraction, _stage):
    """Take no notice."""


@pytest.fixture(params=["musicldm", "audioldm2"])
def name(request):
    return request.param


@pytest.fixture
def pipeline(name, pipelines):
    return pipelines[name]


def embeddings(pipeline, prompt):
    return pipeline.family.embed([prompt], ["hiss"], Speech())


def test_embeddings_can_replace_the_prompt(pipeline):
    vectors = embeddings(pipeline, "warm pads")
    given = pipeline.waveforms(dataclasses.replace(ORDER, embeddings=vectors), no_report)
    prompted = pipeline.waveforms(dataclasses.replace(ORDER, prompts=("warm pads",)), no_report)
    assert torch.equal(given, prompted)
    assert not torch.equal(given, pipeline.waveforms(ORDER, no_report))


@pytest.mark.skipif(
    can_pack_convolutions("cpu", torch.float32), reason="steps are not divided on this processor"
)
@pytest.mark.parametrize("draft", [False, True])
def test_the_halves_of_a_guided_step_are_the_same_side_by_side(pipeline, draft):
    rows = []
    entrance = pipeline.parts.unet.conv_in
    order = dataclasses.replace(ORDER, steps=5, draft=draft)
    handle = entrance.register_forward_hook(lambda _layer, given, _out: rows.append(len(given[0])))
    with torch_threads(1):
        expected = pipeline.latents(order, no_report)
    guided = rows.count(2)
    rows.clear()
    with torch_threads(2):
        found = pipeline.latents(order, no_report)
    handle.remove()
    assert rows[: 2 * guided] == 2 * guided * [1]
    assert (found - expected).norm() < ROUNDING * expected.norm()


def test_two_prompts_can_be_blended(pipeline):
    one, two = (embeddings(pipeline, prompt) for prompt in ("soft pads", "hard drum"))
    middle = {name: torch.lerp(one[0][name].float(), two[0][name].float(), 0.5) for name in one[0]}
    sounds = [
        pipeline.latents(dataclasses.replace(ORDER, embeddings=(positive, one[1])), no_report)
        for positive in (one[0], middle, two[0])
    ]
    ends = (sounds[0] - sounds[2]).norm()
    assert 0 < (sounds[0] - sounds[1]).norm() < ends
    assert 0 < (sounds[2] - sounds[1]).norm() < ends


def test_given_noise_replaces_the_seed(pipeline):
    noise = torch.randn(1, 8, 16, 16, generator=torch.Generator().manual_seed(3))
    given = dataclasses.replace(ORDER, seeds=(99,), latents=noise)
    assert torch.equal(pipeline.latents(given, no_report), pipeline.latents(ORDER, no_report))


def test_takes_of_one_batch_are_close_to_single_takes(pipeline):
    both = pipeline.waveforms(dataclasses.replace(ORDER, seeds=(3, 4)), no_report)
    alone = pipeline.waveforms(dataclasses.replace(ORDER, seeds=(4,)), no_report)
    assert (both[1] - alone[0]).abs().max() < 1e-4


@torch.inference_mode()
def test_the_first_second_is_available_before_the_rest(pipeline):
    latents = torch.randn(1, 8, 72, 16, generator=torch.Generator().manual_seed(1))
    whole = pipeline.decoded(latents, closed=False, report=lambda _fraction: None)
    mel = mel_of(pipeline.parts.vae, latents)
    first = next(sound_chunks(pipeline.parts.vocoder, mel, closed=False))
    assert first.shape == (1, 16_000)
    assert (first - whole[:, :16_000]).abs().max() < 1e-5


def test_bfloat16_sounds_nearly_the_same(name, folders, pipelines):
    rough = Pipeline.load(folders[name], torch.device("cpu"), torch.bfloat16)
    ours = rough.latents(ORDER, no_report)
    exact = pipelines[name].latents(ORDER, no_report)
    assert ours.dtype == torch.float32
    assert 0.99 < torch.cosine_similarity(ours.flatten(), exact.flatten(), 0) < 0.9999999
    assert rough.waveforms(ORDER, no_report).isfinite().all()


def test_neither_loading_nor_generating_opens_a_connection(name, folders, monkeypatch):
    def refuse(*_arguments):
        pytest.fail("opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    pipeline = Pipeline.load(folders[name], torch.device("cpu"), torch.float32)
    assert pipeline.waveforms(ORDER, no_report).abs().max() > 0.001


@pytest.mark.parametrize("roomy", [True, False])
def test_on_a_small_card_the_text_encoders_stay_on_the_cpu_and_work(
    name, folders, monkeypatch, roomy
):
    # A card stands in that takes what it is given and computes nothing: there is none in tests.
    card = torch.device("meta")
    module = "engine.generators.device.free_gpu_bytes"
    free = 1_600_000_000 if roomy else 1_500_000_000
    monkeypatch.setattr(module, lambda device: free if device == card else None)
    pipeline = Pipeline(load_checkpoint(folders[name]), card, torch.bfloat16)
    assert next(pipeline.parts.unet.parameters()).device == card
    assert next(pipeline.parts.vocoder.parameters()).device == card
    reader = next(pipeline.parts.text_encoder.parameters())
    assert (reader.device == card) == roomy
    assert reader.dtype == torch.float32
    if not roomy:
        positive, _ = embeddings(pipeline, "warm pads")
        assert all(torch.isfinite(vector).all() for vector in positive.values())
