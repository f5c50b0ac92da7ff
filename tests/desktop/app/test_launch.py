"""The window from its command line on: which project, and which file it is reported to take."""

import pytest
from PySide6.QtCore import QTimer

from desktop.app.launch import Launcher
from desktop.state.settings import Settings, load_settings, save_settings
from tests.fakes.clips import clip_of, grid_of

LIMIT_MS = 60_000


@pytest.fixture
def opened(qapp, tmp_path):
    """Open the window, wait for what must come, and return that; then the window is closed."""
    settings = tmp_path / "settings.json"

    def run(project, file, condition):
        opening, found = Launcher(qapp, settings, None), []

        def refresh():
            if found or opening.desktop is None:
                return
            if (what := condition(opening)) is not None:
                found.append(what)
                opening.desktop.window.close()

        timer, limit = QTimer(), QTimer()
        timer.timeout.connect(refresh)
        timer.start(20)
        limit.setSingleShot(True)
        limit.timeout.connect(qapp.quit)
        limit.start(LIMIT_MS)
        assert opening.run(project, file) == 0
        timer.stop()
        limit.stop()
        return found[0] if found else None

    return run


def source_of(opening):
    source = opening.desktop.window.prompt_panel.source
    return None if source is None else source.path


def test_a_sound_on_the_command_line_becomes_the_source(opened, tmp_path, sound):
    assert opened(tmp_path, sound, source_of) == sound


def test_a_second_start_hands_its_file_to_the_open_window(opened, tmp_path, sound):
    reported = []

    def condition(opening):
        if not reported:
            reported.append(sound)
            opening.come_forward(str(sound), "")
        return source_of(opening)

    assert opened(tmp_path, None, condition) == sound


def test_the_last_project_opens_by_default_and_a_given_one_is_remembered(opened, tmp_path):
    last, named = tmp_path / "last", tmp_path / "named"
    last.mkdir()
    named.mkdir()
    settings = tmp_path / "settings.json"
    save_settings(settings, Settings(project=str(last)))
    assert opened(None, None, lambda opening: opening.desktop.project) == last
    assert opened(named, None, lambda opening: opening.desktop.project) == named
    assert load_settings(settings).project == str(named)


@pytest.fixture
def sound(tmp_path):
    """A WAV file that has no recipe."""
    path = tmp_path / "field-recording.wav"
    data = clip_of(grid_of())
    path.write_bytes(data.replace(b"lwrc", b"junk"))
    return path


def test_a_second_start_opens_its_project_in_place_of_the_open_one(opened, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    asked = []

    def condition(opening):
        if not asked:
            asked.append(opening)
            opening.come_forward("", str(second))
        return opening.desktop.project if opening.desktop.project != first else None

    assert opened(first, None, condition) == second
    assert second.is_dir()


def test_a_project_that_cannot_be_opened_is_reported_in_the_open_window(opened, tmp_path):
    first, nowhere = tmp_path / "first", tmp_path / "no" / "such" / "place"
    first.mkdir()
    asked = []

    def condition(opening):
        if not asked:
            asked.append(opening)
            opening.come_forward("", str(nowhere))
        return opening.desktop.window.notices.text.text() or None

    assert str(nowhere) in opened(first, None, condition)
