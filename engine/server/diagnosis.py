"""The versions and devices of this engine, for `loopwright doctor` and the window.

Heavy libraries are not imported for this: torch's version comes from its package metadata.
"""

import importlib.metadata
import os
import platform
from typing import Any

import psutil

from engine.loops.tempo import RATES
from engine.models.errors import LibraryMissing, LibraryTooOld
from engine.models.libraries import require_libraries
from engine.server.processors import has_apple_gpu, nvidia_cards, torch_build
from engine.version import VERSION

_PACKAGES = ("numpy", "scipy", "torch", "transformers", "diffusers", "openvino")


def diagnosis_facts() -> dict[str, Any]:
    """Return the facts by name; the version of a package that is not installed is None."""
    memory = psutil.virtual_memory()
    versions = {name: _version(name) for name in _PACKAGES}
    return {
        "loopwright": VERSION,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu_count": os.cpu_count() or 1,
        "memory_bytes": memory.total,
        "memory_free_bytes": memory.available,
        "engine_memory_bytes": psutil.Process().memory_info().rss,
        **versions,
        "library_fault": _library_fault(),
        "torch_build": torch_build(),
        "nvidia_cards": nvidia_cards(),
        "apple_gpu": has_apple_gpu(),
        "rates": list(RATES),
    }


def _library_fault() -> str | None:
    """Return why downloaded models would be refused; None if their libraries are missing."""
    try:
        require_libraries()
    except LibraryTooOld as error:
        return str(error)
    except LibraryMissing:
        pass
    return None


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
