"""The page of packs: the form, and then how far the pack is."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.packs.form import FormView
from desktop.packs.lines import Line, LineItems
from desktop.state.pack_form import PackForm
from desktop.widgets.basics import ElidedLabel, repolish, sentence
from desktop.widgets.buttons import SignButton
from engine.packs.maker import State

_INTRODUCTION = (
    "Many loops at once, with the names, folders and lists of contents that sample packs have. You "
    "can work on meanwhile."
)
_LEAST_LINES_PX = 120


class PackPage(QScrollArea):
    """Emits `make_clicked`; and while a pack is made, `paused` with whether it shall, `stopped`.

    `folder_clicked` is emitted to open the folder of the pack.
    """

    make_clicked = Signal()
    paused = Signal(bool)
    stopped = Signal()
    folder_clicked = Signal()

    def __init__(self, form: PackForm, usual_out: Path) -> None:
        super().__init__()
        self.form = FormView(form, usual_out)
        self.said = sentence("muted")
        self.make = SignButton("Make the pack")
        self.make.setObjectName("accent")
        self.make.setEnabled(False)
        self.make.clicked.connect(self.make_clicked)
        self.run = _RunCard()
        self.run.pause.clicked.connect(self.paused)
        self.run.stop.clicked.connect(self.stopped)
        self.run.folder.clicked.connect(self.folder_clicked)
        self._lay_out()

    def show_plan(self, text: str, button: str, *, can_make: bool, problem: bool = False) -> None:
        """Say what will be made, or why nothing can be; `button` is what the button says."""
        self.make.setText(button)
        self.said.setText(text)
        self.said.setProperty("kind", "problem" if problem else "muted")
        repolish(self.said)
        self.make.setEnabled(can_make)

    def show_begin(self, name: str) -> None:
        """Show that a pack is being made; the form gives it its room."""
        self._asking.setVisible(False)
        self.run.begin(name)

    def show_state(self, state: State) -> None:
        """Show how far it is."""
        self.run.show_state(state)

    def show_end(self, text: str, lines: list[Line], *, has_folder: bool) -> None:
        """Show how it ended, what else there is to say, and the form again."""
        self._asking.setVisible(True)
        self.run.end(text, lines, has_folder=has_folder)

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setObjectName("middle")
        introduction = sentence("muted")
        introduction.setText(_INTRODUCTION)
        foot = QHBoxLayout()
        foot.addWidget(self.said, 1)
        foot.addWidget(self.make, 0, Qt.AlignmentFlag.AlignTop)
        self._asking = QWidget()
        asking = QVBoxLayout(self._asking)
        asking.setContentsMargins(0, 0, 0, 0)
        asking.setSpacing(12)
        asking.addWidget(self.form)
        asking.addLayout(foot)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(introduction)
        column.addWidget(self._asking)
        column.addWidget(self.run, 1)
        column.addStretch(0)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


class _RunCard(QFrame):
    """A pack that is being made, or was: progress, and a line for each loop."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.heading = ElidedLabel("title")
        self.said = sentence("muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1_000)
        self.bar.setAccessibleName("How much of the pack is made")
        self.pause = SignButton("Pause", "pause", "Begin no more loops until you resume")
        self.pause.setCheckable(True)
        self.stop = SignButton("Stop", "stop", "What is made stays, and can be continued")
        self.folder = SignButton("Open folder", "folder", look="out")
        self.items = LineItems(self)
        self.lines = QListView()
        self.lines.setModel(self.items)
        self.lines.setUniformItemSizes(True)
        self.lines.setAccessibleName("Loops of the pack")
        self.lines.setMinimumHeight(_LEAST_LINES_PX)
        self._lay_out()
        self.setVisible(False)

    def begin(self, name: str) -> None:
        self.heading.setText(name)
        self.items.clear()
        self.said.setText("Starting")
        self.bar.setValue(0)
        self._show_running(running=True)
        self.setVisible(True)

    def show_state(self, state: State) -> None:
        self.bar.setValue(round(1_000 * state.share))
        if state.delivered is not None:
            self._add(Line.of(state.delivered))
        if not self.pause.isChecked():
            self.said.setText(_capitalised(str(state)))

    def show_paused(self, *, paused: bool) -> None:
        self.pause.setText("Resume" if paused else "Pause")
        self.pause.sign = "play" if paused else "pause"
        self.said.setText("Paused: what was begun is finished." if paused else "Going on")

    def end(self, text: str, lines: list[Line], *, has_folder: bool) -> None:
        for line in lines:
            self._add(line)
        self.said.setText(text)
        self._show_running(running=False)
        self.folder.setVisible(has_folder)

    def _add(self, line: Line) -> None:
        bar = self.lines.verticalScrollBar()
        at_end = bar.value() >= bar.maximum()
        self.items.add(line)
        if at_end:
            self.lines.scrollToBottom()

    def _show_running(self, *, running: bool) -> None:
        self.pause.setChecked(False)
        self.pause.setText("Pause")
        self.pause.sign = "pause"
        for part in (self.pause, self.stop, self.bar):
            part.setVisible(running)
        self.folder.setVisible(False)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.heading, 1)
        for button in (self.pause, self.stop, self.folder):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.said)
        column.addWidget(self.bar)
        column.addWidget(self.lines, 1)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
