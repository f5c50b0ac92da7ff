import pytest

from desktop.theme.colours import DARK
from desktop.theme.signs import SIGNS, sign_pixmap

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.mark.parametrize("name", SIGNS)
def test_every_sign_is_drawn_in_the_colour_that_was_asked_for(name):
    drawn = sign_pixmap(name, "#ff0000", 16, 2.0).toImage()
    assert (drawn.width(), drawn.devicePixelRatio()) == (32, 2.0)
    pixels = [drawn.pixelColor(x, y) for x in range(32) for y in range(32)]
    seen = {(c.red(), c.green(), c.blue()) for c in pixels if c.alpha() > 200}
    assert seen == {(255, 0, 0)}


def test_every_role_has_a_sign():
    assert SIGNS.keys() >= DARK.roles.keys()
