from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from desktop.prompt.form import Source
from desktop.prompt.panel import PromptPanel
from engine.models.catalogue import built_in_catalogue

VARY = Source(path=Path("/music/dusty-lo-fi-drums_84bpm_abcd2345.wav"), mode="vary", amount=0.2)


@pytest.fixture
def panel(qtbot):
    panel = PromptPanel(built_in_catalogue().entries, takes=1, history=[])
    qtbot.addWidget(panel)
    panel.show()
    return panel


def shown(panel):
    return [each.text() for each in panel.source_field.findChildren(QLabel) if each.isVisible()]


def test_a_source_that_is_set_is_shown_and_requested(panel):
    assert panel.form().source is None
    assert shown(panel) == ["source", "none"]
    panel.source = VARY
    assert panel.form().source == VARY
    assert panel.source_field.mode_button.text() == "vary 20 % ▾"
    assert "dusty-lo-fi-drums" in panel.source_field.toolTip()


def test_the_cross_clears_the_source(qtbot, panel):
    panel.source = VARY
    with qtbot.waitSignal(panel.source_field.changed):
        qtbot.mouseClick(panel.source_field.clear_button, Qt.MouseButton.LeftButton)
    assert panel.source is None
    assert not panel.source_field.clear_button.isVisible()


def test_a_long_name_does_not_widen_the_panel(panel):
    width = panel.minimumSizeHint().width()
    panel.source = Source(path=Path("/music") / ("x" * 200 + ".wav"), mode="melody")
    assert panel.minimumSizeHint().width() <= width + 80
