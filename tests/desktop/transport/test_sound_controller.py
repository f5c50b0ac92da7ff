"""Playhead, level, metronome and output device in the real window."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from tests.desktop.window import put_clip, wait, without_engine


@pytest.fixture
def make_engine():
    return without_engine


def play(qtbot, desktop, player):
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    desktop.window.clips.choose("abcd2345")
    qtbot.mouseClick(desktop.window.transport.play_button, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: player.playing is not None)
    wait(qtbot, lambda: desktop.window.detail.row.recipe is not None)


def action(desktop, name) -> QAction:
    return desktop.window.findChild(QAction, name)


def choose_device(qtbot, desktop, name):
    qtbot.mouseClick(desktop.window.status.output, Qt.MouseButton.LeftButton)
    menu = desktop.sound.menu
    wait(qtbot, menu.isVisible)
    next(each for each in menu.actions() if each.text() == name).trigger()
    menu.hide()


def test_the_level_meter_moves_during_playback_and_stops_afterwards(qtbot, desktop, player):
    meter = desktop.window.transport.level
    play(qtbot, desktop, player)
    player.level = (0.5, 0.25)
    wait(qtbot, lambda: meter.shown_db[0] > -7)
    player.level = (0.0, 0.0)
    player.stop()
    wait(qtbot, lambda: meter.rests)


def test_the_metronome_is_off_by_default_and_toggled_by_its_key(qtbot, desktop, player):
    play(qtbot, desktop, player)
    assert not player.metronome
    action(desktop, "metronome").trigger()
    assert player.metronome
    assert desktop.window.transport.metronome.isChecked()
    qtbot.mouseClick(desktop.window.transport.metronome, Qt.MouseButton.LeftButton)
    assert not player.metronome


def test_an_output_device_is_chosen_and_remembered(qtbot, desktop, player, kept):
    play(qtbot, desktop, player)
    choose_device(qtbot, desktop, "Scarlett 2i2")
    wait(qtbot, lambda: len(player.played) == 2)
    output = desktop.window.status.output
    wait(qtbot, lambda: output.text() == "Sound: Scarlett 2i2")
    desktop.close()
    assert kept[0].device == "Scarlett 2i2"


def test_an_unplugged_device_is_reported_once_and_playback_continues(qtbot, desktop, player):
    play(qtbot, desktop, player)
    choose_device(qtbot, desktop, "Scarlett 2i2")
    wait(qtbot, lambda: len(player.played) == 2)
    player.lost = True
    wait(qtbot, lambda: len(player.played) == 3)
    wait(qtbot, desktop.window.notices.isVisible)
    assert desktop.window.notices.text.text() == (
        "Scarlett 2i2 was disconnected: sound now plays on the system default."
    )
    assert desktop.settings.device == "Scarlett 2i2"  # it may be there again tomorrow


def test_the_menu_says_when_there_are_no_devices(qtbot, desktop, player):
    player.devices = []
    action(desktop, "choose_device").trigger()
    wait(qtbot, desktop.sound.menu.isVisible)
    texts = [each.text() for each in desktop.sound.menu.actions()]
    assert texts == ["System default", "No sound device connected"]
    desktop.sound.menu.hide()


def test_the_playhead_follows_the_player(qtbot, desktop, player):
    play(qtbot, desktop, player)
    player.fraction = 0.5
    waveform = desktop.window.detail.waveform
    wait(qtbot, lambda: waveform._playhead == 0.5)
    player.stop()
    wait(qtbot, lambda: waveform._playhead is None)


def test_selected_bars_play_alone_and_deselecting_plays_the_whole_loop(qtbot, desktop, player):
    play(qtbot, desktop, player)
    waveform = desktop.window.detail.waveform
    waveform.setFocus()
    qtbot.keyClick(waveform, Qt.Key.Key_Right)
    wait(qtbot, lambda: player.bars == [None, (1, 1)])
    qtbot.keyClick(desktop.window, Qt.Key.Key_Escape)
    wait(qtbot, lambda: player.bars == [None, (1, 1), None])
