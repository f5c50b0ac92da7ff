"""Build the packages that people install: freeze the program, then wrap it for a system.

Usage: installers/from-source package [--dry-run] [--reuse] [--system linux|macos|windows]

--dry-run   only show the steps; packages for another system can only be shown
--reuse     use the frozen program of an earlier run in dist/frozen

Products are in dist/, each with its checksum in dist/SHA256SUMS.
"""

import argparse
import hashlib
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from drawing import write_icons
from licences import all_licences
from linux.debian import build_debian
from linux.tarball import build_tarball
from macos.disk_image import build_disk_image
from steps import BUILD, DIST, ROOT, Steps
from windows.setup import build_setup

FROZEN = DIST / "frozen"
SPEC = ROOT / "installers" / "frozen" / "loopwright.spec"
STRIPPED = ("libtorch_cpu.so", "libtorch_python.so", "libc10.so", "libpython3*.so*")
"""Libraries that contain the names of all their functions, a fifth of their size."""

Wrap = Callable[[Steps, Path, str], list[Path]]
SYSTEMS: dict[str, tuple[Wrap, ...]] = {
    "linux": (build_debian, build_tarball),
    "macos": (build_disk_image,),
    "windows": (build_setup,),
}
"""For each system, the functions that wrap the frozen program; each returns its products."""


def this_system() -> str:
    """Return the name of this system, as in `SYSTEMS`."""
    return {"Darwin": "macos", "Windows": "windows"}.get(platform.system(), "linux")


def version() -> str:
    """Return the version that is built."""
    sys.path.insert(0, str(ROOT))
    from engine.version import VERSION

    return VERSION


def write_papers(steps: Steps) -> None:
    """Write the icons, licences and changelog that go with the program."""
    steps.say("the icons, the licences of the included packages, and the changelog")
    if not steps.dry:
        write_icons(BUILD / "icons")
    steps.write(BUILD / "licences.txt", "" if steps.dry else all_licences())
    steps.write(BUILD / "changelog.md", changelog(steps))


def freeze(steps: Steps) -> None:
    """Make dist/frozen: the program with the Python packages that it needs."""
    steps.say("the frozen program; this takes minutes")
    steps.run(
        sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
        "--distpath", FROZEN, "--workpath", BUILD / "frozen", SPEC,
    )  # fmt: skip
    if this_system() == "linux":
        strip(steps)


def changelog(steps: Steps) -> str:
    """Return the changelog: unreleased changes first, then the released ones."""
    draft = ("-m", "towncrier", "build", "--draft", "--version", version())
    news = steps.answer_of(sys.executable, *draft, folder=ROOT)
    before = ROOT / "CHANGELOG.md"
    return news + (before.read_text("utf-8") if before.is_file() else "")


def strip(steps: Steps) -> None:
    """Strip the symbols from the largest libraries."""
    for pattern in STRIPPED:
        for path in sorted(FROZEN.rglob(pattern)):
            if not path.is_symlink():
                steps.run("strip", "--strip-unneeded", path)


def write_checksums(steps: Steps, products: list[Path]) -> None:
    """Write the SHA-256 of each product in the format of `sha256sum --check`."""
    if steps.dry:
        return
    lines = []
    for path in products:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {path.name}\n")
        steps.say(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.0f} MB")
    steps.write(DIST / "SHA256SUMS", "".join(lines))


def main() -> None:
    """Build the packages."""
    parser = argparse.ArgumentParser(usage=__doc__.split("Usage: ")[1])
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--reuse", action="store_true")
    parser.add_argument("--system", choices=SYSTEMS, default=this_system())
    options = parser.parse_args()
    if options.system != this_system() and not options.dry_run:
        parser.error(
            f"packages for {options.system} are built there: add --dry-run to see the steps"
        )
    steps = Steps(dry=options.dry_run)
    write_papers(steps)
    if not options.reuse:
        freeze(steps)
    products = [
        product
        for wrap in SYSTEMS[options.system]
        for product in wrap(steps, FROZEN / "loopwright", version())
    ]
    write_checksums(steps, products)


if __name__ == "__main__":
    main()
