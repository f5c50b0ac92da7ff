"""The archive for any Linux: unpack it anywhere and start the program inside."""

import os
from pathlib import Path

from linux.desktop_files import desktop_files
from steps import BUILD, DIST, ROOT, Steps

HERE = Path(__file__).resolve().parent


def build_tarball(steps: Steps, frozen: Path, version: str) -> list[Path]:
    """Build the archive and return its path."""
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
    for path, data in desktop_files("@PROGRAM@"):
        steps.write(root / "share" / path, data)
    product = DIST / f"{name}.tar.xz"
    steps.run(
        "tar", "--create", f"--file={product}", "--use-compress-program=xz --threads=0",
        "--sort=name", "--owner=root:0", "--group=root:0", f"--directory={root.parent}", name,
    )  # fmt: skip
    return [product]
