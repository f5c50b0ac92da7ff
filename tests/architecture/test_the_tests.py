"""The tests themselves: none that never runs, none that lets a warning pass."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"


def pytest_output(*arguments: object) -> str:
    """Return what a pytest process of its own prints about `arguments`."""
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*command, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return result.stdout


def test_every_test_file_has_tests_that_are_collected():
    collected = {
        line.split("::")[0]
        for line in pytest_output("--collect-only", "-q", TESTS).splitlines()
        if "::" in line
    }
    files = {path.relative_to(ROOT).as_posix() for path in TESTS.rglob("test_*.py")}
    assert files
    assert files <= collected


def test_every_file_with_tests_is_called_test_something():
    strays = [
        path.relative_to(ROOT).as_posix()
        for path in TESTS.rglob("*.py")
        if not path.name.startswith("test_") and "\ndef test_" in path.read_text("utf-8")
    ]
    assert strays == []


QUIET = "def test_quiet():\n    pass\n"
NOISY = "import logging\n\ndef test_noisy():\n    logging.getLogger('x').warning('oh no')\n"
NOISY_SETUP = (
    "import logging, pytest\n\n@pytest.fixture\ndef loud():\n    logging.warning('oh no')\n\n"
    "def test_noisy(loud):\n    pass\n"
)
NOISY_END = (
    "import logging, pytest\n\n@pytest.fixture\ndef loud():\n    yield\n"
    "    logging.warning('oh no')\n\ndef test_noisy(loud):\n    pass\n"
)
EXPECTED = (
    "import logging\n\ndef test_noisy(expect_log):\n    expect_log('oh no')\n"
    "    logging.warning('oh no')\n"
)
MISSING = "def test_quiet(expect_log):\n    expect_log('oh no')\n"
WARNING = "import warnings\n\ndef test_noisy():\n    warnings.warn('oh no')\n"


@pytest.mark.parametrize(
    ("code", "summary"),
    [
        (QUIET, "1 passed"),
        (NOISY, "1 failed"),
        (NOISY_SETUP, "1 failed"),
        (NOISY_END, "1 passed, 1 error"),
        (EXPECTED, "1 passed"),
        (MISSING, "1 failed"),
        (WARNING, "1 failed"),
    ],
    ids=["quiet", "noisy", "noisy set-up", "noisy end", "expected", "missing", "Python warning"],
)
def test_an_unexpected_warning_fails_the_test_that_caused_it(tmp_path, code, summary):
    (tmp_path / "conftest.py").write_text((TESTS / "conftest.py").read_text("utf-8"), "utf-8")
    (tmp_path / "test_it.py").write_text(code, "utf-8")
    output = pytest_output("-q", "-W", "error", "--rootdir", tmp_path, tmp_path)
    assert output.splitlines()[-1].startswith(f"{summary} in"), output
