"""The layers in the real window: filled, played, muted, stored, and what they sound like."""

import json

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel

from desktop.clips.export_parts import PartsOf
from desktop.layers.lanes import Lane
from desktop.state.settings import Settings
from engine import protocol
from engine.loops.clip import Clip
from engine.loops.precedence import SessionTime
from playback.layer_voices import FALL_FRAMES
from playback.mixer import BLOCK_FRAMES
from tests.desktop.window import IdleEngine, wait, windows
from tests.fakes.clips import clip_of, grid_of, noise_on, recipe_of

GRIDS = {
    "abcd2345": grid_of(bars=2, bpm=240.0),
    "bcde2345": grid_of(bars=1, bpm=240.0),
    "cdef2345": grid_of(bars=1, bpm=200.0),
}
DRUMS, BASS, SLOW = GRIDS
BAR_BLOCKS = 48_000 // BLOCK_FRAMES + 1
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def audios():
    return {
        clip_id: noise_on(grid, seed=n) * 0.1 for n, (clip_id, grid) in enumerate(GRIDS.items())
    }


@pytest.fixture
def engine():
    return IdleEngine()


@pytest.fixture
def open_layers(qapp, qtbot, tmp_path, player, kept, audios, engine):
    """Open the window on a project of three loops at a session of 240 BPM."""
    project = tmp_path / "late-tape-ep"
    project.mkdir()
    for clip_id, grid in GRIDS.items():
        name = f"loop-{clip_id[:2]}_{grid.bpm:g}bpm_{grid.bars}bars_{clip_id}.wav"
        key = "A minor" if clip_id == BASS else None
        data = clip_of(grid, bits="32f", audio=audios[clip_id], title=clip_id[:2], key=key)
        (project / name).write_bytes(data)
    with windows(qapp, project, player, kept) as open_:

        def opened(**options):
            desktop = open_(Settings(bpm=240.0), make_engine=lambda *_: engine, **options)
            wait(qtbot, lambda: all(desktop.collection.row(each) for each in GRIDS))
            wait(qtbot, lambda: desktop.collection.row(DRUMS).recipe is not None)
            return desktop

        yield opened


@pytest.fixture
def desktop(open_layers):
    return open_layers()


def add(desktop, *clip_ids):
    desktop.layers.add([desktop.collection.row(each) for each in clip_ids])


def strip(desktop):
    return desktop.window.layers


def shown_notice(desktop):
    return " ".join(label.text() for label in desktop.window.notices.findChildren(QLabel))


def rows(desktop):
    return [row for row in strip(desktop).table.rows if not row.isHidden()]


def start(qtbot, desktop, player):
    """Play the layers, and return once a block of them has been heard."""
    qtbot.mouseClick(strip(desktop).table.play, LEFT)
    wait(qtbot, lambda: player.render().any())


def handed_over(qtbot, player):
    """Wait until a change has been handed to the audio callback."""
    wait(qtbot, lambda: bool(player.mixer.layers._commands))


def next_bar(qtbot, player):
    handed_over(qtbot, player)
    player.render(BAR_BLOCKS)


def what_sounds(player, audio):
    """Return how much of some audio is in what sounds now, for each place that it may have."""
    out = player.render(8)[:, 0]
    spectrum = np.fft.rfft(np.resize(audio[:, 0], len(audio)))
    heard = np.fft.rfft(out, len(audio))
    return np.fft.irfft(heard * np.conj(spectrum)).max() / np.sum(audio[: len(out), 0] ** 2)


def test_loops_that_are_added_play_together_and_repeat_to_the_longest(
    qtbot, desktop, player, audios
):
    add(desktop, DRUMS, BASS)
    assert [row.title.text() for row in rows(desktop)] == ["ab", "bc"]
    assert strip(desktop).table.length.text() == "2 bars"
    start(qtbot, desktop, player)
    both = audios[DRUMS] + np.tile(audios[BASS], (2, 1))
    first = player.mixer.frames_done
    out = player.render(40)
    begin = first - player.mixer.layers._origin
    assert np.abs(out - np.resize(np.roll(both, -begin, axis=0), out.shape)).max() < 1e-6
    wait(qtbot, lambda: strip(desktop).table.play.text() == "Playing")


