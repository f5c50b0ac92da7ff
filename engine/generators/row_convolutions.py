"""3 x 3 convolutions as one matrix product: each row holds the neighbourhood of a position.

That pays where there are few positions: the unfolded rows are small then, and the libraries' own
convolutions are at their slowest.
"""

import torch
from torch import nn
from torch.nn import functional

_WIDE = 513
"""From this width on, the layers of these models see few positions."""


def unfolded_rows(values: torch.Tensor, *, closed: bool) -> torch.Tensor:
    """Return the 3 x 3 neighbourhood of each position, (positions, 9 x channels).

    Args:
        values: (batch, channels, time, frequency).
        closed: pad time from the other end; otherwise, and in frequency, with zeros.
    """
    batch, channels, time, width = values.shape
    lying = values.permute(0, 2, 3, 1)
    if closed:
        lying = torch.cat([lying[:, -1:], lying, lying[:, :1]], dim=1)
        lying = functional.pad(lying, (0, 0, 1, 1))
    else:
        lying = functional.pad(lying, (0, 0, 1, 1, 1, 1))
    lying = lying.contiguous()
    batch_step, time_step, width_step, channel_step = lying.stride()
    around = lying.as_strided(
        (batch, time, width, 3, 3, channels),
        (batch_step, time_step, width_step, time_step, width_step, channel_step),
    )
    return around.reshape(batch * time * width, 9 * channels)


def row_weight(weight: torch.Tensor) -> torch.Tensor:
    """Return the weight of a convolution as the matrix for rows, (out, taps x in)."""
    return weight.permute(0, 2, 3, 1).reshape(len(weight), -1).contiguous()


class RowConv2d(nn.Module):
    """A convolution by torch's own matrix product; circular in time while `closed`."""

    closed: bool = False

    def __init__(self, conv: nn.Conv2d) -> None:
        """Take the weights of `conv`; see `row_convolution_of`."""
        super().__init__()
        # Without data, for libraries that read its type or shape.
        self.weight = torch.empty(conv.weight.shape, device="meta")
        self.bias = None if conv.bias is None else conv.bias.detach()
        self._rows = row_weight(conv.weight.detach())

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Convolve (batch, channels, time, frequency); the result is channels-last."""
        batch, _, time, width = values.shape
        rows = unfolded_rows(values, closed=self.closed)
        found = functional.linear(rows, self._rows, self.bias)
        return found.view(batch, time, width, -1).permute(0, 3, 1, 2)


def row_convolution_of(conv: nn.Conv2d) -> RowConv2d | None:
    """Return a layer that computes a float32 convolution faster; None if this one gains nothing."""
    if conv.groups > 1 or conv.stride != (1, 1) or conv.weight.dtype != torch.float32:
        return None
    square = (conv.kernel_size, conv.padding, conv.dilation) == ((3, 3), (1, 1), (1, 1))
    return RowConv2d(conv) if square and conv.out_channels >= _WIDE else None
