"""Sound is decoded in pieces that nobody can tell, and a loop on a circle."""

import dataclasses

import pytest
import torch


@pytest.fixture(params=["pipeline", "open_pipeline"])
def coder(request):
    """One that goes in short pieces, so that a short sound has several."""
    coder = request.getfixturevalue(request.param).autoencoder
    return dataclasses.replace(coder, piece=7, decoded_piece=7)


def noise(coder, length):
    return torch.randn(1, coder.width, length, generator=torch.Generator().manual_seed(1))


def decoded(coder, latents, *, closed):
    pieces, totals = [], set()

    def on_piece(piece, samples):
        pieces.append(piece)
        totals.add(samples)

    with torch.inference_mode():
        sound = coder.decode(latents, closed=closed, on_piece=on_piece)
    assert torch.equal(torch.cat(pieces, dim=2), sound)
    assert totals == {sound.shape[2]}
    return sound


def test_a_turned_loop_sounds_like_the_loop_turned(coder):
    latents = noise(coder, 12)
    sound = decoded(coder, latents, closed=True)
    turned = decoded(coder, latents.roll(7, dims=2), closed=True)
    assert (turned - sound.roll(7 * coder.hop, dims=2)).abs().max() < 1e-5
    assert (sound - decoded(coder, latents, closed=False)).abs().max() > 1e-3


def test_a_loop_shorter_than_what_the_decoder_hears_is_a_circle_too(coder):
    latents = noise(coder, 1)
    thrice = decoded(coder, latents.repeat(1, 1, 3), closed=True)
    once = decoded(coder, latents, closed=True)
    assert torch.allclose(once.repeat(1, 1, 3), thrice, atol=1e-5)


def test_pieces_are_the_whole(coder):
    latents = noise(coder, 12)
    sound = decoded(coder, latents, closed=False)
    with torch.inference_mode():
        whole = coder.decode_part(latents, 0, 0)
        heard = coder.encode_part(whole)
        again = coder.encode(whole[0])
    assert (sound - whole).abs().max() < 1e-5
    assert (again - heard).abs().max() < 1e-4


def test_sound_comes_back_as_one_block_of_whole_latents(coder):
    with torch.inference_mode():
        assert coder.encode(torch.zeros(2, 3 * coder.hop + 1)).shape[2] == 4
