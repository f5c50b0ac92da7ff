"""The real window, in which a slot fails twice and Qt warns; it prints its notices and closes."""

import sys
import threading

from PySide6.QtCore import QTimer, qWarning
from PySide6.QtWidgets import QApplication, QLabel

from desktop.app.launch import run
from engine.log import start_log

LOOK_EACH_MS = 20


def fail() -> None:
    raise KeyError("deep in a slot")


class Watcher:
    """Lets slots fail as soon as the window is there, and closes it once that is shown."""

    def __init__(self) -> None:
        self._has_failed = False
        threading.Thread(target=self._wait_for_the_application).start()

    def _wait_for_the_application(self) -> None:
        while (app := QApplication.instance()) is None:
            threading.Event().wait(LOOK_EACH_MS / 1_000)
        QTimer.singleShot(0, app, self._look)

    def _look(self) -> None:
        windows = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
        if windows and not self._has_failed:
            self._has_failed = True
            qWarning("a warning about /home/kim/song.wav")
            QTimer.singleShot(0, fail)
            QTimer.singleShot(0, fail)
        labels = [label for window in windows for label in window.findChildren(QLabel)]
        shown = [label.text() for label in labels if "went wrong" in label.text()]
        if shown:
            sys.stdout.write("\n".join(shown) + "\n")
            QApplication.closeAllWindows()
        else:
            QTimer.singleShot(LOOK_EACH_MS, self._look)


if __name__ == "__main__":
    start_log("window")
    watcher = Watcher()
    raise SystemExit(run())
