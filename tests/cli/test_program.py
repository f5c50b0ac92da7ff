"""The program as a whole: help, exit codes, and closed or full streams."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("numpy", "scipy", "soundfile", "torch", "psutil", "tqdm", "difflib", "importlib.metadata")


def test_without_a_command_or_a_screen_it_prints_the_help(loopwright):
    result = loopwright.run()
    assert result.code == 2
    assert result.out == ""
    assert "render " in result.err
    assert result.sentence == "There is no screen to open the window on: use a command instead."


def test_a_missing_window_library_error_says_how_to_install_it():
    code = (
        "import sys; sys.modules['PySide6'] = None; from cli.program import run; sys.exit(run([]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "pip install loopwright[desktop]" in result.stderr.splitlines()[-1]


def test_help_and_version_go_to_stdout(loopwright):
    shown = loopwright.run("--help")
    assert (shown.code, shown.err) == (0, "")
    for command in ("window", "render", "inspect", "again", "models", "doctor", "bench"):
        assert f"  {command} " in shown.out
    version = loopwright.run("--version")
    assert (version.code, version.err) == (0, "")
    assert version.out.startswith("loopwright 0.")


@pytest.mark.parametrize(
    "command", ("window", "render", "inspect", "again", "models", "doctor", "bench")
)
def test_each_command_has_help(loopwright, command):
    result = loopwright.run(command, "--help")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"usage: loopwright {command}")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    (
        (("rendr", "x"), "'rendr' is not a command: did you mean 'render'?"),
        (("zzz",), "'zzz' is not a command: choose one of window, render, inspect, again, "),
        (("--verson",), "'--verson' is not an option of loopwright: did you mean '--version'?"),
        (("inspect",), "FILE is missing: see 'loopwright inspect --help'."),
        (("models", "lst"), "'lst' is not an action of 'loopwright models': did you mean 'list'?"),
        (("models", "info"), "'models info' needs a model ID: see 'loopwright models "),
        (("models", "info", "skech"), "There is no model 'skech'; did you mean 'sketch'?"),
        (("doctor", "x"), "Unexpected argument 'x': put text of several words in quotes."),
        (("bench", "rendre"), "'rendre' is not a benchmark: did you mean 'render'?"),
        (("bench", "--rounds", "0"), "--rounds is 0, but must be 1 to 1000."),
    ),
)
def test_usage_errors_exit_with_2_and_one_sentence(loopwright, arguments, sentence):
    result = loopwright.run(*arguments)
    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith(sentence)
    assert result.err.count("\n") == 1


def test_tracebacks_are_shown_only_with_debug(loopwright):
    plain = loopwright.run("inspect", "missing.wav")
    debug = loopwright.run("inspect", "missing.wav", "--debug")
    assert (plain.code, debug.code) == (1, 1)
    assert "Traceback" not in plain.err
    assert "Traceback" in debug.err
    assert plain.sentence == debug.sentence


def test_debug_after_two_dashes_is_a_prompt(loopwright_with_fakes):
    result = loopwright_with_fakes.run(
        "render", "--model", "fake", "--project", str(loopwright_with_fakes.project), "--",
        "--debug",
    )  # fmt: skip
    assert result.code == 0
    assert "debug_120bpm" in result.out


def test_the_front_end_imports_nothing_heavy_before_starting_the_engine():
    script = (
        "import sys, cli.program, cli.render\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    command = [sys.executable, "-P", "-c", script]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout == "[]\n"


@pytest.mark.parametrize("arguments", (("--help",), ("models", "list"), ("render", "--help")))
def test_a_full_stdout_is_reported(loopwright, arguments):
    with Path("/dev/full").open("wb") as full:
        result = loopwright.run(*arguments, stdout=full)
    assert result.code == 1
    assert result.err == "Loopwright stopped: no space left on device.\n"


@pytest.mark.parametrize(
    "arguments", (("--help",), ("models",), ("render", "--help"), ("inspect", "{clip}"))
)
def test_a_closed_pipe_is_not_an_error(loopwright_with_fakes, arguments):
    clip = loopwright_with_fakes.render("tone", "--model", "fake").lines[0]
    process = loopwright_with_fakes.start(*(part.format(clip=clip) for part in arguments))
    process.stdout.close()
    assert process.wait(60) == 0
    assert process.stderr.read() == b""
    process.stderr.close()


@pytest.mark.parametrize("flags", ((), ("--json",)))
def test_rendering_continues_after_the_reader_has_gone(loopwright_with_fakes, flags):
    program = loopwright_with_fakes
    process = program.start(
        "render", "tone", "--model", "fake", "--takes", "4", *flags,
        "--project", str(program.project),
    )  # fmt: skip
    process.stdout.close()
    assert process.wait(60) == 0
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    assert len(program.clips()) == 4


@pytest.mark.parametrize("closed", ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"))
def test_closed_standard_streams_are_harmless(loopwright_with_fakes, closed):
    program = loopwright_with_fakes
    arguments = ["render", "tone", "--model", "fake", "--project", str(program.project)]
    process = program.start(*arguments)
    command = process.args
    program.end_of(process)
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *command]
    result = subprocess.run(
        shell, env=program.environment, capture_output=True, check=False, timeout=60
    )
    assert result.returncode == 0
    assert len(program.clips()) == 2
    assert program.leftovers() == []


def test_json_output_is_one_object_per_line_and_nothing_else(loopwright):
    for arguments in (("models",), ("models", "info", "sketch"), ("bench", "--list")):
        result = loopwright.run(*arguments, "--json")
        assert (result.code, result.err) == (0, "")
        assert all(isinstance(json.loads(line), dict) for line in result.lines)


def test_the_models_are_listed_and_described(loopwright):
    listed = loopwright.run("models", "list")
    assert listed.code == 0
    assert listed.lines[0].split()[0] == "sketch"
    described = loopwright.run("models", "info", "sketch")
    assert "licence" in described.out
    assert "48000 Hz, stereo" in described.out


def test_the_benchmarks_are_listed(loopwright):
    listed = loopwright.run("bench", "--list")
    assert {"render", "sketch", "engine", "osc", "window"} <= {
        line.split()[0] for line in listed.lines
    }
