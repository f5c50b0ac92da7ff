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
    strip.show_notice(Notice(Level.ERROR, "It failed."))
    QApplication.sendEvent(strip, QEvent(QEvent.Type.Leave))
    assert not strip._timer.isActive()
