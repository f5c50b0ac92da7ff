"""The smoke test of packages, run on the program from source; it passes, and it can fail."""

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import REAL
from tests.fakes.tiny_checkpoints import write_musicgen

SMOKE = Path(__file__).resolve().parents[2] / "installers" / "smoke"
LIMIT_S = 240
NOISY = """\
import sys
from cli.main import main
if sys.argv[1] == {command!r}:
    print("a library has something to say", file=sys.{stream})
sys.exit(main())
"""
SHORT = """\
import sys
from cli.main import main
sys.argv = [{other!r} if word == {word!r} else word for word in sys.argv]
sys.exit(main())
"""


def smoke(*program: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(SMOKE), *program],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def test_the_program_from_source_passes(tmp_path):
    pytest.importorskip("openvino", reason="the extra `fast` is not installed")
    result = smoke("--model", str(write_musicgen(tmp_path / "tiny")), *REAL)
    assert (result.returncode, result.stderr) == (0, "")
    assert "smoke: OpenVINO computed MusicGen\n" in result.stdout
    assert "frames according to its chunks and soundfile" in result.stdout
    assert "the window was painted" in result.stdout
    assert result.stdout.endswith("smoke: all checks passed\n")


@pytest.mark.parametrize(
    ("command", "stream"),
    (("--version", "stderr"), ("doctor", "stderr"), ("render", "stdout"), ("render", "stderr")),
)
def test_an_unexpected_line_fails(command, stream):
    result = smoke(sys.executable, "-P", "-c", NOISY.format(command=command, stream=stream))
    assert result.returncode == 1
    assert result.stderr.startswith("smoke: FAILED: ")
    assert "all checks passed" not in result.stdout


@pytest.mark.parametrize(
    ("word", "other", "sentence"),
    (
        ("93.5", "93.6", "the number of frames is 246154.0, but must be 246417"),
        ("--bars", "--bras", "render ended with 2 and printed: '--bras' is not an option"),
        ("window", "windw", "window ended with 2"),
    ),
)
def test_a_program_with_wrong_output_fails(word, other, sentence):
    result = smoke(sys.executable, "-P", "-c", SHORT.format(word=word, other=other))
    assert result.returncode == 1
    assert sentence in result.stderr


def test_a_package_without_openvino_fails(tmp_path):
    loader = importlib.machinery.SourceFileLoader("smoke", str(SMOKE))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("smoke", loader))
    loader.exec_module(module)
    log = tmp_path / ".local/state/Loopwright/log/engine.log"
    log.parent.mkdir(parents=True)
    log.write_text("INFO device cpu, torch 2.13.0+cpu\n")
    with pytest.raises(module.SmokeFailed, match="not by OpenVINO"):
        module.check_openvino(module.Profile([], tmp_path, None))


def test_a_missing_program_fails(tmp_path):
    result = smoke(str(tmp_path / "missing"))
    assert (result.returncode, result.stdout) == (1, "")
    assert "cannot be started: No such file or directory" in result.stderr
