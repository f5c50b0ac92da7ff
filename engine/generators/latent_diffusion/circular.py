"""Convolutions on a circle: the end of a loop runs into its beginning by construction.

Along time, a padded 2-D convolution takes its padding from the other end instead of zeros; along
frequency it still pads with zeros. As the attention has no positional encoding, rotating the input
then rotates the output.
"""

import contextlib
from collections.abc import Iterator

import torch
from torch import nn
from torch.nn import functional

from engine.generators.packed import PackedConv2d
from engine.generators.row_convolutions import RowConv2d
from engine.generators.winograd import WinogradSquare


class TimeCircularConv2d(nn.Conv2d):
    """A Conv2d over (batch, channels, time, frequency) that can be circular in time.

    While `closed` is False it equals the original convolution, bit for bit.
    """

    closed: bool = False
    can_be_packed = True  # See `engine.generators.packed`, whose layers can be circular as well.

    @classmethod
    def of(cls, conv: nn.Conv2d) -> "TimeCircularConv2d":
        """Return a layer that shares the weights of `conv`."""
        with torch.device("meta"):
            made = cls(
                conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride,  # type: ignore[arg-type]
                conv.padding, conv.dilation, conv.groups, conv.bias is not None,  # type: ignore[arg-type]
            )  # fmt: skip
        made.weight, made.bias = conv.weight, conv.bias
        return made.train(conv.training)

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002 - torch's own name
        """Convolve (batch, channels, time, frequency)."""
        if not self.closed:
            return super().forward(input)
        time, frequency = (int(each) for each in self.padding)
        turned = functional.pad(input, (0, 0, time, time), mode="circular")
        return functional.conv2d(
            turned, self.weight, self.bias, self.stride, (0, frequency), self.dilation, self.groups
        )


class TimeTrailingConv2d(TimeCircularConv2d):
    """A convolution of the VAE's encoder, whose input has one row of zeros appended.

    On a circle that row is replaced by the first one.
    """

    can_be_packed = False

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002 - torch's own name
        """Convolve (batch, channels, time, frequency)."""
        if self.closed:
            input = torch.cat([input[:, :, :-1], input[:, :, :1]], dim=2)  # noqa: A001
        return nn.Conv2d.forward(self, input)


def make_closable(model: nn.Module) -> None:
    """Replace each Conv2d of the model that pads in time by one that can be circular."""
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is not nn.Conv2d:
                continue
            if child.padding[0]:
                setattr(parent, name, TimeCircularConv2d.of(child))
            elif child.stride[0] > 1:
                setattr(parent, name, TimeTrailingConv2d.of(child))


@contextlib.contextmanager
def circular_padding(*models: nn.Module, closed: bool = True) -> Iterator[None]:
    """Use circular padding in models prepared by `make_closable` inside this context."""
    found = [
        module
        for model in models
        for module in model.modules()
        if isinstance(module, TimeCircularConv2d | PackedConv2d | WinogradSquare | RowConv2d)
    ]
    for module in found:
        module.closed = closed
    try:
        yield
    finally:
        for module in found:
            module.closed = False
