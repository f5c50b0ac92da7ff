"""The signs on buttons, rows and pads, drawn in any colour and size."""

import functools

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

SIGN_PX = 16

_DOTS = 'stroke-width="2"'
_FULL = 'fill="currentColor" stroke="none"'


def _line(path: str, more: str = "") -> str:
    return f'<path d="{path}" {more}/>'


def _circle(x: float, y: float, radius: float, more: str = "") -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" {more}/>'


def _box(x: float, y: float, width: float, height: float, corner: float, more: str = "") -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{corner}" {more}/>'


_STAR = "m8 2.2 1.8 3.7 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4L2.2 6.5l4-.6z"
_GLASS = _circle(7, 7, 4) + _line("m10 10 3.5 3.5")

SIGNS = {
    "add": _line("M8 3v10M3 8h10"),
    "again": _line("M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3"),
    "audio": _line("M2 7v2M5 4.5v7M8 2.5v11M11 5v6M14 7v2"),
    "blend": _circle(6, 8, 3.8) + _circle(10, 8, 3.8),
    "box": _line("M2.5 5h11v8h-11zM2.5 5l1.5-2.5h8L13.5 5M6.5 8h3"),
    "check": _line("m3 8.5 3.2 3.2L13 5"),
    "clock": _circle(8, 8, 5.5) + _line("M8 4.8V8l2.2 1.4"),
    "close": _line("m4 4 8 8M12 4l-8 8"),
    "continue": _line("M2 8h8M7 5l3 3-3 3M13 3.5v9"),
    "dice": _box(2.5, 2.5, 11, 11, 2.5)
    + _line("M5.6 5.6h.01M10.4 5.6h.01M8 8h.01M5.6 10.4h.01M10.4 10.4h.01", _DOTS),
    "down": _line("M4.5 6.5 8 10l3.5-3.5"),
    "folder": _line("M2 4.5h4l1.5 1.5H14v7H2z"),
    "grid": _box(2.5, 2.5, 4.5, 4.5, 1)
    + _box(9, 2.5, 4.5, 4.5, 1)
    + _box(2.5, 9, 4.5, 4.5, 1)
    + _box(9, 9, 4.5, 4.5, 1),
    "grip": _line("M6 4v.01M6 8v.01M6 12v.01M10 4v.01M10 8v.01M10 12v.01", _DOTS),
    "help": _box(2, 2, 12, 12, 3)
    + _line("M6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.5.3-.8.6-.8 1.2M8 11.3v.01"),
    "key": _line("M6 11.5V3.5l6-1v8") + _circle(4.3, 11.5, 1.7) + _circle(10.3, 10.5, 1.7),
    "layers": _line("m8 2.5 5.5 3L8 8.5l-5.5-3zM2.5 8.5l5.5 3 5.5-3M2.5 11l5.5 3 5.5-3"),
    "list": _line("M2.5 4h11M2.5 8h11M2.5 12h11"),
    "lock": _box(3.5, 7, 9, 6.5, 1.5) + _line("M5.5 7V5a2.5 2.5 0 0 1 5 0v2"),
    "metronome": _line("M5.5 2.5h5l2 11h-9zM8 10l3.5-6"),
    "midi": _box(2.5, 3.5, 11, 9, 1.5) + _line("M6.2 3.5v5M9.8 3.5v5"),
    "more": _line("M3.5 8v.01M8 8v.01M12.5 8v.01", _DOTS),
    "pause": _line("M4.5 3h2.4v10H4.5zM9.1 3h2.4v10H9.1z", _FULL),
    "play": _line("M5 3.2v9.6L12.6 8z", _FULL),
    "record": _circle(8, 8, 4, _FULL),
    "redo": _line("M4.5 3H3v10h1.5M11.5 3H13v10h-1.5M8 5v6M5.8 8h4.4"),
    "rekey": _line("M6 11.5V3.5l6-1v8") + _circle(4.3, 11.5, 1.7) + _circle(10.3, 10.5, 1.7),
    "retempo": _line("M5.5 2.5h5l2 11h-9zM8 10l3.5-6"),
    "right": _line("M6.5 4.5 10 8l-3.5 3.5"),
    "search": _GLASS,
    "send": _line("M8 10.5V2.5M5 5.5l3-3 3 3M2.5 10v3h11v-3"),
    "sliders": _line("M3 4.5h6M12 4.5h1M3 11.5h1M7 11.5h6")
    + _circle(10.5, 4.5, 1.5)
    + _circle(5.5, 11.5, 1.5),
    "star": _line(_STAR),
    "starred": _line(_STAR, 'fill="currentColor"'),
    "trim": _line("M4.5 3v10M11.5 3v10M7 8h2"),
    "stop": _box(4, 4, 8, 8, 1, _FULL),
    "seam": _line("M8 2.5v11M2 8h4M4.5 6 6 8 4.5 10M14 8h-4M11.5 6 10 8l1.5 2"),
    "undo": _line("M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3"),
    "unlock": _box(3.5, 7, 9, 6.5, 1.5) + _line("M5.5 7V5a2.5 2.5 0 0 1 4.9-.7"),
    "up": _line("M4.5 9.5 8 6l3.5 3.5"),
    "updown": _line("M5 6.2 8 3.4l3 2.8M5 9.8l3 2.8 3-2.8"),
    "vary": _line(
        "M2 4.5h2.5c3.5 0 3.5 7 7 7H14M12 9.5l2 2-2 2M2 11.5h2.5c1.2 0 2-.8 2.6-1.9"
        "M9 6c.6-.9 1.4-1.5 2.5-1.5H14M12 2.5l2 2-2 2"
    ),
    "whole": _line("M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3"),
    "zoom_in": _GLASS + _line("M7 5.2v3.6M5.2 7h3.6"),
    "zoom_out": _GLASS + _line("M5.2 7h3.6"),
    "warning": _line("M8 2.5 14 13H2zM8 6.5v3M8 11.3v.01"),
    "logo": '<g transform="scale(0.0714) translate(-16 -16)" stroke-width="15">'
    + _line(
        "M128 89L128 27M147.5 80.9L160.5 49.5M161 95L192.2 63.8M179.6 106.6L200.6 97.9M169.4 128"
        "L225.8 128M176.2 148L205.1 159.9M162.2 162.2L190.6 190.6M149.6 180.2L157.7 199.7M128 167"
        "L128 229M108.5 175.1L95.5 206.5M95 161L63.8 192.2M76.4 149.4L55.4 158.1M86.6 128L30.2 128"
        "M79.8 108L50.9 96.1M93.8 93.8L65.4 65.4M106.4 75.8L98.3 56.3"
    )
    + "</g>",
    # The roles.
    "drums": '<ellipse cx="8" cy="5.5" rx="5" ry="2.3"/>'
    + _line("M3 5.5v5C3 11.8 5.2 13 8 13s5-1.2 5-2.5v-5"),
    "percussion": _line("M8 2.5 13 8l-5 5.5L3 8z"),
    "bass": _line("M2 10c1.5-5 3-5 4.5 0s3 5 4.5 0c.8-2.6 1.6-4 3-4"),
    "chords": _line("M3 4.5h10M3 8h10M3 11.5h10"),
    "pad": _line("M2 12c2 0 3-7.5 6-7.5s4 7.5 6 7.5"),
    "lead": _line("M2 11l3-4 3 2.5L11 4l3 3"),
    "texture": _line(
        "M4 4v.01M8 3v.01M12 5v.01M3 8.5v.01M7 8v.01M11 9.5v.01M5 12.5v.01M9 12.5v.01M13 13v.01",
        _DOTS,
    ),
    "mix": _line("M3 13V8M6.3 13V4M9.6 13V6.5M13 13V3"),
    "recording": _circle(8, 8, 5) + _circle(8, 8, 2, _FULL),
    "import": _line("M8 2.5v7M5 6.5l3 3 3-3M3 10.5v2.5h10v-2.5"),
}
"""What is inside the `svg` element of each sign, which is 16 by 16 pixels."""

_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="{0}" '
    'stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">{1}</svg>'
)


def paint_sign(painter: QPainter, box: QRectF, name: str, colour: str) -> None:
    """Draw a sign of `SIGNS` into a square, in a colour as `#rrggbb`."""
    ratio = painter.device().devicePixelRatio()
    drawn = sign_pixmap(name, colour, box.width(), ratio)
    painter.drawPixmap(box.topLeft(), drawn)


@functools.lru_cache(512)
def sign_pixmap(name: str, colour: str, side_px: float = SIGN_PX, ratio: float = 1.0) -> QPixmap:
    """Return a sign of `SIGNS` as a picture; `ratio` is that of the screen's pixels to ours."""
    from PySide6.QtSvg import QSvgRenderer

    drawing = _SVG.format(colour, SIGNS[name].replace("currentColor", colour))
    picture = QPixmap(round(side_px * ratio), round(side_px * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(Qt.GlobalColor.transparent))
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(0, 0, side_px, side_px))
    painter.end()
    return picture
