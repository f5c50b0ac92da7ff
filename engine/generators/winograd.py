"""Convolutions with fewer products: Winograd's minimal filtering (Lavin and Gray, 2015).

The outputs and the taps of a convolution are coefficients of polynomials. Both are evaluated at a
few points, multiplied there, and the product is interpolated: 4 outputs of 3 taps take 6 products
instead of 12. Evaluating takes additions only, and all products of one point are one large matrix
product. The results are the same up to rounding.

On a processor with AVX2 alone, torch's own convolutions reach nearly all of its speed, so only less
work is faster. The weights take more memory: one matrix for each point, or pair of points, instead
of one for each tap.
"""

import math
import threading
from collections.abc import Iterator, Sequence

import torch
from torch import nn
from torch.nn import functional

_Tensors = Sequence[torch.Tensor]
_FEW = (0.0, 1.0, -1.0)
_MANY = (0.0, 1.0, -1.0, 2.0, -2.0)
_MOST = (*_MANY, 0.5)
"""The points; infinity comes in addition, as the last one."""
TILE = 4
"""How many outputs are made together in time."""
_SQUARE_CHANNELS = range(128, 513)
"""The widths of 3 x 3 layers that gain: narrower ones spend the time in additions, and wider ones
see few positions, so that their time goes into reading weights."""
_LONG_CHANNELS = 256
"""From this width on, a convolution of height 1 gains."""
_SPREADING = threading.Lock()
_BLOCK = 2**19
"""How many inputs are computed together: what is made of them then stays in the cache."""


def spread_weights(taps: torch.Tensor, points: Sequence[float]) -> torch.Tensor:
    """Evaluate taps, (number, ...), at `points` and infinity: (points + 1, ...)."""
    rows = []
    for point in points:
        scale = math.prod(point - other for other in points if other != point)
        rows.append([point**power / scale for power in range(len(taps))])
    rows.append([0.0] * (len(taps) - 1) + [1.0])
    return torch.tensordot(torch.tensor(rows), taps, 1)


def _spread_few(inputs: _Tensors, outs: _Tensors) -> None:
    """Evaluate 4 inputs for 2 outputs of 3 taps."""
    torch.sub(inputs[2], inputs[0], out=outs[0])
    torch.add(inputs[2], inputs[1], out=outs[1])
    torch.sub(inputs[2], inputs[1], out=outs[2])
    torch.sub(inputs[3], inputs[1], out=outs[3])


def _gather_few(products: _Tensors, outs: _Tensors) -> None:
    """Interpolate the 2 outputs of `_spread_few`."""
    torch.add(products[0], products[1], out=outs[0]).add_(products[2])
    torch.sub(products[1], products[2], out=outs[1]).add_(products[3])


def _spread_many(inputs: _Tensors, outs: _Tensors) -> None:
    """Evaluate 6 inputs for 4 outputs of 3 taps; those of a point and its opposite share terms."""
    even = torch.sub(inputs[4], inputs[2], alpha=4)
    odd = torch.sub(inputs[3], inputs[1], alpha=4)
    torch.add(even, odd, out=outs[1])
    torch.sub(even, odd, out=outs[2])
    torch.sub(inputs[4], inputs[2], out=even)
    torch.sub(inputs[3], inputs[1], out=odd)
    torch.add(even, odd, alpha=2, out=outs[3])
    torch.sub(even, odd, alpha=2, out=outs[4])
    torch.add(even, torch.sub(inputs[0], inputs[2], out=odd), alpha=4, out=outs[0])
    _spread_infinity(inputs, outs[5])


def _spread_infinity(inputs: _Tensors, out: torch.Tensor) -> None:
    torch.sub(inputs[5], inputs[3], out=out)
    out.add_(inputs[1] - inputs[3], alpha=4)


def _gather_many(products: _Tensors, outs: _Tensors) -> None:
    """Interpolate the 4 outputs of `_spread_many`."""
    even, odd = products[1] + products[2], products[1] - products[2]
    even_two, odd_two = products[3] + products[4], products[3] - products[4]
    torch.add(products[0], even, out=outs[0]).add_(even_two)
    torch.add(odd, odd_two, alpha=2, out=outs[1])
    torch.add(even, even_two, alpha=4, out=outs[2])
    torch.add(odd, odd_two, alpha=8, out=outs[3]).add_(products[-1])


