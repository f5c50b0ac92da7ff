"""The version that is compiled in is the version of the package."""

import tomllib
from pathlib import Path

from engine.version import PROGRAM, VERSION

ROOT = Path(__file__).resolve().parents[2]


def test_the_version_matches_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    assert f"Loopwright {VERSION}" == PROGRAM
