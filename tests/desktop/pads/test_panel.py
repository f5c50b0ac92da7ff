import pytest

from desktop.pads.banks import Pad
from desktop.pads.panel import PadsPanel
from desktop.theme.colours import DARK
from desktop.theme.stylesheet import apply_theme
from playback.pad_voices import Mode


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
