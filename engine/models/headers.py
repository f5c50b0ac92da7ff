"""Reads the header of a safetensors file, and rejects anything impossible.

The format: eight bytes with the length of a JSON object (little-endian), that object, the data.
Each tensor has a type, a shape and the position of its bytes; together they fill the file.
"""

import math
from pathlib import Path
from typing import Any

import msgspec

from engine.loops.files import reading

LONGEST_HEADER_BYTES = 2**20
MOST_TENSORS = 5_000
"""A UNet of 1,000 tensors has 150 kB; the format allows 100 MB, which no model here needs."""
MOST_DIMENSIONS = 8

_BITS = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8,
    "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U8": 8, "BOOL": 8,
}  # fmt: skip


class Tensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One tensor: its type as the format writes it, its shape, and its bytes in the data."""

    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


class Header(msgspec.Struct, frozen=True):
    """The tensors of a weight file."""

    tensors: dict[str, Tensor]

    @property
    def parameters(self) -> int:
        """The number of parameters in the file."""
        return sum(math.prod(tensor.shape) for tensor in self.tensors.values())

    @property
    def largest_dimension(self) -> int:
        """The longest side of any tensor."""
        sides = (side for tensor in self.tensors.values() for side in tensor.shape)
        return max(sides, default=0)

    def below(self, prefix: str) -> "Header":
        """Return the tensors whose names start with `prefix`."""
        return Header(
            {name: tensor for name, tensor in self.tensors.items() if name.startswith(prefix)}
        )


_tensor_decoder = msgspec.json.Decoder(Tensor)


class BadHeader(ValueError):
    """The reason why a file is not a valid weight file, as the end of a sentence."""


def read_header(path: Path) -> Header:
    """Read and check the header of a safetensors file; the weights themselves are not read.

    Raises:
        BadHeader: the header is invalid.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    with reading(path) as stream:
        length = int.from_bytes(stream.read(8), "little")
        if size < 8 or not 2 <= length <= size - 8:
            raise BadHeader("is cut short")
        if length > LONGEST_HEADER_BYTES:
            raise BadHeader(f"has a header of {length:,} bytes, more than any model needs")
        text = stream.read(length)
    try:
        entries = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        if len(entries) > MOST_TENSORS:
            raise BadHeader(f"has {len(entries):,} tensors, more than any model needs")
        entries.pop("__metadata__", None)
        tensors = {name: _tensor_decoder.decode(entry) for name, entry in entries.items()}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadHeader("has a header that cannot be read") from error
    _check_layout(tensors, size - 8 - length)
    return Header(tensors)


def _check_layout(tensors: dict[str, Tensor], data_bytes: int) -> None:
    """Check that the tensors fill the data without gaps or overlaps."""
    position = 0
    for name, tensor in sorted(tensors.items(), key=_place):
        begin, end = tensor.data_offsets
        if tensor.dtype not in _BITS:
            raise BadHeader(f"has a tensor of the unknown type {tensor.dtype[:20]!r}")
        if len(tensor.shape) > MOST_DIMENSIONS or any(side < 0 for side in tensor.shape):
            raise BadHeader(f"has a tensor {name[:80]!r} of an impossible shape")
        if begin != position or end - begin != math.prod(tensor.shape) * _BITS[tensor.dtype] // 8:
            raise BadHeader(f"has a tensor {name[:80]!r} whose bytes are not where it says")
        position = end
    if position != data_bytes:
        raise BadHeader("is longer or shorter than its tensors")


def _place(item: tuple[str, Tensor]) -> Any:
    return item[1].data_offsets
