"""Packed layers compute what the layers did that they were made from."""

import pytest
import torch
from torch import nn

from engine.generators.latent_diffusion.circular import TimeCircularConv2d, circular_padding
from engine.generators.packed import NARROW, PackedConv2d, PackedLinear, can_pack, pack
from engine.generators.row_convolutions import RowConv2d, row_convolution_of
from engine.generators.winograd import WinogradSquare

pytestmark = pytest.mark.skipif(
    not can_pack("cpu", torch.float32), reason="this build of torch cannot pack"
)
TOLERANCE = 1e-5  # Sums of up to 1,152 products of about 0.03, in another order.


@pytest.fixture(autouse=True)
def fixed_noise():
    torch.manual_seed(1)


def packed_of(layer):
    if isinstance(layer, nn.Conv2d):  # Whether they are packed depends on the processor.
        return PackedConv2d(layer)
    model = nn.Sequential(layer)
    pack(model)
    return model[0]


def test_each_layer_is_replaced_where_that_is_faster():
    fast = "AVX512" in torch.backends.cpu.get_cpu_capability()
    for many_rows in (False, True):
        wide = [nn.Conv2d(128, out, 3, padding=1) for out in (128, 640)]
        model = nn.Sequential(nn.Conv2d(8, 8, 3), *wide, nn.Linear(4, 4))
        pack(model, many_rows=many_rows)
        linear = PackedLinear if fast or not many_rows else nn.Linear
        convolutions = 3 * [PackedConv2d] if fast else [nn.Conv2d, WinogradSquare, RowConv2d]
        assert [type(layer) for layer in model] == [*convolutions, linear]


@torch.inference_mode()
def test_a_linear_layer_gives_the_same_result():
    layer, rows = nn.Linear(48, 96), torch.randn(3, 5, 48)
    made = packed_of(layer)
    assert isinstance(made, PackedLinear)
    assert (made(rows) - layer(rows)).abs().max() < TOLERANCE


@torch.inference_mode()
def test_a_row_is_bit_identical_whatever_the_other_rows():
    made = PackedLinear(torch.randn(4096, 1024))
    rows = torch.randn(16, 1024)
    whole = made(rows)
    for count in (2, 4, 8):
        parts = torch.cat([made(part) for part in rows.split(count)])
        assert torch.equal(parts, whole)


@torch.inference_mode()
@pytest.mark.parametrize("width", [NARROW // 2, NARROW, 4 * NARROW])
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("channels", [8, 128])
def test_a_convolution_gives_the_same_result_with_and_without_circular_padding(
    width, closed, channels
):
    values = torch.randn(2, channels, 12, width)
    layer = TimeCircularConv2d.of(nn.Conv2d(channels, 40, 3, padding=1))
    made = packed_of(layer)
    with circular_padding(nn.Sequential(layer, made), closed=closed):
        assert (made(values) - layer(values)).abs().max() < TOLERANCE


@torch.inference_mode()
@pytest.mark.parametrize("closed", [False, True])
def test_a_convolution_by_rows_gives_the_same_result(closed):
    layer = TimeCircularConv2d.of(nn.Conv2d(128, 640, 3, padding=1))
    made = row_convolution_of(layer)
    assert isinstance(made, RowConv2d)
    with circular_padding(nn.Sequential(layer, made), closed=closed):
        for time, width in ((13, 2), (4, 9), (1, 1)):
            values = torch.randn(2, 128, time, width)
            assert (made(values) - layer(values)).abs().max() < TOLERANCE
    assert row_convolution_of(nn.Conv2d(128, 128, 3, padding=1)) is None
    assert row_convolution_of(nn.Conv2d(128, 640, 3)) is None


@torch.inference_mode()
def test_a_convolution_can_change_its_width_and_change_back():
    layer = nn.Conv2d(128, 40, 3, padding=1)
    made = packed_of(layer)
    for width in (NARROW, 4 * NARROW, NARROW, 4 * NARROW):
        values = torch.randn(1, 128, 6, width)
        assert (made(values) - layer(values)).abs().max() < TOLERANCE


@torch.inference_mode()
def test_strides_dilations_and_single_rows_give_the_same_result():
    values = torch.randn(1, 16, 9, 20)
    for options in ({"stride": 2, "padding": 1}, {"dilation": 2, "padding": 2}, {"padding": 0}):
        layer = nn.Conv2d(16, 8, 3, **options)
        assert (packed_of(layer)(values) - layer(values)).abs().max() < TOLERANCE


@torch.inference_mode()
def test_an_activation_can_be_fused_with_a_convolution():
    layer = nn.Conv2d(32, 32, (1, 7), padding=(0, 3))
    made, values = packed_of(layer), torch.randn(1, 32, 1, 50)
    other = torch.randn(1, 32, 1, 50).contiguous(memory_format=torch.channels_last)
    kept = other.clone()
    plain = layer(values)
    leaky = nn.functional.leaky_relu(plain, 0.1)
    assert (made(values, leaky_slope=0.1) - leaky).abs().max() < TOLERANCE
    assert (made(values, add=other) - (plain + other)).abs().max() < TOLERANCE
    assert torch.equal(other, kept)


def test_a_packed_model_keeps_the_types_and_shapes_of_its_weights():
    made = packed_of(nn.Linear(4, 6))
    assert (made.weight.shape, made.weight.dtype) == ((6, 4), torch.float32)
    assert not list(made.parameters())


def test_float16_and_other_devices_are_unchanged():
    assert not can_pack("cpu", torch.float16)
    assert not can_pack("cuda", torch.float32)
    model = nn.Sequential(nn.Linear(4, 4).half())
    pack(model)
    assert type(model[0]) is nn.Linear
