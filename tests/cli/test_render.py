"""`loopwright render` as a process, with a model that does what the prompt says."""

import contextlib
import json
import os
import termios
from pathlib import Path

import pytest

from engine.loops.file_facts import read_recipe

FAKE = ("--model", "fake")


def test_it_prints_absolute_paths_best_take_first_and_the_rest_to_stderr(loopwright_with_fakes):
    result = loopwright_with_fakes.render("tone", *FAKE, "--takes", "3", "--seed", "5")
    assert result.code == 0
    assert sorted(map(Path, result.lines)) == loopwright_with_fakes.clips()
    assert len(result.lines) == 3
    assert all(Path(line).is_absolute() for line in result.lines)
    assert result.err == "understood: tone · 120 bpm · 4/4 · 1 bar\n"


def test_a_rejected_take_is_printed_with_its_badge(loopwright_with_fakes):
    result = loopwright_with_fakes.render("silent", *FAKE)
    assert result.code == 0
    assert Path(result.lines[0]).parent.name == "rejected"
    assert "silent" in result.err.splitlines()[1]


def test_json_prints_the_job_events(loopwright_with_fakes):
    result = loopwright_with_fakes.render("tone", *FAKE, "--takes", "2", "--json")
    events = [json.loads(line) for line in result.lines]
    kinds = [event["type"] for event in events if event["type"] != "progress"]
    assert result.code == 0
    assert kinds == ["understood", "take", "take", "done"]
    takes = [event for event in events if event["type"] == "take"]
    assert [event["rank"] for event in takes] == [1, 2]
    assert all(Path(event["clip"]["path"]).exists() for event in takes)
    assert events[-1]["clips"] == [event["clip"]["id"] for event in takes]
    assert len({event["id"] for event in events}) == 1


def test_json_ends_with_the_failure_and_stderr_explains_it(loopwright_with_fakes):
    result = loopwright_with_fakes.render("fail", *FAKE, "--json")
    last = json.loads(result.lines[-1])
    assert result.code == 1
    assert last["type"] == "failed"
    assert result.err == last["message"] + "\n"


def test_a_model_failure_is_a_sentence_and_with_debug_a_traceback(loopwright_with_fakes):
    plain = loopwright_with_fakes.render("fail", *FAKE)
    debug = loopwright_with_fakes.render("fail", *FAKE, "--debug")
    assert (plain.code, debug.code) == (1, 1)
    assert "ZeroDivisionError" in plain.sentence
    assert "Traceback" not in plain.err
    assert "the model has fallen over" in debug.err
    assert plain.sentence == debug.sentence


def test_a_dead_engine_is_reported(loopwright_with_fakes):
    result = loopwright_with_fakes.render("die", *FAKE)
    assert result.code == 1
    assert result.sentence.startswith("The engine was killed by the system")
    assert "jobs lost" not in result.err  # that is for the log
    assert loopwright_with_fakes.clips() == []


def test_a_setting_the_model_lacks_is_a_usage_error(loopwright_with_fakes):
    result = loopwright_with_fakes.render("tone", *FAKE, "--guidance", "3")
    assert result.code == 2
    assert result.sentence == (
        "Model 'fake' has no setting 'guidance': leave it out, or choose another model."
    )


def test_the_default_project_is_created_in_the_music_folder(loopwright_with_fakes):
    result = loopwright_with_fakes.run("render", "tone", *FAKE)
    assert result.code == 0
    assert Path(result.lines[0]).parent == loopwright_with_fakes.home / "Music" / "Loopwright"


def test_a_relative_project_is_resolved_against_the_working_folder(loopwright_with_fakes, tmp_path):
    result = loopwright_with_fakes.run("render", "tone", *FAKE, "--project", "here", cwd=tmp_path)
    assert Path(result.lines[0]).parent == tmp_path / "here"


def test_a_local_folder_named_engine_is_not_imported(loopwright, tmp_path):
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "__init__.py").write_text("raise SystemExit('the wrong engine')")
    (tmp_path / "desktop.py").write_text("raise SystemExit('the wrong desktop')")
    result = loopwright.run("doctor", cwd=tmp_path)
    assert result.code == 0
    assert "wrong" not in result.out + result.err


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_progress_bar_is_drawn_on_a_terminal_and_erased(loopwright_with_fakes):
    leader, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (25, 80))
    result = loopwright_with_fakes.render("tone", *FAKE, "--takes", "8", stderr=terminal)
    os.close(terminal)
    drawn = b""
    with contextlib.suppress(OSError):  # the end of the terminal's input
        while piece := os.read(leader, 65536):
            drawn += piece
    os.close(leader)
    assert result.code == 0
    assert "take 1 |" in drawn.decode()
    assert " %" in drawn.decode()
    assert drawn.decode().rpartition("%")[2].strip() == ""


def test_takes_that_cannot_be_written_are_saved_in_a_named_folder(loopwright_with_fakes):
    program = loopwright_with_fakes
    prompt = f"unplug {program.project}"
    result = program.render(prompt, "--model", "fake", "--takes", "1", "--seed", "7")
    folder = program.home / ".local" / "state" / "Loopwright" / "unsaved"
    assert (result.code, result.lines) == (1, [])
    assert result.sentence.endswith(
        f"1 take was saved in {folder} instead; seed 7 makes them again."
    )
    assert len(list(folder.glob("*.wav"))) == 1


def test_one_idea_is_rendered_as_the_parts_of_a_song(loopwright):
    result = loopwright.render("house", "--parts", "intro,drop", "--bars", "1", "--seed", "4")
    assert result.code == 0, result
    recipes = [read_recipe(Path(line)) for line in result.lines]
    assert [recipe.request.parts for recipe in recipes] == [("intro",), ("drop",)]
    assert len({(recipe.request_id, recipe.key, recipe.grid) for recipe in recipes}) == 1
    wrong = loopwright.render("house", "--parts", "intro,solo")
    assert (wrong.code, "'solo', but must be intro, verse" in wrong.sentence) == (2, True)
