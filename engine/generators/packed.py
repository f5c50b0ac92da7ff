"""Layers whose weights are stored once in the layout that oneDNN computes with.

PyTorch on a CPU passes a matrix to oneDNN or MKL in its own layout, and the library reorders it for
each product, or computes slowly: for the few rows of a token, a float32 matrix is read at a quarter
of the memory's speed. Reordered once, when a model is loaded, the products are the same up to
rounding. The operators are those that torch's own compiler emits
(`torch/_inductor/mkldnn_lowerings.py`); if they are missing, layers stay unchanged.

A product of two or more rows is the same for each row, to the bit, whatever their number; a single
row takes a different path through oneDNN.
"""

import functools
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from engine.generators.row_convolutions import row_convolution_of, row_weight, unfolded_rows
from engine.generators.winograd import winograd_of

NARROW = 4
"""Up to this width a 3 x 3 convolution is faster as one product of unfolded rows."""
_MIN_LENGTH_TO_PATCH = 8
"""From this multiple of the padding on, circular padding is done by recomputing the two ends."""
_SMALL_BYTES = 2**24
_LAYOUT = torch.channels_last
_OPERATORS = ("_linear_pointwise", "_reorder_linear_weight", "_convolution_pointwise",
              "_reorder_convolution_weight")  # fmt: skip


@functools.cache
def can_pack(device_type: str, dtype: torch.dtype) -> bool:
    """Return whether this build of torch has the operators for a device and precision."""
    if device_type != "cpu" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    if not all(hasattr(torch.ops.mkldnn, name) for name in _OPERATORS):
        return False
    if dtype == torch.bfloat16:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return dtype == torch.float32


def can_pack_convolutions(device_type: str, dtype: torch.dtype) -> bool:
    """Return whether convolutions are faster packed, too.

    In float32 that takes AVX-512: on a processor with AVX2 alone, torch's own were faster (a guided
    step of MusicLDM 1.33 s, and 1.70 s packed).
    """
    if not can_pack(device_type, dtype):
        return False
    return dtype == torch.bfloat16 or "AVX512" in torch.backends.cpu.get_cpu_capability()


class _Packed(nn.Module):
    """Has a weight without data, for libraries that read its type or shape."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        super().__init__()
        self.weight = torch.empty(weight.shape, dtype=weight.dtype, device="meta")
        self.bias = None if bias is None else bias.detach().clone()


class PackedLinear(_Packed):
    """A Linear layer over (..., features in)."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        """Reorder a copy of `weight`, (features out, features in)."""
        super().__init__(weight, bias)
        self.in_features, self.out_features = weight.shape[1], weight.shape[0]
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous())

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return (..., features out)."""
        return _product(rows, self._weight, self.bias)


def _product(rows: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    found: torch.Tensor = torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], "")
    return found


