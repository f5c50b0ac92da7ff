"""Help with problems: the log folder, bug reports, and Qt's own messages."""

import logging
import re
import time
from pathlib import Path

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QProcess,
    QStandardPaths,
    QtMsgType,
    QUrl,
    qInstallMessageHandler,
)
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.state.notices import Notices
from engine.entry_points import program_command
from engine.log import log_folder

SOMETHING_WENT_WRONG = "Something went wrong in Loopwright: choose Help > Show log for details."
_END_S = 2.0
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_PATH = re.compile(r"(?:/|[A-Za-z]:[\\/])[^\s'\"]+")
_log = logging.getLogger(__name__)


class Problems(QObject):
    """Handles the Help menu; a separate process writes the report."""

    def __init__(self, window: QWidget, notices: Notices) -> None:
        super().__init__(window)
        self._window = window
        self._notices = notices
        self._report: QProcess | None = None

    def show_log(self) -> None:
        """Open the folder of the logs in the system's file manager."""
        folder = log_folder()
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._notices.warning(
                f"Cannot open the log folder {folder}: open it in your file manager.", topic="log"
            )

    def report(self) -> None:
        """Ask for a path, and run 'loopwright doctor --bundle' to write a report there."""
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.HomeLocation)
        place = Path(home) / f"loopwright-{time.strftime('%Y-%m-%d-%H%M')}.zip"
        name, _kind = QFileDialog.getSaveFileName(
            self._window, "Save report", str(place), "Zip (*.zip)"
        )
        if name:
            self.write_report(Path(name))

    def write_report(self, path: Path) -> None:
        """Write a report; a notice shows the result."""
        if self._report is not None:
            self._notices.info("A report is already being written.", topic="report")
            return
        self._report = process = QProcess(self)
        process.finished.connect(lambda: self._on_written(process, path))
        process.errorOccurred.connect(lambda: self._on_written(process, path))
        program, *arguments = program_command()
        process.start(program, [*arguments, "doctor", "--bundle", str(path)])
        self._notices.info("Writing the report. This takes a few seconds.", topic="report")

    def close(self) -> None:
        """Kill the process of an unfinished report."""
        process, self._report = self._report, None
        if process is not None:
            process.kill()
            process.waitForFinished(int(_END_S * 1_000))

    def _on_written(self, process: QProcess, path: Path) -> None:
        if self._report is None:
            return
        self._report = None
        text = process.readAllStandardError().toStdString().strip()
        if process.exitStatus() is QProcess.ExitStatus.NormalExit and process.exitCode() == 0:
            saved = f"Saved the report to {path}. Check what is in it before you send it."
            self._notices.info(saved, topic="report")
        else:
            reason = text.splitlines()[-1] if text else "Run 'loopwright doctor --bundle FILE.zip'."
            self._notices.error(f"The report was not written. {reason}", topic="report")
        process.deleteLater()


def log_qt_messages() -> None:
    """Send Qt's messages to the log, with paths only at level DEBUG."""
    qInstallMessageHandler(_on_qt_message)


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    shown = text if _log.isEnabledFor(logging.DEBUG) else _PATH.sub("…", text)
    _log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", shown)
