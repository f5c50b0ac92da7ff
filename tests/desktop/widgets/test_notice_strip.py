"""How long messages stay."""

import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop.state.notices import Level, Notice, Offer
from desktop.widgets.notice_strip import INFO_STAYS_MS, OFFER_STAYS_MS, NoticeStrip

OFFER = Offer("Use in the session", lambda: None)


@pytest.fixture
def strip(qtbot):
    over = QWidget()
    qtbot.addWidget(over)
    over.resize(600, 400)
    over.show()
    over.strip = NoticeStrip(over, QWidget(over))
    return over.strip


def test_what_can_be_answered_stays_longer(strip):
    strip.show_notice(Notice(Level.INFO, "done"))
    assert strip._timer.interval() == INFO_STAYS_MS
    strip.show_notice(Notice(Level.INFO, "90 bpm: for this loop only.", offer=OFFER))
    assert strip._timer.interval() == OFFER_STAYS_MS


def test_a_message_under_the_pointer_stays_until_it_leaves(strip):
    strip.show_notice(Notice(Level.INFO, "90 bpm: for this loop only.", offer=OFFER))
    at = QPointF(5, 5)
    QApplication.sendEvent(strip, QEnterEvent(at, at, at))
    assert not strip._timer.isActive()
    QApplication.sendEvent(strip, QEvent(QEvent.Type.Leave))
    assert strip._timer.isActive()


def read(qtbot, strip):
    """Let the time pass that the message takes to read."""
    strip._timer.start(0)
    qtbot.waitUntil(lambda: not strip._timer.isActive())


def test_a_warning_goes_and_an_error_stays_until_something_else_is_clicked(qtbot, strip):
    strip.show_notice(Notice(Level.WARNING, "The gain must be a number from -60 to 24 dB."))
    read(qtbot, strip)
    assert strip.isHidden()
    strip.show_notice(Notice(Level.ERROR, "It failed."))
    strip.make_way()
    read(qtbot, strip)
    assert strip.isVisible()
    QApplication.sendEvent(strip, QEvent(QEvent.Type.Leave))
    strip.make_way()
    assert strip.isHidden()
    strip.show_notice(Notice(Level.ERROR, "It failed.", detail="why"))
    read(qtbot, strip)
    strip.make_way()
    assert strip.isVisible()  # there is more to read


def test_a_long_message_stays_as_long_as_it_takes_to_read(strip):
    strip.show_notice(Notice(Level.WARNING, "word " * 40))
    assert strip._timer.interval() == 12_000


def test_the_stars_are_free_and_the_text_is_level_with_its_buttons(qtbot, strip):
    over = strip.parentWidget()
    for text in ("Short.", "The key is 'H sharp', but must be a note and a mode such as 'Am' " * 2):
        strip.show_notice(Notice(Level.WARNING, text))
        qtbot.waitUntil(lambda: strip.close_button.y() > 0)
        assert strip.geometry().right() < over.width() - 48
        line = strip.text.fontMetrics().height()
        first = strip.text.y() + strip.text.contentsMargins().top() + line / 2
        assert abs(first - strip.close_button.geometry().center().y()) <= 2
        assert strip.height() - strip.text.geometry().bottom() <= 14  # no taller than needed
        assert strip.text.height() == strip.text.heightForWidth(strip.text.width())
