"""Clips on their way from the window into a DAW: over a real socket, into a model of Live."""

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from bridge.daws.live.Loopwright import create_instance, script
from desktop.daw.sending import ClipToSend, SendingFailed, send_clips
from engine.loops.edits import Edits
from tests.bridge.osc_client import TestClient
from tests.desktop.window import needs_real_engine, put_clip, wait, without_engine
from tests.fakes.live import LIVE_MODULE, FakeLive, FakeSong


@pytest.fixture
def make_engine():
    return without_engine


@pytest.fixture
def desktop(qtbot, open_desktop, make_engine):
    """A window with two clips, both chosen."""
    desktop = open_desktop(make_engine=make_engine)
    wait(qtbot, lambda: desktop.bridge.state.kind == "serving")
    put_clip(desktop, "abcd2345", "warm-bass")
    put_clip(desktop, "bcde2345", "dusty-drums")
    collection, clips = desktop.collection, desktop.window.clips

    def are_chosen():  # again, where the list was read anew in between
        clips.selectAll()
        return len(clips.chosen_rows()) == 2 and all(row.recipe for row in collection.shown)

    wait(qtbot, are_chosen)
    clips.setFocus()
    return desktop


@pytest.fixture
def song(qtbot, desktop, monkeypatch):
    """A set in Live with one audio track, whose script talks to the window."""
    monkeypatch.setattr(script, "BRIDGE", ("127.0.0.1", desktop.bridge.state.port))
    song = FakeSong(("Audio", True))
    live = create_instance(FakeLive(song))

    def runs(condition):
        live.update_display()
        return condition()

    song.run_until = lambda condition: wait(qtbot, lambda: runs(condition))
    song.run_until(lambda: strip_text(desktop).startswith("A DAW is sending its tempo"))
    yield song
    live.disconnect()


def strip_text(desktop):
    return desktop.window.notices.text.text()


def test_enter_sends_chosen_clips_to_the_next_free_slots(qtbot, desktop, song):
    qtbot.keyClick(desktop.window.clips, Qt.Key.Key_Return)
    song.run_until(lambda: strip_text(desktop) == "Sent 2 clips to Live.")
    paths = {slot.clip.file_path for slot in song.tracks[0].clip_slots}
    assert paths == {str(path) for path in desktop.project.glob("*.wav")}
    assert {slot.clip.length for slot in song.tracks[0].clip_slots} == {16.0}


def test_the_detail_offers_only_the_listening_daw(qtbot, desktop, song):
    clips, button = desktop.window.clips, desktop.window.detail.send
    clips.choose("abcd2345")
    song.run_until(button.isVisible)
    assert button.text() == "Send to Live"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    song.run_until(lambda: strip_text(desktop) == "Sent Warm bass to Live.")
    desktop.bridge.stop()
    wait(qtbot, lambda: not button.isVisible())


@needs_real_engine
def test_the_notes_of_a_clip_are_sent_as_midi_clips(qtbot, desktop, song, monkeypatch):
    monkeypatch.setitem(sys.modules, "Live", LIVE_MODULE)
    desktop.window.clips.choose("abcd2345")
    qtbot.keyClick(desktop.window.clips, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    song.run_until(lambda: "choose a MIDI track" in strip_text(desktop))
    song.view.selected_track = song.create_midi_track(-1)
    desktop.window.findChild(QAction, "send_midi_to_daw").trigger()
    song.run_until(lambda: strip_text(desktop) == "Sent the MIDI of Warm bass to Live.")
    clip = song.tracks[1].clip_slots[0].clip
    assert clip.length == 16.0
    assert clip.notes
    desktop.window.detail.editing.edit(Edits(bars=(2, 3)))
    desktop.window.findChild(QAction, "send_midi_to_daw").trigger()
    song.run_until(lambda: song.tracks[1].clip_slots[1].has_clip)
    assert song.tracks[1].clip_slots[1].clip.length == 8.0


def test_a_refusal_by_the_daw_is_shown(desktop, song):
    song.tracks[0].has_audio_input = False
    desktop.window.findChild(QAction, "send_to_daw").trigger()
    song.run_until(lambda: "choose an audio track" in strip_text(desktop))
    assert "Live did not accept Warm bass. Track 'Audio' is not an audio track" in strip_text(
        desktop
    )


def test_without_a_listening_daw_the_message_says_how_to_connect_one(qtbot, desktop):
    desktop.window.clips.selectAll()
    desktop.daw.sending.when_there = None  # nothing is made for nobody
    desktop.window.findChild(QAction, "send_to_daw").trigger()
    wait(qtbot, lambda: strip_text(desktop).startswith("No DAW is connected: open Live"))


def test_without_a_clip_or_a_bridge_a_message_is_shown(qtbot, desktop):
    desktop.window.clips.clearSelection()
    desktop.daw.sending.send_chosen()
    wait(qtbot, lambda: strip_text(desktop).startswith("Choose the loops to send first"))
    port = desktop.bridge.state.port
    desktop.bridge.stop()
    with pytest.raises(SendingFailed, match="The OSC bridge is off"):
        send_clips([ClipToSend("abcd2345", "Warm bass")], port)


def test_of_two_daws_the_playing_host_gets_the_clip(desktop):
    port = desktop.bridge.state.port
    with TestClient(port) as live, TestClient(port) as reaper:
        live.ask("/lw/register", "Live", 0)
        reaper.ask("/lw/register", "reaper", 0)
        desktop.window.clips.choose("abcd2345")
        reaper.send("/lw/host/tempo", 100.0)
        reaper.all_before_pong()
        desktop.daw.sending.send_chosen()
        insert = reaper.until("/lw/host/insert").arguments
        assert insert[1] == "abcd2345"
        reaper.send("/lw/host/inserted", insert[0])
        assert reaper.until("/lw/done", "/lw/clip/insert", insert[0])


def test_enter_elsewhere_sends_nothing(qtbot, desktop):
    desktop.window.search.setFocus()
    qtbot.keyClick(desktop.window.search, Qt.Key.Key_Return)
    assert not desktop.window.notices.isVisible()


@needs_real_engine
def test_all_layers_are_sent_as_they_are_heard(qtbot, desktop, song):
    layers, side = desktop.layers, desktop.window.layers.side
    layers.add(desktop.window.clips.chosen_rows())
    wait(qtbot, lambda: len(layers._sounds) == 2)
    heard = {sound.path.name for sound in layers._sounds.values()}
    song.run_until(side.send.isEnabled)
    assert side.send.text() == "Send all to Live"
    side.send.click()
    song.run_until(lambda: strip_text(desktop) == "Sent 2 clips to Live.")
    paths = {slot.clip.file_path for slot in song.tracks[0].clip_slots}
    assert paths == {str(desktop.project / name) for name in heard}
