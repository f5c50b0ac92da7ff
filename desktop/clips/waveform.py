"""Draws waveforms: thin bars from the lowest to the highest sample, and in them the loudness."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter

from desktop.clips.edit_handles import kept_part
from desktop.clips.peaks import Peaks
from desktop.theme.colours import Colours, blended
from engine.loops.edited import amplitude_at
from engine.loops.edits import NONE, Edits
from engine.loops.tempo import LoopGrid

_QUIETEST_PEAK = 24.0
"""Waveforms whose highest peak is below this, of 127, are not drawn any higher."""
LOUDEST = 127.0
"""The highest peak that a file can hold."""
_LEAST_PX = 0.6
Opacities = tuple[float, float]
"""How solid the peaks and the loudness in them are drawn, 0..1."""
SOLID: Opacities = (0.55, 1.0)
FAINT: Opacities = (0.3, 0.55)


def draw_waveform(
    painter: QPainter,
    rect: QRectF,
    peaks: Peaks,
    colours: Colours,
    role: str,
    *,
    played: float | None = None,
    grid: LoopGrid | None = None,
    edits: Edits = NONE,
) -> None:
    """Draw a clip into a rectangle as it sounds, a column per pixel.

    Args:
        painter: draws it.
        rect: where.
        peaks: of the clip as it was made.
        colours: of the window.
        role: a key of `Colours.roles`.
        played: a place in the clip, 0..1, while it plays; the part after it is fainter.
        grid: of the clip; without one, there are no edits.
        edits: of which a trim leaves only that part, as long as the rectangle.
    """
    columns = max(int(rect.width()), 1)
    begin, end = (0.0, 1.0) if grid is None else kept_part(edits, grid)
    bins = peaks.at(columns, begin, end).astype(float)
    if grid is not None and edits != NONE:
        bins *= amplitude_at(np.linspace(begin, end, columns, endpoint=False), grid, edits)[:, None]
    highest, colour = height_of(peaks, columns, bins), colours.of_role(role)
    split = columns if played is None else round(columns * (played - begin) / (end - begin))
    split = min(max(split, 0), columns)
    for first, last, opacities in ((0, split, SOLID), (split, columns, FAINT)):
        side = QRectF(rect.x() + first, rect.y(), last - first, rect.height())
        draw_bins(painter, side, bins[first:last], highest, colour, colours.ground, opacities)


def height_of(peaks: Peaks, columns: int, bins: NDArray[np.floating]) -> float:
    """Return the peak that fills the height, of 127, of a clip that edits changed to `bins`.

    It is the clip's own, so that a quieter clip is seen to be that, or what is louder than that.
    """
    return max(_highest_of(peaks.at(columns)), min(_highest_of(bins), LOUDEST))


def _highest_of(bins: NDArray[Any]) -> float:
    return float(max(-bins.min(initial=0), bins.max(initial=0), _QUIETEST_PEAK))


def draw_bins(
    painter: QPainter,
    rect: QRectF,
    bins: NDArray[np.floating],
    highest: float,
    colour: str,
    ground: str,
    opacities: Opacities,
    columns: Sequence[int] | None = None,
) -> None:
    """Draw bins into a rectangle, a column each; what is higher than `highest` is cut off.

    Args:
        painter: draws a pixel per unit.
        rect: where, a column per pixel.
        bins: lowest, highest and RMS of each column, -127..127, shape (columns, 3).
        highest: the peak that fills the height.
        colour: of the sound.
        ground: what the colour is blended with.
        opacities: see `Opacities`.
        columns: where in the rectangle the bins are; side by side from its left by default.
    """
    if not len(bins):
        return
    half, middle = rect.height() / 2, rect.center().y()
    scaled = np.clip(bins * (half / highest), -half, half)
    ups, downs = np.maximum(scaled[:, 1], _LEAST_PX), np.maximum(-scaled[:, 0], _LEAST_PX)
    loud = np.maximum(scaled[:, 2], _LEAST_PX)
    places = range(len(bins)) if columns is None else columns
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    shapes = ((ups, downs), (np.minimum(ups, loud), np.minimum(downs, loud)))
    for opacity, (above, below) in zip(opacities, shapes, strict=True):
        painter.setPen(QColor(blended(colour, ground, opacity)))
        # As lists: reading single items from a list is faster than from an array.
        tops, bottoms = (middle - above).tolist(), (middle + below).tolist()
        painter.drawLines(_lines(rect.x() + 0.5, places, tops, bottoms))
    painter.restore()


def _lines(
    left: float, places: Sequence[int], tops: list[float], bottoms: list[float]
) -> list[QLineF]:
    """Return upright lines at places to the right of `left`."""
    across = [left + place for place in places]
    return list(map(QLineF, across, tops, across, bottoms))
