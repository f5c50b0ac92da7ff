import pytest

from desktop.theme.colours import DARK
from desktop.transport.level_meter import FALL_DB_PER_S, FLOOR_DB, LevelMeter


@pytest.fixture
def meter(qtbot):
    meter = LevelMeter(DARK)
    qtbot.addWidget(meter)
    return meter


def test_it_rises_at_once_and_falls_steadily(meter):
    meter.show_peaks((1.0, 0.5), 0.016)
    assert meter.shown_db == (0.0, pytest.approx(-6.02, abs=0.01))
    meter.show_peaks((0.0, 0.0), 0.5)
    assert meter.shown_db[0] == pytest.approx(-FALL_DB_PER_S / 2)
    meter.show_peaks((0.0, 1.0), 0.0)
    assert meter.shown_db[1] == 0.0


def test_it_stops_updating_when_the_level_has_fallen(meter):
    assert meter.rests
    meter.show_peaks((0.1, 0.0), 0.016)
    assert not meter.rests
    meter.show_peaks((0.0, 0.0), 10.0)
    assert meter.rests
    assert meter.shown_db == (FLOOR_DB, FLOOR_DB)


def test_clipping_is_drawn_in_another_colour(meter):
    meter.show_peaks((0.9, 1.2), 0.016)
    meter.setValue(100)
    image = meter.grab().toImage()
    assert image.pixelColor(2, meter.height() // 2 - 3).name() == DARK.good
    assert image.pixelColor(2, meter.height() // 2 + 3).name() == DARK.bad
