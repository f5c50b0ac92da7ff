"""Small waveforms, as rows of the list, tiles and layers draw them."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from desktop.clips.delegate import RowDelegate
from desktop.clips.items import Entry, Kind
from desktop.clips.peaks import Peaks
from desktop.clips.rows import Mark, row_of_name, row_with_recipe
from desktop.layers.lane_wave import LaneFace, LaneWave
from desktop.theme.colours import DARK
from engine.loops.edits import NONE, Edits
from engine.loops.precedence import SessionTime
from tests.fakes.clips import CLIP_ID, grid_of, recipe_of

WIDTH, HEIGHT = 80, 40


@pytest.fixture
def peaks():
    """The waveform of a loop whose first two bars are half as loud as the others."""
    finest = np.full((1_000, 3), (-100, 100, 60), np.int8)
    finest[:500] //= 2
    return Peaks(finest, np.zeros((125, 3), np.int8))


@pytest.fixture
def row(tmp_path):
    row = row_of_name(tmp_path / f"warm-bass_128bpm_4bars_{CLIP_ID}.wav", 0)
    return row_with_recipe(row, recipe_of(grid_of()))


def heights(image, ground):
    """Return how many pixels of each column are not the ground."""
    return [
        sum(image.pixelColor(x, y).name() != ground for y in range(image.height()))
        for x in range(image.width())
    ]


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (NONE, [20, 20, 40, 40]),
        (Edits(bars=(3, 4)), [40, 40, 40, 40]),
        (Edits(bars=(1, 2)), [20, 20, 20, 20]),  # as quiet as it is in the whole
        (Edits(gain_db=-6.0), [10, 10, 20, 20]),
        (Edits(gain_db=6.0), [32, 32, 40, 40]),  # the highest peak fills the height
        (Edits(bars=(3, 4), fade_out=8.0), [40, 34, 20, 6]),
    ],
)
def test_a_row_shows_what_edits_make_of_a_clip(peaks, row, edits, expected):
    row = msgspec.structs.replace(row, mark=Mark(edits=edits))
    delegate = RowDelegate(DARK, lambda _row: peaks, lambda: None, lambda: SessionTime(120.0))
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    delegate.paint_wave(painter, QRectF(image.rect()), Entry(row, Kind.ALONE, ""))
    painter.end()
    found = heights(image, "#000000")[1::20]
    assert found == [pytest.approx(each, abs=2) for each in expected]


@pytest.mark.usefixtures("qapp")
def test_the_playhead_of_a_trimmed_row_is_where_it_sounds(peaks, row):
    row = msgspec.structs.replace(row, mark=Mark(edits=Edits(bars=(3, 4))))
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    playing = (CLIP_ID, 0.625)  # a quarter of what is left
    delegate = RowDelegate(DARK, lambda _row: peaks, lambda: playing, lambda: SessionTime(120.0))
    painter = QPainter(image)
    delegate.paint_wave(painter, QRectF(image.rect()), Entry(row, Kind.ALONE, ""))
    painter.end()
    middle = [image.pixelColor(x, HEIGHT // 2).name() for x in range(WIDTH)]
    assert [x for x in range(1, WIDTH) if middle[x] != middle[x - 1]] == [WIDTH // 4]


def test_a_lane_shows_the_gain_of_its_loop(qtbot, peaks):
    lane = LaneWave(DARK.copy())
    qtbot.addWidget(lane)
    lane.resize(WIDTH, HEIGHT)
    face = LaneFace(title="Warm bass", role="bass", grid=grid_of(), edits=Edits(gain_db=-12.0))
    found = []
    for each in (LaneFace(title="Warm bass", role="bass"), face):
        lane.show_face(each, peaks)
        image = lane.grab().toImage()
        ground = image.pixelColor(WIDTH - 10, 3).name()
        found.append(sum(image.pixelColor(WIDTH - 10, y).name() != ground for y in range(4, 36)))
    assert found[1] == pytest.approx(found[0] / 4, abs=2)
