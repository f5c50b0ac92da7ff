"""The report of the promises: each has a test, and each result is listed with its reason."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hold.promises import NUMBERS

ROOT = Path(__file__).resolve().parents[2]
TESTS = """
import pytest

@pytest.mark.hold(1)
def test_counted(hold):
    hold.figure(1, f"{hold.count(5, 100)} things", )

@pytest.mark.hold(2)
@pytest.mark.parametrize("ms", [3.0, 1.0])
def test_measured(hold, ms):
    hold.figure(2, "at most {ms:.1f} ms", ms=ms)

@pytest.mark.hold(3)
def test_that_says_nothing():
    pass

@pytest.mark.hold(4, 5)
def test_that_fails(hold):
    hold.figure(4, "not shown")
    assert hold.seed == 0, "oh no"

@pytest.mark.hold(6)
@pytest.mark.skipif(True, reason="needs a moon")
def test_elsewhere():
    pass
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run tests of promises in a process of their own; returns the lines of the report."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"))
    (folder / "test_some.py").write_text(TESTS)
    options = ["-p", "no:cacheprovider", "-o", "addopts=", "--rootdir", str(folder), str(folder)]
    # Of the plugins only that for several processes, since all of them take seconds to load.
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin"}

    def report(*arguments: str) -> list[str]:
        command = [sys.executable, "-m", "pytest", *options, *arguments]
        result = subprocess.run(
            command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False
        )
        return re.findall(r"^R\d.*", result.stdout, re.MULTILINE)

    return report


def test_each_promise_is_listed_with_its_figure_or_a_reason(run):
    assert run("-n", "2") == [
        "R1   reached      5 things",
        "R2   reached      2 x at most 3.0 ms",
        "R3   reached      that says nothing",
        "R4   not reached  test_some.py::test_that_fails: AssertionError: oh no",
        "R5   not reached  test_some.py::test_that_fails: AssertionError: oh no",
        "R6   not covered  needs a moon",
    ]


def test_scale_and_seed_are_options(run):
    lines = run("--hold-scale", "0.2", "--hold-seed", "0")
    assert lines[0] == "R1   reached      20 things"
    assert lines[4] == "R5   reached      that fails"


def test_each_promise_has_a_test():
    texts = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    held = {
        int(number)
        for text in texts
        for numbers in re.findall(r"mark\.hold\(([\d, ]+)\)", text)
        for number in numbers.split(",")
    }
    assert held == set(NUMBERS)


def test_each_promise_is_in_the_documentation():
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    listed = [int(number) for number in re.findall(r"^\| R(\d+) \|", page, re.MULTILINE)]
    assert listed == [*NUMBERS, *NUMBERS]  # as promised, and as measured
