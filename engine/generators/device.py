"""Which processor a model runs on, and in which precision."""

import torch

from engine.loops.errors import OutOfRange

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
    return DTYPES[name]


def _fastest(device: torch.device) -> str:
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    if device.type == "cpu" and _cpu_multiplies_bfloat16():
        return "bfloat16"
    return "float32"


def _cpu_multiplies_bfloat16() -> bool:
    # Older versions of torch cannot say.
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(capabilities.get(name, False) for name in ("amx_bf16", "avx512_bf16"))
