"""The typeface of the window, Inter, and its sizes.

The font comes as a package of its own, one file under the SIL Open Font License; where that package
is missing, the system's typeface stands in. A style sheet cannot choose among weights that are in
one file, so that weights are set here, and sizes there.
"""

import functools
import logging
from importlib import resources

from PySide6.QtGui import QFont, QFontDatabase

WELCOME_PX, PAGE_PX, TIME_PX, LOOP_PX, PROMPT_PX, TEXT_PX, CAPTION_PX, RULER_PX = (
    24, 20, 16, 15, 14, 13, 12, 11,
)  # fmt: skip
NORMAL, MEDIUM, STRONG = QFont.Weight.Normal, QFont.Weight.Medium, QFont.Weight.DemiBold

_FACES = ["Inter", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans"]
_FILE = ("files", "Inter[opsz,wght].ttf")
_log = logging.getLogger(__name__)


@functools.cache
def load_typeface() -> bool:
    """Add Inter to the application's fonts; return whether it is there."""
    try:
        with resources.as_file(resources.files("fontpkg_inter").joinpath(*_FILE)) as file:
            found = QFontDatabase.addApplicationFont(str(file)) >= 0
    except (ImportError, OSError):
        found = False
    if not found:
        _log.info("Inter is not installed: the system's typeface is used")
    return found


def text_font(pixels: int = TEXT_PX, weight: QFont.Weight = NORMAL) -> QFont:
    """Return the window's font; all figures are equally wide, so that numbers stand still."""
    font = QFont(_FACES)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    font.setVariableAxis(QFont.Tag("wght"), weight.value)  # Qt draws all weights of one file alike
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
