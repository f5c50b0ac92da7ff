"""What the program and its engine log of a command: states, and nothing that is the user's own."""

from pathlib import Path

import pytest

PROMPT = "violet harmonium over brushes"
"""Words that stand nowhere else."""


def logged(program) -> dict[str, str]:
    """Return the text of each log that has something in it, by its name."""
    texts = {path.name: path.read_text("utf-8") for path in program.logs.glob("*.log")}
    return {name: text for name, text in texts.items() if text}


@pytest.fixture
def source(loopwright, tmp_path):
    """A sound of the user, in a folder of theirs."""
    made = loopwright.render("drums", "--bars", "1", "--bpm", "120")
    path = tmp_path / "secret folder" / "field recording.wav"
    path.parent.mkdir()
    path.write_bytes(Path(made.lines[0]).read_bytes())
    return path


def test_both_logs_mention_a_job_without_its_prompt_and_files(loopwright, source):
    given = ("--source", str(source), "--mode", "vary", "--amount", "0.5", "--negative", "voices")
    result = loopwright.render(PROMPT, "--bars", "1", *given)
    assert result.code == 0, result.err
    texts = logged(loopwright)
    assert set(texts) == {"cli.log", "engine.log"}
    assert "command render starts" in texts["cli.log"]
    assert "engine.client.supervision [engine-client] engine" in texts["cli.log"]
    assert "command render: exit code 0 after" in texts["cli.log"]
    assert "queued: vary, model sketch, 1 bars" in texts["engine.log"]
    assert " done, after " in texts["engine.log"]
    everything = "".join(texts.values())
    own = ("violet", "harmonium", "brushes", "voices", "secret", "field recording", "project")
    assert [text for text in own if text in everything] == []


def test_a_model_failure_is_logged_with_its_traceback_but_not_its_prompt(
    loopwright_with_fakes,
):
    result = loopwright_with_fakes.render("fail violet", "--model", "fake", "--negative", "voices")
    assert result.code == 1
    text = logged(loopwright_with_fakes)["engine.log"]
    assert "ERROR   engine.server.failure" in text
    assert "Traceback (most recent call last)" in text
    assert "violet" not in text


@pytest.mark.parametrize("flags", ((), ("--debug",)))
def test_invalid_requests_are_quoted_only_with_debug(loopwright, flags):
    result = loopwright.render(PROMPT, "--source", "/home/kim/secret.wav", *flags)
    assert result.code != 0
    everything = "".join(logged(loopwright).values())
    assert "exit code 2: UsageError" in everything
    assert ("violet" in everything) is bool(flags)
    assert ("secret" in everything) is bool(flags)


def test_with_debug_the_engine_logs_its_plan(loopwright):
    assert loopwright.render(PROMPT, "--bars", "1", "--debug").code == 0
    texts = logged(loopwright)
    assert f"render has the arguments ['{PROMPT}'" in texts["cli.log"]
    assert PROMPT in texts["engine.log"]


def test_version_and_help_need_no_log(loopwright):
    assert (loopwright.run("--version").code, loopwright.run("--help").code) == (0, 0)
    assert not loopwright.logs.exists()


def test_an_unwritable_log_is_harmless(loopwright):
    loopwright.logs.touch()
    result = loopwright.render("drums", "--bars", "1")
    assert result.code == 0
    assert "log" not in result.err
