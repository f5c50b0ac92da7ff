"""The window opens whatever the project is like, and says what is wrong with it."""

import json
import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from desktop.app.launch import Launcher
from desktop.state.settings import Settings, load_settings, save_settings
from engine.loops.errors import ProjectError
from tests.desktop.window import LIMIT_MS, put_clip, type_prompt, wait
from tests.fakes.clips import clip_of, grid_of, noise_on

NAME = "warm-bass_128bpm_4bars_abcd2345.wav"
SYSTEM_FOLDER = Path("/sys/kernel")


@pytest.fixture
def opened(qapp, tmp_path):
    """Open the window as it starts by itself, wait for a condition, and return its words."""
    settings = tmp_path / "settings.json"

    def run(named, condition):
        launcher, notices = Launcher(qapp, settings, None), []

        def look():
            desktop = launcher.desktop
            if desktop is not None and desktop.window.isVisible() and condition(desktop):
                notices.append(desktop.window.notices.text.text())
                desktop.window.close()

        timer = QTimer()
        timer.timeout.connect(look)
        timer.start(20)
        QTimer.singleShot(LIMIT_MS, timer, qapp.quit)
        assert launcher.run(named, None) == 0
        return notices[0]

    return run


def says(text):
    return lambda desktop: text in desktop.window.notices.text.text()


@pytest.mark.parametrize("kind", ["missing", "no parent", "a file"])
def test_the_window_opens_without_its_last_project_and_does_not_create_it(
    opened, tmp_path, kind, expect_log
):
    last = tmp_path / "last" / "deeper" if kind == "no parent" else tmp_path / "last"
    if kind == "a file":
        last.write_text("mine")
        expect_log("loopwright.json cannot be used")
    save_settings(tmp_path / "settings.json", Settings(project=str(last)))
    sentence = opened(None, says("Project folder"))
    assert str(last) in sentence
    assert "choose another folder (Ctrl+O)" in sentence
    assert not last.is_dir()
    assert load_settings(tmp_path / "settings.json").project == str(last)


@pytest.mark.skipif(not SYSTEM_FOLDER.is_dir(), reason="needs Linux's /sys, read-only to all")
def test_a_read_only_project_can_be_opened_and_played(opened, tmp_path):
    save_settings(tmp_path / "settings.json", Settings(project=str(SYSTEM_FOLDER)))
    sentence = opened(None, says("cannot be written to"))
    assert sentence.endswith("Its clips can be played.")
    assert opened(SYSTEM_FOLDER, says("cannot be written to")) == sentence


def test_an_invalid_given_project_is_an_error(qapp, tmp_path):
    with pytest.raises(ProjectError, match="has no parent folder"):
        Launcher(qapp, tmp_path / "settings.json", None).run(tmp_path / "a" / "b", None)


def test_unusable_settings_are_reported(opened, tmp_path, expect_log):
    expect_log("settings cannot be used: volume")
    content = {"version": 3, "settings": {"volume": 9e99, "project": str(tmp_path)}}
    (tmp_path / "settings.json").write_text(json.dumps(content), "utf-8")
    assert "defaults: volume" in opened(None, says("settings"))


@pytest.mark.skipif(os.name == "nt", reason="needs named pipes")
def test_unreadable_settings_do_not_block_and_are_not_overwritten(opened, tmp_path, expect_log):
    expect_log("settings cannot be read")
    os.mkfifo(tmp_path / "settings.json")
    sentence = opened(tmp_path, says("settings"))
    assert sentence == (
        f"The settings in {tmp_path / 'settings.json'} cannot be read (it is a named pipe, not a "
        "file): the defaults apply, and changes are not saved."
    )
    assert (tmp_path / "settings.json").is_fifo()


@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, '{"clips": ' * 50_000, '{"clips": [1], "pads": {"A": {"1": 5}}}', "7"],
)
def test_no_project_file_content_loses_a_clip(qtbot, open_desktop, tmp_path, request, content):
    project = tmp_path / "late-tape-ep"
    project.mkdir()
    (project / NAME).write_bytes(clip_of(grid_of()))
    (project / "loopwright.json").write_text(content, "utf-8")
    damaged = "pads" not in content
    if damaged:
        request.getfixturevalue("expect_log")("loopwright.json cannot be used")
    desktop = open_desktop()
    wait(qtbot, lambda: desktop.collection.total == 1)
    if damaged:
        wait(qtbot, lambda: "loopwright.json" in desktop.window.notices.text.text())


def test_a_project_that_vanishes_keeps_its_clips_and_is_found_again(qtbot, desktop, tmp_path):
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    notices, away = desktop.window.notices.text, tmp_path / "away"
    desktop.project.rename(away)
    wait(qtbot, lambda: "is not there" in notices.text())
    assert str(desktop.project) in notices.text()
    assert desktop.collection.total == 1
    notices.setText("")
    type_prompt(qtbot, desktop, "round sub bass, 1 bar")
    wait(qtbot, lambda: "is not there" in notices.text())
    assert len(desktop.open_jobs) == 0
    assert not desktop.project.exists()
    shutil.copy(away / NAME, away / NAME.replace("abcd", "bcde"))
    away.rename(desktop.project)
    wait(qtbot, lambda: desktop.collection.total == 2)
    assert notices.text().endswith("is there again.")
    type_prompt(qtbot, desktop, "round sub bass, 1 bar")
    wait(qtbot, lambda: desktop.collection.total == 3)


def test_a_job_never_recreates_the_project_folder(qtbot, desktop, tmp_path):
    wait(qtbot, desktop.is_ready)
    desktop.folder.close()  # nothing looks at the folder: the engine itself must refuse
    desktop.project.rename(tmp_path / "away")
    type_prompt(qtbot, desktop, "round sub bass, 1 bar")
    wait(qtbot, lambda: len(desktop.open_jobs) == 0)
    assert not desktop.project.exists()


def test_a_last_project_that_returns_shows_its_clips_with_titles(qtbot, open_desktop, tmp_path):
    project = tmp_path / "late-tape-ep"
    desktop = open_desktop()
    project.rmdir()
    wait(qtbot, lambda: desktop.window.empty.title.text() == "The project folder is missing")
    away = tmp_path / "away"
    away.mkdir()
    (away / NAME).write_bytes(clip_of(grid_of()))
    (away / "loopwright.json").write_text('{"clips": {"abcd2345": {"title": "Mine"}}}', "utf-8")
    away.rename(project)
    wait(qtbot, lambda: desktop.collection.total == 1)
    wait(qtbot, lambda: desktop.collection.row_at(0).shown_title == "Mine")


def test_a_clip_with_nan_samples_is_shown_as_damaged(qtbot, desktop):
    audio = noise_on(grid_of())
    audio[500] = float("nan")
    data = clip_of(grid_of(), bits="32f", audio=audio)
    (desktop.project / "loop_128bpm_4bars_abcd2345.wav").write_bytes(data)
    desktop.folder.refresh()
    wait(qtbot, lambda: desktop.collection.total == 1)
    desktop.window.clips.choose("abcd2345")
    wait(qtbot, lambda: "damaged: partly silent" in desktop.collection.row_at(0).spoken)
    assert desktop.collection.row_at(0).badge == "damaged: partly silent"
