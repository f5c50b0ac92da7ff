"""The lowest versions of the libraries that downloaded models run on."""

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from engine.models.errors import LibraryMissing, LibraryTooOld
from engine.models.libraries import LOWEST, is_older, require_libraries
from tests.fakes.libraries import installed_in

ROOT = Path(__file__).parents[3]


@pytest.mark.hold(13)
def test_the_version_bounds_match_the_package_metadata():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = dict(line.split(">=") for line in project["optional-dependencies"]["models"])
    for library, lowest in LOWEST.items():
        assert not is_older(declared[library], lowest), library
        assert not is_older(lowest, declared[library]), library


@pytest.mark.parametrize(
    ("version", "lowest", "older"),
    [
        ("2.9.1", "2.10.0", True),
        ("2.10.0", "2.10.0", False),
        ("2.10", "2.10.0", False),
        ("2.10.0+cpu", "2.10.0", False),
        ("2.10.0.post1", "2.10.0", False),
        ("2.13.0+cu130", "2.10.0", False),
        ("2.10.0rc3", "2.10.0", True),
        ("2.10.0a0+git0123abc", "2.10.0", True),
        ("2.10.0.dev20260101", "2.10.0", True),
        ("2.10.1.dev20260101", "2.10.0", False),
        ("10.0", "2.10.0", False),
        ("0.42.0", "0.42.1", True),
        ("5.22.9", "5.23.0", True),
        ("unknown", "2.10.0", True),
        ("", "2.10.0", True),
    ],
)
def test_versions_are_compared_as_versions(version, lowest, older):
    assert is_older(version, lowest) is older


@pytest.mark.parametrize(
    ("library", "found", "lowest"),
    [
        ("torch", "2.9.1+cpu", "2.10.0"),
        ("transformers", "5.22.0", "5.23.0"),
        ("diffusers", "0.42.0", "0.42.1"),
    ],
)
def test_an_old_library_error_names_both_versions_and_the_command(library, found, lowest):
    with pytest.raises(LibraryTooOld) as caught:
        require_libraries({**LOWEST, library: found}.__getitem__)
    assert str(caught.value) == (
        f"Downloaded models need {library} {lowest} or later, and {found} is installed: "
        f"get it with 'pip install -U \"{library}>={lowest}\"'."
    )


@pytest.mark.parametrize("library", LOWEST)
def test_a_missing_library_error_names_the_extra_to_install(library):
    def installed(name):
        if name == library:
            raise importlib.metadata.PackageNotFoundError(name)
        return LOWEST[name]

    with pytest.raises(LibraryMissing) as caught:
        require_libraries(installed)
    assert str(caught.value) == (
        f"Downloaded models need the library {library}, which is not installed: get it with "
        "'pip install -U \"loopwright[models]\"'."
    )


def test_installed_versions_are_read_without_importing(tmp_path):
    path = installed_in(tmp_path, **LOWEST | {"diffusers": "0.41.9"})
    code = (
        "import sys\n"
        "from engine.models.errors import LibraryTooOld\n"
        "from engine.models.libraries import LOWEST, require_libraries\n"
        "try:\n    require_libraries()\n"
        "except LibraryTooOld as error:\n    print(error)\n"
        "print(sorted(set(LOWEST) & set(sys.modules)))\n"
    )
    output = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.match(r"Downloaded models need diffusers 0\.42\.1 or later, and 0\.41\.9 is", output)
    assert output.endswith("[]\n")
