import pytest

from desktop.app.appearance import colours_of, switch_theme
from desktop.theme.colours import DARK, LIGHT


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
