"""The window itself: its size at first."""

from desktop.state.settings import Settings


def test_a_new_window_fits_on_its_screen_with_its_frame(open_desktop):
    window = open_desktop(Settings(geometry="00")).window  # none that could be restored
    room = window.screen().availableGeometry()
    assert window.height() <= room.height() - 30
    assert window.width() <= room.width()
