from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from desktop.prompt.form import Source, request_of
from desktop.prompt.panel import PromptPanel
from desktop.transport.fields import BARS
from desktop.widgets.value_edit import ValueEdit
from engine.loops.key import Key
from engine.loops.precedence import SessionTime
from engine.loops.source.facts import Fact, Origin, SourceFacts, StatedFacts
from engine.loops.tempo import Meter
from engine.models.catalogue import built_in_catalogue

VARY = Source(path=Path("/music/dusty-lo-fi-drums_84bpm_abcd2345.wav"), mode="vary", amount=0.2)


@pytest.fixture
def panel(qtbot):
    panel = PromptPanel(built_in_catalogue().entries, 1, [], ValueEdit(BARS, 4, small=True))
    qtbot.addWidget(panel)
    panel.show()
    return panel


def shown(panel):
    return [each.text() for each in panel.source_field.findChildren(QLabel) if each.isVisible()]


def test_a_source_is_shown_and_requested(panel):
    assert panel.form().source is None
    assert shown(panel) == ["Start from: drop a sound or a loop"]
    panel.source = VARY
    assert panel.form().source == VARY
    assert panel.source_field.mode_button.text() == "vary 20 %"
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


def known(**facts):
    """Return facts as the names and tags of a file give them."""
    given = {"bpm": Fact(140.0, Origin.NAME, 0.9), "bars": Fact(4, Origin.NAME, 0.9)}
    key = Fact(Key("A", "minor"), Origin.DETECTED, 0.5)
    meter = Fact(Meter(), Origin.ASSUMED, 0.5)
    return SourceFacts(**given | {"key": key, "meter": meter} | facts)


@pytest.fixture
def line(panel):
    panel.source = VARY
    panel.source_field.show_facts(VARY, known())
    return panel.source_field.facts_line


def texts(line):
    return [line.edits[name].text() for name in ("bpm", "bars", "meter", "key")]


def typed(qtbot, edit, text):
    qtbot.mouseDClick(edit, Qt.MouseButton.LeftButton)
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def test_facts_of_a_source_are_shown_with_their_origins(panel, line):
    assert line.isVisible()
    shown = ["140 BPM (name)", "4 bars", "4/4", "A minor (detected, unsure)"]
    assert texts(line) == shown
    panel.source_field.show_facts(VARY, known(bpm=None, bars=None, key=None))
    assert texts(line) == ["tempo \u2013", "bars \u2013", "4/4", "key \u2013"]
    assert not line.double.isEnabled()


def test_facts_of_another_source_are_not_shown(panel):
    panel.source = VARY
    panel.source_field.show_facts(Source(path=Path("/music/other.wav"), mode="vary"), known())
    assert not panel.source_field.facts_line.isVisible()


def test_typed_facts_are_requested(qtbot, panel, line):
    typed(qtbot, line.edits["bpm"], "87")
    typed(qtbot, line.edits["key"], "f#m")
    typed(qtbot, line.edits["meter"], "3/4")
    typed(qtbot, line.edits["bars"], "8")
    request = request_of(panel.form(), SessionTime()).request
    stated = (request.source_bpm, request.source_key, request.source_meter, request.source_bars)
    assert stated == (87.0, "F# minor", "3/4", 8)


def test_a_cleared_fact_is_no_longer_stated(qtbot, panel, line):
    typed(qtbot, line.edits["bpm"], "87")
    assert panel.source.stated.bpm == 87
    qtbot.mouseDClick(line.edits["bpm"], Qt.MouseButton.LeftButton)
    line.edits["bpm"].clear()
    qtbot.keyClick(line.edits["bpm"], Qt.Key.Key_Return)
    assert panel.source.stated == StatedFacts()


def test_a_click_doubles_or_halves_the_tempo(qtbot, panel, line):
    qtbot.mouseClick(line.double, Qt.MouseButton.LeftButton)
    assert panel.source.stated == StatedFacts(bpm=280.0)
    qtbot.mouseClick(line.half, Qt.MouseButton.LeftButton)
    assert panel.source.stated == StatedFacts(bpm=70.0)


def test_an_invalid_tempo_is_refused(qtbot, line):
    with qtbot.waitSignal(line.refused) as refused:
        typed(qtbot, line.edits["bpm"], "900")
    assert refused.args[0].startswith("The tempo is 900.0, but must be 20 to 400 BPM")


@pytest.mark.usefixtures("line")
def test_facts_do_not_widen_the_panel(panel):
    assert panel.source_field.minimumSizeHint().width() < 300


def test_the_next_likely_tempo_is_in_the_tooltip(panel, line):
    panel.source_field.show_facts(VARY, known(bpm=Fact(90.0, Origin.DETECTED, 0.5)), 180.0)
    assert line.edits["bpm"].text() == "90 BPM (detected, unsure)"
    assert "It may also be 180 BPM" in line.edits["bpm"].toolTip()
    panel.source_field.show_facts(VARY, known())
    assert "180" not in line.edits["bpm"].toolTip()


def test_the_next_likely_tempo_can_be_taken(qtbot, panel, line):
    assert not line.second.isVisible()
    panel.source_field.show_facts(VARY, known(bpm=Fact(90.0, Origin.DETECTED, 0.5)), 180.0)
    assert line.second.text() == "or 180?"
    with qtbot.waitSignal(line.stated) as stated:
        line.second.click()
    assert stated.args[0].bpm == 180.0
