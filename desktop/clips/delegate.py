"""What a row and a tile of the clips have in common: sign, waveform, badges, score and star."""

import functools
import math
from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.clips.items import ROW_ROLE
from desktop.clips.peaks import Peaks
from desktop.clips.rows import ClipRow
from desktop.clips.waveform import draw_waveform
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import CAPTION_PX, text_font

AnyIndex = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_BADGE_GAP = 6


class ClipDelegate(QStyledItemDelegate):
    """Draws one clip; its waveform is asked for by id, and drawn later where it is not there yet.

    `places` tells where in a rectangle the parts lie: those called `sign` and `star` are clicked.
    """

    def __init__(
        self,
        colours: Colours,
        peaks_of: Callable[[ClipRow], Peaks | None],
        playing: Callable[[], tuple[str, float] | None],
    ) -> None:
        super().__init__()
        self.colours = colours
        self._peaks_of = peaks_of
        self._playing = playing
        self._size = QSize()
        self.fonts = {
            "title": text_font(), "small": text_font(CAPTION_PX),
            "number": text_font(tabular=True), "badge": text_font(10),
        }  # fmt: skip

    def fit(self, width: int) -> QSize:
        """Draw clips for a view of a width from now on; return how large one is."""
        self._size = self.size_in(width)
        return self._size

    def size_in(self, width: int) -> QSize:
        """Return how large one clip is in a view of a width."""
        raise NotImplementedError

    def places(self, rect: QRect) -> dict[str, QRect]:
        """Return where each part of a clip lies."""
        raise NotImplementedError

    def paint_clip(self, painter: QPainter, rect: QRect, row: ClipRow) -> None:
        """Draw all but the ground."""
        raise NotImplementedError

    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        return self._size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, ClipRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_ground(painter, option.rect, option.state)
        self.paint_clip(painter, option.rect, row)
        painter.restore()

    def paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        """Draw what says that a clip is selected, under the pointer, or has the focus."""
        colours = self.colours
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.raised if selected else colours.panel))
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 0.5, 0, -1), 8, 8)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 1, -0.5, -1.5), 8, 8)

    def paint_sign(self, painter: QPainter, rect: QRect, row: ClipRow) -> None:
        """Draw a triangle, or the bars that move while the clip is heard."""
        x, y = rect.x() + 10.0, rect.center().y() + 0.5
        playing = self._playing()
        painter.setPen(Qt.PenStyle.NoPen)
        if playing is None or playing[0] != row.id:
            painter.setBrush(QColor(self.colours.muted))
            corners = [QPointF(x, y - 5.5), QPointF(x + 10, y), QPointF(x, y + 5.5)]
            painter.drawPolygon(QPolygonF(corners))
            return
        painter.setBrush(QColor(self.colours.accent))
        for bar in range(3):  # they rise and fall with the position in the loop
            height = 5 + 8 * abs(((playing[1] * 8 + bar * 0.37) % 1) - 0.5) * 2
            painter.drawRoundedRect(QRectF(x + bar * 4.5, y + 6 - height, 3, height), 1, 1)

    def paint_wave(self, painter: QPainter, area: QRectF, row: ClipRow) -> None:
        """Draw the waveform, where it is there."""
        peaks = self._peaks_of(row)
        if peaks is not None and area.width() > 24:
            draw_waveform(painter, area, peaks, self.colours.of_role(row.role))

    def paint_text(self, painter: QPainter, line: QRect, text: str, font: str, colour: str) -> int:
        """Draw a line of text that ends in dots where it is too long; return how wide it is."""
        painter.setFont(self.fonts[font])
        painter.setPen(QColor(colour))
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, LEFT, shown)
        return metrics.horizontalAdvance(shown)

    def paint_facts(self, painter: QPainter, line: QRect, text: str, row: ClipRow) -> None:
        """Draw a line of small text, and behind it the badges, which have their place first."""
        painter.setFont(self.fonts["badge"])
        metrics = painter.fontMetrics()
        badges = [] if row.commercial_use else ["NC"]
        if row.badge:
            badges.append(row.badge)
        widths = [metrics.horizontalAdvance(badge) + 10 + _BADGE_GAP for badge in badges]
        room = line.adjusted(0, 0, -min(sum(widths), line.width() - 24), 0)
        left = line.x() + self.paint_text(painter, room, text, "small", self.colours.muted)
        for badge, width in zip(badges, widths, strict=True):
            left += _BADGE_GAP if text else 0
            space = min(width - _BADGE_GAP, line.right() - left)
            self._paint_badge(
                painter, QRectF(left + 0.5, line.center().y() - 6.5, space, 14), badge
            )
            left += space

    def paint_score(self, painter: QPainter, rect: QRect, score: float) -> None:
        """Draw a score, 0..1, as a bar of four pixels."""
        bar = QRectF(rect.x(), rect.center().y() - 1, rect.width(), 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.line))
        painter.drawRoundedRect(bar, 2, 2)
        bar.setWidth(bar.width() * min(max(score, 0.0), 1.0))
        painter.setBrush(QColor(self.colours.good))
        painter.drawRoundedRect(bar, 2, 2)

    def paint_star(self, painter: QPainter, rect: QRect, *, starred: bool) -> None:
        """Draw a star, filled where the clip has one."""
        painter.setPen(QPen(QColor(self.colours.accent if starred else self.colours.muted), 1.2))
        filled = QColor(self.colours.accent)
        painter.setBrush(filled if starred else Qt.BrushStyle.NoBrush)
        painter.drawPolygon(_star().translated(QPointF(rect.center()) + QPointF(0.5, 0.5)))

    def _paint_badge(self, painter: QPainter, box: QRectF, text: str) -> None:
        if box.width() < 14:
            return
        painter.setFont(self.fonts["badge"])
        painter.setPen(QPen(QColor(self.colours.accent), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 3, 3)
        dots = Qt.TextElideMode.ElideRight
        shown = painter.fontMetrics().elidedText(text, dots, int(box.width()) - 8)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)


@functools.cache
def _star(size: float = 7.0) -> QPolygonF:
    """Return a star of five points around the origin."""
    points = []
    for corner in range(10):
        reach = size if corner % 2 == 0 else size * 0.45
        angle = math.pi * corner / 5 - math.pi / 2
        points.append(QPointF(reach * math.cos(angle), reach * math.sin(angle)))
    return QPolygonF(points)
