"""The real window, in which the mark and the pad of a clip change again and again.

It prints the title that it found, and then the number of each change when that has been stored.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop.app.launch import Launcher
from desktop.clips.rows import Mark
from desktop.pads.banks import Pad
from desktop.state.settings import settings_file
from engine.log import start_log
from tests.hold.saver import CLIP

LOOK_EACH_MS = 20


class Changes:
    """Changes the clip as soon as it is in the list, and each time that all was written."""

    def __init__(self, launcher: Launcher, begin: int) -> None:
        self._launcher = launcher
        self._number = begin
        QTimer.singleShot(0, self._look)

    def _look(self) -> None:
        desktop = self._launcher.desktop
        row = None if desktop is None else desktop.collection.row(CLIP)
        if row is None:
            QTimer.singleShot(LOOK_EACH_MS, self._look)
        else:
            tell(row.mark.title)
            desktop._writer.idle.connect(self._go_on)
            self._change()

    def _go_on(self) -> None:
        tell(self._number)
        self._number += 1
        QTimer.singleShot(0, self._change)

    def _change(self) -> None:
        desktop, number = self._launcher.desktop, self._number
        mark = Mark(title=str(number), starred=number % 2 == 1, tags=("x" * 20_000,))
        desktop._edits.apply({CLIP: mark})
        desktop.pads.banks.put(0, Pad(clip=CLIP, pan=(number % 100) / 100))
        desktop.pads.save()


def tell(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    start_log("window")
    app = QApplication(sys.argv[:1])
    launcher = Launcher(app, settings_file(), None)
    changes = Changes(launcher, int(sys.argv[2]))
    raise SystemExit(launcher.run(Path(sys.argv[1]), None))
