"""Waveforms of the list as pictures, so that scrolling and repainting need not draw them again."""

from collections import OrderedDict
from collections.abc import Hashable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from desktop.clips.peaks import Peaks
from desktop.clips.rows import ClipRow
from desktop.clips.waveform import draw_waveform
from desktop.theme.colours import Colours

_MOST_KEPT = 64
"""Two screens full of rows."""


class WavePictures:
    """The pictures that were drawn last."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._kept: OrderedDict[Hashable, QPixmap] = OrderedDict()

    def draw(self, painter: QPainter, area: QRectF, peaks: Peaks, row: ClipRow) -> None:
        """Draw the waveform of a clip that does not play into an area, as it sounds."""
        ratio = painter.device().devicePixelRatio()
        size = int(area.width()), int(area.height())
        grid = None if row.recipe is None else row.recipe.grid
        colours = self._colours.of_role(row.shown_role), self._colours.ground
        key = (peaks, size, ratio, colours, grid, row.mark.edits)
        picture = self._kept.pop(key, None)
        if picture is None:
            picture = QPixmap(round(size[0] * ratio), round(size[1] * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            with QPainter(picture) as inside:
                draw_waveform(
                    inside, QRectF(QPointF(), area.size()), peaks, self._colours, row.shown_role,
                    grid=grid, edits=row.mark.edits,
                )  # fmt: skip
        self._kept[key] = picture
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        painter.drawPixmap(area.topLeft(), picture)
