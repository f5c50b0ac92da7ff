import numpy as np
import pytest
import torch

from engine.generators.interface import SourceGenerator
from engine.generators.latent_diffusion.circular import circular_padding
from engine.generators.latent_diffusion.decode import mel_of
from engine.generators.latent_diffusion.encode import log_mel, mel_filters, mono_at
from engine.generators.latent_diffusion.generator import LatentDiffusionGenerator
from engine.generators.latent_diffusion.pipeline import PipelineRequest
from engine.generators.latent_diffusion.variation import VariationStart
from engine.loops.errors import LoopError
from engine.loops.recipe import ModelFacts
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid

FACTS = ModelFacts(id="tiny", name="Tiny", revision="1", licence="for tests")
ORIGIN = LoopRequest(prompt="dusty drums", bars=1, bpm=400.0, steps=4, guidance=1.5, seed=3)
VARY = LoopRequest(prompt="dusty drums", bars=1, bpm=400.0, source="it", mode="vary")
RATE = 16_000


def no_report(_fraction, _stage):
    """Take no notice."""


@pytest.fixture(scope="module", params=["musicldm", "audioldm2"])
def generator(request, folders):
    return LatentDiffusionGenerator(folders[request.param], FACTS, device="cpu", dtype="float32")


@pytest.fixture(params=["musicldm", "audioldm2"])
def pipeline(request, pipelines):
    return pipelines[request.param]


def request_with(**fields):
    names = VARY.__struct_fields__
    return LoopRequest(**{name: getattr(VARY, name) for name in names} | fields)


def varied(generator, origin, seeds=(8,), source=None, **fields):
    request = request_with(**fields)
    grid = generator.plan(request).grid
    audio = np.zeros((grid.frames, 2), np.float32) if source is None else source
    lineage = () if origin is None else (origin,)
    return list(generator.generate_from(request, grid, [*seeds], [audio], lineage, no_report))


def made(generator, request):
    grid = generator.plan(request).grid
    return next(iter(generator.generate(request, grid, [request.seed], no_report))).audio


def chord(grid, channels=2):
    """Return notes that run round: (frames, channels)."""
    turns = np.arange(grid.frames) / grid.frames
    notes = sum(np.sin(2 * np.pi * cycles * turns) for cycles in (260, 330, 391))
    pulse = 0.6 + 0.4 * np.cos(2 * np.pi * 4 * turns)
    return np.repeat((0.1 * notes * pulse).astype(np.float32)[:, None], channels, axis=1)


def test_the_generator_announces_that_it_can_vary(generator):
    assert isinstance(generator, SourceGenerator)
    assert generator.modes == {"vary", "blend"}


@pytest.mark.parametrize("scheduler", [None, "euler-ancestral"])
def test_at_0_a_loop_of_the_same_model_is_reproduced_with_its_own_settings(generator, scheduler):
    origin = but(ORIGIN, scheduler=scheduler, negative="hiss")
    (take,) = varied(generator, origin, amount=0.0)
    assert take.audio.tobytes() == made(generator, origin).tobytes()
    assert (take.seed, take.closed) == (8, True)


def but(request, **fields):
    names = request.__struct_fields__
    return LoopRequest(**{name: getattr(request, name) for name in names} | fields)


def test_at_1_a_loop_of_the_same_model_is_that_of_the_new_seed(generator):
    (take,) = varied(generator, ORIGIN, amount=1.0)
    other = made(generator, but(ORIGIN, seed=8))
    assert np.abs(take.audio - other).max() < 1e-5


def test_a_larger_amount_gives_a_larger_difference(generator):
    base = made(generator, ORIGIN)
    near, far = (varied(generator, ORIGIN, amount=amount)[0].audio for amount in (0.1, 0.9))
    assert 0 < np.abs(near - base).mean() < np.abs(far - base).mean()


def test_request_settings_override_source_settings(generator):
    (take,) = varied(generator, ORIGIN, amount=0.0, steps=6)
    again = made(generator, but(ORIGIN, steps=6))
    assert take.audio.tobytes() == again.tobytes()


def test_a_seed_reproduces_the_variation_of_a_sound(generator):
    grid = generator.plan(VARY).grid
    first, again, other = varied(generator, None, (5, 5, 6), chord(grid), steps=4)
    assert first.audio.tobytes() == again.audio.tobytes() != other.audio.tobytes()
    assert first.closed


