"""Small buttons with a drawn icon in the theme's colours: the dice and the lock of the seed."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QApplication, QToolButton

from desktop.widgets.plain import plain_tip

_Draw = Callable[[QPainter, QColor, bool], None]
_SIDE = 24
_SIGN = 14.0


class IconButton(QToolButton):
    """A button whose icon `draw` paints into 14 by 14 pixels, given painter, colour and checked."""

    def __init__(self, draw: _Draw, name: str, tip: str, *, checkable: bool = False) -> None:
        super().__init__()
        self._draw = draw
        self.setObjectName("icon")
        self.setFixedSize(QSize(_SIDE, _SIDE))
        self.setCheckable(checkable)
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(tip))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)  # background and focus frame
        palette = QApplication.palette()
        role = QPalette.ColorRole.PlaceholderText
        if self.underMouse():
            role = QPalette.ColorRole.Text
        if self.isChecked():
            role = QPalette.ColorRole.Highlight
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = (_SIDE - _SIGN) / 2
        painter.translate(inset, inset)
        self._draw(painter, palette.color(role), self.isChecked())
        painter.end()


def draw_dice(painter: QPainter, colour: QColor, _checked: bool) -> None:  # noqa: FBT001
    """Draw a die that shows five."""
    painter.setPen(QPen(colour, 1.3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(0.7, 0.7, _SIGN - 1.4, _SIGN - 1.4), 3, 3)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    near, middle, far = 4.0, _SIGN / 2, _SIGN - 4.0
    for x, y in ((near, near), (far, near), (middle, middle), (near, far), (far, far)):
        painter.drawEllipse(QPointF(x, y), 1.2, 1.2)


def draw_lock(painter: QPainter, colour: QColor, checked: bool) -> None:  # noqa: FBT001
    """Draw a lock: closed and filled if it is checked, else open."""
    painter.setPen(QPen(colour, 1.4))
    painter.setBrush(colour if checked else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(2.2, 6.4, 9.6, 6.9), 1.6, 1.6)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    left = 4.2 if checked else 6.6
    painter.drawArc(QRectF(left, 0.9, 5.6, 7.0), 0, 180 * 16)
    painter.drawLine(QPointF(left, 4.4), QPointF(left, 6.2))
    if checked:
        painter.drawLine(QPointF(left + 5.6, 4.4), QPointF(left + 5.6, 6.2))
