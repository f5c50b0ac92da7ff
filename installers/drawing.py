"""The icon in the formats of each system, from the drawing in desktop/theme."""

import os
from pathlib import Path

from steps import ROOT

DRAWING = ROOT / "desktop" / "theme" / "icon.svg"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def write_icons(folder: Path) -> None:
    """Write NAME.png in all sizes, and all of them in one .ico and one .icns."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    _write_drawings(folder)
    largest = Image.open(folder / f"{SIZES[-1]}.png")
    others = [Image.open(folder / f"{size}.png") for size in SIZES[:-1]]
    largest.save(
        folder / "loopwright.ico", sizes=[(s, s) for s in SIZES[:-1]], append_images=others
    )
    largest.save(folder / "loopwright.icns", append_images=others)


def _write_drawings(folder: Path) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    app = QGuiApplication.instance() or QGuiApplication([])
    renderer = QSvgRenderer(str(DRAWING))
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        image.save(str(folder / f"{size}.png"))
    del app
