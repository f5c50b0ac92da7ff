"""Draws clips as rows of the list or tiles of the grid."""

import time
from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from desktop.clips.fit import Fit, fit_of, heard_as
from desktop.clips.items import ENTRY_ROLE, Entry, Kind
from desktop.clips.peaks import Peaks
from desktop.clips.role_sign import SIGN_PX, paint_role
from desktop.clips.rows import ClipRow
from desktop.clips.title_editor import TitleDelegate
from desktop.clips.wave_pictures import WavePictures
from desktop.clips.waveform import draw_waveform
from desktop.theme.colours import Colours, blended
from desktop.theme.signs import paint_sign
from desktop.theme.typeface import CAPTION_PX, MEDIUM, RULER_PX, STRONG, text_font
from desktop.transport.fitting import Hearing
from engine.loops.precedence import SessionTime
from engine.loops.tempo import bars_in_words, format_bpm

AnyIndex = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ROW_HEIGHT = 36
"""One height for all, since a list of rows of different heights is laid out anew on each change."""
HEADER_HEIGHT = 24
_MARGIN, _GAP = 16, 12
_PLAY_WIDTH, _FOLD_WIDTH, _STAR_WIDTH = 24, 18, 20
_BADGE_GAP = 6
_WIDTHS = {"tempo": 84, "key": 68, "length": 56, "fit": 92, "made": 52}
_TITLES = {"tempo": "Tempo", "key": "Key", "length": "Length", "fit": "Fit", "made": "Made"}
_LEAST_TITLE, _MOST_TITLE, _LEAST_WAVE = 190, 256, 110
_BEST = "Best take"
_LEAST_TILE_WIDTH = 220
_TILE_HEIGHT = 136
_TILE_GAP = 13
_TILE_SIDE = 12
"""What is left free beside the tiles: with their own edge, they are in line with what is above."""


