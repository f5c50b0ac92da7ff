"""Write constraints.txt: the installed versions of everything that Loopwright needs.

Usage, after installing or upgrading in `.venv`:  poe lock
Installed packages that nothing needs are left out.
"""

import functools
import importlib.metadata
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HEADER = """\
# The one lock of Loopwright: pip reads it as constraints. Written by `poe lock` from the
# environment that passed `poe check`; change pyproject.toml or upgrade there, then run it again.
#
# torch >= 2.10 closes CVE-2026-24747 (memory corruption in the weights-only unpickler). The version
# here matches all builds of it; installers/from-source picks the one without CUDA, and names the
# others.
# transformers >= 5.23 is the first with a MusicGen-melody that uses its prompt and melody again,
# and closes CVE-2026-4372 (code run from a config.json).
# diffusers >= 0.42.1 closes GHSA-4prv-5hj7-c2xr (a library name in model_index.json runs code).
"""


def wanted() -> list[Requirement]:
    """Return the requirements in pyproject.toml: to build, to run, and of every extra."""
    to_build = [*_project()["build-system"]["requires"], "editables"]
    extras = _project()["project"]["optional-dependencies"]
    return [*map(Requirement, to_build), *to_run(extras)]


def to_run(extras: Iterable[str]) -> list[Requirement]:
    """Return the requirements in pyproject.toml to run, and of some extras."""
    project = _project()["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


@functools.cache
def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def closure(requirements: list[Requirement]) -> dict[str, str]:
    """Return the installed version of each distribution that the requirements need, in depth."""
    versions: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [
        (requirement, extra) for requirement in requirements for extra in _extras(requirement)
    ]
    while waiting:
        requirement, extra = waiting.pop()
        key = (canonicalize_name(requirement.name), extra)
        if key in seen:
            continue
        seen.add(key)
        found = importlib.metadata.distribution(requirement.name)
        versions[key[0]] = found.version.split("+")[0]
        for line in found.requires or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting += [(needed, each) for each in _extras(needed)]
    return versions


def _extras(requirement: Requirement) -> list[str]:
    return ["", *requirement.extras]


def main() -> None:
    """Write the file."""
    versions = closure(wanted())
    lines = [f"{name}=={version}\n" for name, version in sorted(versions.items())]
    (ROOT / "constraints.txt").write_text(HEADER + "".join(lines), "utf-8")
    print(f"constraints.txt: {len(lines)} versions.")


if __name__ == "__main__":
    main()
