"""Loops heard in the session's tempo and key, with the engine that stretches them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from desktop.clips.fit import Fit, fit_of, heard_as
from desktop.clips.lineage import from_text, name_in_group
from desktop.state.settings import Settings
from engine.loops.edits import Edits
from engine.loops.file_facts import read_facts
from engine.loops.precedence import SessionTime
from tests.desktop.window import type_prompt, wait

LEFT = Qt.MouseButton.LeftButton


def grid(path):
    return read_facts(path).recipe.grid


@pytest.fixture
def bass(qtbot, desktop):
    """A loop at 100 BPM in A minor; the session is at 120 in D minor."""
    type_prompt(qtbot, desktop, "round sub bass in A minor, 2 bars, 100 bpm")
    wait(qtbot, lambda: desktop.collection.total == 1 and not len(desktop.open_jobs))
    wait(qtbot, lambda: desktop.collection.row_at(0).recipe is not None)
    time = SessionTime(bpm=120.0, meter="4/4", key="D minor", bars=4)
    desktop.window.transport.show_time(time)
    wait(qtbot, lambda: desktop._hear.fitted.time == time)
    return desktop.collection.row_at(0)


def test_what_plays_changes_to_the_fitted_sound_and_the_list_says_so(qtbot, desktop, player, bass):
    hear = desktop.window.hear
    delegate = desktop.window.clips.delegate
    desktop.clips.toggle(bass)
    wait(qtbot, lambda: player.played == [bass.path])
    assert fit_of(bass, desktop.window.transport.time) is Fit.TEMPO_AND_KEY
    qtbot.mouseClick(hear.tempo, LEFT)
    qtbot.mouseClick(hear.key, LEFT)
    assert heard_as(bass, delegate.session(), delegate.hearing()) == (120.0, "Dm")
    assert fit_of(bass, delegate.session(), (120.0, "Dm")) is Fit.STRETCHED
    wait(qtbot, lambda: len(player.played) > 1)
    fitted = player.played[-1]
    assert (grid(fitted).bpm, read_facts(fitted).recipe.key) == (120.0, "D minor")
    assert desktop.audition.playing == bass.path  # it is still that loop
    assert desktop.collection.total == 1
    assert len(desktop.open_jobs) == 0
    desktop.window.findChild(QAction, "hear_in_session").trigger()
    wait(qtbot, lambda: player.played[-1] == bass.path)
    assert not any(hear.hearing)


def test_a_large_change_of_tempo_is_heard_and_shown_in_half_time(qtbot, desktop, bass):
    delegate, strip = desktop.window.clips.delegate, desktop.window.layers
    time = SessionTime(bpm=180.0, meter="4/4", key="A minor", bars=4)
    desktop.window.transport.show_time(time)
    qtbot.mouseClick(desktop.window.hear.tempo, LEFT)
    heard = heard_as(bass, time, delegate.hearing())
    assert heard == (90.0, "")  # 100 bpm would be stretched too far
    assert fit_of(bass, time, heard) is Fit.HALF_TIME
    wait(qtbot, lambda: desktop._hear.fitted.time == time)
    desktop.layers.add([bass])
    wave = strip.table.rows[0].wave
    assert wave.accessibleDescription().startswith("Half-time: Joins at 180 bpm in half-time")
    wait(qtbot, lambda: wave.accessibleDescription().startswith("Half-time: Delete"))
    assert grid(desktop._hear.heard(bass.path)).bars == 4  # of 2 bars of its own
    assert strip.table.length.text() == "4 bars"


def test_what_leaves_the_window_is_the_fitted_file_kept_as_a_version(qtbot, desktop, bass):
    desktop.window.hear.toggle()
    wait(qtbot, lambda: desktop._hear.heard(bass.path) != bass.path)
    items = desktop.window.clips.model()
    data = items.mimeData([items.index(0)])
    assert desktop.collection.total == 1  # nothing is written before somebody asks for it
    (url,) = data.urls()
    assert url.toLocalFile().startswith(str(desktop.project))
    wait(qtbot, lambda: desktop.collection.total == 2)
    sent = []
    desktop._hear.when_there([bass.path], sent.extend)
    assert [str(file) for file in sent] == [url.toLocalFile()]
    version = next(row for row in desktop.collection.shown if row.id != bass.id)
    assert version.recipe.request.source == bass.id


def test_pads_play_the_fitted_sound(qtbot, desktop, bass):
    desktop.pads.put_on(0, [bass])
    desktop.window.hear.toggle()
    loaded = desktop.pads._sampler._pads
    wait(qtbot, lambda: loaded[0].path != bass.path)
    assert grid(loaded[0].path).bpm == 120.0
    desktop.pads.show_bank(1)
    desktop.pads.rows_changed()
    assert grid(loaded[0].path).bpm == 120.0  # pads of other banks sound as before


def test_the_switches_are_kept(open_desktop, kept):
    desktop = open_desktop(Settings(hear_key=True))
    assert desktop.window.hear.hearing == (False, True)
    desktop.window.hear.tempo.click()
    desktop.close()
    assert (kept[-1].hear_tempo, kept[-1].hear_key) == (True, True)


def test_edits_are_heard_everywhere_and_leave_as_a_version(qtbot, desktop, player, bass):
    edits = Edits(bars=(2, 2), gain_db=-6.0)
    desktop.pads.put_on(0, [bass])
    desktop.layers.add([bass])
    desktop.clips.toggle(bass)
    wait(qtbot, lambda: player.played == [bass.path])
    desktop.clips.edit_sound(bass, edits)
    wait(qtbot, lambda: len(player.played) == 2)
    player.fraction = 0.5
    assert (read_facts(player.played[1]).recipe.edits, grid(player.played[1]).bars) == (edits, 1)
    assert desktop.audition.place == (bass.path, 0.75)  # where that is in the whole loop
    assert desktop.pads._sampler._pads[0].path == player.played[1]
    wait(qtbot, lambda: len(desktop.layers._sounds) == 1)  # fitted to 120 BPM
    wait(qtbot, lambda: grid(desktop.layers._sounds[0].path).bars == 1)
    data = desktop.window.clips.model().mimeData([desktop.window.clips.model().index(0)])
    (url,) = data.urls()
    wait(qtbot, lambda: desktop.collection.total == 2)
    version = next(row for row in desktop.collection.shown if row.id != bass.id)
    assert (url.toLocalFile(), bass.mark.edits) == (str(version.path), Edits())
    assert (name_in_group(version), version.bars) == ("Bar 2 alone, \N{MINUS SIGN}6 dB", 1)
    assert from_text(version, desktop.collection.row) == "from take 1"
    desktop.clips.undoing.undo()
    wait(qtbot, lambda: player.played[-1] == bass.path)