def test_a_source_of_another_length_is_varied_by_its_audio(generator):
    grid = generator.plan(VARY).grid
    longer = but(ORIGIN, bars=2)
    ours, unknown = (
        varied(generator, origin, source=chord(grid), steps=4, guidance=2.0)[0].audio
        for origin in (longer, None)
    )
    assert ours.tobytes() == unknown.tobytes()


def test_pndm_cannot_start_from_audio_and_says_so(generator):
    with pytest.raises(LoopError) as caught:
        varied(generator, None, source=chord(generator.plan(VARY).grid), scheduler="pndm")
    assert str(caught.value) == (
        "Scheduler 'pndm' cannot start from existing audio: choose another, such as 'ddim'."
    )


def order(sound, amount, frames=32, **fields):
    return PipelineRequest(
        prompts=("pads",), negatives=("",), seeds=(4,), latent_frames=frames,
        start=VariationStart(amount=amount, latents=sound), steps=20, guidance=1.0, **fields,
    )  # fmt: skip


@pytest.fixture
def sound():
    """Noise with a shape, 1.28 s: 32 latent frames."""
    noise = torch.randn(32 * 640, generator=torch.Generator().manual_seed(9))
    return noise * torch.linspace(0.1, 1, 32 * 640)


def test_at_0_audio_passes_through_the_vae_unchanged(pipeline, sound):
    encoded = pipeline.encode(sound, 32)
    assert torch.equal(pipeline.latents(order(encoded, 0.0), no_report), encoded)


def test_a_larger_amount_moves_farther_from_the_audio(pipeline, sound):
    encoded = pipeline.encode(sound, 32)
    away = [
        (pipeline.latents(order(encoded, amount), no_report) - encoded).norm().item()
        for amount in (0.05, 0.3, 0.6, 1.0)
    ]
    assert away == sorted(away)
    assert away[0] < 0.3 * away[-1]


@pytest.mark.parametrize(
    "scheduler", ["ddim", "euler", "heun", "lms", "unipc", "deis", "dpm++-2m-sde"]
)
def test_every_scheduler_can_start_from_audio(pipelines, sound, scheduler):
    pipeline = pipelines["musicldm"]
    encoded = pipeline.encode(sound, 32)
    near = pipeline.latents(order(encoded, 0.05, scheduler=scheduler), no_report)
    far = pipeline.latents(order(encoded, 0.9, scheduler=scheduler), no_report)
    assert (near - encoded).norm() < 0.5 * (far - encoded).norm()
    assert far.isfinite().all()


def test_rotating_audio_and_noise_rotates_the_latents(pipeline, sound):
    noise = torch.randn(1, *pipeline.encode(sound, 32).shape[1:])
    turned = pipeline.encode(sound.roll(8 * 640), 32)
    straight = pipeline.encode(sound, 32)
    assert (turned - straight.roll(8, 2)).abs().max() < 1e-4
    assert (turned - straight).abs().max() > 1e-2
    first = pipeline.latents(order(straight, 0.5, latents=noise), no_report)
    second = pipeline.latents(order(turned, 0.5, latents=noise.roll(8, 2)), no_report)
    assert (second - first.roll(8, 2)).abs().max() < 1e-3


@torch.inference_mode()
def test_without_circular_padding_the_encoder_matches_the_library(pipelines, folders):
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    mel = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(1))
    ours = pipelines["musicldm"].parts.vae
    theirs = AutoencoderKL.from_pretrained(folders["musicldm"] / "vae")
    expected = theirs.encode(mel).latent_dist.mode()
    assert (ours.encode(mel).latent_dist.mode() - expected).abs().max() < 1e-5
    with circular_padding(ours.encoder):
        assert (ours.encode(mel).latent_dist.mode() - expected).abs().max() > 1e-4
    assert mel_of(ours, expected).shape == (1, 64, 64)


def test_the_mel_filters_are_slaneys():
    """As in his Auditory Toolbox: triangles of one area, linear to 1 kHz and then logarithmic."""
    mels = np.linspace(0, 15 + 27 * np.log(8) / np.log(6.4), 66)
    corners = np.where(mels < 15, mels * 200 / 3, 1000 * 6.4 ** ((mels - 15) / 27))
    hz = np.linspace(0, 8000, 513)
    for number, ours in enumerate(mel_filters(RATE, 64).numpy().T):
        low, middle, high = corners[number : number + 3]
        theirs = np.interp(hz, (low, middle, high), (0, 2 / (high - low), 0))
        assert np.abs(ours - theirs).max() < 1e-6


