"""What is said of the end of an engine."""

import signal
import sys

import pytest

from engine.client.engine_exit import EngineExit
from engine.entry_points import download_command, engine_command


@pytest.mark.parametrize(
    ("ended", "sentence", "successful"),
    [
        (EngineExit(status=0, requested=True), "The engine exited.", True),
        (EngineExit(status=0), "The engine exited unexpectedly with status 0.", False),
        (
            EngineExit(status=3, requested=True),
            "The engine exited unexpectedly with status 3.",
            False,
        ),
        (EngineExit(status=-signal.SIGSEGV), "The engine crashed with SIGSEGV.", False),
        (EngineExit(status=-99), "The engine crashed with signal 99.", False),
        (
            EngineExit(status=-9),
            "The engine was killed by the system, perhaps because memory ran out.",
            False,
        ),
        (
            EngineExit(status=-15, fault="was silent for 5 s"),
            "The engine was stopped because it was silent for 5 s.",
            False,
        ),
        (EngineExit(requested=True), "The engine could not be stopped.", False),
        (
            EngineExit(started=False, fault="x: no such file"),
            "The engine did not start: x: no such file.",
            False,
        ),
    ],
)
def test_each_exit_has_its_message(ended, sentence, successful):
    assert str(ended) == sentence
    assert ended.was_successful() is successful


def test_the_detail_is_the_last_output_and_the_count_of_garbage():
    assert EngineExit(stderr=("a", "b")).detail == "a\nb"
    assert EngineExit(stderr=("a",), garbage_lines=2).detail == (
        "a\n(2 lines on the pipe were not messages)"
    )


def test_a_frozen_program_starts_itself_as_the_engine(monkeypatch):
    assert engine_command() == [sys.executable, "-P", "-m", "engine"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert engine_command() == [sys.executable, "--engine"]


def test_on_windows_the_engine_is_the_program_with_pipes(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "loopwright-window.exe"))
    assert engine_command() == [str(tmp_path / "loopwright.exe"), "--engine"]
    assert download_command() == [str(tmp_path / "loopwright.exe"), "--download"]
