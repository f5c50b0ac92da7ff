"""The large waveform alone: it follows the playhead, and zooms by pinching."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QApplication

from desktop.clips.wave_paint import RULER_PX
from desktop.clips.waveform_view import WaveformView
from desktop.theme.colours import DARK
from engine.loops.edits import Edits
from tests.fakes.clips import grid_of

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def wave(qtbot):
    """A loop of 4 bars, 800 pixels wide."""
    wave = WaveformView(DARK.copy())
    qtbot.addWidget(wave)
    wave.resize(800, wave.height())
    wave.show_clip(None, grid_of(), "bass")
    wave.show()
    return wave


def shown(wave):
    return round(wave.span.begin, 4), round(wave.span.end, 4)


def play(wave, *places):
    for place in places:
        wave.show_playhead(place)


def test_a_zoomed_waveform_turns_the_page_with_the_playhead(wave):
    wave.zoom_in()
    assert shown(wave) == (0.25, 0.75)
    play(wave, 0.01)
    assert shown(wave) == (0.01, 0.51)
    play(wave, 0.3, 0.5)
    assert shown(wave) == (0.01, 0.51)
    play(wave, 0.52)
    assert shown(wave) == (0.5, 1.0)
    play(wave, 0.99, 0.02)
    assert shown(wave) == (0.02, 0.52)
    wave.show_whole()
    play(wave, 0.9, 0.1, None)
    assert wave.span.is_whole


def test_a_part_that_was_scrolled_to_stays_until_the_playhead_reaches_it(qtbot, wave):
    play(wave, 0.1)
    wave.zoom_in()
    assert shown(wave) == (0.25, 0.75)  # which is away from the playhead
    play(wave, 0.11, 0.2)
    assert shown(wave) == (0.25, 0.75)
    play(wave, 0.3, 0.8)
    assert shown(wave) == (0.5, 1.0)
    qtbot.keyClick(wave, Qt.Key.Key_Home)
    play(wave, 0.9)
    assert shown(wave) == (0.0, 0.5)
    play(wave, 0.05, 0.6)  # another pass
    assert shown(wave) == (0.5, 1.0)


def test_nothing_moves_under_a_drag(qtbot, wave):
    wave.zoom_in()
    play(wave, 0.3)
    qtbot.mousePress(wave, LEFT, pos=QPoint(100, 60))
    qtbot.mouseMove(wave, QPoint(300, 60))
    play(wave, 0.8)
    assert shown(wave) == (0.25, 0.75)
    qtbot.mouseRelease(wave, LEFT, pos=QPoint(300, 60))
    play(wave, 0.81)
    assert shown(wave) == (0.5, 1.0)


def test_pinching_zooms_at_the_pointer(wave):
    at = QPointF(200, 60)
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2,
        at, at, wave.mapToGlobal(at), 1.0, QPointF(),
    )  # fmt: skip
    QApplication.sendEvent(wave.windowHandle(), pinch)
    assert (wave.span.length, wave.span.place_at(200, 800)) == (0.5, pytest.approx(0.25))


@pytest.mark.parametrize(
    ("full", "dot", "half"),
    [
        (Edits(fade_in=16), 800 - 20, Edits(fade_in=8)),
        (Edits(fade_out=16), 20, Edits(fade_out=8)),
    ],
)
def test_the_dot_of_a_fade_over_the_whole_loop_stays_beside_the_other(qtbot, wave, full, dot, half):
    wave.show_edits(full)
    changed = []
    wave.edited.connect(changed.append)
    y = RULER_PX + 8
    qtbot.mousePress(wave, LEFT, pos=QPoint(dot, y))
    qtbot.mouseMove(wave, QPoint(400, y))
    qtbot.mouseRelease(wave, LEFT, pos=QPoint(400, y))
    assert changed == [half]
