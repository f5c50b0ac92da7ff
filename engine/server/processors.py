"""The devices that models could run on: this machine's GPUs, and what its torch was built for.

Torch itself is not imported: that takes seconds, and a driver that hangs would hang the engine,
too. Which device torch really finds is known only when a model is loaded.
"""

import contextlib
import importlib.metadata
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

CPU, CUDA, ROCM, METAL = "cpu", "cuda", "rocm", "metal"
_LABELS = {"cpu": CPU, "cu": CUDA, "rocm": ROCM}
_TIMEOUT_S = 5.0


def torch_build() -> str | None:
    """Return what the installed torch was built for; None if it is not installed.

    The result is `cpu`, `cuda`, `rocm`, or `metal` on Apple silicon, where all builds have it.
    """
    try:
        version = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return None
    if has_apple_gpu():
        return METAL
    label = re.match(r"[a-z]*", version.partition("+")[2])
    # Builds from PyPI have no label.
    return _LABELS.get(label.group() if label else "") or _build_by_its_files()


def _build_by_its_files() -> str:
    """Return what torch was built for according to its `version.py`."""
    found = importlib.util.find_spec("torch")  # finds the package without importing it
    with contextlib.suppress(OSError):
        if found is not None and found.origin is not None:
            text = Path(found.origin).with_name("version.py").read_text("utf-8")
            if re.search(r"^cuda\b.*= *['\"]", text, re.MULTILINE):
                return CUDA
            if re.search(r"^hip\b.*= *['\"]", text, re.MULTILINE):
                return ROCM
    return CPU


def nvidia_cards() -> list[str]:
    """Return the names of the NVIDIA cards that the driver lists; none without a driver."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, "--query-gpu=name", "--format=csv,noheader"]
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW
    try:
        answer = subprocess.run(  # noqa: S603 - the driver's own program
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            creationflags=flags,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    if answer.returncode != 0:
        return []
    return [
        name
        for line in answer.stdout.decode("utf-8", "replace").splitlines()
        if (name := line.strip())
    ]


def has_apple_gpu() -> bool:
    """Return whether this is a Mac with Apple silicon, whose GPU torch uses through Metal."""
    return sys.platform == "darwin" and platform.machine() == "arm64"
