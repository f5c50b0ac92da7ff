"""Draws one row of the clip list: sign, title, waveform, tempo, key, bars, score and star."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.models.clip_items import ROW_ROLE
from desktop.models.rows import ClipRow
from desktop.peaks import Peaks
from desktop.theme.colours import Colours
from desktop.theme.stylesheet import CAPTION_PX, text_font
from desktop.widgets.waveform import draw_waveform

ROW_HEIGHT = 48
SIGN_WIDTH = 36
STAR_WIDTH = 36
_TITLE_WIDTH = 190
_NUMBER_WIDTHS = {"tempo": 70, "key": 48, "bars": 66, "score": 64}
_AnyIndex = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def columns_in(rect: QRect) -> dict[str, QRect]:
    """Return where each part of a row lies; a narrow row leaves out the score, then the key."""
    left_out: set[str] = set()
    for name in ("score", "key", "bars"):
        wanted = sum(w for n, w in _NUMBER_WIDTHS.items() if n not in left_out)
        if rect.width() - SIGN_WIDTH - _TITLE_WIDTH - wanted - STAR_WIDTH < 90:
            left_out.add(name)
    places, right = {}, rect.right() + 1 - STAR_WIDTH
    places["star"] = QRect(right, rect.y(), STAR_WIDTH, rect.height())
    for name in reversed([n for n in _NUMBER_WIDTHS if n not in left_out]):
        right -= _NUMBER_WIDTHS[name]
        places[name] = QRect(right, rect.y(), _NUMBER_WIDTHS[name], rect.height())
    places["sign"] = QRect(rect.x(), rect.y(), SIGN_WIDTH, rect.height())
    left = rect.x() + SIGN_WIDTH
    title_width = min(_TITLE_WIDTH, max(right - left - 60, 80))
    places["title"] = QRect(left, rect.y(), title_width, rect.height())
    wave_left = left + title_width + 12
    places["wave"] = QRect(wave_left, rect.y(), max(right - wave_left - 4, 0), rect.height())
    return places


class ClipDelegate(QStyledItemDelegate):
    """Asks for waveforms by id; where one is not there yet, the row is drawn again later."""

    def __init__(
        self,
        colours: Colours,
        peaks_of: Callable[[ClipRow], Peaks | None],
        playing: Callable[[], tuple[str, float] | None],
    ) -> None:
        super().__init__()
        self._colours = colours
        self._peaks_of = peaks_of
        self._playing = playing
        self._fonts = {
            "title": text_font(), "small": text_font(CAPTION_PX),
            "number": text_font(tabular=True), "badge": text_font(10),
        }  # fmt: skip

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _AnyIndex) -> QSize:
        return QSize(320, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, ClipRow):
            return
        rect: QRect = option.rect
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, rect, state)
        places = columns_in(rect)
        self._paint_sign(painter, places["sign"], row)
        self._paint_title(painter, places["title"], row)
        self._paint_wave(painter, places["wave"], row)
        self._paint_numbers(painter, places, row)
        self._paint_star(painter, places["star"], starred=row.mark.starred)
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        colours = self._colours
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.raised if selected else colours.panel))
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 0.5, 0, -1), 8, 8)
        elif not selected:
            painter.setPen(QPen(QColor(colours.panel), 1))
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 1, -0.5, -1.5), 8, 8)

    def _paint_sign(self, painter: QPainter, rect: QRect, row: ClipRow) -> None:
        x, y = rect.x() + 10.0, rect.center().y() + 0.5
        playing = self._playing()
        painter.setPen(Qt.PenStyle.NoPen)
        if playing is None or playing[0] != row.id:
            painter.setBrush(QColor(self._colours.muted))
            corners = [QPointF(x, y - 5.5), QPointF(x + 10, y), QPointF(x, y + 5.5)]
            painter.drawPolygon(QPolygonF(corners))
            return
        painter.setBrush(QColor(self._colours.accent))
        for bar in range(3):  # they rise and fall with the position in the loop
            height = 5 + 8 * abs(((playing[1] * 8 + bar * 0.37) % 1) - 0.5) * 2
            painter.drawRoundedRect(QRectF(x + bar * 4.5, y + 6 - height, 3, height), 1, 1)

    def _paint_title(self, painter: QPainter, rect: QRect, row: ClipRow) -> None:
        top, bottom = rect.adjusted(0, 7, 0, -23), rect.adjusted(0, 25, 0, -7)
        painter.setFont(self._fonts["title"])
        painter.setPen(QColor(self._colours.text))
        metrics = painter.fontMetrics()
        text = metrics.elidedText(row.shown_title, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, text)
        painter.setFont(self._fonts["small"])
        painter.setPen(QColor(self._colours.muted))
        below = " · ".join(part for part in (row.model, *row.mark.tags) if part)
        painter.drawText(bottom, Qt.AlignmentFlag.AlignVCenter, below)
        if not row.commercial_use:
            left = bottom.x() + painter.fontMetrics().horizontalAdvance(below) + 8
            self._paint_badge(painter, left, bottom, "NC")

    def _paint_badge(self, painter: QPainter, left: int, line: QRect, text: str) -> None:
        painter.setFont(self._fonts["badge"])
        width = painter.fontMetrics().horizontalAdvance(text) + 10
        box = QRectF(left + 0.5, line.center().y() - 6.5, width, 14)
        painter.setPen(QPen(QColor(self._colours.accent), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 3, 3)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_wave(self, painter: QPainter, rect: QRect, row: ClipRow) -> None:
        peaks = self._peaks_of(row)
        area = QRectF(rect).adjusted(0, 8, 0, -8)
        if peaks is not None and area.width() > 24:
            draw_waveform(painter, area, peaks, self._colours.of_role(row.role))

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
            self._paint_score(painter, places["score"], row.score)

    def _paint_number(self, painter: QPainter, rect: QRect, value: str, unit: str) -> None:
        edge = rect.adjusted(0, 0, -8, 0)
        if unit:
            painter.setFont(self._fonts["small"])
            painter.setPen(QColor(self._colours.muted))
            painter.drawText(edge, _RIGHT, unit)
            edge.adjust(0, 0, -painter.fontMetrics().horizontalAdvance(unit) - 4, 0)
        painter.setFont(self._fonts["number"])
        painter.setPen(QColor(self._colours.text if value != "–" else self._colours.muted))
        painter.drawText(edge, _RIGHT, value)

    def _paint_score(self, painter: QPainter, rect: QRect, score: float) -> None:
        bar = QRectF(rect.x() + 8, rect.center().y() - 1, rect.width() - 16, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.line))
        painter.drawRoundedRect(bar, 2, 2)
        bar.setWidth(bar.width() * min(max(score, 0.0), 1.0))
        painter.setBrush(QColor(self._colours.good))
        painter.drawRoundedRect(bar, 2, 2)

    def _paint_star(self, painter: QPainter, rect: QRect, *, starred: bool) -> None:
        painter.setPen(QPen(QColor(self._colours.accent if starred else self._colours.muted), 1.2))
        filled = QColor(self._colours.accent)
        painter.setBrush(filled if starred else Qt.BrushStyle.NoBrush)
        painter.drawPolygon(star_at(QPointF(rect.center().x() + 0.5, rect.center().y() + 0.5)))


def star_at(centre: QPointF, size: float = 7.0) -> QPolygonF:
    """Return a star of five points."""
    import math

    points = []
    for corner in range(10):
        reach = size if corner % 2 == 0 else size * 0.45
        angle = math.pi * corner / 5 - math.pi / 2
        points.append(centre + QPointF(reach * math.cos(angle), reach * math.sin(angle)))
    return QPolygonF(points)
