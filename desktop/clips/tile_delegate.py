"""Draws a clip as a tile of the grid: sign, waveform, title, tempo, key, score and star."""

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle

from desktop.clips.delegate import ClipDelegate
from desktop.clips.rows import ClipRow

_LEAST_WIDTH = 220
_HEIGHT = 136
_GAP = 13


class TileDelegate(ClipDelegate):
    """As many tiles beside each other as fit, so wide that they fill the view."""

    def size_in(self, width: int) -> QSize:
        room = width - 1  # a view begins a new line where the last tile ends with it
        return QSize(room // max(room // _LEAST_WIDTH, 1), _HEIGHT)

    def places(self, rect: QRect) -> dict[str, QRect]:
        inner = rect.adjusted(_GAP, _GAP, -_GAP, -_GAP)
        left, width, top = inner.x(), inner.width(), inner.y()
        return {
            "wave": QRect(left, top, width, 44),
            "title": QRect(left, top + 50, width - 28, 18),
            "star": QRect(inner.right() - 26, top + 46, 28, 26),
            "facts": QRect(left, top + 70, width, 16),
            "sign": QRect(left - 10, top + 88, 36, 24),
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
        self.paint_sign(painter, places["sign"], row)
        bars = "" if not row.bars else "1 bar" if row.bars == 1 else f"{row.bars} bars"
        numbers = (f"{row.bpm_text} bpm" if row.bpm else "", row.key, bars)
        text = " · ".join(part for part in numbers if part)
        self.paint_text(painter, places["numbers"], text, "small", self.colours.muted)
        if row.score is not None:
            self.paint_score(painter, places["score"], row.score)
