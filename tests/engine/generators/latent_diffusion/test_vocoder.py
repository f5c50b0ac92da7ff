import copy

import pytest
import torch

from engine.generators.latent_diffusion.checkpoint import load_checkpoint
from engine.generators.latent_diffusion.vocoder import FlatVocoder


@pytest.fixture(scope="module")
def library_vocoder(folders):
    return load_checkpoint(folders["musicldm"]).vocoder


def mel(seed=0):
    return torch.randn(2, 33, 64, generator=torch.Generator().manual_seed(seed))


@torch.inference_mode()
@pytest.mark.parametrize("normalised", [False, True])
def test_it_matches_the_librarys_vocoder(library_vocoder, normalised):
    vocoder = copy.deepcopy(library_vocoder)
    vocoder.config.normalize_before = normalised
    vocoder.mean.fill_(0.3)
    vocoder.scale.fill_(1.7)
    theirs = vocoder(mel())
    ours = FlatVocoder(vocoder)(mel())
    assert theirs.abs().max() > 0.05
    assert ours.shape == theirs.shape
    assert (ours - theirs).abs().max() < 1e-5


@torch.inference_mode()
def test_bfloat16_stays_close(library_vocoder):
    exact = FlatVocoder(library_vocoder)(mel())
    rough = FlatVocoder(library_vocoder).to(torch.bfloat16)(mel().bfloat16()).float()
    assert torch.cosine_similarity(exact.flatten(), rough.flatten(), 0) > 0.999
