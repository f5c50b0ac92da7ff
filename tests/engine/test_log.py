"""The log, seen in the files of real processes."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.log import LARGEST_BYTES, MOST_AT_ONCE, OLD_FILES

ROOT = Path(__file__).resolve().parents[2]
START = "from engine.log import start_log; start_log('window')\n"
LOG = "import logging; log = logging.getLogger('engine.part')\n"


@pytest.fixture
def logs(tmp_path):
    return tmp_path / "logs"


@pytest.fixture
def process(logs):
    """Start Python code as a process with a log, which is waited for in the end."""
    with contextlib.ExitStack() as stack:

        def start(code, **environment):
            kept = {name: value for name, value in os.environ.items() if "LOG_LEVEL" not in name}
            started = subprocess.Popen(
                [sys.executable, "-c", code],
                cwd=ROOT,
                env={**kept, "LOOPWRIGHT_LOGS": str(logs), **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            return stack.enter_context(started)

        yield start


@pytest.fixture
def run(process):
    """Run Python code to its end and return its exit status and what it printed on stderr."""

    def end(code, **environment):
        started = process(code, **environment)
        _, err = started.communicate()
        return started.returncode, err

    return end


def test_log_lines_have_time_level_and_part(run, logs):
    assert run(START + LOG + "log.info('a state'); log.debug('a fact')") == (0, "")
    lines = (logs / "window.log").read_text("utf-8").splitlines()
    stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"
    assert re.fullmatch(rf"{stamp} INFO    engine\.part \[MainThread\] a state", lines[1])
    assert "window starts as process" in lines[0]
    assert lines[2].endswith("window ends")
    assert len(lines) == 3


def test_debug_raises_the_level_of_a_process_and_its_children(run, logs):
    child = f"{START}{LOG}log.debug('of a child')"
    code = (
        "import subprocess, sys\nfrom engine.log import start_log\n"
        "start_log('cli', debug=True)\n"
        f"subprocess.run([sys.executable, '-c', {child!r}])\n"
    )
    assert run(LOG + code + "log.debug('of the parent')") == (0, "")
    assert "DEBUG   engine.part [MainThread] of the parent" in (logs / "cli.log").read_text()
    assert "of a child" in (logs / "window.log").read_text()


def test_only_warnings_of_libraries_are_logged(run, logs):
    run(
        START
        + "import logging; o = logging.getLogger('other'); o.info('chatter'); o.warning('odd')"
    )
    text = (logs / "window.log").read_text()
    assert "chatter" not in text
    assert "WARNING other [MainThread] odd" in text


def test_a_full_log_is_rotated_and_the_oldest_removed(run, logs):
    rounds = (OLD_FILES + 2) * 11
    run(START + LOG + f"for n in range({rounds}): log.info('%d %s', n, 'x' * 100_000)")
    sizes = {path.name: path.stat().st_size for path in logs.glob("window*.log")}
    old = {f"window.{age}.log" for age in range(1, OLD_FILES + 1)}
    assert set(sizes) == {"window.log", "window-crash.log"} | old
    assert max(sizes.values()) <= LARGEST_BYTES
    assert f"{rounds - 1} xxx" in (logs / "window.log").read_text()


def test_concurrent_processes_of_one_kind_have_separate_files_up_to_a_limit(process, logs):
    code = (
        f"{START}{LOG}import os; print('up', flush=True); input(); log.info('by %d', os.getpid())"
    )
    together = [process(code) for _ in range(MOST_AT_ONCE + 1)]
    assert [each.stdout.readline() for each in together] == ["up\n"] * len(together)
    for each in together:
        each.communicate("\n")
    assert [each.returncode for each in together] == [0] * len(together)
    names = ["window.log", *(f"window-{n}.log" for n in range(2, MOST_AT_ONCE + 1))]
    texts = [(logs / name).read_text() for name in names]
    assert sorted(logs.glob("*.log")) == sorted(
        logs / name.replace(".log", end) for name in names for end in (".log", "-crash.log")
    )
    logged = [re.findall(r" by (\d+)", text) for text in texts]
    assert [len(pids) for pids in logged] == [1] * MOST_AT_ONCE
    assert {int(pids[0]) for pids in logged} < {each.pid for each in together}


def test_a_later_process_reuses_the_file_of_a_killed_one(process, run, logs):
    killed = process(START + "print('up', flush=True); input()")
    killed.stdout.readline()
    killed.kill()
    killed.wait()
    run(START)
    assert (logs / "window.log").read_text().count("window starts") == 2
    assert not (logs / "window-2.log").exists()


@pytest.mark.parametrize("place", ("a file", "a file/below", "/proc/nowhere"))
def test_without_a_folder_nothing_is_logged_and_all_else_works(run, tmp_path, place):
    (tmp_path / "a file").touch()
    code = START + LOG + "log.info('lost'); log.error('lost, too'); print('done')"
    assert run(code, LOOPWRIGHT_LOGS=str(tmp_path / place)) == (0, "")


def test_a_full_disk_loses_only_log_lines(run, logs):
    logs.mkdir()
    (logs / "window.log").symlink_to("/dev/full")
    assert run(START + LOG + "log.info('lost')") == (0, "")


CAUGHT_BY_NOBODY = {
    "in the main thread": "raise KeyError('deep')",
    "in a thread": (
        "import threading\n"
        "def deep(): raise KeyError('deep')\n"
        "t = threading.Thread(target=deep); t.start(); t.join()"
    ),
}


@pytest.mark.parametrize("code", CAUGHT_BY_NOBODY.values(), ids=CAUGHT_BY_NOBODY)
def test_an_uncaught_exception_is_logged_and_shown_as_a_sentence(run, logs, code):
    _, err = run(START + code)
    assert err == (
        "Loopwright failed with KeyError, which is a bug: please report it with "
        "'loopwright doctor --bundle FILE.zip'.\n"
    )
    text = (logs / "window.log").read_text()
    assert "CRITICAL engine.log" in text
    assert "Traceback (most recent call last)" in text
    assert "KeyError: 'deep'" in text


@pytest.mark.parametrize("code", CAUGHT_BY_NOBODY.values(), ids=CAUGHT_BY_NOBODY)
def test_with_debug_the_traceback_is_shown_too(run, logs, code):
    _, err = run(START + code, LOOPWRIGHT_LOG_LEVEL="DEBUG")
    assert "Traceback (most recent call last)" in err
    assert "KeyError: 'deep'" in (logs / "window.log").read_text()


def test_uncaught_engine_failures_reach_the_front_end_on_stderr(run, logs):
    _, err = run(START.replace("window", "engine") + "raise KeyError('deep')")
    assert "KeyError: 'deep'" in err
    assert "KeyError: 'deep'" in (logs / "engine.log").read_text()


def test_an_unraisable_exception_is_logged(run, logs):
    _, err = run(START + "class A:\n def __del__(self): raise KeyError('deep')\nA()")
    assert err == ""
    assert "KeyError: 'deep'" in (logs / "window.log").read_text()


def test_ctrl_c_is_not_logged_as_a_failure(process, logs):
    waiting = process(START + "print('up', flush=True); input()")
    waiting.stdout.readline()
    waiting.send_signal(signal.SIGINT)
    _, err = waiting.communicate()
    assert "KeyboardInterrupt" in err
    assert "CRITICAL" not in (logs / "window.log").read_text()


def test_a_native_crash_is_in_the_log_after_the_next_start(run, logs):
    status, _ = run(START + "import faulthandler; faulthandler._sigsegv()")
    assert status != 0
    assert "Segmentation fault" in (logs / "window-crash.log").read_text()
    run(START)
    text = (logs / "window.log").read_text()
    assert "WARNING engine.log [MainThread] Crash report of an earlier process" in text
    assert "Segmentation fault" in text
    assert (logs / "window-crash.log").read_text() == ""


@pytest.mark.parametrize(("level", "shown"), (("INFO", False), ("DEBUG", True)))
def test_a_traceback_names_user_files_only_with_debug(run, logs, level, shown):
    code = (
        "try:\n open('/home/kim/secret song.wav')\n"
        "except OSError:\n log.exception('it failed', extra={'private': ['warm bass']})\n"
        "try:\n raise ValueError('no warm bass')\n"
        "except ValueError:\n log.exception('it failed', extra={'private': ['warm bass']})"
    )
    run(START + LOG + code, LOOPWRIGHT_LOG_LEVEL=level)
    text = (logs / "window.log").read_text("utf-8")
    assert ("secret song" in text) is shown
    assert ("warm bass" in text) is shown
    assert "FileNotFoundError: [Errno 2] No such file or directory: '" in text
    assert 'File "<string>", line' in text
