"""Paints the parts of a large waveform: ruler, grid, sound and fades."""

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from desktop.clips.edit_handles import Handle, kept_part, place_of
from desktop.clips.peaks import Peaks
from desktop.clips.wave_span import WHOLE, Span
from desktop.clips.waveform import LOUDEST, Opacities, draw_bins, height_of
from desktop.theme.colours import Colours, blended
from desktop.theme.typeface import RULER_PX as RULER_FONT_PX
from desktop.theme.typeface import text_font
from engine.loops.edited import amplitude_at
from engine.loops.edits import NONE, Edits
from engine.loops.tempo import LoopGrid

RULER_PX, DOT_PX = 20, 9
DOT_INSET_PX = 8.0
"""How far inside the waveform the dot of a fade is at least."""
_DOTS_APART_PX = DOT_PX + 3
"""How far from each other the two dots are at least, or one would hide the other."""
_BRACE_PX, _BRACE_END_PX = 3, 12
_LEAST_BAR_PX, _LEAST_BEAT_PX, _LEAST_SECOND_PX, _LEAST_LINE_PX = 28, 44, 56, 14
_FADE_STEPS = 24
_TINTS = 4
"""In how many steps the share of a band changes the colour."""
_CUT_OFF: Opacities = (0.22, 0.4)
"""How solid the sound that a trim leaves out is drawn."""


@dataclasses.dataclass(frozen=True)
class Scene:
    """What a large waveform shows of a clip.

    Attributes:
        peaks: None while the waveform is loading.
        grid: None while the file has not been read.
        role: a key of `Colours.roles`.
        edits: which the clip is heard with.
        span: the part that is shown.
        seam: whether it is shown turned by half, so that its seam is in the middle.
        spectrum: whether it has the colours of what is low and high in it, or that of its role.
    """

    peaks: Peaks | None = None
    grid: LoopGrid | None = None
    role: str = "import"
    edits: Edits = NONE
    span: Span = WHOLE
    seam: bool = False
    spectrum: bool = False

    def parts(self, columns: int) -> tuple[tuple[int, float, float], ...]:
        """Return what is shown from left to right: how many columns, from and to which place."""
        if not self.seam:
            return ((columns, self.span.begin, self.span.end),)
        (begin, end), half = self.kept, columns // 2
        middle = (begin + end) / 2
        return (half, middle, end), (columns - half, begin, middle)

    @property
    def bar_count(self) -> int:
        """How many bars the clip has; 0 for a one-shot."""
        return self.grid.bars if self.grid is not None and self.grid.is_loop else 0

    @property
    def kept(self) -> tuple[float, float]:
        """Which part of the clip remains, as shares of the whole."""
        return (0.0, 1.0) if self.grid is None else kept_part(self.edits, self.grid)

    def x_of(self, place: float, width: float) -> float:
        """Return where a place in the clip, 0..1, is in a picture of some width."""
        if not self.seam:
            return self.span.x_of(place, width)
        begin, end = self.kept
        return ((place - begin) / (end - begin) + 0.5) % 1 * width

    def handles(self, width: float) -> dict[Handle, float]:
        """Return where the handles are; none where nothing can be dragged."""
        if self.grid is None or self.seam:
            return {}
        handles = [Handle.FADE_IN, Handle.FADE_OUT]
        handles += [Handle.FIRST_BAR, Handle.LAST_BAR] if self.bar_count > 1 else []
        begin, end = (self.x_of(place, width) for place in self.kept)
        found = {}
        for handle in handles:
            x = self.x_of(place_of(handle, self.edits, self.grid), width)
            if handle in (Handle.FADE_IN, Handle.FADE_OUT):
                x = min(max(x, begin + DOT_INSET_PX), end - DOT_INSET_PX)
            found[handle] = x
        if found[Handle.FADE_OUT] - found[Handle.FADE_IN] < _DOTS_APART_PX:
            left = max(found[Handle.FADE_OUT] - _DOTS_APART_PX, begin + DOT_INSET_PX)
            found |= {Handle.FADE_IN: left, Handle.FADE_OUT: left + _DOTS_APART_PX}
        return found


