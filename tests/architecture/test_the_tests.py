"""The tests themselves: none that never runs, none that lets a warning pass."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import threadpoolctl

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"


def named_in(config) -> list[Path]:
    """Return the files and folders that a run was asked for."""
    names = [argument.split("::")[0] for argument in config.args]
    return [(config.invocation_params.dir / name).resolve() for name in names]


def test_every_test_file_has_tests_that_are_collected(collected_files, pytestconfig):
    if pytestconfig.getoption("lf") or pytestconfig.getoption("ignore"):
        pytest.skip("a run that leaves files out cannot tell")
    named = named_in(pytestconfig)
    files = {
        path
        for path in TESTS.rglob("test_*.py")
        if any(path.is_relative_to(each) for each in named)
    }
    assert files
    assert files - collected_files == set()


def test_every_file_with_tests_has_a_test_name():
    strays = [
        path.relative_to(ROOT).as_posix()
        for path in TESTS.rglob("*.py")
        if not path.name.startswith("test_") and "\ndef test_" in path.read_text("utf-8")
    ]
    assert strays == []


def test_a_worker_computes_with_its_share_of_the_cores():
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    share = max(1, (os.cpu_count() or 1) // workers)
    threads = {
        Path(each["filepath"]).name: each["num_threads"] for each in threadpoolctl.threadpool_info()
    }
    assert {name: count for name, count in threads.items() if count > share} == {}


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


CASES = {
    "quiet": (QUIET, ["PASSED"]),
    "noisy": (NOISY, ["FAILED"]),
    "noisy set-up": (NOISY_SETUP, ["FAILED"]),
    "noisy end": (NOISY_END, ["PASSED", "ERROR"]),
    "expected": (EXPECTED, ["PASSED"]),
    "missing": (MISSING, ["FAILED"]),
    "Python warning": (WARNING, ["FAILED"]),
}


def file_of(case: str) -> str:
    return f"test_{case.lower().replace(' ', '_').replace('-', '_')}.py"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What pytest, in a process of its own, says of each case, in order, by file."""
    folder = tmp_path_factory.mktemp("cases")
    (folder / "conftest.py").write_text((TESTS / "conftest.py").read_text("utf-8"), "utf-8")
    for case, (code, _) in CASES.items():
        (folder / file_of(case)).write_text(code, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider"]
    options = ["-v", "-W", "error", "--rootdir", str(folder), str(folder)]
    result = subprocess.run(
        [*command, *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    lines = re.findall(r"^(\S+\.py)::\S+ ([A-Z]+)", result.stdout, re.MULTILINE)
    return {
        file_of(case): [word for name, word in lines if Path(name).name == file_of(case)]
        for case in CASES
    }


@pytest.mark.parametrize("case", CASES)
def test_an_unexpected_warning_fails_the_test_that_caused_it(outcomes, case):
    assert outcomes[file_of(case)] == CASES[case][1]