def test_mute_and_solo_take_effect_at_the_bar_and_the_level_at_once(qtbot, desktop, player, audios):
    add(desktop, DRUMS, BASS)
    start(qtbot, desktop, player)
    first, second = rows(desktop)
    qtbot.mouseClick(first.buttons.mute, LEFT)
    assert desktop.layers.lanes.lane(0).muted
    handed_over(qtbot, player)
    assert what_sounds(player, audios[DRUMS]) > 0.9
    player.render(BAR_BLOCKS)
    assert what_sounds(player, audios[DRUMS]) < 0.1
    qtbot.mouseClick(first.buttons.solo, LEFT)
    qtbot.mouseClick(first.buttons.mute, LEFT)
    next_bar(qtbot, player)
    assert what_sounds(player, audios[DRUMS]) > 0.9
    assert what_sounds(player, audios[BASS]) < 0.1
    first.level.setValue(-60)
    player.render(1 + FALL_FRAMES // BLOCK_FRAMES)
    assert not player.render(2).any()
    assert second.level.accessibleName() == "Level of bc"


def test_space_stops_the_layers_and_starts_them_again(qtbot, desktop, player):
    add(desktop, DRUMS)
    start(qtbot, desktop, player)
    space = desktop.window.findChild(QAction, "play_or_stop")
    space.trigger()
    player.render(2)
    assert not player.render().any()
    space.trigger()
    wait(qtbot, lambda: player.render().any())
    assert player.playing is None
    space.trigger()
    desktop.window.clips.choose(DRUMS)  # that loop is meant from now on
    space.trigger()
    wait(qtbot, lambda: player.playing == desktop.collection.row(DRUMS).path)


def test_changes_are_stored_and_can_be_undone(qtbot, open_layers):
    desktop = open_layers()
    undo = desktop.window.findChild(QAction, "undo")
    add(desktop, DRUMS, BASS)
    rows(desktop)[1].level.setValue(-6)
    rows(desktop)[1].level.setValue(-12)
    qtbot.mouseClick(rows(desktop)[0].buttons.mute, LEFT)
    undo.trigger()
    assert not desktop.layers.lanes.lane(0).muted
    desktop.layers._settle_level()
    undo.trigger()
    assert desktop.layers.lanes.lane(1) == Lane(clip=BASS)
    undo.trigger()
    assert [lane.clip for lane in desktop.layers.lanes.filled().values()] == [DRUMS]
    rows(desktop)[0].level.setValue(-3)
    assert desktop.window.close()
    stored = json.loads((desktop.project / "loopwright.json").read_text("utf-8"))
    assert stored["layers"] == {"1": {"clip": DRUMS, "level_db": -3.0}}
    again = open_layers()
    wait(qtbot, lambda: [row.title.text() for row in rows(again)] == ["ab"])
    assert rows(again)[0].level.value() == -3


def test_a_loop_at_another_tempo_joins_once_it_is_stretched(
    qtbot, desktop, player, engine, tmp_path
):
    add(desktop, DRUMS, SLOW)
    (request,) = engine.requests
    assert (request.mode, request.source, request.bpm) == ("retempo", SLOW, 240.0)
    assert engine.folders[0] != desktop.project
    assert "240 bpm" in rows(desktop)[1].wave.accessibleDescription()
    start(qtbot, desktop, player)
    grid = grid_of(bars=1, bpm=240.0)
    fitted = tmp_path / "loop_240bpm_1bars_defg2345.wav"
    audio = noise_on(grid, seed=9) * 0.1
    recipe = msgspec.structs.replace(recipe_of(grid), request=request)
    fitted.write_bytes(clip_of(grid, bits="32f", audio=audio, recipe=recipe))
    clip = Clip(
        id="defg2345", file=fitted.name, path=str(fitted), title="", frames=grid.frames,
        recipe=recipe,
    )  # fmt: skip
    desktop._on_event(protocol.TakeReady(id="job-1", rank=1, clip=clip))
    desktop._on_event(protocol.Done(id="job-1", clips=("defg2345",)))
    next_bar(qtbot, player)
    assert what_sounds(player, audio) > 0.9
    assert desktop.collection.total == 3  # it is not in the project
    assert not len(desktop.open_jobs)


def test_what_plays_keeps_its_tempo_until_all_of_it_is_there_at_the_new_one(
    qtbot, desktop, player, engine, audios
):
    add(desktop, DRUMS, BASS)
    start(qtbot, desktop, player)
    desktop.window.transport.show_time(SessionTime(bpm=220.0, meter="4/4", key="", bars=4))
    wait(qtbot, lambda: len(engine.requests) == 1)
    player.render(300)
    assert what_sounds(player, audios[DRUMS]) > 0.9


def test_the_round_has_its_length_before_all_of_it_is_stretched(qtbot, desktop):
    add(desktop, DRUMS)
    strip(desktop).table.play.click()
    wait(qtbot, lambda: desktop.layers.is_on)
    side, length = strip(desktop).side, strip(desktop).table.length
    for bpm, bars in ((220.0, "2 bars"), (130.0, "1 bar")):  # the latter in double time
        desktop.window.transport.show_time(SessionTime(bpm=bpm, meter="7/8", key="", bars=4))
        wait(qtbot, lambda bpm=bpm: f"{bpm:g} bpm" in side._about.text())
        assert side._about.text().endswith(f"{bpm:g} bpm, 4/4, {bars}")
        assert length.text() == "2 bars"  # what plays
    desktop.layers.stop()
    desktop.layers.update()
    assert length.text() == "1 bar"


def test_the_round_follows_the_sessions_meter(qtbot, desktop):
    desktop.layers.lanes.put(0, Lane(clip="gone2345"))
    desktop.window.transport.show_time(SessionTime(bpm=240.0, meter="7/8", key="", bars=4))
    wait(qtbot, lambda: str(desktop.layers._round.meter) == "7/8")


def test_what_plays_keeps_its_key_until_it_is_there_in_the_new_one(
    qtbot, desktop, player, engine, audios
):
    add(desktop, DRUMS, BASS)
    start(qtbot, desktop, player)
    desktop.window.transport.show_time(SessionTime(bpm=240.0, meter="4/4", key="D minor", bars=4))
    desktop.window.hear.key.click()
    wait(qtbot, lambda: [each.mode for each in engine.requests] == ["rekey"])
    player.render(BAR_BLOCKS)
    assert what_sounds(player, audios[BASS]) > 0.9


def test_loops_of_the_project_can_be_dropped_and_a_ninth_is_refused(qtbot, desktop):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(desktop.collection.row(DRUMS).path))])
    held = LEFT, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    for _ in range(9):
        for event in (
            QDragEnterEvent(QPoint(5, 5), copy, data, *held),
            QDropEvent(QPointF(5, 5), copy, data, *held),
        ):
            QApplication.sendEvent(strip(desktop), event)
            assert event.isAccepted()
    assert len(rows(desktop)) == 8
    for _form in ("open", "folded"):
        assert strip(desktop).minimumSizeHint().width() <= 940
        strip(desktop).toggle()
    wait(qtbot, lambda: "8 layers are in use" in shown_notice(desktop))


