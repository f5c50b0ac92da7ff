import pytest
from PySide6.QtGui import QFontInfo, QFontMetricsF, QImage, QPainter

from desktop.theme.typeface import MEDIUM, NORMAL, STRONG, load_typeface, text_font

pytestmark = pytest.mark.usefixtures("qapp")


def test_the_window_is_set_in_inter():
    assert load_typeface()
    assert QFontInfo(text_font()).family() == "Inter"


def test_figures_have_one_width_so_that_numbers_stand_still():
    load_typeface()
    metrics = QFontMetricsF(text_font())
    assert len({metrics.horizontalAdvance(digit * 8) for digit in "0123456789"}) == 1


def test_each_weight_is_drawn_heavier_than_the_one_before():
    load_typeface()
    inks = [ink_of(text_font(24, weight)) for weight in (NORMAL, MEDIUM, STRONG)]
    assert inks[0] < inks[1] < inks[2]


def ink_of(font):
    picture = QImage(200, 40, QImage.Format.Format_Grayscale8)
    picture.fill(0)
    painter = QPainter(picture)
    painter.setPen("white")
    painter.setFont(font)
    painter.drawText(4, 30, "Rhodes")
    painter.end()
    return sum(bytes(picture.constBits()))