def test_the_mel_spectrogram_matches_training(sound):
    mel = log_mel(sound, RATE, 128, 64)
    sound = sound - sound.mean()
    sound = sound * 0.5 / sound.abs().max()
    # Along the middle, where an end of the sound is in no window.
    spectrum = torch.stft(
        torch.nn.functional.pad(sound[None], (432, 432), mode="reflect")[0],
        1024, 160, window=torch.hann_window(1024), center=False, return_complex=True,
    ).abs()  # fmt: skip
    theirs = (mel_filters(RATE, 64).T @ spectrum).clamp(min=1e-5).log().T
    assert theirs.shape == mel.shape
    assert (mel - theirs)[4:-4].abs().max() < 1e-3


def test_a_slightly_longer_or_shorter_loop_keeps_its_pitch():
    grid = LoopGrid(bpm=120.0, bars=1, rate=RATE)
    tone = torch.from_numpy(chord(grid, 1)[:, 0])
    loudest = [log_mel(tone, RATE, frames, 64).mean(0).argmax() for frames in (192, 200, 208)]
    assert len(set(map(int, loudest))) == 1


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_a_loop_of_another_rate_stays_circular(rate):
    grid = LoopGrid(bpm=120.0, bars=1, rate=rate)
    found = mono_at(chord(grid), rate, RATE).numpy()
    wanted = chord(LoopGrid(bpm=120.0, bars=1, rate=RATE), 1)[:, 0]
    assert len(found) == len(wanted)
    assert np.abs(found - wanted).max() < 1e-3


def blend_of(generator, sources, amount=0.5, **fields):
    """Return the sound of two sources blended in latents, and where these are: (1, C, T, F)."""
    request = request_with(
        mode="blend", with_source="b", blend_in="latents", amount=amount, **fields
    )
    grid = generator.plan(request).grid
    request = but(request, keep_latents=True)
    (take,) = generator.generate_from(request, grid, [8], sources, (), no_report)
    return take.audio, torch.from_numpy(take.latents)[None]


@pytest.fixture
def two(generator):
    grid = generator.plan(VARY).grid
    noise = np.random.default_rng(4).normal(0, 0.1, (grid.frames, 2)).astype(np.float32)
    return [chord(grid), noise]


def test_a_latent_blend_is_a_linear_mix_of_both_latents(generator, two):
    grid, pipeline = generator.plan(VARY).grid, generator._pipeline
    one, other = (
        pipeline.encode(mono_at(each, grid.rate, RATE), pipeline.clock.loop_frames(grid))
        for each in two
    )
    assert (one - other).abs().max() > 0.1
    for amount in (0.0, 0.3, 1.0):
        mixed = blend_of(generator, two, amount)[1]
        assert (mixed - ((1 - amount) * one + amount * other)).abs().max() < 1e-5


def test_more_renoise_moves_a_blend_farther_from_the_mix(generator, two):
    mix = blend_of(generator, two)[1]
    near, far = (blend_of(generator, two, renoise=share, steps=8)[1] for share in (0.125, 0.9))
    assert 0 < (near - mix).norm() < (far - mix).norm()


def test_the_smallest_renoise_is_one_step_with_its_own_seed(generator, two):
    mix = blend_of(generator, two)[1]
    least = blend_of(generator, two, renoise=0.01, steps=8)[1]
    assert (least - mix).norm() > 0


def test_a_blend_without_renoise_ignores_its_prompt_and_says_so(generator):
    request = request_with(mode="blend", with_source="b", blend_in="latents", toward="rain")
    alone, anew = generator.plan(request), generator.plan(but(request, renoise=0.5))
    assert "the prompt: the sources are only mixed" in alone.ignored
    assert "50% of the way to rain" not in alone.understood
    assert "50% of the way to rain" in anew.understood


def test_a_single_source_is_encoded_unchanged(generator, two):
    alone = blend_of(generator, two[:1], 0.7)[1]
    assert torch.equal(alone, blend_of(generator, two, 0.0)[1])