def test_a_new_layer_is_scrolled_to(qtbot, desktop):
    desktop.layers.add([desktop.collection.row(DRUMS)] * 4)
    wait(qtbot, strip(desktop).table.isVisible)
    add(desktop, BASS)
    *before, new = rows(desktop)
    view = strip(desktop).table._scroll.viewport().rect()
    wait(qtbot, lambda: new.y() == sum(row.height() for row in before))
    wait(qtbot, lambda: view.contains(new.mapTo(strip(desktop).table._scroll, QPoint(0, 20))))


def test_a_one_shot_is_no_layer_and_a_missing_clip_keeps_its_lane(qtbot, desktop):
    desktop.layers.lanes.put(2, Lane(clip="gone2345"))
    assert [row.title.text() for row in rows(desktop)] == ["Missing"]
    qtbot.keyClick(rows(desktop)[0].wave, Qt.Key.Key_Delete)
    assert not desktop.layers.lanes.filled()
    assert strip(desktop).folded


def test_every_control_of_a_lane_is_reached_by_tab_and_named(desktop):
    add(desktop, DRUMS)
    row = rows(desktop)[0]
    for control in (row.buttons.mute, row.buttons.solo, row.level, row.wave):
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert "ab" in control.accessibleName()


def test_a_lane_names_its_loop_before_its_file_was_read(desktop):
    add(desktop, DRUMS)
    row = desktop.collection.row(DRUMS)
    desktop.collection.remove([DRUMS])
    desktop.layers.rows_changed()
    assert [each.title.text() for each in rows(desktop)] == ["Missing"]
    desktop.collection.put([msgspec.structs.replace(row, recipe=None)])
    desktop.layers.rows_changed()
    assert [each.title.text() for each in rows(desktop)] == [row.shown_title]