class ClipDelegate(TitleDelegate):
    """Draws one clip; a waveform that is not loaded yet is drawn when it arrives.

    `places` returns the rectangles of the parts; `play` and `star` can be clicked.
    """

    side_px = 0
    """What the view leaves free at both sides."""

    def __init__(
        self,
        colours: Colours,
        peaks_of: Callable[[ClipRow], Peaks | None],
        playing: Callable[[], tuple[str, float] | None],
        session: Callable[[], SessionTime],
    ) -> None:
        super().__init__()
        self.colours = colours
        self._peaks_of = peaks_of
        self._waves = WavePictures(colours)
        self._playing = playing
        self.session = session
        self.hearing: Callable[[], Hearing] = Hearing
        """Returns what of the session loops are heard in."""
        self._size = QSize()
        self.pair: tuple[str, ...] = ()
        """The ids of the two clips that are compared, A and B; empty for none."""
        self.fonts = {
            "title": text_font(weight=STRONG), "member": text_font(weight=MEDIUM),
            "small": text_font(CAPTION_PX),
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

    def paint_clip(self, painter: QPainter, rect: QRect, entry: Entry) -> None:
        """Draw everything but the background."""
        raise NotImplementedError

    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        return self._size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if not isinstance(entry, Entry):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_ground(painter, option.rect, option.state)
        self.paint_clip(painter, option.rect, entry)
        painter.restore()

    def paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        """Draw the background: chosen, under the pointer, or with the keyboard."""
        colours = self.colours
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, QColor(colours.raised))
            painter.fillRect(QRect(rect.x(), rect.y(), 3, rect.height()), QColor(colours.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(blended(colours.raised, colours.ground, 0.55)))
        line = QColor(blended(colours.line, colours.ground, 0.55))
        painter.fillRect(QRect(rect.x(), rect.bottom(), rect.width(), 1), line)
        if state & QStyle.StateFlag.State_HasFocus and not selected:
            painter.setPen(QPen(QColor(colours.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -2), 4, 4)

    def played(self, entry: Entry) -> float | None:
        """Return how far the clip of a line has played, 0..1; None if it does not play.

        Of an open group, the line of the clip itself shows it.
        """
        playing = self._playing()
        is_shown = playing is not None and playing[0] == entry.row.id and not entry.is_open
        return playing[1] if playing is not None and is_shown else None

    def paint_play_icon(self, painter: QPainter, rect: QRect, entry: Entry) -> None:
        """Draw a triangle, or moving bars while the clip plays."""
        middle = QPointF(rect.center()) + QPointF(0.5, 0.5)
        played = self.played(entry)
        if played is None:
            box = QRectF(middle.x() - 7, middle.y() - 7, 14, 14)
            paint_sign(painter, box, "play", self.colours.muted)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.accent))
        for bar in range(3):  # they move with the playhead
            height = 5 + 8 * abs(((played * 8 + bar * 0.37) % 1) - 0.5) * 2
            x = middle.x() - 6.5 + bar * 4.5
            painter.drawRoundedRect(QRectF(x, middle.y() + 6 - height, 3, height), 1, 1)

    def paint_role(self, painter: QPainter, rect: QRect, row: ClipRow) -> None:
        """Draw the sign of the role on a square of its colour."""
        box = QRectF(rect.x(), rect.center().y() - 9.5, SIGN_PX, SIGN_PX)
        paint_role(painter, box, row.shown_role, self.colours)

    def paint_wave(self, painter: QPainter, area: QRectF, entry: Entry) -> None:
        """Draw the waveform as it sounds, if it is loaded."""
        row, played = entry.row, self.played(entry)
        peaks = self._peaks_of(row)
        if peaks is None or area.width() <= 24:
            return
        if played is None:
            self._waves.draw(painter, area, peaks, row)
            return
        draw_waveform(
            painter, area, peaks, self.colours, row.shown_role, played=played,
            grid=None if row.recipe is None else row.recipe.grid, edits=row.mark.edits,
        )  # fmt: skip

    def paint_text(self, painter: QPainter, line: QRect, text: str, font: str, colour: str) -> int:
        """Draw a line of text, elided to fit; return its width in pixels."""
        painter.setFont(self.fonts[font])
        painter.setPen(QColor(colour))
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, LEFT, shown)
        return metrics.horizontalAdvance(shown)

    def paint_facts(
        self, painter: QPainter, line: QRect, text: str, row: ClipRow, warning: str = ""
    ) -> None:
        """Draw a line of small text followed by badges; the text is elided to fit."""
        painter.setFont(self.fonts["badge"])
        metrics = painter.fontMetrics()
        badges = [] if row.commercial_use else ["Non-commercial"]
        badges += [badge for badge in (row.badge, warning) if badge]
        widths = [metrics.horizontalAdvance(badge) + 12 + _BADGE_GAP for badge in badges]
        room = line.adjusted(0, 0, -min(sum(widths), line.width() - 24), 0)
        left = line.x() + self.paint_text(painter, room, text, "small", self.colours.muted)
        for badge, width in zip(badges, widths, strict=True):
            left += _BADGE_GAP if text else 0
            space = min(width - _BADGE_GAP, line.right() - left)
            box = QRectF(left, line.center().y() - 7, space, 16)
            self.paint_badge(painter, box, badge, self.colours.caution)
            left += space

    def paint_star(self, painter: QPainter, rect: QRect, *, starred: bool) -> None:
        """Draw a star, filled if the clip is starred."""
        middle = QPointF(rect.center()) + QPointF(0.5, 0.5)
        box = QRectF(middle.x() - 7.5, middle.y() - 7.5, 15, 15)
        colour = self.colours.text if starred else self.colours.off
        paint_sign(painter, box, "starred" if starred else "star", colour)

    def paint_badge(self, painter: QPainter, box: QRectF, text: str, colour: str) -> None:
        """Draw a word on a ground of its colour, elided to fit the box."""
        if box.width() < 14:
            return
        painter.setFont(self.fonts["badge"])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.wash(colour)))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(colour))
        dots = Qt.TextElideMode.ElideRight
        shown = painter.fontMetrics().elidedText(text, dots, int(box.width()) - 8)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)