class PackedConv2d(_Packed):
    """A Conv2d over (batch, channels, time, frequency) that can be circular in time.

    While `closed`, the padding of each end of time comes from the other end instead of zeros. The
    result is in the channels-last layout.
    """

    closed: bool = False

    def __init__(self, conv: nn.Conv2d) -> None:
        """Take the weights of `conv`, which pads with zeros."""
        super().__init__(conv.weight, conv.bias)
        self._stride, self._dilation = list(conv.stride), list(conv.dilation)
        self._padding = [int(each) for each in conv.padding]
        self._groups = conv.groups
        square = (conv.kernel_size, conv.stride, conv.dilation) == ((3, 3), (1, 1), (1, 1))
        plain = self._padding == [1, 1] and conv.groups == 1
        self._can_unfold = square and plain and conv.in_channels >= 64
        # Reordered at the first call, when the width is known, and again only if that changes.
        self._unfolded: bool | None = None
        self._weight = conv.weight.detach()

    def _lay_out(self, *, unfolded: bool) -> None:
        if self._unfolded == unfolded:
            return
        weight = self._weight.to_dense() if self._weight.is_mkldnn else self._weight
        out, inner = self.weight.shape[:2]
        if self._unfolded:
            weight = weight.view(out, 3, 3, inner).permute(0, 3, 1, 2)
        if unfolded:
            self._weight = torch.ops.mkldnn._reorder_linear_weight(row_weight(weight))
        else:
            self._weight = torch.ops.mkldnn._reorder_convolution_weight(
                weight.contiguous(memory_format=_LAYOUT),
                self._padding, self._stride, self._dilation, self._groups,
            )  # fmt: skip
        self._unfolded = unfolded

    def forward(
        self,
        values: torch.Tensor,
        *,
        leaky_slope: float | None = None,
        add: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Convolve (batch, channels, time, frequency).

        In the same pass, apply a leaky ReLU or add a tensor of the same shape.
        """
        is_plain = leaky_slope is None and add is None
        if is_plain and self._can_unfold and values.shape[3] <= NARROW:
            return self._by_rows(values)
        self._lay_out(unfolded=False)
        values = values.contiguous(memory_format=_LAYOUT)
        reach = self._padding[0] if self.closed else 0
        if not reach:
            return self._convolved(values, self._padding, leaky_slope=leaky_slope, add=add)
        padding = [0, self._padding[1]]
        if self._stride[0] > 1 or values.shape[2] < _MIN_LENGTH_TO_PATCH * reach:
            values = functional.pad(values, (0, 0, reach, reach), mode="circular")
            return self._convolved(values, padding, leaky_slope=leaky_slope, add=add)
        # First with zeros beyond the ends, then the two ends again: nothing large is copied.
        found = self._convolved(values, self._padding, leaky_slope=leaky_slope, add=add)
        turned = None if add is None else _around_the_join(add, reach)
        ends = self._convolved(
            _around_the_join(values, 2 * reach), padding, leaky_slope=leaky_slope, add=turned
        )
        found[:, :, -reach:] = ends[:, :, :reach]
        found[:, :, :reach] = ends[:, :, reach:]
        return found

    def _convolved(
        self,
        values: torch.Tensor,
        padding: list[int],
        *,
        leaky_slope: float | None,
        add: torch.Tensor | None,
    ) -> torch.Tensor:
        layout = (padding, self._stride, self._dilation, self._groups)
        found: torch.Tensor
        if add is not None:
            found = torch.ops.mkldnn._convolution_pointwise.binary(
                values, add, self._weight, self.bias, *layout, "add", 1.0, None, [], None
            )
        elif leaky_slope is not None:
            found = torch.ops.mkldnn._convolution_pointwise(
                values, self._weight, self.bias, *layout, "leaky_relu", [leaky_slope], ""
            )
        else:
            found = torch.ops.mkldnn._convolution_pointwise(
                values, self._weight, self.bias, *layout, "none", [], ""
            )
        return found

    def _by_rows(self, values: torch.Tensor) -> torch.Tensor:
        """Convolve as one product: each row holds the 3 x 3 neighbourhood of one position."""
        self._lay_out(unfolded=True)
        batch, _, time, width = values.shape
        rows = unfolded_rows(values, closed=self.closed)
        found = _product(rows, self._weight, self.bias)
        return found.view(batch, time, width, -1).permute(0, 3, 1, 2)


def _around_the_join(values: torch.Tensor, reach: int) -> torch.Tensor:
    """Return the last `reach` rows in time, followed by the first `reach` rows."""
    joined = torch.cat([values[:, :, -reach:], values[:, :, :reach]], dim=2)
    return joined.contiguous(memory_format=_LAYOUT)


def pack(model: nn.Module, *, many_rows: bool = False) -> None:
    """Replace the Linear and Conv2d layers of a model on a CPU by packed ones where possible.

    Weights are copied layer by layer, so the peak memory is the model plus one layer. `many_rows`
    says that its Linear layers see hundreds of rows at once.
    """
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            packed = _packed(child, many_rows=many_rows)
            if packed is not None:
                setattr(parent, name, packed)


def prepared(
    part: Any,
    device: torch.device,
    dtype: torch.dtype = torch.float32,
    *,
    flat: bool = True,
    many_rows: bool = False,
) -> Any:
    """Return a part of a model, moved to a device in the memory layout that is fastest there.

    Layers that cannot be packed use the channels-last layout; `flat` parts have no convolutions
    over two dimensions that matter. `many_rows` is that of `pack`, and true of parts that are not
    flat.
    """
    many_rows = many_rows or not flat
    # Module's own `to`: the libraries' version logs a warning for each call.
    nn.Module.to(part, device, dtype)
    if can_pack(device.type, dtype):
        pack(part, many_rows=many_rows)
        if not many_rows or can_pack_convolutions(device.type, dtype):
            _let_go_of_file(part)
    if not flat and device.type != "mps":
        nn.Module.to(part, memory_format=_LAYOUT)  # type: ignore[call-overload]
    return part


def _let_go_of_file(part: nn.Module) -> None:
    """Copy the small weights that were not packed: each would keep all of its file in memory."""
    part._apply(  # type: ignore[no-untyped-call]
        lambda weight: weight.clone() if weight.nbytes <= _SMALL_BYTES else weight
    )


def _packed(layer: Any, *, many_rows: bool) -> nn.Module | None:
    is_gpt2s = type(layer).__name__ == "Conv1D"  # GPT-2's Linear, with a transposed weight.
    if not (is_gpt2s or type(layer) is nn.Linear or isinstance(layer, nn.Conv2d)):
        return None
    kind = layer.weight.device.type, layer.weight.dtype
    if isinstance(layer, nn.Conv2d):
        plain = layer.padding_mode == "zeros" and not isinstance(layer.padding, str)
        plain = plain and getattr(layer, "can_be_packed", type(layer) is nn.Conv2d)
        if not plain or not can_pack(*kind):
            return None
        if can_pack_convolutions(*kind):
            return PackedConv2d(layer)
        return winograd_of(layer) or row_convolution_of(layer)
    # With AVX2 alone, many rows are 10 % faster by torch's own product.
    if not (can_pack_convolutions if many_rows else can_pack)(*kind):
        return None
    return PackedLinear(layer.weight.T if is_gpt2s else layer.weight, layer.bias)
