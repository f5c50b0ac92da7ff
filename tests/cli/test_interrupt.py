"""Ctrl-C at any moment: exit code 130, no traceback, no partial file, no stray process."""

import json
import os
import random
import re
import signal
import subprocess
import time

import pytest

from tests.cli.program import LIMIT_S, REAL, Program
from tests.engine.client.test_kills import whole_clips

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")

MOMENTS = 10
"""How many parts of a run are interrupted, each somewhere within it: in time, everywhere."""
PROMPT, TAKES = "lo-fi drums", ("--bpm", "90", "--bars", "1", "--takes", "4")
SLOW = ("render", "slow", "--model", "fake", "--json", "--project")
# If Python itself or the import of `main` is interrupted, none of our code has run yet.
OUR_FUNCTIONS = re.compile(
    r'File ".*[/\\](bridge|cli|desktop|engine|playback)[/\\].*, in (?!<module>)'
)


def next_event(process, kind):
    """Read the program's events until one of a type arrives."""
    for line in process.stdout:
        event = json.loads(line)
        if event["type"] == kind:
            return event
    raise AssertionError(process.stderr.read())


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(MOMENTS))
def test_ctrl_c_at_any_moment_leaves_nothing_behind(loopwright, moment, run_seconds):
    arguments = ("render", PROMPT, *TAKES, "--project", str(loopwright.project))
    process = loopwright.start(*arguments)
    after_s = run_seconds * (moment + random.random()) / MOMENTS
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    result = loopwright.end_of(process)
    if result.code == 0:
        assert len(result.lines) == 4
    elif result.code == 130:
        assert "Traceback" not in result.err
    else:
        assert result.code == -signal.SIGINT or "Traceback" in result.err
        assert not OUR_FUNCTIONS.search(result.err), result
        assert result.out == ""
    assert loopwright.engines_left() == []
    assert loopwright.leftovers() == []
    assert whole_clips(loopwright.project) == len(loopwright.clips())


@pytest.fixture(scope="module")
def run_seconds(tmp_path_factory):
    """The duration of a whole run on this machine, so that the moments cover all of it."""
    program = Program(tmp_path_factory.mktemp("timed"), REAL)
    begun = time.monotonic()
    result = program.render(PROMPT, *TAKES)
    assert result.code == 0
    return time.monotonic() - begun


@pytest.mark.parametrize("moment", range(4))
@pytest.mark.parametrize("command", (("doctor",), ("bench", "engine", "--rounds", "1")), ids=str)
def test_ctrl_c_ends_other_commands_too(loopwright, command, moment):
    process = loopwright.start(*command)
    try:
        process.wait(0.02 + (moment + random.random()) * 0.06)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    result = loopwright.end_of(process)
    assert result.code in (0, 130, 1, -signal.SIGINT)
    assert not OUR_FUNCTIONS.search(result.err), result
    assert result.code != 1 or "Traceback" in result.err  # Python itself was interrupted
    assert loopwright.engines_left() == []


def test_ctrl_c_during_a_job_cancels_it(loopwright_with_fakes):
    program = loopwright_with_fakes
    process = program.start(*SLOW, str(program.project))
    next_event(process, "progress")
    process.send_signal(signal.SIGINT)
    assert next_event(process, "cancelled")
    result = program.end_of(process)
    assert (result.code, result.err) == (130, "Cancelled.\n")
    assert program.clips() == program.leftovers() == []


def test_sigterm_during_a_job_cancels_it(loopwright_with_fakes):
    program = loopwright_with_fakes
    process = program.start(*SLOW, str(program.project))
    next_event(process, "progress")
    process.send_signal(signal.SIGTERM)
    assert next_event(process, "cancelled")
    assert program.end_of(process).code == 143
    assert program.clips() == program.leftovers() == []


def test_a_second_ctrl_c_exits_at_once_and_kills_an_unresponsive_engine(loopwright_with_fakes):
    program = loopwright_with_fakes
    process = program.start(
        "render", "deaf", "--model", "fake", "--json", "--project", str(program.project)
    )
    next_event(process, "progress")
    begun = time.monotonic()
    while process.poll() is None and time.monotonic() < begun + LIMIT_S:
        process.send_signal(signal.SIGINT)  # two signals at once count as one: keep sending
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    result = program.end_of(process)
    assert result.code == 130
    assert "Traceback" not in result.err
    assert program.engines_left() == []


def test_a_background_job_of_a_shell_ignores_ctrl_c(loopwright_with_fakes):
    program = loopwright_with_fakes

    def ignore_interrupts():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    process = program.start(
        "render", "tone", "--model", "fake", "--json", "--project", str(program.project),
        preexec_fn=ignore_interrupts,
    )  # fmt: skip
    process.send_signal(signal.SIGINT)
    next_event(process, "understood")
    process.send_signal(signal.SIGINT)
    assert program.end_of(process).code == 0
    assert len(program.clips()) == 1
