"""Draws a clip as a row: sign, title, waveform, tempo, key, bars, score and star."""

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.clips.delegate import RIGHT, ClipDelegate
from desktop.clips.rows import ClipRow

ROW_HEIGHT = 48
_SIGN_WIDTH, _STAR_WIDTH = 36, 36
_TITLE_SHARE, _LEAST_TITLE, _MOST_TITLE = 0.28, 150, 300
_NUMBER_WIDTHS = {"tempo": 70, "key": 48, "bars": 66, "score": 64}


class RowDelegate(ClipDelegate):
    """One clip over the whole width; a narrow row leaves out the score, then the key."""

    def size_in(self, width: int) -> QSize:
        return QSize(width, ROW_HEIGHT)

    def places(self, rect: QRect) -> dict[str, QRect]:
        share = round(rect.width() * _TITLE_SHARE)
        wished = min(max(share, _LEAST_TITLE), _MOST_TITLE)
        places, right = {}, rect.right() + 1 - _STAR_WIDTH
        places["star"] = QRect(right, rect.y(), _STAR_WIDTH, rect.height())
        for name in reversed(_fitting(rect.width() - _SIGN_WIDTH - wished - _STAR_WIDTH)):
            right -= _NUMBER_WIDTHS[name]
            places[name] = QRect(right, rect.y(), _NUMBER_WIDTHS[name], rect.height())
        places["sign"] = QRect(rect.x(), rect.y(), _SIGN_WIDTH, rect.height())
        left = rect.x() + _SIGN_WIDTH
        title_width = min(wished, max(right - left - 60, 80))
        places["title"] = QRect(left, rect.y(), title_width, rect.height())
        wave_left = left + title_width + 12
        places["wave"] = QRect(wave_left, rect.y(), max(right - wave_left - 4, 0), rect.height())
        return places

    def paint_clip(self, painter: QPainter, rect: QRect, row: ClipRow) -> None:
        painter.setPen(QPen(QColor(self.colours.panel), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        places = self.places(rect)
        self.paint_sign(painter, places["sign"], row)
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


def _fitting(width: int) -> list[str]:
    """Return which numbers have room beside a waveform of 90 pixels."""
    left_out: set[str] = set()
    for name in ("score", "key", "bars"):
        wanted = sum(w for n, w in _NUMBER_WIDTHS.items() if n not in left_out)
        if width - wanted < 90:
            left_out.add(name)
    return [name for name in _NUMBER_WIDTHS if name not in left_out]
