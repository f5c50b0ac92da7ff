"""Parts that fit, and what leaves the layers, with the engine that makes them."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from desktop.layers.parts import REST, missing_parts, part_named, part_request
from desktop.transport.fitting import Sound
from engine.loops.derive import Models, plays_together
from engine.loops.file_facts import read_facts
from engine.loops.precedence import SessionTime
from engine.loops.tempo import LoopGrid
from playback.clip_audio import read_clip
from tests.desktop.window import type_prompt, wait
from tests.fakes.clips import recipe_of

LEFT = Qt.MouseButton.LeftButton


def test_a_part_that_fits_joins_the_layers_and_the_mix_is_kept_as_a_loop(qtbot, desktop):
    window, layers = desktop.window, desktop.layers
    side = window.layers.side
    type_prompt(qtbot, desktop, "dusty lo-fi drums, 2 bars, 140 bpm")
    wait(qtbot, lambda: desktop.collection.total == 1 and not len(desktop.open_jobs))
    wait(qtbot, lambda: desktop.collection.row_at(0).recipe is not None)
    drums = desktop.collection.row_at(0)
    layers.add([drums])  # the session is at 120
    wait(qtbot, lambda: 0 in layers._sounds)
    assert layers._sounds[0].recipe.grid.bpm == 120.0
    assert desktop.collection.total == 1
    bass = next(button for button in side.buttons if button.sign == "bass")
    qtbot.mouseClick(bass, LEFT)
    assert window.layers.table.rows[1].title.text() == "Bass"
    assert "Making a part that fits" in window.layers.table.rows[1].wave.accessibleDescription()
    wait(qtbot, lambda: len(layers.lanes.filled()) == 2)
    made = desktop.collection.row(layers.lanes.lane(1).clip)
    assert (made.role, made.bpm, made.bars) == ("bass", 120.0, 2)
    assert made.recipe.request.source == drums.id
    layers.lanes.put(1, layers.lanes.lane(1).__class__(clip=made.id, level_db=-6.0))
    qtbot.mouseClick(side.keep, LEFT)
    wait(qtbot, lambda: desktop.collection.total == 3)
    wait(qtbot, lambda: any("Kept the mix" in each.text() for each in window.findChildren(QLabel)))
    file = next(desktop.project.glob("mix-of-*.wav"))
    recipe = read_facts(file).recipe
    assert (recipe.grid.bars, recipe.grid.bpm, recipe.key) == (2, 120.0, made.recipe.key)
    assert f"({drums.id})" in recipe.request.prompt
    heard = [read_clip(layers._sounds[place].path).audio for place in (0, 1)]
    mix = heard[0] + heard[1] * np.float32(10 ** (-6 / 20))
    gain = 10 ** (recipe.repairs.gain_db / 20) if recipe.repairs else 1.0
    assert np.abs(read_clip(file).audio - mix * gain).max() < 1e-5
    files = []
    side.loops.offer = files.extend
    side.loops.wanted.emit()
    wait(qtbot, lambda: len(files) == 2)
    assert all(file.parent == desktop.project for file in files)
    wait(
        qtbot, lambda: desktop.collection.total == 4
    )  # the stretched drums are a clip of their own


def test_a_part_needs_a_loop_to_fit_and_can_be_cancelled(qtbot, desktop):
    side = desktop.window.layers.side
    side.show_parts(["bass", REST])
    assert [button.text() for button in side.offered()] == ["Bass", "Everything else"]
    side.part_wanted.emit("lead")
    labels = desktop.window.notices.findChildren(QLabel)
    wait(qtbot, lambda: any("Add a loop first" in each.text() for each in labels))


def test_a_model_that_plays_along_is_asked_for_everything_else_together():
    sketch = Models(chosen="sketch", modes={"sketch": ("accompany",)})
    able = Models(chosen="ace", modes={"ace": ("accompany",), "sketch": ("accompany",)})
    assert (plays_together(sketch), plays_together(able)) == (False, True)
    assert missing_parts(["bass"]) == ["drums", "chords", "pad", "lead"]
    offered = missing_parts(["bass"], together=True)
    assert offered == ["drums", "chords", "pad", REST]
    assert part_named(REST) == "everything else that fits"
    sound = Sound(Path("a.wav"), recipe_of(LoopGrid(bpm=120.0, bars=1)))
    request = part_request(REST, [("a", sound)], SessionTime(bpm=120.0), able, takes=2)
    assert (request.prompt, request.model, request.mode) == ("everything else", "ace", "accompany")
