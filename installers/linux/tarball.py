"""The archive for any Linux: unpack it anywhere, and start the program in it."""

import os
import tarfile
from pathlib import Path

from linux.desktop_files import desktop_files
from steps import BUILD, DIST, ROOT, Steps

HERE = Path(__file__).resolve().parent


def build_tarball(steps: Steps, frozen: Path, version: str) -> list[Path]:
    """Build the archive; returns its path."""
    name = f"loopwright-{version}-linux-{os.uname().machine}"
    steps.say(f"the archive {name}")
    root = BUILD / "tarball" / name
    steps.clear(BUILD / "tarball")
    steps.copy(frozen, root)
    steps.copy(HERE / "menu-entry", root / "menu-entry")
    steps.copy(HERE / "README.txt", root / "README.txt")
    steps.copy(ROOT / "LICENSE", root / "LICENSE")
    steps.copy(BUILD / "licences.txt", root / "licences.txt")
    steps.copy(BUILD / "changelog.md", root / "changelog.md")
    for place, data in desktop_files("@PROGRAM@"):
        steps.write(root / "share" / place, data)
    product = DIST / f"{name}.tar.xz"
    if not steps.dry:
        with tarfile.open(product, "w:xz", preset=6) as archive:
            archive.add(root, name, filter=_owned_by_nobody)
    return [product]


def _owned_by_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry
