from desktop.theme.colours import DARK
from desktop.theme.icon import window_icon


def test_the_icon_uses_the_programs_colours(qapp):
    assert qapp
    image = window_icon().pixmap(256, 256).toImage()
    colours = [image.pixelColor(x, y).name() for x in range(256) for y in range(256)]
    assert colours.count(DARK.ground) > 20_000
    assert colours.count(DARK.accent) > 3_000
    assert image.pixelColor(0, 0).alpha() == 0