def paint_ruler(painter: QPainter, scene: Scene, width: int, colours: Colours) -> None:
    """Draw the numbers of bars and beats, or seconds, and the brace over what is heard."""
    if scene.grid is None or scene.seam:
        return
    painter.setFont(text_font(RULER_FONT_PX))
    painter.setPen(QColor(colours.muted))
    for place, text in _marks(scene, width):
        painter.drawText(QPointF(scene.x_of(place, width) + 6, 15), text)
    left, right = (scene.x_of(place, width) for place in scene.kept)
    brace = QColor(colours.accent)
    painter.fillRect(QRectF(QPointF(left, 0), QPointF(right, _BRACE_PX)), brace)
    for x in (left, right - _BRACE_PX):
        painter.fillRect(QRectF(QPointF(x, 0), QSizeF(_BRACE_PX, _BRACE_END_PX)), brace)


def _marks(scene: Scene, width: int) -> list[tuple[float, str]]:
    """Return what the ruler says, and where in the clip, 0..1."""
    assert scene.grid is not None  # noqa: S101 - the caller has looked
    whole_px, grid = width / scene.span.length, scene.grid
    if not grid.is_loop:
        length_s = float(grid.length_s)
        step = _round_step(length_s * _LEAST_SECOND_PX / whole_px)
        count = math.ceil(length_s / step - 1e-9)
        return [(n * step / length_s, f"{n * step:g} s") for n in range(count)]
    bar_px, beats = whole_px / grid.bars, grid.meter.numerator
    every = max(1, -(-_LEAST_BAR_PX // max(int(bar_px), 1)))
    shown = beats if bar_px / beats > _LEAST_BEAT_PX else 1
    return [
        ((bar + beat / beats) / grid.bars, f"{bar + 1}.{beat + 1}" if beat else f"{bar + 1}")
        for bar in range(grid.bars)
        for beat in range(shown)
        if beat or bar % every == 0
    ]


def _round_step(least: float) -> float:
    """Return the first of 1, 2, 5, 10 and so on, or 0.5, 0.2, 0.1, that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * each for each in (1, 2, 5, 10) if power * each >= least * (1 - 1e-9))


def paint_grid(painter: QPainter, scene: Scene, area: QRectF, colours: Colours) -> None:
    """Draw lines at the bars, and at the beats where there is room."""
    if not scene.bar_count or scene.grid is None or scene.seam:
        return
    numerator = scene.grid.meter.numerator
    beats = scene.bar_count * numerator
    show_beats = area.width() / scene.span.length / beats > _LEAST_LINE_PX
    for beat in range(1, beats):
        is_bar = beat % numerator == 0
        if is_bar or show_beats:
            painter.setPen(
                QColor(colours.line if is_bar else blended(colours.line, colours.well, 0.55))
            )
            x = round(scene.x_of(beat / beats, area.width())) + 0.5
            painter.drawLine(QLineF(x, area.y() + 1, x, area.bottom() - 1))


def sound_picture(
    scene: Scene, size: QSizeF, ratio: float, colours: Colours, opacities: Opacities
) -> QPixmap:
    """Return the sound of a clip, `SOLID` or `FAINT`; `peaks` must be there."""
    width, height = max(round(size.width() * ratio), 1), max(round(size.height() * ratio), 1)
    bins, kept = _edited_bins(scene, width)
    assert scene.peaks is not None  # noqa: S101 - the caller has looked
    highest = height_of(scene.peaks, width, bins[kept])
    first, last = int(kept.argmax()), len(kept) - int(kept[::-1].argmax())
    if not kept.any():
        first = last = width
    picture = QPixmap(width, height)
    picture.fill(QColor(0, 0, 0, 0))
    painter = QPainter(picture)
    for begin, end in ((0, first), (last, width)):
        part = QRectF(begin, 0, end - begin, height)
        draw_bins(painter, part, bins[begin:end], highest, colours.muted, colours.well, _CUT_OFF)
    part = QRectF(first, 0, last - first, height)
    for colour, columns in _coloured(scene, width, slice(first, last), colours):
        shown = bins[first:last][columns]
        draw_bins(painter, part, shown, highest, colour, colours.well, opacities, columns.tolist())
    _paint_clipping(painter, (np.abs(bins[:, :2]).max(axis=1) > LOUDEST) & kept, ratio, colours)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def _edited_bins(scene: Scene, columns: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return what is shown with the edits applied, (columns, 3), and which columns remain."""
    assert scene.peaks is not None  # noqa: S101 - the caller has looked
    begin, end = scene.kept
    parts = [part for part in scene.parts(columns) if part[0]]
    bins = np.concatenate([scene.peaks.at(*part) for part in parts])
    places = np.concatenate([np.linspace(a, b, count, endpoint=False) for count, a, b in parts])
    kept = (places >= begin - 1e-9) & (places < end)
    made = bins.astype(float)
    if scene.grid is not None and scene.edits != NONE:
        levels = amplitude_at(places, scene.grid, scene.edits)
        made *= np.where(kept, levels, 10 ** (scene.edits.gain_db / 20))[:, None]
    return made, kept


def _coloured(
    scene: Scene, width: int, shown: slice, colours: Colours
) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Yield the colours of some of the columns, each with those that have it."""
    assert scene.peaks is not None  # noqa: S101 - the caller has looked
    if not scene.spectrum:
        yield colours.of_role(scene.role), np.arange(shown.stop - shown.start)
        return
    parts = [part for part in scene.parts(width) if part[0]]
    shares = np.concatenate([scene.peaks.shares_at(*part) for part in parts])[shown]
    steps = np.rint(shares[:, (0, 2)] * _TINTS).astype(int)
    for low, high in np.unique(steps, axis=0).tolist():
        colour = colours.of_bands(low / _TINTS, min(high, _TINTS - low) / _TINTS)
        yield colour, np.flatnonzero((steps == (low, high)).all(axis=1))


def _paint_clipping(
    painter: QPainter, clips: NDArray[np.bool_], ratio: float, colours: Colours
) -> None:
    """Mark the columns that are louder than a file can be."""
    painter.setPen(QColor(colours.bad))
    long, height = 3 * ratio, painter.device().height()
    for column in np.flatnonzero(clips).tolist():
        x = column + 0.5
        painter.drawLine(QLineF(x, 0, x, long))
        painter.drawLine(QLineF(x, height - long, x, height))


def paint_fades(painter: QPainter, scene: Scene, area: QRectF, colours: Colours) -> None:
    """Draw the curve of each fade, and the dot that changes it."""
    if scene.grid is None:
        return
    for handle, x in scene.handles(area.width()).items():
        if handle not in (Handle.FADE_IN, Handle.FADE_OUT):
            continue
        _paint_curve(painter, scene, handle, area, colours)
        painter.setPen(QPen(QColor(colours.text), 1.25))
        painter.setBrush(QColor(colours.well))
        painter.drawEllipse(QPointF(x, area.y() + DOT_INSET_PX), DOT_PX / 2, DOT_PX / 2)


def _paint_curve(
    painter: QPainter, scene: Scene, handle: Handle, area: QRectF, colours: Colours
) -> None:
    assert scene.grid is not None  # noqa: S101 - the caller has looked
    edge = scene.kept[0 if handle is Handle.FADE_IN else 1]
    top = place_of(handle, scene.edits, scene.grid)
    if edge == top:
        return
    places = np.linspace(edge, top, _FADE_STEPS + 1)
    fades = Edits(fade_in=scene.edits.fade_in, fade_out=scene.edits.fade_out, bars=scene.edits.bars)
    levels = amplitude_at(places, scene.grid, fades)
    high = area.height() - 2 * DOT_INSET_PX
    points = [
        QPointF(scene.x_of(place, area.width()), area.bottom() - DOT_INSET_PX - level * high)
        for place, level in zip(places.tolist(), levels.tolist(), strict=True)
    ]
    painter.setPen(QPen(QColor(blended(colours.text, colours.well, 0.7)), 1.25))
    painter.drawPolyline(QPolygonF(points))
