import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from desktop.clips.peaks import Peaks
from desktop.pads.banks import Pad
from desktop.pads.pad_wave import PadPicture
from desktop.pads.panel import PadsPanel
from desktop.theme.colours import DARK
from desktop.theme.stylesheet import apply_theme
from engine.loops.edits import Edits
from playback.pad_voices import Mode
from tests.fakes.clips import grid_of


@pytest.fixture
def panel(qtbot, qapp):
    apply_theme(qapp, DARK)
    panel = PadsPanel(DARK)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_showing_a_pad_does_not_report_a_change(panel):
    reported = []
    panel.pad_changed.connect(reported.append)
    panel.show_pad(3, Pad(clip="abcd2345", mode=Mode.GATE, choke=2, pan=0.5))
    assert reported == []
    assert panel.mode.key is Mode.GATE
    assert panel.values["pan"].text() == "50 R"


def test_an_empty_pad_has_no_fields_to_change(panel):
    panel.show_pad(0, Pad())
    assert not panel.fields.isEnabled()
    panel.show_pad(0, Pad(clip="abcd2345"))
    assert panel.fields.isEnabled()


def drag(qtbot, wave, start, end, modifiers=Qt.KeyboardModifier.NoModifier):
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(wave, left, modifiers, QPoint(start, 20))
    for x in ((start + end) // 2, end):
        qtbot.mouseMove(wave, QPoint(x, 20))
    qtbot.mouseRelease(wave, left, modifiers, QPoint(end, 20))


def test_the_part_that_plays_is_dragged_in_the_waveform(qtbot, panel):
    changes, wave = [], panel.wave
    panel.pad_changed.connect(changes.append)
    pad = Pad(clip="abcd2345", start=0.25)
    panel.show_pad(0, pad)
    panel.show_picture(PadPicture())
    drag(qtbot, wave, wave.width() // 4, wave.width() // 2)
    drag(qtbot, wave, wave.width() - 1, 0)  # the ends never meet
    assert [(each.start, each.end) for each in changes] == [(0.5, 1.0), (0.5, 0.515625)]
    drag(qtbot, wave, 5, 50)  # away from both
    assert len(changes) == 2


def test_the_waveform_of_a_pad_is_drawn_as_it_sounds(panel):
    finest = np.full((1_000, 3), (-100, 100, 60), np.int8)
    finest[500:] //= 10
    peaks = Peaks(finest, np.zeros((125, 3), np.int8))
    panel.show_pad(0, Pad(clip="abcd2345"))
    found = []
    for edits in (Edits(), Edits(bars=(1, 2))):
        panel.show_picture(PadPicture(peaks, "bass", grid_of(), edits))
        image = panel.wave.grab().toImage()
        x = round(image.width() * 0.75)
        ground = DARK.well
        found.append(sum(image.pixelColor(x, y).name() != ground for y in range(image.height())))
    assert found[1] > 3 * found[0]