def test_the_buttons_of_missing_parts_stay_where_they_are(desktop):
    side = desktop.window.layers.side
    side.show_parts(["drums", "bass", "chords", "pad"])
    side.show_parts(["bass", "chords", "pad", "lead"])
    assert [button.sign for button in side.offered()] == ["lead", "bass", "chords", "pad"]
    side.show_parts(["chords", "pad", "lead"])
    assert [button.sign for button in side.offered()] == ["lead", "chords", "pad"]


def test_a_loop_of_another_meter_is_added_with_a_warning(qtbot, desktop):
    desktop.window.transport.show_time(SessionTime(bpm=240.0, meter="7/8"))
    wait(qtbot, lambda: desktop._hear.fitted.time.meter == "7/8")
    desktop.layers.add([desktop.collection.row(DRUMS)])
    wait(qtbot, lambda: "ab is in 4/4, and the session in 7/8" in shown_notice(desktop))


def test_the_shown_loop_is_added_if_none_is_chosen(desktop):
    desktop.window.clips.choose(BASS)
    desktop.window.clips.clearSelection()
    desktop.window.clips.setCurrentIndex(desktop.window.clips.model().index(-1, 0))
    desktop.window.detail.layer_clicked.emit()
    assert [lane.clip for lane in desktop.layers.lanes.filled().values()] == [BASS]


def test_the_commands_name_the_parts_that_are_missing(desktop):
    add(desktop, DRUMS)
    found = [entry.text for entry in desktop.commands.find("add")]
    assert {"Add drums that fit", "Add a bass that fits", "Add to Layers"} <= set(found)


def test_notes_are_dragged_out_once_the_engine_has_written_them(desktop, engine, tmp_path):
    files, clip = [], desktop.collection.row(DRUMS).path
    desktop._parts.want([PartsOf(clip)], files.extend)
    assert files == []
    ((asked, folder),) = engine.midi
    assert (asked, folder.is_dir()) == (clip, True)
    (tmp_path / "loop.mid").touch()
    desktop._on_event(protocol.MidiWritten("midi-1", str(tmp_path / "loop.mid")))
    desktop._on_event(protocol.Done("midi-1", ()))
    assert files == [tmp_path / "loop.mid"]
    desktop._parts.want([PartsOf(clip)], files.extend)  # it is written once
    assert (len(files), len(engine.midi)) == (2, 1)


def test_a_waveform_of_another_clip_leaves_the_lanes_alone(desktop, monkeypatch):
    add(desktop, DRUMS)
    shown = []
    monkeypatch.setattr(strip(desktop), "show_lanes", shown.append)
    desktop._on_waveform(BASS)
    assert shown == []
    desktop._on_waveform(DRUMS)
    assert len(shown) == 1
