"""A window of another program that takes drops and prints, as JSON, what it was given."""

import json
import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


class Target(QWidget):
    """Accepts what a DAW would: file URLs, to be copied."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("drop target")
        self.setAcceptDrops(True)
        self.resize(300, 300)

    def dragEnterEvent(self, event) -> None:  # noqa: N802
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dropEvent(self, event) -> None:  # noqa: N802
        files = [url.toLocalFile() for url in event.mimeData().urls()]
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        dropped = json.dumps({"files": files, "actions": event.possibleActions().value})
        sys.stdout.write(f"{dropped}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    target = Target()
    target.show()
    sys.exit(app.exec())
