"""`loopwright window`: opens the window and saves its picture."""

import pytest
from PySide6.QtGui import QImage


@pytest.fixture
def offscreen(loopwright):
    return {**loopwright.environment, "QT_QPA_PLATFORM": "offscreen"}


def test_it_writes_a_screenshot_and_exits(loopwright, offscreen, tmp_path):
    loopwright.project.mkdir()
    picture = tmp_path / "window.png"
    result = loopwright.run(
        "window", "--project", str(loopwright.project), "--picture", str(picture), env=offscreen
    )
    assert (result.code, result.out) == (0, "")
    assert "Traceback" not in result.err
    image = QImage(str(picture))
    colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, 600, 7)}
    assert (image.width() >= 800, len(colours) > 16) == (True, True)


def test_an_unwritable_screenshot_is_reported(loopwright, offscreen, tmp_path):
    place = tmp_path / "missing" / "window.png"
    result = loopwright.run("window", "--picture", str(place), env=offscreen)
    assert result.code == 1
    assert result.sentence == f"Could not write the picture {place}: choose another path."


def test_a_missing_screen_is_reported(loopwright):
    result = loopwright.run("window")
    assert (result.code, result.out) == (2, "")
    assert result.err == "There is no screen to open the window on: use a command instead.\n"