class RowDelegate(ClipDelegate):
    """Draws a clip across the whole width; narrow rows have fewer columns."""

    def size_in(self, width: int) -> QSize:
        return QSize(width, ROW_HEIGHT)

    def places(self, rect: QRect) -> dict[str, QRect]:
        top, height = rect.y(), rect.height()
        columns = _columns_in(rect.width())
        right = rect.right() + 1 - _MARGIN - _STAR_WIDTH
        places = {"star": QRect(right, top, _STAR_WIDTH, height)}
        for name in reversed(columns):
            right -= _GAP + _WIDTHS[name]
            places[name] = QRect(right, top, _WIDTHS[name], height)
        left = rect.x() + _MARGIN
        places["play"] = QRect(left, top, _PLAY_WIDTH, height)
        places["fold"] = QRect(left + _PLAY_WIDTH, top, _FOLD_WIDTH, height)
        left += _PLAY_WIDTH + _FOLD_WIDTH
        room = right - _GAP - left
        title = min(max(round(room * 0.5), _LEAST_TITLE), _MOST_TITLE, max(room - _GAP - 60, 80))
        places["name"] = QRect(left, top, title, height)
        left += title + _GAP
        places["wave"] = QRect(left, top, max(right - _GAP - left, 0), height)
        return places

    def paint_header(self, painter: QPainter, rect: QRect) -> None:
        """Draw the names of the columns."""
        places = self.places(rect)
        painter.setFont(self.fonts["small"])
        painter.setPen(QColor(self.colours.muted))
        painter.drawText(places["name"], LEFT, "Loop")
        for name in _columns_in(rect.width()):
            painter.drawText(places[name], RIGHT if name in _RIGHT else LEFT, _TITLES[name])

    def paint_clip(self, painter: QPainter, rect: QRect, entry: Entry) -> None:
        row, places = entry.row, self.places(rect)
        self.paint_play_icon(painter, places["play"], entry)
        if entry.kind in (Kind.ALONE, Kind.GROUP):
            self._paint_head(painter, places, entry)
        else:
            self._paint_member(painter, places, entry)
        self.paint_wave(painter, QRectF(places["wave"]).adjusted(0, 5, 0, -6), entry)
        self._paint_numbers(painter, places, row)
        self.paint_star(painter, places["star"], starred=row.mark.starred)

    def title_place(self, rect: QRect) -> QRect:
        return self.places(rect)["name"].adjusted(SIGN_PX + 8, 0, 0, 0)

    def _paint_head(self, painter: QPainter, places: dict[str, QRect], entry: Entry) -> None:
        """Draw the name of a clip that is alone, or of a group with its sign to open it."""
        row, name = entry.row, places["name"]
        if entry.kind is Kind.GROUP:
            fold = places["fold"]
            box = QRectF(fold.x() + 2, fold.center().y() - 5.5, 12, 12)
            paint_sign(painter, box, "down" if entry.is_open else "right", self.colours.muted)
        self.paint_role(painter, name, row)
        text = name.adjusted(SIGN_PX + 8, 0, 0, 0)
        parts = (entry.caption, row.origin, *row.mark.tags)
        below = " · ".join(part for part in parts if part)
        colour = self.colours.accent if self.played(entry) is not None else self.colours.text
        warning = self._warning(row, places)
        badges = entry.kind is Kind.ALONE and (row.badge or not row.commercial_use)
        if below or badges or warning:
            self.paint_text(painter, text.adjusted(0, 2, 0, -17), entry.title, "title", colour)
            self.paint_facts(painter, text.adjusted(0, 19, 0, -2), below, row, warning)
        else:
            self.paint_text(painter, text, entry.title, "title", colour)

    def _warning(self, row: ClipRow, places: dict[str, QRect]) -> str:
        """Return what neither tempo nor key say of how a loop fits, if no column does."""
        if "fit" in places:
            return ""
        fit, text = self._fit(row)
        return text if fit in (Fit.HALF_TIME, Fit.DOUBLE_TIME, Fit.METER) else ""

    def _fit(self, row: ClipRow) -> tuple[Fit, str]:
        """Return how a loop fits as it is heard, and the same in words."""
        fit = fit_of(row, self.session(), heard_as(row, self.session(), self.hearing()))
        if row.recipe is not None and fit is Fit.METER:
            return fit, f"In {row.recipe.grid.meter}"
        return fit, str(fit)

    def _paint_member(self, painter: QPainter, places: dict[str, QRect], entry: Entry) -> None:
        """Draw the branch to a clip of a group, and what it is there."""
        row, name = entry.row, places["name"]
        stem = name.x() + 9
        edge = QColor(self.colours.edge)
        middle = name.center().y()
        bottom = middle if entry.kind is Kind.LAST_MEMBER else name.bottom() + 1
        painter.fillRect(QRect(stem, name.y(), 1, bottom - name.y()), edge)
        painter.fillRect(QRect(stem, middle, 9, 1), edge)
        rest = name.adjusted(SIGN_PX + 8, 0, 0, 0)
        if row.id in self.pair:
            letter = "AB"[self.pair.index(row.id)]
            self._paint_letter(painter, QRectF(name.right() - 17, middle - 8, 18, 18), letter)
            rest.setRight(name.right() - 22)
        colour = self.colours.accent if self.played(entry) is not None else self.colours.text
        rest.setLeft(rest.x() + self.paint_text(painter, rest, entry.title, "member", colour) + 8)
        if entry.is_best:
            painter.setFont(self.fonts["badge"])
            width = painter.fontMetrics().horizontalAdvance(_BEST) + 12
            box = QRectF(rest.x(), middle - 8, min(width, rest.width()), 18)
            self._paint_best(painter, box)
            rest.setLeft(rest.x() + width + 8)
        if rest.width() > 40:
            facts = " · ".join(part for part in (entry.caption, *row.mark.tags) if part)
            self.paint_facts(painter, rest, facts, row, self._warning(row, places))

    def _paint_letter(self, painter: QPainter, box: QRectF, letter: str) -> None:
        """Draw which of the two compared clips it is."""
        painter.setFont(self.fonts["badge"])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.muted))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(self.colours.ground))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)

    def _paint_best(self, painter: QPainter, box: QRectF) -> None:
        if box.width() < 40:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.text))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(self.colours.ground))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _BEST)

    def _paint_numbers(self, painter: QPainter, places: dict[str, QRect], row: ClipRow) -> None:
        bars = bars_in_words(row.bars) if row.bars else "–"
        made = time.strftime("%H:%M", time.localtime(row.written_ns / 1e9))
        texts = {
            "tempo": row.bpm_text or "–", "key": row.shown_key or "–", "length": bars, "made": made,
        }  # fmt: skip
        bpm, key = heard_as(row, self.session(), self.hearing())
        instead = {"tempo": format_bpm(bpm)} if bpm is not None else {}
        instead |= {"key": key} if key else {}
        for name, text in texts.items():
            if name not in places:
                continue
            painter.setFont(self.fonts["small" if name == "made" else "number"])
            if name in instead:
                self._paint_change(painter, places[name], text, instead[name], name in _RIGHT)
                continue
            quiet = text == "–" or name == "made"
            painter.setPen(QColor(self.colours.muted if quiet else self.colours.text))
            painter.drawText(places[name], RIGHT if name in _RIGHT else LEFT, text)
        if "fit" in places:
            self._paint_fit(painter, places["fit"], *self._fit(row))

    def _paint_change(
        self,
        painter: QPainter,
        place: QRect,
        own: str,
        instead: str,
        right: bool,  # noqa: FBT001
    ) -> None:
        """Draw what a loop has, and what it is heard in instead."""
        width_of = painter.fontMetrics().horizontalAdvance
        own, arrow = change_in(place.width(), own, instead, width_of)
        painter.setPen(QColor(self.colours.muted))
        if right:
            painter.drawText(place.adjusted(0, 0, -width_of(arrow), 0), RIGHT, own)
            painter.setPen(QColor(self.colours.accent))
            painter.drawText(place, RIGHT, arrow)
        else:
            painter.drawText(place, LEFT, own)
            painter.setPen(QColor(self.colours.accent))
            painter.drawText(place.adjusted(width_of(own), 0, 0, 0), LEFT, arrow)

    def _paint_fit(self, painter: QPainter, place: QRect, fit: Fit, text: str) -> None:
        if fit is Fit.NONE:
            return
        fits = fit in (Fit.FITS, Fit.STRETCHED)
        colour = self.colours.good if fits else self.colours.caution
        sign = {Fit.FITS: "check", Fit.STRETCHED: "again"}.get(fit, "warning")
        colour = self.colours.muted if fit is Fit.STRETCHED else colour
        box = QRectF(place.x(), place.center().y() - 6, 13, 13)
        paint_sign(painter, box, sign, colour)
        shown = place.adjusted(17, 0, 0, 0)
        self.paint_text(painter, shown, text, "small", self.colours.muted if fits else colour)


