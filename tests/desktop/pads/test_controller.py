"""The pads in the real window: filled, struck by mouse and keys, and what they sound like."""

import sys

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from desktop.pads.banks import Pad, PadState
from desktop.pads.midi import on_message
from desktop.state.settings import Settings
from engine.loops.precedence import SessionTime
from playback.clip_audio import read_clip
from playback.clocks import Quantize
from playback.pad_voices import Mode
from tests.desktop.window import wait, windows, without_engine
from tests.fakes.clips import clip_of, grid_of, noise_on

IDS = ("abcd2345", "bcde2345", "cdef2345")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def audios():
    grid = grid_of(bars=1, bpm=240.0)
    return {clip_id: noise_on(grid, seed=n) * 0.1 for n, clip_id in enumerate(IDS)}


@pytest.fixture
def open_desktop(qapp, tmp_path, player, kept, audios):
    """Open the window on a project of three clips."""
    project = tmp_path / "late-tape-ep"
    project.mkdir()
    for clip_id, audio in audios.items():
        name = f"loop-{clip_id[:2]}_240bpm_1bars_{clip_id}.wav"
        data = clip_of(grid_of(bars=1, bpm=240.0), bits="32f", audio=audio, title=clip_id[:2])
        (project / name).write_bytes(data)
    with windows(qapp, project, player, kept) as open_:
        yield lambda settings=None: open_(
            settings or Settings(bpm=240.0), make_engine=without_engine
        )


@pytest.fixture
def desktop(qtbot, open_desktop):
    desktop = open_desktop()
    wait(qtbot, lambda: desktop.collection.total == 3)
    return desktop


def put(desktop, *clip_ids):
    for place, clip_id in enumerate(clip_ids):
        desktop.pads.put_on(place, [desktop.collection.row(clip_id)])


def buttons(desktop):
    return desktop.window.pads.grid.buttons


def open_device(qtbot, desktop, player):
    """Strike the first pad once, so that strikes need no thread from now on."""
    qtbot.mouseClick(buttons(desktop)[0], LEFT)
    wait(qtbot, lambda: player.render().any())
    desktop.window.findChild(QAction, "stop_pads").trigger()
    player.render(4)


