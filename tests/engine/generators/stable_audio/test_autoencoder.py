"""Sound is decoded in pieces that nobody can tell, and a loop on a circle."""

import pytest
import torch

from engine.generators.stable_audio.autoencoder import PIECE
from engine.loops.cancel import RepeatableReport


def no_report(_fraction, _stage):
    """Take no notice."""


def noise(pipeline, length, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, pipeline.autoencoder.width, length, generator=generator)


def decoded(pipeline, latents, *, closed):
    pieces = []
    report = RepeatableReport(no_report, "")
    with torch.inference_mode():
        sound = pipeline.decode(
            latents, closed=closed, report=report, on_piece=lambda piece, _: pieces.append(piece)
        )
    assert torch.equal(torch.cat(pieces, dim=2), sound)
    return sound


@pytest.mark.parametrize("places", [1, 5, 80])
def test_a_turned_loop_sounds_like_the_loop_turned(pipeline, places):
    latents = noise(pipeline, 90)  # more than one piece
    sound = decoded(pipeline, latents, closed=True)
    turned = decoded(pipeline, latents.roll(places, dims=2), closed=True)
    hop = pipeline.autoencoder.hop
    assert (turned - sound.roll(places * hop, dims=2)).abs().max() < 1e-5
    assert (sound - decoded(pipeline, latents, closed=False)).abs().max() > 1e-3


def test_a_loop_shorter_than_what_the_decoder_sees_is_a_circle_too(pipeline):
    latents = noise(pipeline, 1)
    thrice = decoded(pipeline, latents.repeat(1, 1, 3), closed=True)
    assert torch.allclose(
        decoded(pipeline, latents, closed=True).repeat(1, 1, 3), thrice, atol=1e-5
    )


def test_pieces_are_the_whole(pipeline):
    coder = pipeline.autoencoder
    latents = noise(pipeline, PIECE + 10)
    sound = decoded(pipeline, latents, closed=False)
    with torch.inference_mode():
        whole = coder.module.decode(latents).sample
        heard = coder.module.encode(whole).latents
    assert (sound - whole).abs().max() < 1e-5
    again = pipeline.encode(whole[0], RepeatableReport(no_report, ""))
    assert (again - heard).abs().max() < 1e-4


def test_sound_comes_back_as_one_block_of_whole_latents(pipeline):
    sound = torch.zeros(2, 3 * pipeline.autoencoder.hop + 1)
    assert pipeline.encode(sound, RepeatableReport(no_report, "")).shape[2] == 4
