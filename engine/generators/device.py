"""Chooses the device that a model runs on, and the precision."""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from engine.loops.errors import OutOfRange

_OUT_OF_MEMORY = (
    "DefaultCPUAllocator: ",  # "can't allocate memory", on Windows "not enough memory"
    "out of memory",  # of MPS, and of CUDA where it is not the allocator that fails
    "CUBLAS_STATUS_ALLOC_FAILED",
)
# oneDNN's whole message; an unsupported operation adds more words ("a primitive descriptor").
_OUT_OF_MEMORY_OF_ONEDNN = "could not create a primitive"
_log = logging.getLogger(__name__)
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def choose_device(name: str = "auto") -> torch.device:
    """Return the device of that name (`cpu`, `cuda`, `cuda:1`, `mps`); `auto` is the fastest.

    Raises:
        OutOfRange: this computer has no such device.
    """
    present = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if present[kind])
    if not present.get(name.partition(":")[0], False):
        allowed = ", ".join(kind for kind, there in present.items() if there)
        raise OutOfRange("The device", name, f"one that this computer has: {allowed}")
    _log.info("device %s, torch %s", name, torch.__version__)
    return torch.device(name)


def choose_dtype(device: torch.device, name: str = "auto") -> torch.dtype:
    """Return the precision of that name; `auto` is the fastest that is safe on the device.

    On a CPU that is bfloat16 where the processor multiplies it itself, else float32. On CUDA it
    is bfloat16, or float16 on cards older than that.

    Raises:
        OutOfRange: there is no such precision.
    """
    if name == "auto":
        name = _fastest(device)
    if name not in DTYPES:
        raise OutOfRange("The precision", name, "one of auto, " + ", ".join(DTYPES))
    _log.info("precision %s", name)
    return DTYPES[name]


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error means that memory ran out, on a GPU or on the CPU.

    On CUDA torch has a class for it. Elsewhere it is a RuntimeError, recognised by its message.
    """
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    if not isinstance(error, RuntimeError):
        return False
    message = str(error)
    return message == _OUT_OF_MEMORY_OF_ONEDNN or any(text in message for text in _OUT_OF_MEMORY)


@contextlib.contextmanager
def naming_out_of_memory() -> Iterator[None]:
    """Raise `MemoryError` for whatever torch raises when memory runs out."""
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise MemoryError(str(error)) from error


def free_gpu_bytes(device: torch.device) -> int | None:
    """Return how much memory a GPU has free; None for devices that use the computer's memory."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else None


def text_device(
    parts: Mapping[str, Any], device: torch.device, sizes: Mapping[str, int], work: int
) -> torch.device:
    """Return where prompts are read: on the GPU if its memory has room for all parts.

    Args:
        parts: of a checkpoint, by name.
        device: where everything else computes.
        sizes: bytes per weight there, by the names of the parts; the others have four.
        work: bytes that are needed besides the weights.
    """
    free = free_gpu_bytes(device)
    if free is None:
        return device
    needed = sum(
        weight.numel() * sizes.get(name, torch.float32.itemsize)
        for name, part in parts.items()
        if isinstance(part, torch.nn.Module)
        for weight in part.parameters()
    )
    return device if needed + work <= free else torch.device("cpu")


def release_unused_memory() -> None:
    """Return unused memory to the system; torch would keep it for later use."""
    torch.cuda.empty_cache()  # Does nothing if no GPU was used.


def _fastest(device: torch.device) -> str:
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    if device.type == "cpu" and _cpu_multiplies_bfloat16():
        return "bfloat16"
    return "float32"


def _cpu_multiplies_bfloat16() -> bool:
    # Older versions of torch do not report this.
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(capabilities.get(name, False) for name in ("amx_bf16", "avx512_bf16"))
