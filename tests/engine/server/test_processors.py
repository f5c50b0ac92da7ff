"""What models could run on: cards as their driver names them, and what torch was built for."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.server.processors import nvidia_cards, torch_build

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Call it with what the driver's program shall do."""

    def put(script: str) -> None:
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return put


def test_cards_are_named_by_their_driver(driver):
    driver("echo NVIDIA GeForce RTX 4090; echo NVIDIA T4; echo")
    assert nvidia_cards() == ["NVIDIA GeForce RTX 4090", "NVIDIA T4"]


@pytest.mark.parametrize(
    "script",
    ("echo no devices were found; exit 6", "kill -9 $$", "exit 0"),
    ids=["failed", "killed", "silent"],
)
def test_an_unresponsive_driver_has_no_cards(driver, script):
    driver(script)
    assert nvidia_cards() == []


def test_without_a_driver_there_are_no_cards(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert nvidia_cards() == []


def build_of(folder: Path, version: str, text: str | None = None) -> str:
    """Return the build of a torch that is found before the one that is installed."""
    info = folder / f"torch-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Name: torch\nVersion: {version}\n")
    if text is not None:
        (folder / "torch").mkdir()
        (folder / "torch" / "__init__.py").write_text("raise RuntimeError('was imported')\n")
        (folder / "torch" / "version.py").write_text(text)
    code = (
        f"import sys; sys.path[:0] = [{str(folder)!r}, {str(ROOT)!r}]; "
        "from engine.server.processors import torch_build; print(torch_build())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform == "darwin", reason="all builds for Apple's chips have Metal")
@pytest.mark.parametrize(
    ("version", "text", "build"),
    (
        ("2.13.0+cpu", None, "cpu"),
        ("2.13.0+cu130", None, "cuda"),
        ("2.13.0+rocm7.0", None, "rocm"),
        ("2.13.0", "cuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n", "cuda"),
        ("2.13.0", "cuda = '12.8'\n", "cuda"),
        ("2.13.0", "cuda: Optional[str] = None\nhip: Optional[str] = '7.0'\n", "rocm"),
        ("2.13.0", "cuda: Optional[str] = None\nhip: Optional[str] = None\n", "cpu"),
        ("2.13.0+local.1", "cuda: Optional[str] = '13.0'\n", "cuda"),
    ),
)
def test_the_torch_build_is_read_without_importing_it(tmp_path, version, text, build):
    assert build_of(tmp_path, version, text) == build


def test_the_torch_used_in_tests_is_a_known_build():
    assert torch_build() in {"cpu", "cuda", "rocm", "metal"}
