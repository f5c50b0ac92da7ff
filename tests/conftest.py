"""Rules for every test: no unexpected warning in the log, no program silently missing."""

import contextlib
import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest

from tests.hold.promises import Hold, add_options, note_promises, summary

hypothesis.settings.register_profile("default", deadline=None)
# In CI a failure should come from the change, so the examples do not vary there.
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")

# Tests start hundreds of processes: each would compile the program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


class LogWatch(logging.Handler):
    """Collects warnings and errors that are logged while a test runs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self.expected: list[str] = []

    def emit(self, record):
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def expect(self, pattern: str) -> None:
        """Allow, and demand, a warning that matches a regular expression."""
        self.expected.append(pattern)

    def complaints(self) -> list[str]:
        unexpected = [
            f"logged unexpectedly: {line}"
            for line in self.lines
            if not any(re.search(pattern, line) for pattern in self.expected)
        ]
        missing = [
            f"expected in the log, but missing: {pattern}"
            for pattern in self.expected
            if not any(re.search(pattern, line) for line in self.lines)
        ]
        return unexpected + missing


_WATCH = pytest.StashKey[LogWatch]()
_COLLECTED = pytest.StashKey[frozenset[Path]]()


def pytest_addoption(parser):
    add_options(parser)


def pytest_configure(config):
    # WORKAROUND: numba, in librosa, can crash on compiled code that another worker stores. Each
    # worker keeps its own for the next run: librosa takes it half a minute to compile.
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        kept = config.rootpath / ".pytest_cache" / "numba" / worker
        os.environ.setdefault("NUMBA_CACHE_DIR", str(kept))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs):
    """Give each worker its share of the cores: threads that wait for each other spin.

    Workers inherit it. They could not set it themselves, since plugins load numpy before this file.
    """
    threads = max(1, (os.cpu_count() or 1) // len(specs))
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    config.stash[_COLLECTED] = frozenset(item.path for item in items)
    note_promises(items)
    result = yield  # chooses among them and shuffles them
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    # The longest first: at the end no worker waits for one that has only just begun.
    items.sort(key=lambda item: item.path not in slow)
    return result


def pytest_terminal_summary(terminalreporter, config):
    if lines := summary(terminalreporter.stats):
        scale = config.getoption("hold_scale")
        asked = f"seed {config.getoption('hold_seed')}, scale {scale or 'short'}"
        terminalreporter.section(f"promises of docs/reliability.md ({asked})")
        for line in lines:
            terminalreporter.line(line)


@contextlib.contextmanager
def _watched(item):
    watch = item.stash.setdefault(_WATCH, LogWatch())
    root = logging.getLogger()
    root.addHandler(watch)
    try:
        yield watch
    finally:
        root.removeHandler(watch)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    with _watched(item) as watch:
        for marker in item.iter_markers("expects_log"):
            watch.expect(marker.args[0])
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    with _watched(item) as watch:
        result = yield
    if complaints := watch.complaints():
        pytest.fail("\n".join(complaints), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    with _watched(item) as watch:
        watch.lines.clear()
        result = yield
    if watch.lines:
        pytest.fail("logged while cleaning up: " + "; ".join(watch.lines), pytrace=False)
    return result


@pytest.fixture(scope="session", autouse=True)
def _logs_in_a_folder_of_the_tests(tmp_path_factory):
    """Keep what tests start out of the user's log."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOPWRIGHT_LOGS", str(tmp_path_factory.mktemp("logs")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _state_in_a_folder_of_the_tests(tmp_path_factory):
    """Keep takes that could not be written out of the user's home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def small_disk(tmp_path):
    """Call it with a size in bytes: an empty folder on a disk of that size, if root runs this."""
    disks = []

    def mounted(size: int) -> Path:
        disk = tmp_path / f"disk-{len(disks)}"
        disk.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
        if sys.platform != "linux" or subprocess.run(command, check=False).returncode:
            pytest.skip("needs a disk of its own: run it on Linux as root")
        disks.append(disk)
        return disk

    yield mounted
    for disk in disks:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def expect_log(request):
    """Call it with a regular expression: a warning that matches it must be logged."""
    return request.node.stash[_WATCH].expect


@pytest.fixture
def hold(request):
    """What a test of a promise is given: how much to do, and where to report its figures."""
    return Hold(request.node)


@pytest.fixture(scope="session")
def collected_files(pytestconfig):
    """The files in which this run found tests, before -k or -m chose among them."""
    return pytestconfig.stash[_COLLECTED]


@pytest.fixture(scope="session")
def program():
    """Call it with a program and its Debian package; a missing one fails the test in CI."""

    def find(name: str, package: str) -> str:
        path = shutil.which(name)
        if path is None and os.environ.get("CI"):
            pytest.fail(f"{name} is missing: install the Debian package {package}.")
        if path is None:
            pytest.skip(f"needs {name}: install the Debian package {package}")
        return path

    return find
