"""What the handles of the chosen loop have made when they are dragged, with the real engine."""

from pathlib import Path

import mido
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QEnterEvent
from PySide6.QtWidgets import QApplication

from desktop.library.rows import READY, ModelRow
from desktop.pads.banks import Pad
from desktop.widgets.drops import local_files
from engine.loops.edits import Edits
from engine.loops.file_facts import read_facts
from playback.clocks import Quantize
from playback.pad_voices import Mode
from tests.desktop.window import put_clip, type_prompt, wait, with_fake_models
from tests.fakes.clips import CLIP_ID, clip_of, grid_of, retempoed_recipe
from tests.fakes.generators import PARTS_ENTRY

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def offered(monkeypatch):
    """The files that were dragged from each handle, and those that other programs get for them."""
    taken = {}

    def drop_at_once(drag, _action):
        data = drag.mimeData()
        taken[drag.source().text()] = (
            local_files(data), [Path(url.toLocalFile()) for url in data.urls()]
        )  # fmt: skip

    monkeypatch.setattr(QDrag, "exec", drop_at_once)
    monkeypatch.setattr(QApplication, "mouseButtons", lambda: LEFT)
    return taken


def pull(qtbot, handle):
    qtbot.mousePress(handle, LEFT, pos=QPoint(4, 4))
    qtbot.mouseMove(handle, QPoint(4 + QApplication.startDragDistance(), 4))
    qtbot.mouseRelease(handle, LEFT)


def test_audio_stems_and_notes_are_dragged_from_the_chosen_loop(qtbot, desktop, offered):
    type_prompt(qtbot, desktop, "funk drums and bass, 2 bars, 120 bpm")
    detail = desktop.window.detail
    wait(qtbot, lambda: detail.row is not None and detail.out.stems.isEnabled())
    row = detail.row
    for handle in (detail.out.stems, detail.out.midi):
        pull(qtbot, handle)
        wait(qtbot, lambda handle=handle: handle.text() in offered)
    stems, out = offered["Stems"]
    assert (len(stems), out) == (2, stems)  # drums and bass, as they are
    wait(qtbot, lambda: desktop.collection.total == 3)  # they are loops of the project
    ((notes,), _out) = offered["MIDI"]
    assert [track.name for track in mido.MidiFile(notes).tracks[1:]] == ["drums", "bass"]
    detail.editing.edit(Edits(bars=(2, 2)))
    desktop.window.clips.choose(row.id)
    offered.clear()
    pull(qtbot, detail.out.stems)
    assert {read_facts(file).recipe.grid.bars for file in offered["Stems"][1]} == {1}
    pull(qtbot, detail.out.audio)
    ((original,), (version,)) = offered["Audio"]
    assert (original, read_facts(version).recipe.grid.bars) == (row.path, 1)


def test_stems_are_there_when_the_first_drag_begins(qtbot, desktop, offered):
    type_prompt(qtbot, desktop, "funk drums and bass, 2 bars, 120 bpm")
    out = desktop.window.detail.out
    wait(qtbot, lambda: desktop.window.detail.row is not None and out.stems.isEnabled())
    middle = QPointF(out.stems.rect().center())
    QApplication.sendEvent(out.stems, QEnterEvent(middle, middle, middle))
    hidden = desktop.project / ".loopwright"
    wait(qtbot, lambda: len(list(hidden.glob("stems-*/*.wav"))) == 2)
    wait(qtbot, lambda: not desktop._parts._busy)
    assert desktop.collection.total == 1, "nobody wanted them yet"
    pull(qtbot, out.stems)
    assert {file.parent for file in offered["Stems"][0]} == {desktop.project}
    wait(qtbot, lambda: desktop.collection.total == 3)
    desktop.close()
    assert not list(hidden.glob("stems-*"))


def choose_clip_of(qtbot, desktop, model):
    """Choose a loop that a model made and that was stretched since; return its handles."""
    grid = grid_of()
    clip = clip_of(grid, recipe=retempoed_recipe(model, grid))
    (desktop.project / f"warm_128bpm_4bars_{CLIP_ID}.wav").write_bytes(clip)
    desktop.folder.refresh()
    wait(qtbot, lambda: desktop.collection.total == 1)
    wait(qtbot, lambda: desktop.collection.row_at(0).recipe is not None)
    desktop.window.clips.choose(CLIP_ID)
    wait(qtbot, lambda: desktop.window.detail.row is not None)
    return desktop.window.detail.out


def test_handles_without_notes_say_why(qtbot, desktop):
    out = choose_clip_of(qtbot, desktop, "musicldm")
    assert not out.midi.isEnabled()
    assert out.midi.accessibleDescription().startswith("The notes of 'Warm bass' are not known")
    assert not out.stems.isEnabled()
    assert out.stems.accessibleDescription() == (
        "'Warm bass' has no stems of its own, as what sketch plays alone has: choose a model that "
        "takes them out of any loop, such as ace-step-base."
    )
    assert out.audio.isEnabled()


def test_stems_that_a_model_has_to_take_out_are_made_by_a_click_first(qtbot, open_desktop, offered):
    desktop = open_desktop(make_engine=with_fake_models)
    wait(qtbot, desktop.is_ready)
    states = desktop.models.states
    states.update_rows([*states.rows, ModelRow(entry=PARTS_ENTRY, state=READY)])
    out = choose_clip_of(qtbot, desktop, "fake-parts")
    assert out.stems.accessibleDescription().startswith("Not made yet: click, and fake-parts takes")
    pull(qtbot, out.stems)  # there is nothing to drag
    qtbot.mouseClick(out.stems, LEFT)
    assert out.stems.accessibleDescription().startswith("The stems are being made")
    assert not out.stems.isEnabled()
    wait(qtbot, lambda: desktop.collection.total == 3)
    wait(qtbot, out.stems.isEnabled)
    pull(qtbot, out.stems)
    assert len(offered["Stems"][0]) == 2


@pytest.mark.parametrize("mode", [Mode.LOOP, Mode.ONE_SHOT])
def test_a_dragged_pad_is_not_struck_and_takes_out_what_is_heard(
    qtbot, desktop, player, offered, mode
):
    put_clip(desktop)
    wait(qtbot, lambda: desktop.collection.total == 1)
    wait(qtbot, lambda: desktop.collection.row_at(0).recipe is not None)
    desktop.pads.put_on(0, [desktop.collection.row(CLIP_ID)])
    desktop.pads.banks.put(0, Pad(clip=CLIP_ID, mode=mode))
    desktop.pads.set_line(Quantize.OFF)
    pad = desktop.window.pads.grid.buttons[0]
    qtbot.mouseClick(pad, LEFT)
    wait(qtbot, lambda: player.render().any())  # a click plays it
    desktop.pads.stop_sounding()
    player.render(4)
    edits = Edits(gain_db=-3.0)
    desktop.clips.edit_sound(desktop.collection.row(CLIP_ID), edits)
    pull(qtbot, pad)
    assert not player.render(4).any()
    ((original,), (version,)) = offered[""]
    assert original == desktop.collection.row(CLIP_ID).path
    assert read_facts(version).recipe.edits == edits
