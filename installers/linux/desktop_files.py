"""The files that integrate the program into a Linux desktop: menu entry, icons, description."""

from collections.abc import Iterator
from pathlib import Path

from drawing import DRAWING, SIZES
from steps import BUILD

HERE = Path(__file__).resolve().parent
ENTRY = "applications/loopwright.desktop"


def desktop_files(program: str) -> Iterator[tuple[str, bytes]]:
    """Yield paths below a `share` folder with their contents; `program` is the start command."""
    entry = (HERE / "loopwright.desktop").read_text("utf-8")
    yield ENTRY, entry.replace("@PROGRAM@", program).encode()
    name = "org.loopwright.Loopwright.metainfo.xml"
    yield f"metainfo/{name}", (HERE / name).read_bytes()
    yield "icons/hicolor/scalable/apps/loopwright.svg", DRAWING.read_bytes()
    for size in SIZES:
        drawn = BUILD / "icons" / f"{size}.png"
        data = drawn.read_bytes() if drawn.is_file() else b""  # a dry run has none
        yield f"icons/hicolor/{size}x{size}/apps/loopwright.png", data
