"""What a machine is, and whether it is idle: figures mean little without both."""

import importlib.metadata
import platform
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

from engine.version import VERSION

_PACKAGES = (
    "numpy", "torch", "transformers", "diffusers", "openvino", "PySide6-Essentials", "python-osc",
)  # fmt: skip
_MOST_BUSY_PERCENT = 10.0
_LOOK_S = 1.0


class Machine(NamedTuple):
    """A machine and what is installed on it.

    Attributes:
        processor: its name.
        cores: physical cores; `threads` are what the system sees.
        instructions: the newest set of vector instructions that numpy found.
        memory_gib: in all.
        system: the operating system.
        versions: of Loopwright, Python and the libraries that are installed, by name.
        load: the load average over one minute.
    """

    processor: str
    cores: int
    threads: int
    instructions: str
    memory_gib: float
    system: str
    versions: dict[str, str]
    load: float

    @classmethod
    def this(cls) -> "Machine":
        """Return this machine."""
        threads = psutil.cpu_count() or 1
        return cls(
            processor=_processor(),
            cores=psutil.cpu_count(logical=False) or threads,
            threads=threads,
            instructions=_instructions(),
            memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
            system=f"{platform.system()} {platform.release()}",
            versions={"Loopwright": VERSION, "Python": platform.python_version()} | _versions(),
            load=round(psutil.getloadavg()[0], 2),
        )

    def described(self) -> str:
        """Return it as a sentence."""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return (
            f"{self.processor}, {self.cores} cores, {self.threads} threads, {self.instructions}, "
            f"{self.memory_gib:g} GiB, {self.system}; {versions}."
        )


def busy_percent() -> float | None:
    """Return how busy other programs keep the processors now, if more than an idle machine is."""
    percent = psutil.cpu_percent(_LOOK_S)
    return percent if percent > _MOST_BUSY_PERCENT else None


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    if sys.platform == "darwin":
        asked = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return platform.processor() or platform.machine()


def _instructions() -> str:
    """Return the last of the sets that numpy found, which lists them from the oldest on."""
    found = np.show_config(mode="dicts")["SIMD Extensions"]
    sets = [*found.get("baseline", ()), *found.get("found", ())]
    return f"{platform.machine()} {sets[-1]}" if sets else platform.machine()


def _versions() -> dict[str, str]:
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions
