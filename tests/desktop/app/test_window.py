"""The window itself: its size at first."""

from desktop.state.settings import Settings


def test_a_new_window_fits_on_its_screen_with_its_frame(open_desktop):
    window = open_desktop(Settings(geometry="00")).window  # none that could be restored
    room = window.screen().availableGeometry()
    assert window.height() <= room.height() - 30
    assert window.width() <= room.width()


def test_the_pads_fit_into_the_column_of_a_narrow_window(qtbot, open_desktop):
    window = open_desktop().window
    window.resize(window.minimumSize())
    window.sides.buttons["pads"].click()
    column = window.pads.parentWidget().parentWidget()
    room = column.parentWidget()
    qtbot.waitUntil(lambda: column.width() == room.width())  # nothing is cut off on the right
    for part in (window.pads.bank, window.pads.line, window.pads.midi, window.pads.fields):
        assert part.isVisible()
        assert part.mapTo(column, part.rect().topRight()).x() < room.width()
    assert window.recipe.minimumSizeHint().width() <= window.pads.width()