def _spread_most(inputs: torch.Tensor, outs: torch.Tensor) -> None:
    """Evaluate (tiles x 4 + 3, values) for 4 outputs of 4 taps, into (7, tiles, values).

    The additional point, a half, divides all others' polynomials: it is one step for all of them.
    """
    divided = torch.sub(inputs[1:], inputs[:-1], alpha=0.5)
    _spread_many(_strided(divided, 6), [*outs[:5], outs[6]])
    _spread_infinity(_strided(inputs, 6), outs[5])


def _gather_most(products: torch.Tensor, outs: _Tensors) -> None:
    """Interpolate the 4 outputs of `_spread_most`."""
    _gather_many(list(products), outs)
    for power, out in enumerate(outs):
        out.add_(products[5], alpha=0.5**power)


def _strided(rows: torch.Tensor, count: int) -> list[torch.Tensor]:
    """Return the first row of each tile, the second, ..., the last of `count`."""
    tiles = (len(rows) - count) // TILE + 1
    return [rows[at : at + TILE * tiles : TILE] for at in range(count)]


class _Winograd(nn.Module):
    """Has a weight without data, for libraries that read its type or shape."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.weight = torch.empty(conv.weight.shape, device="meta")
        self.bias = None if conv.bias is None else conv.bias.detach()
        # Spread at the first call: not every layer is used.
        self._plain: torch.Tensor | None = conv.weight.detach()
        self._spread = torch.empty(0)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Convolve (batch, channels, time, frequency); the result is channels-last."""
        with _SPREADING:  # Two threads may call a layer at once.
            if self._plain is not None:
                self._spread = self._spread_weight(self._plain).contiguous()
                self._plain = None
        return self._convolved(values.permute(0, 2, 3, 1).contiguous()).permute(0, 3, 1, 2)

    def _add_bias(self, products: torch.Tensor) -> None:
        """Add the bias to the products at 1: they are part of every output, with a factor of 1."""
        if self.bias is not None:
            products += self.bias

    def _spread_weight(self, weight: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def _convolved(self, lying: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError


class WinogradSquare(_Winograd):
    """A 3 x 3 convolution that can be circular in time: a third of the products."""

    closed: bool = False

    def _spread_weight(self, weight: torch.Tensor) -> torch.Tensor:
        in_time = spread_weights(weight.permute(2, 3, 1, 0), _MANY)
        in_both = spread_weights(in_time.transpose(0, 1), _FEW).transpose(0, 1)
        return in_both.reshape(-1, weight.shape[1], weight.shape[0])

    def _convolved(self, lying: torch.Tensor) -> torch.Tensor:
        batch, time, width, channels = lying.shape
        high, wide = -(-time // TILE), -(-width // 2)
        found = lying.new_empty(batch, high, TILE, wide, 2, self._spread.shape[2])
        step = max(1, _BLOCK // (batch * TILE * width * channels))
        for begin in range(0, high, step):
            end = min(begin + step, high)
            window = self._window(lying, begin * TILE, end * TILE, 2 * wide)
            self._convolve_window(window, found[:, begin:end])
        return found.view(batch, high * TILE, wide * 2, -1)[:, :time, :width]

    def _window(self, lying: torch.Tensor, begin: int, end: int, width: int) -> torch.Tensor:
        """Return rows from `begin` to `end` with one more on each side, padded all around."""
        time = lying.shape[1]
        window = lying.new_zeros(len(lying), end - begin + 2, width + 2, lying.shape[3])
        inner = window[:, :, 1 : lying.shape[2] + 1]
        first, last = max(begin - 1, 0), min(end + 1, time)
        inner[:, first - begin + 1 : last - begin + 1] = lying[:, first:last]
        if self.closed and begin == 0:
            inner[:, 0] = lying[:, -1]
        if self.closed and end >= time:
            inner[:, time - begin + 1] = lying[:, 0]
        return window

    def _convolve_window(self, window: torch.Tensor, found: torch.Tensor) -> None:
        """Convolve (batch, rows, columns, channels) into (batch, high, 4, wide, 2, channels)."""
        batch, high, _, wide, _, out = found.shape
        in_time = window.new_empty(6, batch, high, *window.shape[2:])
        inputs = [window[:, at : at + TILE * high : TILE] for at in range(6)]
        _spread_many([each[:, :high] for each in inputs], list(in_time))
        spread = window.new_empty(6, 4, batch, high, wide, window.shape[3])
        columns = [in_time[:, :, :, at : at + 2 * wide : 2][:, :, :, :wide] for at in range(4)]
        _spread_few(columns, [spread[:, at] for at in range(4)])
        products = torch.bmm(spread.view(24, -1, window.shape[3]), self._spread)
        products = products.view(6, 4, batch, high, wide, out)
        self._add_bias(products[1, 1])
        gathered = window.new_empty(6, batch, high, wide, 2, out)
        _gather_few([products[:, at] for at in range(4)], list(gathered.unbind(-2)))
        _gather_many(list(gathered), list(found.unbind(2)))


class WinogradLong(_Winograd):
    """A convolution of height 1 with 7 or 11 taps, which may be dilated: half of the products.

    The taps are split into parts of 4. As a tile has 4 outputs, too, the next part sees what this
    one sees a tile later, and all are added before they are interpolated.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        """Take the weights of `conv`, which pads with zeros to the same length."""
        super().__init__(conv)
        self._taps, self._dilation = conv.kernel_size[1], conv.dilation[1]

    def _spread_weight(self, weight: torch.Tensor) -> torch.Tensor:
        taps = weight[:, :, 0].permute(2, 1, 0)
        parts = -(-len(taps) // TILE)
        taps = functional.pad(taps, (0, 0, 0, 0, 0, parts * TILE - len(taps)))
        return spread_weights(taps.view(parts, TILE, *taps.shape[1:]).transpose(0, 1), _MOST)

    def _convolved(self, lying: torch.Tensor) -> torch.Tensor:
        return torch.stack([torch.cat(list(self._blocks(each[0]))) for each in lying])[:, None]

    def _blocks(self, rows: torch.Tensor) -> Iterator[torch.Tensor]:
        """Yield the convolution of (time, channels), block by block.

        Every n-th sample, for a dilation of n, is a row of its own; they lie side by side.
        """
        time, channels = rows.shape
        parts, beside = self._spread.shape[1], self._dilation
        reach = beside * (self._taps - 1) // 2
        tiles = -(-time // (TILE * beside))
        needed = beside * ((tiles + parts) * TILE - 1)
        padded = functional.pad(rows, (0, 0, reach, needed - reach - time))
        padded = padded.view(-1, beside * channels)
        step = max(1, _BLOCK // (TILE * beside * channels))
        for begin in range(0, tiles, step):
            count = min(step, tiles - begin)
            seen = count + parts - 1
            spread = rows.new_empty(7, seen, beside * channels)
            _spread_most(padded[begin * TILE : (begin + seen) * TILE + TILE - 1], spread)
            products = self._products(spread.view(7, seen * beside, channels), count * beside)
            self._add_bias(products[1])
            found = rows.new_empty(count, TILE, beside * products.shape[2])
            _gather_most(products.view(7, count, -1), list(found.unbind(1)))
            yield found.view(-1, products.shape[2])[: time - begin * TILE * beside]

    def _products(self, spread: torch.Tensor, count: int) -> torch.Tensor:
        found = torch.bmm(spread[:, :count], self._spread[:, 0])
        for part in range(1, self._spread.shape[1]):
            begin = part * self._dilation
            found.baddbmm_(spread[:, begin : begin + count], self._spread[:, part])
        return found


def winograd_of(conv: nn.Conv2d) -> nn.Module | None:
    """Return a layer that computes a float32 convolution faster; None if this one gains nothing."""
    widths = conv.in_channels, conv.out_channels
    if conv.groups > 1 or conv.stride != (1, 1) or conv.weight.dtype != torch.float32:
        return None
    if (conv.kernel_size, conv.padding, conv.dilation) == ((3, 3), (1, 1), (1, 1)):
        gains = min(widths) >= _SQUARE_CHANNELS.start and widths[1] in _SQUARE_CHANNELS
        return WinogradSquare(conv) if gains else None
    height, taps = conv.kernel_size
    same = conv.padding == (0, conv.dilation[1] * (taps // 2))
    if height == 1 and taps in {7, 11} and same and min(widths) >= _LONG_CHANNELS:
        return WinogradLong(conv)
    return None