def drop_on(button, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    held = LEFT, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    for event in (
        QDragEnterEvent(QPoint(5, 5), copy, data, *held),
        QDropEvent(QPointF(5, 5), copy, data, *held),
    ):
        QApplication.sendEvent(button, event)
        assert event.isAccepted()


def test_a_click_on_a_pad_plays_its_loop_and_another_one_stops_it(qtbot, desktop, player, audios):
    put(desktop, IDS[0])
    desktop.pads.set_line(Quantize.OFF)
    open_device(qtbot, desktop, player)
    pad = buttons(desktop)[0]
    qtbot.mouseClick(pad, LEFT)
    out = player.render(150)
    assert np.array_equal(out, np.resize(audios[IDS[0]], out.shape))
    wait(qtbot, lambda: pad.state is PadState.SOUNDING)
    assert "sounding" in pad.accessibleName()
    qtbot.mouseClick(pad, LEFT)
    player.render(2)
    assert not player.render(2).any()
    wait(qtbot, lambda: pad.state is PadState.SILENT)


def test_space_stops_pads_and_the_transport_shows_that_they_sound(qtbot, desktop, player):
    put(desktop, IDS[0])
    open_device(qtbot, desktop, player)
    play = desktop.window.transport.play_button
    wait(qtbot, lambda: play.accessibleName() == "Play")
    qtbot.mouseClick(buttons(desktop)[0], LEFT)
    player.render(4)
    wait(qtbot, lambda: play.accessibleName() == "Stop")
    qtbot.keyClick(desktop.window.detail.verbs["vary"], Qt.Key.Key_Space)
    player.render(2)
    assert not player.render(2).any()
    wait(qtbot, lambda: play.accessibleName() == "Play")


def test_a_clip_is_assigned_to_the_pad_it_is_dropped_on(desktop):
    row = desktop.collection.row(IDS[1])
    drop_on(buttons(desktop)[6], row.path)
    assert desktop.pads.banks.pad(6) == Pad(clip=IDS[1])
    assert buttons(desktop)[6].face.title == "bc"
    assert "Pad 7, key E, bc" in buttons(desktop)[6].accessibleName()


def test_several_clips_fill_the_next_free_pads(desktop):
    put(desktop, IDS[0])
    desktop.pads.put_on(15, [desktop.collection.row(clip_id) for clip_id in IDS])
    assert {k: p.clip for k, p in desktop.pads.banks.filled().items()} == {
        15: IDS[0], 0: IDS[0], 1: IDS[1], 2: IDS[2],
    }  # fmt: skip


def test_a_foreign_file_is_refused_with_a_notice(qtbot, desktop, tmp_path):
    drop_on(buttons(desktop)[0], tmp_path / "kick.wav")
    wait(qtbot, desktop.window.notices.isVisible)
    assert "Pads play clips of this project" in desktop.window.notices.text.text()
    assert desktop.pads.banks.filled() == {}


def test_a_key_assigns_the_chosen_clip_to_the_chosen_pad_and_clears_it(qtbot, desktop):
    desktop.window.clips.choose(IDS[2])
    desktop.window.findChild(QAction, "put_on_pad").trigger()
    assert desktop.pads.banks.pad(0).clip == IDS[2]
    desktop.window.findChild(QAction, "put_on_pad").trigger()
    assert desktop.pads.banks.pad(1).clip == IDS[2]
    buttons(desktop)[1].setFocus()
    qtbot.keyClick(buttons(desktop)[1], Qt.Key.Key_Delete)
    assert desktop.pads.banks.filled().keys() == {0}
    desktop.window.pads.grid.choose(0)
    desktop.window.findChild(QAction, "clear_pad").trigger()
    assert desktop.pads.banks.filled() == {}


def test_letters_play_pads_unless_text_is_being_typed(qtbot, desktop, player):
    put(desktop, *IDS)
    open_device(qtbot, desktop, player)
    desktop.window.activateWindow()
    desktop.window.clips.setFocus()
    qtbot.keyClick(desktop.window.clips, Qt.Key.Key_2)
    player.render(2)
    assert list(player.pads.sounding()) == [1]
    prompt = desktop.window.prompt_panel.prompt
    prompt.setFocus()
    qtbot.keyClick(prompt, Qt.Key.Key_3)
    player.render(2)
    assert list(player.pads.sounding()) == [1]
    assert prompt.toPlainText() == "3"


def test_a_pad_key_does_nothing_else_if_its_pad_is_empty(qtbot, desktop):
    clips = desktop.window.clips
    clips.choose(IDS[0])
    clips.setFocus()
    qtbot.keyClick(clips, Qt.Key.Key_S)
    assert not desktop.collection.row(IDS[0]).mark.starred
    assert desktop.window.pads.letter.text() == "S"  # it is shown which pad that is
    desktop.window.findChild(QAction, "pad_keys").trigger()
    qtbot.keyClick(clips, Qt.Key.Key_S)
    assert desktop.collection.row(IDS[0]).mark.starred


def test_without_the_toggle_letters_play_only_with_focus_on_a_pad(qtbot, desktop, player):
    put(desktop, *IDS)
    open_device(qtbot, desktop, player)
    desktop.window.findChild(QAction, "pad_keys").trigger()
    assert not desktop.window.pads.keys.isChecked()
    desktop.window.clips.setFocus()
    qtbot.keyClick(desktop.window.clips, Qt.Key.Key_2)
    player.render(2)
    assert player.pads.sounding() == {}
    buttons(desktop)[0].setFocus()
    qtbot.keyClick(buttons(desktop)[0], Qt.Key.Key_2)
    player.render(2)
    assert list(player.pads.sounding()) == [1]


def test_a_gate_sounds_while_its_key_or_the_mouse_is_held(qtbot, desktop, player):
    put(desktop, IDS[0])
    open_device(qtbot, desktop, player)
    desktop.pads.banks.put(0, Pad(clip=IDS[0], mode=Mode.GATE))
    pad = buttons(desktop)[0]
    pad.setFocus()
    for press, release in (
        (lambda: qtbot.mousePress(pad, LEFT), lambda: qtbot.mouseRelease(pad, LEFT)),
        (lambda: qtbot.keyPress(pad, Qt.Key.Key_1), lambda: qtbot.keyRelease(pad, Qt.Key.Key_1)),
        (lambda: qtbot.keyPress(pad, Qt.Key.Key_Return),
         lambda: qtbot.keyRelease(pad, Qt.Key.Key_Return)),
    ):  # fmt: skip
        press()
        assert player.render(3).any()
        release()
        player.render(2)
        assert not player.render(2).any()


def test_arrows_move_between_pads(qtbot, desktop):
    grid = desktop.window.pads.grid
    desktop.window.activateWindow()
    grid.focus_a_pad()
    keys = Qt.Key
    for key, place in (
        (keys.Key_Right, 1), (keys.Key_Down, 5), (keys.Key_Left, 4), (keys.Key_Left, 4),
        (keys.Key_Up, 0), (keys.Key_Up, 0),
    ):  # fmt: skip
        qtbot.keyClick(grid.buttons[grid.chosen_place], key)
        assert grid.chosen_place == place
        assert desktop.window.focusWidget() is grid.buttons[place]


def test_a_missing_clip_is_shown_and_reported_when_struck(qtbot, desktop, player):
    put(desktop, IDS[0])
    row = desktop.collection.row(IDS[0])
    data = row.path.read_bytes()
    row.path.unlink()
    desktop.folder.refresh()
    wait(qtbot, lambda: buttons(desktop)[0].face.missing)
    assert "missing" in buttons(desktop)[0].accessibleName()
    assert desktop.window.pads.heading.text() == "Missing"
    qtbot.mouseClick(buttons(desktop)[0], LEFT)
    wait(qtbot, desktop.window.notices.isVisible)
    assert "The loop of pad 1 is not in the project" in desktop.window.notices.text.text()
    row.path.write_bytes(data)
    desktop.folder.refresh()
    wait(qtbot, lambda: not buttons(desktop)[0].face.missing)
    qtbot.mouseClick(buttons(desktop)[0], LEFT)
    wait(qtbot, lambda: player.render().any())


def test_another_bank_has_its_own_pads_and_playback_continues(qtbot, desktop, player):
    put(desktop, IDS[0])
    open_device(qtbot, desktop, player)
    qtbot.mouseClick(buttons(desktop)[0], LEFT)
    player.render(2)
    desktop.window.pads.bank.buttons[1].click()
    assert buttons(desktop)[0].face.title == ""
    assert player.render(1).any()
    put(desktop, IDS[1])
    assert desktop.pads.banks.filled() == {0: Pad(clip=IDS[0]), 16: Pad(clip=IDS[1])}
    wait(qtbot, lambda: buttons(desktop)[0].state is PadState.SILENT)
    desktop.window.pads.bank.buttons[0].click()
    wait(qtbot, lambda: buttons(desktop)[0].state is PadState.SOUNDING)


def test_the_fields_change_the_chosen_pad(qtbot, desktop):
    put(desktop, IDS[0], IDS[1])
    panel = desktop.window.pads
    qtbot.mouseClick(buttons(desktop)[1], LEFT)
    assert (panel.letter.text(), panel.heading.text()) == ("2", "bc")
    panel.mode.buttons[Mode.GATE].click()
    for name, text in (
        ("choke", "2"), ("semitones", "-7"), ("level_db", "-2.5 dB"), ("pan", "20 L"),
        ("start", "25"), ("end", "75 %"),
    ):  # fmt: skip
        edit = panel.values[name]
        qtbot.mouseDClick(edit, LEFT)
        edit.clear()
        qtbot.keyClicks(edit, text)
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert desktop.pads.banks.pad(1) == Pad(
        clip=IDS[1], mode=Mode.GATE, choke=2, semitones=-7, level_db=-2.5, pan=-0.2,
        start=0.25, end=0.75,
    )  # fmt: skip
    assert panel.values["pan"].text() == "20 L"
    qtbot.mouseClick(buttons(desktop)[0], LEFT)
    assert panel.values["pan"].text() == "centre"


def test_an_invalid_field_is_explained_and_the_pad_stays(qtbot, desktop):
    put(desktop, IDS[0])
    edit = desktop.window.pads.values["semitones"]
    qtbot.mouseDClick(edit, LEFT)
    edit.setText("99")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    wait(qtbot, desktop.window.notices.isVisible)
    assert "The pitch is '99'" in desktop.window.notices.text.text()
    assert desktop.pads.banks.pad(0) == Pad(clip=IDS[0])


def test_pads_are_restored_at_the_next_start(qtbot, desktop, open_desktop):
    put(desktop, IDS[0])
    desktop.pads.banks.put(37, Pad(clip=IDS[1], semitones=5))
    desktop.window.pads.line.setCurrentIndex(0)
    desktop.window.pads.keys.click()
    desktop.close()
    again = open_desktop(desktop.settings)
    wait(qtbot, lambda: again.collection.total == 3)
    assert again.pads.banks.filled() == {0: Pad(clip=IDS[0]), 37: Pad(clip=IDS[1], semitones=5)}
    assert again.pads.banks.line is Quantize.OFF
    assert not again.window.pads.keys.isChecked()
    wait(qtbot, lambda: buttons(again)[0].face.title == again.window.pads.heading.text() == "ab")


def record(qtbot, desktop, player, blocks):
    """Record while the first pad is struck once; returns the row of the new clip."""
    qtbot.mouseClick(desktop.window.pads.record, LEFT)
    wait(qtbot, lambda: desktop.window.pads.record.text() == "Waiting")
    wait(qtbot, lambda: player.rate == 48_000)
    qtbot.mouseClick(buttons(desktop)[0], LEFT)
    wait(qtbot, lambda: player.render().any())
    player.render(blocks)
    wait(qtbot, lambda: desktop.window.pads.record.text().endswith("s"))
    desktop.window.findChild(QAction, "record_pads").trigger()
    wait(qtbot, lambda: player.render(8) is not None and desktop.collection.total == 4)
    return next(row for row in desktop.collection.shown if row.id not in IDS)


def test_a_performance_is_recorded_as_a_clip_of_whole_bars(qtbot, desktop, player, audios):
    put(desktop, IDS[0])
    row = record(qtbot, desktop, player, 180)  # 92,160 frames are nearly two bars
    assert (row.bars, row.bpm, row.model) == (2, 240.0, "recording")
    audio = read_clip(row.path).audio
    assert np.abs(audio - np.resize(audios[IDS[0]], (96_000, 2))).max() < 2**-22
    assert row.recipe.request.prompt == "Recording of pads: ab (abcd2345)"
    assert desktop.window.pads.record.text() == "Record"
    wait(qtbot, lambda: desktop.window.clips.chosen_row() == row)


def test_the_top_bar_shows_bar_and_beat_of_the_pads(qtbot, desktop, player):
    put(desktop, IDS[0])
    qtbot.mouseClick(buttons(desktop)[0], LEFT)
    wait(qtbot, lambda: player.render().any())
    player.render(120)  # of 94 blocks a bar
    place = desktop.window.transport.place
    wait(qtbot, lambda: place.text() == "2.2")
    desktop.window.findChild(QAction, "stop_pads").trigger()
    player.render(3)
    wait(qtbot, lambda: place.text() == "–")


def test_loops_are_recorded_in_their_own_meter(qtbot, desktop, player, audios):
    desktop.window.transport.show_time(SessionTime(bpm=240.0, meter="7/8", key="", bars=4))
    put(desktop, IDS[0])
    row = record(qtbot, desktop, player, 180)
    assert (row.bars, str(row.recipe.grid.meter)) == (2, "4/4")
    audio = read_clip(row.path).audio
    assert np.abs(audio - np.resize(audios[IDS[0]], (96_000, 2))).max() < 2**-22


def test_without_quantising_a_recording_has_the_played_length(qtbot, desktop, player):
    put(desktop, IDS[0])
    desktop.pads.set_line(Quantize.OFF)
    row = record(qtbot, desktop, player, 50)
    assert row.bars is None
    assert len(read_clip(row.path).audio) >= 50 * 512


def test_an_empty_recording_is_reported(qtbot, desktop, player):
    panel = desktop.window.pads
    qtbot.mouseClick(panel.record, LEFT)
    wait(qtbot, lambda: player.rate == 48_000)
    qtbot.mouseClick(panel.record, LEFT)
    wait(qtbot, lambda: player.render() is not None and desktop.window.notices.isVisible())
    assert "no pad played" in desktop.window.notices.text.text()
    wait(qtbot, lambda: panel.record.text() == "Record")


def test_disconnecting_the_device_loses_no_whole_bar(qtbot, desktop, player):
    put(desktop, IDS[0])
    qtbot.mouseClick(desktop.window.pads.record, LEFT)
    wait(qtbot, lambda: player.rate == 48_000)
    qtbot.mouseClick(buttons(desktop)[0], LEFT)
    wait(qtbot, lambda: player.render().any())
    player.render(150)
    player.rate = 0
    wait(qtbot, lambda: desktop.collection.total == 4)
    assert next(row for row in desktop.collection.shown if row.id not in IDS).bars == 1


def test_closing_saves_a_running_recording(qtbot, desktop, player):
    put(desktop, IDS[0])
    qtbot.mouseClick(desktop.window.pads.record, LEFT)
    wait(qtbot, lambda: player.rate == 48_000)
    qtbot.mouseClick(buttons(desktop)[0], LEFT)
    wait(qtbot, lambda: player.render().any())
    player.render(150)
    desktop.close()
    assert len(list(desktop.project.glob("recording-of-ab_*.wav"))) == 1


def test_midi_notes_play_pads_with_their_velocity(qtbot, desktop, player):
    desktop.pads.put_on(12, [desktop.collection.row(IDS[0])])
    desktop.pads.banks.put(12, Pad(clip=IDS[0], mode=Mode.GATE))
    on_message(desktop.pads.play_note, (0x90, 36, 127))
    wait(qtbot, lambda: player.render().any())
    loud = np.abs(player.render(8)).max()
    desktop.window.pads.bank.buttons[1].click()  # the note is still of the bank it began in
    on_message(desktop.pads.play_note, (0x80, 36, 0))
    player.render(2)
    assert not player.render(4).any()
    desktop.window.pads.bank.buttons[0].click()
    on_message(desktop.pads.play_note, (0x90, 36, 64))
    assert np.abs(player.render(8)).max() < 0.4 * loud


def test_without_midi_the_buttons_tooltip_says_why(qtbot, desktop, monkeypatch):
    monkeypatch.setitem(sys.modules, "rtmidi2", None)
    button = desktop.window.pads.midi
    if button.isChecked():
        button.click()
    button.click()
    wait(qtbot, desktop.window.notices.isVisible)
    assert "MIDI needs the library rtmidi2" in desktop.window.notices.text.text()
    assert not button.isChecked()
    assert "MIDI needs" in button.toolTip()


def test_a_held_key_is_released_when_the_focus_moves(qtbot, desktop, player):
    put(desktop, IDS[0])
    open_device(qtbot, desktop, player)
    desktop.pads.banks.put(0, Pad(clip=IDS[0], mode=Mode.GATE))
    pad = buttons(desktop)[0]
    desktop.window.activateWindow()
    pad.setFocus()
    wait(qtbot, pad.hasFocus)
    qtbot.keyPress(pad, Qt.Key.Key_1)
    assert player.render(3).any()
    pad.clearFocus()
    player.render(2)
    assert not player.render(2).any()


def test_a_cleared_or_replaced_pad_can_be_restored(desktop):
    old = Pad(clip=IDS[0], semitones=5)
    desktop.pads.banks.put(0, old)
    desktop.window.findChild(QAction, "clear_pad").trigger()
    desktop.pads.put_on(0, [desktop.collection.row(IDS[1])])
    desktop.pads.put_on(0, [desktop.collection.row(IDS[2])])
    seen = []
    for action in (*["undo"] * 3, *["redo_step"] * 3):
        desktop.window.findChild(QAction, action).trigger()
        seen.append(desktop.pads.banks.pad(0))
    assert [pad.clip for pad in seen] == [IDS[1], "", IDS[0], "", IDS[1], IDS[2]]
    assert seen[2] == old


def test_space_plays_the_clip_after_a_click_on_a_pad_too(qtbot, desktop, player):
    put(desktop, IDS[0])
    desktop.window.clips.choose(IDS[1])
    desktop.window.activateWindow()
    qtbot.mouseClick(buttons(desktop)[0], LEFT)
    wait(qtbot, buttons(desktop)[0].hasFocus)
    desktop.window.findChild(QAction, "play_or_stop").trigger()
    wait(qtbot, lambda: player.playing == desktop.collection.row(IDS[1]).path)
