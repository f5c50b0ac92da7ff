"""Convolutions with fewer products compute what torch's do."""

import pytest
import torch
from torch import nn

from engine.generators.latent_diffusion.circular import TimeCircularConv2d, circular_padding
from engine.generators.winograd import WinogradLong, WinogradSquare, winograd_of

# Sums of a thousand products of about 0.03: direct ones differ from exact sums by half of this.
TOLERANCE = 1e-5


@pytest.fixture(autouse=True)
def fixed_noise():
    torch.manual_seed(1)


@torch.inference_mode()
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(("time", "width"), [(12, 8), (13, 5), (3, 2), (1, 1), (300, 16)], ids=str)
def test_a_square_one_of_any_size_is_the_same(time, width, closed):
    layer = TimeCircularConv2d.of(nn.Conv2d(128, 192, 3, padding=1))
    made = winograd_of(layer)
    assert isinstance(made, WinogradSquare)
    values = torch.randn(2, 128, time, width)
    with circular_padding(nn.Sequential(layer, made), closed=closed):
        expected = layer(values)
        for _ in range(2):  # The weights are spread at the first call.
            found = made(values)
            assert found.shape == expected.shape
            assert (found - expected).abs().max() < TOLERANCE


@torch.inference_mode()
@pytest.mark.parametrize(("taps", "dilation"), [(7, 1), (7, 3), (11, 1), (11, 5)])
@pytest.mark.parametrize("time", [1, 30, 2501])
def test_a_long_one_of_any_length_is_the_same(taps, dilation, time):
    reach = dilation * (taps // 2)
    layer = nn.Conv2d(256, 256, (1, taps), padding=(0, reach), dilation=(1, dilation))
    made, values = winograd_of(layer), torch.randn(2, 256, 1, time)
    assert isinstance(made, WinogradLong)
    found, expected = made(values), layer(values)
    assert found.shape == expected.shape
    assert (found - expected).abs().max() < TOLERANCE


def test_other_convolutions_are_left_to_torch():
    for layer in (
        nn.Conv2d(64, 128, 3, padding=1),
        nn.Conv2d(640, 640, 3, padding=1),
        nn.Conv2d(128, 128, 3, padding=1, stride=2),
        nn.Conv2d(128, 128, 3, padding=1, groups=2),
        nn.Conv2d(128, 128, 3),
        nn.Conv2d(128, 128, 1),
        nn.Conv2d(128, 128, 3, padding=1).bfloat16(),
        nn.Conv2d(256, 256, (1, 3), padding=(0, 1)),
        nn.Conv2d(128, 128, (1, 7), padding=(0, 3)),
        nn.Conv2d(256, 256, (1, 7)),
    ):
        assert winograd_of(layer) is None


def test_it_keeps_the_type_and_shape_of_its_weight():
    made = winograd_of(nn.Conv2d(128, 256, 3, padding=1, bias=False))
    assert (made.weight.shape, made.weight.dtype) == ((256, 128, 3, 3), torch.float32)
    assert not list(made.parameters())
    with torch.inference_mode():
        assert made(torch.randn(1, 128, 4, 4)).shape == (1, 256, 4, 4)
