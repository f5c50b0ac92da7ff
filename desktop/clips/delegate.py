"""Draws clips as rows of the list or tiles of the grid."""

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
from desktop.theme.typeface import CAPTION_PX, MEDIUM, RULER_PX, STRONG, text_font

AnyIndex = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_BADGE_GAP = 6
ROW_HEIGHT = 48
_PLAY_WIDTH, _STAR_WIDTH = 36, 36
_TITLE_SHARE, _LEAST_TITLE, _MOST_TITLE = 0.28, 150, 300
_NUMBER_WIDTHS = {"tempo": 70, "key": 48, "bars": 66, "score": 64}
_LEAST_TILE_WIDTH = 220
_TILE_HEIGHT = 136
_TILE_GAP = 13


class ClipDelegate(QStyledItemDelegate):
    """Draws one clip; a waveform that is not loaded yet is drawn when it arrives.

    `places` returns the rectangles of the parts; `play` and `star` can be clicked.
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
            "title": text_font(weight=MEDIUM), "small": text_font(CAPTION_PX),
            "number": text_font(), "badge": text_font(RULER_PX, STRONG),
        }  # fmt: skip

    def fit(self, width: int) -> QSize:
        """Set the width of the view; return the size of one clip."""
        self._size = self.size_in(width)
        return self._size

    def size_in(self, width: int) -> QSize:
        """Return the size of one clip in a view of this width."""
        raise NotImplementedError

    def places(self, rect: QRect) -> dict[str, QRect]:
        """Return the rectangle of each part of a clip."""
        raise NotImplementedError

    def paint_clip(self, painter: QPainter, rect: QRect, row: ClipRow) -> None:
        """Draw everything but the background."""
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
        """Draw the background: selected, hovered or focused."""
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

    def paint_play_icon(self, painter: QPainter, rect: QRect, row: ClipRow) -> None:
        """Draw a triangle, or moving bars while the clip plays."""
        x, y = rect.x() + 10.0, rect.center().y() + 0.5
        playing = self._playing()
        painter.setPen(Qt.PenStyle.NoPen)
        if playing is None or playing[0] != row.id:
            painter.setBrush(QColor(self.colours.muted))
            corners = [QPointF(x, y - 5.5), QPointF(x + 10, y), QPointF(x, y + 5.5)]
            painter.drawPolygon(QPolygonF(corners))
            return
        painter.setBrush(QColor(self.colours.accent))
        for bar in range(3):  # they move with the playhead
            height = 5 + 8 * abs(((playing[1] * 8 + bar * 0.37) % 1) - 0.5) * 2
            painter.drawRoundedRect(QRectF(x + bar * 4.5, y + 6 - height, 3, height), 1, 1)

    def paint_wave(self, painter: QPainter, area: QRectF, row: ClipRow) -> None:
        """Draw the waveform, if it is loaded."""
        peaks = self._peaks_of(row)
        if peaks is not None and area.width() > 24:
            draw_waveform(painter, area, peaks, self.colours.of_role(row.shown_role))

    def paint_text(self, painter: QPainter, line: QRect, text: str, font: str, colour: str) -> int:
        """Draw a line of text, elided to fit; return its width in pixels."""
        painter.setFont(self.fonts[font])
        painter.setPen(QColor(colour))
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, LEFT, shown)
        return metrics.horizontalAdvance(shown)

    def paint_facts(self, painter: QPainter, line: QRect, text: str, row: ClipRow) -> None:
        """Draw a line of small text followed by badges; the text is elided to fit."""
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
        """Draw a score, 0..1, as a bar four pixels high."""
        bar = QRectF(rect.x(), rect.center().y() - 1, rect.width(), 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.line))
        painter.drawRoundedRect(bar, 2, 2)
        bar.setWidth(bar.width() * min(max(score, 0.0), 1.0))
        painter.setBrush(QColor(self.colours.good))
        painter.drawRoundedRect(bar, 2, 2)

    def paint_star(self, painter: QPainter, rect: QRect, *, starred: bool) -> None:
        """Draw a star, filled if the clip is starred."""
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


class RowDelegate(ClipDelegate):
    """Draws a clip across the whole width; a narrow row drops the score, then the key."""

    def size_in(self, width: int) -> QSize:
        return QSize(width, ROW_HEIGHT)

    def places(self, rect: QRect) -> dict[str, QRect]:
        share = round(rect.width() * _TITLE_SHARE)
        wished = min(max(share, _LEAST_TITLE), _MOST_TITLE)
        places, right = {}, rect.right() + 1 - _STAR_WIDTH
        places["star"] = QRect(right, rect.y(), _STAR_WIDTH, rect.height())
        for name in reversed(_fitting(rect.width() - _PLAY_WIDTH - wished - _STAR_WIDTH)):
            right -= _NUMBER_WIDTHS[name]
            places[name] = QRect(right, rect.y(), _NUMBER_WIDTHS[name], rect.height())
        places["play"] = QRect(rect.x(), rect.y(), _PLAY_WIDTH, rect.height())
        left = rect.x() + _PLAY_WIDTH
        title_width = min(wished, max(right - left - 60, 80))
        places["title"] = QRect(left, rect.y(), title_width, rect.height())
        wave_left = left + title_width + 12
        places["wave"] = QRect(wave_left, rect.y(), max(right - wave_left - 4, 0), rect.height())
        return places

    def paint_clip(self, painter: QPainter, rect: QRect, row: ClipRow) -> None:
        painter.setPen(QPen(QColor(self.colours.panel), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        places = self.places(rect)
        self.paint_play_icon(painter, places["play"], row)
        top, bottom = places["title"].adjusted(0, 7, 0, -23), places["title"].adjusted(0, 25, 0, -7)
        self.paint_text(painter, top, row.shown_title, "title", self.colours.text)
        below = " · ".join(part for part in (row.model, *row.mark.tags) if part)
        self.paint_facts(painter, bottom, below, row)
        self.paint_wave(painter, QRectF(places["wave"]).adjusted(0, 8, 0, -8), row)
        self._paint_numbers(painter, places, row)
        self.paint_star(painter, places["star"], starred=row.mark.starred)

    def _paint_numbers(self, painter: QPainter, places: dict[str, QRect], row: ClipRow) -> None:
        bars = str(row.bars) if row.bars else "–"
        for name, value, unit in (
            ("tempo", row.bpm_text or "–", "bpm"),
            ("key", row.key or "–", ""),
            ("bars", bars, "bar" if row.bars == 1 else "bars"),
        ):
            if name in places:
                self._paint_number(painter, places[name], value, unit)
        if "score" in places and row.score is not None:
            self.paint_score(painter, places["score"].adjusted(8, 0, -8, 0), row.score)

    def _paint_number(self, painter: QPainter, rect: QRect, value: str, unit: str) -> None:
        edge = rect.adjusted(0, 0, -8, 0)
        if unit:
            painter.setFont(self.fonts["small"])
            painter.setPen(QColor(self.colours.muted))
            painter.drawText(edge, RIGHT, unit)
            edge.adjust(0, 0, -painter.fontMetrics().horizontalAdvance(unit) - 4, 0)
        painter.setFont(self.fonts["number"])
        painter.setPen(QColor(self.colours.text if value != "–" else self.colours.muted))
        painter.drawText(edge, RIGHT, value)


class TileDelegate(ClipDelegate):
    """Draws clips as tiles: as many per line as fit, stretched to fill the view."""

    def size_in(self, width: int) -> QSize:
        room = width - 1  # a view wraps if the last tile ends exactly at its edge
        return QSize(room // max(room // _LEAST_TILE_WIDTH, 1), _TILE_HEIGHT)

    def places(self, rect: QRect) -> dict[str, QRect]:
        inner = rect.adjusted(_TILE_GAP, _TILE_GAP, -_TILE_GAP, -_TILE_GAP)
        left, width, top = inner.x(), inner.width(), inner.y()
        return {
            "wave": QRect(left, top, width, 44),
            "title": QRect(left, top + 50, width - 28, 18),
            "star": QRect(inner.right() - 26, top + 46, 28, 26),
            "facts": QRect(left, top + 70, width, 16),
            "play": QRect(left - 10, top + 88, 36, 24),
            "numbers": QRect(left + 22, top + 92, width - 66, 16),
            "score": QRect(inner.right() - 40, top + 92, 40, 16),
        }

    def paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        colours, states = self.colours, QStyle.StateFlag
        edge = colours.line if state & states.State_MouseOver else colours.panel
        painter.setPen(QPen(QColor(colours.accent if state & states.State_HasFocus else edge), 1))
        painter.setBrush(QColor(colours.raised if state & states.State_Selected else colours.panel))
        painter.drawRoundedRect(QRectF(rect).adjusted(3.5, 3.5, -3.5, -3.5), 8, 8)

    def paint_clip(self, painter: QPainter, rect: QRect, row: ClipRow) -> None:
        places = self.places(rect)
        self.paint_wave(painter, QRectF(places["wave"]), row)
        self.paint_text(painter, places["title"], row.shown_title, "title", self.colours.text)
        self.paint_star(painter, places["star"], starred=row.mark.starred)
        below = " · ".join(part for part in (row.model, *row.mark.tags) if part)
        self.paint_facts(painter, places["facts"], below, row)
        self.paint_play_icon(painter, places["play"], row)
        bars = "" if not row.bars else "1 bar" if row.bars == 1 else f"{row.bars} bars"
        numbers = (f"{row.bpm_text} bpm" if row.bpm else "", row.key, bars)
        text = " · ".join(part for part in numbers if part)
        self.paint_text(painter, places["numbers"], text, "small", self.colours.muted)
        if row.score is not None:
            self.paint_score(painter, places["score"], row.score)


def _fitting(width: int) -> list[str]:
    """Return the numbers that fit next to a waveform of 90 pixels."""
    left_out: set[str] = set()
    for name in ("score", "key", "bars"):
        wanted = sum(w for n, w in _NUMBER_WIDTHS.items() if n not in left_out)
        if width - wanted < 90:
            left_out.add(name)
    return [name for name in _NUMBER_WIDTHS if name not in left_out]


@functools.cache
def _star(size: float = 7.0) -> QPolygonF:
    """Return a five-pointed star around the origin."""
    points = []
    for corner in range(10):
        reach = size if corner % 2 == 0 else size * 0.45
        angle = math.pi * corner / 5 - math.pi / 2
        points.append(QPointF(reach * math.cos(angle), reach * math.sin(angle)))
    return QPolygonF(points)
