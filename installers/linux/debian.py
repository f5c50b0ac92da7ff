"""The package for Debian, Ubuntu and their derivatives."""

import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path

from linux.desktop_files import desktop_files
from linux.manual import manual_page
from steps import BUILD, DIST, Steps

HOME = "usr/lib/loopwright"
BY_NAME = ("libportaudio2",)
"""Libraries that are loaded by name at run time, so that no file shows that they are needed."""
RECOMMENDS = ("ca-certificates",)
MAINTAINER = os.environ.get("LOOPWRIGHT_MAINTAINER", "Loopwright <packages@loopwright.invalid>")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Loopwright
Comment: The other files in /usr/lib/loopwright have licences of their own:
 see licences.txt.gz in this folder.

Files: *
Copyright: 2026 the authors of Loopwright
License: Apache-2.0
 On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.
"""
_DESCRIPTION = """\
text prompts to exact, seamless, tempo-tagged loops
 Loopwright turns a text prompt, typed in a window or sent from a DAW, into a
 loop of exactly as many bars as you ask for, at the session's tempo, and writes
 it as a tempo-tagged WAV file into a project folder, ready to drag, launch or
 play on pads.
 .
 A rule-based composer is built in; neural models can be downloaded.
"""


def build_debian(steps: Steps, frozen: Path, version: str) -> list[Path]:
    """Build the package and return its path."""
    architecture = _ARCHITECTURES.get(os.uname().machine, os.uname().machine)
    steps.say(f"the package for Debian, {architecture}")
    root = BUILD / "debian"
    steps.clear(root)
    steps.copy(frozen, root / HOME)
    if not steps.dry:
        (root / "usr/bin").mkdir(parents=True)
        (root / "usr/bin/loopwright").symlink_to("../lib/loopwright/loopwright")
    for path, data in desktop_files("loopwright"):
        steps.write(root / "usr/share" / path, data)
    _write_documents(steps, root, frozen, version)
    control = _control(version, architecture, _depends(steps, root / HOME), _size_kb(root))
    steps.write(root / "DEBIAN/control", control)
    if not steps.dry:
        _set_modes(root)
    product = DIST / f"loopwright_{version}_{architecture}.deb"
    steps.run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, product)
    return [product]


def _write_documents(steps: Steps, root: Path, frozen: Path, version: str) -> None:
    documents = root / "usr/share/doc/loopwright"
    steps.write(documents / "copyright", _COPYRIGHT)
    licences = (BUILD / "licences.txt").read_bytes() if not steps.dry else b""
    steps.write(documents / "licences.txt.gz", _packed(licences))
    changelog = (BUILD / "changelog.md").read_bytes() if not steps.dry else b""
    steps.write(documents / "news.md.gz", _packed(changelog))
    manual = manual_page(steps, frozen / "loopwright", version)
    steps.write(root / "usr/share/man/man1/loopwright.1.gz", _packed(manual))


def _packed(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)  # without a time, the same build gives the same file


def _control(version: str, architecture: str, depends: str, size_kb: int) -> str:
    return (
        f"Package: loopwright\nVersion: {version}\nSection: sound\nPriority: optional\n"
        f"Architecture: {architecture}\nMaintainer: {MAINTAINER}\nInstalled-Size: {size_kb}\n"
        f"Depends: {depends}\nRecommends: {', '.join(RECOMMENDS)}\nDescription: {_DESCRIPTION}"
    )


def _depends(steps: Steps, home: Path) -> str:
    """Return the packages whose libraries the program loads, found by dpkg-shlibdeps."""
    programs = [] if steps.dry else list(_programs(home))
    folders = sorted({path.parent for path in programs})
    source = "Source: loopwright\n\nPackage: loopwright\nArchitecture: any\n"
    steps.write(BUILD / "shlibdeps/debian/control", source)
    answer = steps.answer_of(
        "dpkg-shlibdeps", "-O", "--warnings=0", "--ignore-missing-info",
        *(f"-l{folder}" for folder in folders), *(f"-e{path}" for path in programs),
        folder=BUILD / "shlibdeps",
    )  # fmt: skip
    found = re.sub(r"^shlibs:Depends=", "", answer.strip())
    return ", ".join([*([found] if found else []), *BY_NAME])


def _programs(home: Path) -> Iterator[Path]:
    """Yield all programs and libraries."""
    for path in sorted(home.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def _size_kb(root: Path) -> int:
    return sum(path.lstat().st_size for path in root.rglob("*") if path.is_file()) // 1024


def _set_modes(root: Path) -> None:
    """Let everybody read all of it, and start what is a program."""
    for path in root.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
        elif not path.is_symlink():
            starts = path.name in ("loopwright", "torch_shm_manager")
            path.chmod(0o755 if starts else 0o644)
