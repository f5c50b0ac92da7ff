"""The licences of everything that a build includes, in one text."""

import importlib.metadata
import sysconfig
from pathlib import Path

from lock import closure, to_run

HERE = Path(__file__).resolve().parent / "licences"
EXTRAS = ("desktop", "fast", "midi", "models")
"""The extras of Loopwright that a build includes."""
_LEFT_OUT = {"openvino-telemetry"}
"""A requirement of what is included that is not included itself."""
_NAMES = ("licen", "copying", "notice", "authors", "third-party")
_LINE = "=" * 78
_HEAD = """\
Loopwright is under the Apache License 2.0. The packages in it have licences of their own, which
follow package by package. Qt for Python (PySide6, shiboken6) is used under the LGPL 3,
libsndfile and libsoxr under the LGPL 2.1. They are separate library files next to the program: you
may replace them with other builds of the same interface.
"""


def all_licences() -> str:
    """Return the text."""
    parts = [_HEAD, _titled("Python", _python())]
    names = closure(to_run(EXTRAS)).keys() - _LEFT_OUT
    parts += [_of_package(importlib.metadata.distribution(name)) for name in sorted(names)]
    parts += [_titled(path.stem, path.read_text("utf-8")) for path in sorted(HERE.glob("*.txt"))]
    return "\n".join(parts)


def _titled(title: str, text: str) -> str:
    return f"{_LINE}\n{title}\n{_LINE}\n{text.strip()}\n"


def _of_package(package: importlib.metadata.Distribution) -> str:
    facts = package.metadata
    licence = facts.get("License-Expression") or facts.get("License") or ""
    files = [package.locate_file(file) for file in package.files or () if _is_licence(file)]
    texts = [Path(str(file)).read_text("utf-8", "replace") for file in files]
    texts.insert(0, licence.partition("\n")[0])
    return _titled(f"{facts['Name']} {package.version}", "\n\n".join(texts))


def _is_licence(file: importlib.metadata.PackagePath) -> bool:
    return file.suffix in ("", ".txt", ".md") and any(part in file.name.lower() for part in _NAMES)


def _python() -> str:
    path = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    return path.read_text("utf-8") if path.is_file() else "PSF License Version 2: python.org"
