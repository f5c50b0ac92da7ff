"""The large waveform in the window: fades, trim, gain and zoom by mouse and keys."""

import json

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu

from desktop.state.settings import Settings
from desktop.theme.colours import DARK
from engine.loops.edits import NONE, Edits
from tests.desktop.window import put_clip, wait, without_engine
from tests.fakes.clips import CLIP_ID

LEFT = Qt.MouseButton.LeftButton
NO_BUTTON = Qt.MouseButton.NoButton


@pytest.fixture
def make_engine():
    return without_engine


@pytest.fixture
def detail(qtbot, desktop):
    """The detail view of a loop of 4 bars at 128 BPM."""
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    wait(qtbot, lambda: desktop.collection.row_at(0).recipe is not None)
    desktop.window.clips.choose(CLIP_ID)
    wait(qtbot, lambda: desktop.window.detail.row is not None)
    return desktop.window.detail


def drag(qtbot, widget, start, end):
    qtbot.mousePress(widget, LEFT, pos=QPoint(*start))
    for place in ((start[0] + end[0]) // 2, end[0]):
        qtbot.mouseMove(widget, QPoint(place, end[1]))
    qtbot.mouseRelease(widget, LEFT, pos=QPoint(*end))


def test_fades_and_trim_are_dragged_stored_and_undone(qtbot, desktop, detail):
    wave = detail.waveform
    width = wave.width()
    mark = lambda: desktop.collection.row(CLIP_ID).mark.edits  # noqa: E731
    drag(qtbot, wave, (8, 28), (width // 8, 28))  # two beats
    assert mark() == Edits(fade_in=2.0)
    drag(qtbot, wave, (width - 1, 6), (width * 3 // 4, 6))
    assert mark() == Edits(fade_in=2.0, bars=(1, 3))
    assert "3 of 4 bars" in detail.facts.text()
    assert wave.bars is None  # no bars were selected meanwhile
    file = desktop.project / "loopwright.json"
    wait(qtbot, lambda: file.exists() and b'"bars"' in file.read_bytes())
    stored = json.loads(file.read_text("utf-8"))["clips"][CLIP_ID]["edits"]
    assert stored == {"fade_in": 2.0, "bars": [1, 3]}
    desktop.clips.undoing.undo()
    assert (mark(), detail.editing.edits) == (Edits(fade_in=2.0), Edits(fade_in=2.0))
    desktop.clips.undoing.redo()
    detail.editing.fields.reset.click()
    assert mark() == NONE


def test_selected_bars_are_trimmed_to_and_numbers_are_typed(qtbot, desktop, detail):
    wave, gain = detail.waveform, detail.editing.fields.values["gain_db"]
    place = gain.mapTo(detail, QPoint())
    qtbot.keyClick(wave, Qt.Key.Key_Right)
    qtbot.keyClick(wave, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert detail.editing.trim.text() == "Trim to bars 1–2"
    detail.editing.trim.click()
    assert not detail.editing.trim.isEnabled()  # nothing else is left
    qtbot.keyClick(gain, Qt.Key.Key_Return)
    gain.setText("-4,5 dB")
    qtbot.keyClick(gain, Qt.Key.Key_Return)
    wait(qtbot, lambda: desktop.collection.row(CLIP_ID).mark.edits.gain_db == -4.5)
    assert gain.mapTo(detail, QPoint()) == place  # nothing came in beside it
    fade = detail.editing.fields.values["fade_out"]
    qtbot.keyClick(fade, Qt.Key.Key_Return)
    fade.setText("1.5 s")
    qtbot.keyClick(fade, Qt.Key.Key_Return)
    edits = Edits(gain_db=-4.5, fade_out=3.2, bars=(1, 2))  # 1.5 s at 128 BPM
    wait(qtbot, lambda: desktop.collection.row(CLIP_ID).mark.edits == edits)
    gain.show_value(0.0)
    detail.editing.fields.values["gain_db"].changed.emit(1.0)  # not settled yet
    detail.show_row(None, None)
    assert desktop.collection.row(CLIP_ID).mark.edits.gain_db == 1.0


def test_wheel_and_keys_zoom_and_scroll(qtbot, detail):
    wave = detail.waveform
    at = QPointF(wave.width() / 4, 60)
    shift, none = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier

    def turn(y, modifiers=none):
        event = QWheelEvent(
            at, wave.mapToGlobal(at), QPoint(), QPoint(0, y), NO_BUTTON, modifiers,
            Qt.ScrollPhase.NoScrollPhase, False,  # noqa: FBT003
        )  # fmt: skip
        QApplication.sendEvent(wave, event)

    turn(240)
    place = wave.span.place_at(at.x(), wave.width())
    assert (round(wave.span.length, 2), place) == (0.64, pytest.approx(0.25))
    turn(-120, shift)
    assert wave.span.begin > 0.09
    qtbot.keyClick(wave, Qt.Key.Key_Plus)
    assert round(wave.span.length, 2) == 0.32
    qtbot.keyClick(wave, Qt.Key.Key_End)
    assert wave.span.end == 1.0
    qtbot.keyClick(wave, Qt.Key.Key_0)
    assert wave.span.is_whole
    turn(-120)
    assert wave.span.is_whole


def test_an_edit_that_has_not_settled_is_stored_when_the_window_closes(desktop, detail):
    detail.editing.fields.values["gain_db"].changed.emit(2.0)
    assert desktop.window.close()
    stored = json.loads((desktop.project / "loopwright.json").read_text("utf-8"))
    assert stored["clips"][CLIP_ID]["edits"] == {"gain_db": 2.0}


def test_the_spectrum_is_chosen_in_the_menu_and_kept(qtbot, desktop, detail, kept):
    wave = detail.waveform
    wait(qtbot, lambda: wave._scene.peaks is not None)
    role = DARK.of_role(detail.row.shown_role)
    assert role in colours_in(wave)
    wave.menu_wanted.emit(QPoint())
    menu = next(menu for menu in wave.findChildren(QMenu) if menu.isVisible())
    entries = {entry.text(): entry for entry in menu.actions()}
    assert entries["Loudness"].isChecked()
    assert not entries["Redo bars"].isEnabled(), "no bars are selected"
    entries["Spectrum"].trigger()
    menu.close()
    assert {*DARK.bands} & colours_in(wave)
    assert role not in colours_in(wave)
    desktop.close()
    assert kept[-1].waveform == "spectrum"


def test_the_spectrum_is_there_again_and_switched_by_a_command(open_desktop):
    desktop = open_desktop(Settings(waveform="spectrum"), make_engine=without_engine)
    wave = desktop.window.detail.waveform
    assert wave.shows_spectrum
    desktop.window.findChild(QAction, "switch_waveform").trigger()
    assert not wave.shows_spectrum


def colours_in(widget):
    image = widget.grab().toImage()
    places = [(x, y) for x in range(0, image.width(), 3) for y in range(image.height())]
    return {image.pixelColor(x, y).name() for x, y in places}
