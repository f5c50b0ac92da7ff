import pytest
from PySide6.QtGui import QAction

from desktop.app.appearance import colours_of, switch_theme
from desktop.theme.colours import DARK, LIGHT
from tests.desktop.window import put_clip, wait


@pytest.mark.parametrize(("theme", "ground"), [("light", LIGHT.ground), ("dark", DARK.ground)])
def test_a_theme_has_its_own_copy_of_the_colours(theme, ground):
    colours = colours_of(theme)
    assert colours.ground == ground
    assert colours is not LIGHT
    assert colours is not DARK


@pytest.mark.usefixtures("qapp")
def test_the_system_theme_is_light_or_dark():
    assert colours_of("system").ground in (LIGHT.ground, DARK.ground)


@pytest.mark.usefixtures("qapp")
def test_switching_themes_changes_colours_in_place_and_back():
    colours = colours_of("dark")
    assert switch_theme(colours) == "light"
    assert colours.ground == LIGHT.ground
    assert switch_theme(colours) == "dark"
    assert colours.ground == DARK.ground


def test_a_shown_waveform_follows_the_theme(qtbot, desktop):
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    desktop.window.clips.choose("abcd2345")
    waveform = desktop.window.detail.waveform
    wait(qtbot, lambda: waveform._scene.peaks is not None)
    role = desktop.collection.row("abcd2345").shown_role
    assert DARK.of_role(role) in colours_in(waveform)
    desktop.window.findChild(QAction, "switch_theme").trigger()
    assert LIGHT.of_role(role) in colours_in(waveform)
    assert DARK.of_role(role) not in colours_in(waveform)


def colours_in(widget):
    picture = widget.grab().toImage()
    places = [(x, y) for x in range(picture.width()) for y in range(picture.height())]
    return {picture.pixelColor(x, y).name() for x, y in places}