_RIGHT = ("tempo", "made")


def change_in(room: int, own: str, instead: str, width_of: Callable[[str], int]) -> tuple[str, str]:
    """Return both parts of `100 → 84`: closer together, or without the first, if there is no room.

    Args:
        room: how wide both parts may be together, in pixels.
        own: what a loop has.
        instead: what it is heard in.
        width_of: returns how wide a text is.
    """
    forms = ((own, f" → {instead}"), (own, f"→{instead}"), ("", f"→ {instead}"))
    fitting = (form for form in forms if width_of("".join(form)) <= room)
    return next(fitting, forms[-1])


def _columns_in(width: int) -> list[str]:
    """Return the columns that fit next to a title and a waveform."""
    names = list(_WIDTHS)
    fixed = 2 * _MARGIN + _PLAY_WIDTH + _STAR_WIDTH + 3 * _GAP + _LEAST_TITLE + _LEAST_WAVE
    for name, least in (("made", 960), ("fit", 760), ("length", 700), ("key", 0)):
        needed = fixed + sum(_WIDTHS[each] + _GAP for each in names)
        if width < max(needed, least):
            names.remove(name)
    return names


class TileDelegate(ClipDelegate):
    """Draws clips as tiles: as many per line as fit, stretched to fill the view."""

    side_px = _TILE_SIDE

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
            "fold": QRect(left, top + 70, width, 16),
            "numbers": QRect(left + 22, top + 92, width - 22, 16),
        }

    def title_place(self, rect: QRect) -> QRect:
        return self.places(rect)["title"]

    def paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        colours, states = self.colours, QStyle.StateFlag
        edge = colours.line if state & states.State_MouseOver else colours.panel
        painter.setPen(QPen(QColor(colours.focus if state & states.State_HasFocus else edge), 1))
        painter.setBrush(QColor(colours.raised if state & states.State_Selected else colours.panel))
        painter.drawRoundedRect(QRectF(rect).adjusted(3.5, 3.5, -3.5, -3.5), 8, 8)

    def paint_clip(self, painter: QPainter, rect: QRect, entry: Entry) -> None:
        row, places = entry.row, self.places(rect)
        self.paint_wave(painter, QRectF(places["wave"]), entry)
        # No line leads from a group to its tiles, so each says of which loop it is.
        own = "" if entry.title == row.shown_title else entry.title
        self.paint_text(painter, places["title"], row.shown_title, "title", self.colours.text)
        self.paint_star(painter, places["star"], starred=row.mark.starred)
        parts = (own, entry.caption, row.origin, *row.mark.tags)
        below = " · ".join(part for part in parts if part)
        self.paint_facts(painter, places["facts"], below, row)
        self.paint_play_icon(painter, places["play"], entry)
        bars = bars_in_words(row.bars) if row.bars else ""
        numbers = (f"{row.bpm_text} bpm" if row.bpm else "", row.shown_key, bars)
        text = " · ".join(part for part in numbers if part)
        self.paint_text(painter, places["numbers"], text, "small", self.colours.muted)
