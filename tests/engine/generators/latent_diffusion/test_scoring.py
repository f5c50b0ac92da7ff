import numpy as np
import pytest
import torch

from engine.generators.latent_diffusion.scoring import ClapScorer

RATE = 16_000


def sound(seconds, seed=0):
    return 0.3 * torch.randn(round(seconds * 48_000), generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def judge(pipelines):
    parts = pipelines["musicldm"].parts
    return ClapScorer(parts.text_encoder, parts.feature_extractor)


@pytest.mark.parametrize("seconds", [0.5, 3.7, 8.0, 10.0])
def test_the_features_match_the_librarys_extractor(judge, pipelines, seconds):
    extractor = pipelines["musicldm"].parts.feature_extractor
    theirs = extractor(sound(seconds).numpy(), sampling_rate=48_000, return_tensors="pt")
    ours = judge.features(sound(seconds))
    assert ours.shape == theirs.input_features[0].shape
    difference = (ours - theirs.input_features[0].float()).abs()
    assert difference.max() < 0.01  # Decibels.


def test_the_middle_of_audio_over_ten_seconds_is_used(judge):
    long = sound(12.0)
    assert torch.equal(judge.features(long), judge.features(long[48_000 : 11 * 48_000]))


def test_takes_rank_as_in_the_library(judge, pipelines):
    parts = pipelines["musicldm"].parts
    takes = [sound(4.0, seed)[::3] * (seed + 1) for seed in range(4)]
    words = pipelines["musicldm"].family.clap.vector("warm pads").detach()
    ours = [judge.text_match(words, take, RATE) for take in takes]
    from scipy.signal import resample_poly

    features = parts.feature_extractor(
        [resample_poly(take.numpy(), 3, 1) for take in takes],
        sampling_rate=48_000,
        return_tensors="pt",
    ).input_features.float()
    tokens = parts.tokenizer(["warm pads"], return_tensors="pt")
    with torch.inference_mode():
        logits = parts.text_encoder(**tokens, input_features=features).logits_per_text[0]
    assert np.argsort(ours).tolist() == np.argsort(logits.numpy()).tolist()
    assert len(set(ours)) == 4
