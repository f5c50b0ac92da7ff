"""The card of one model on the Models page."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.library.rows import (
    BUILT_IN,
    CHECKING,
    DAMAGED,
    DOWNLOADING,
    MISSING,
    READY,
    REMOVING,
    SCANNING,
    WAITING,
    ModelRow,
    is_too_large,
    sound_words,
)
from desktop.widgets.basics import ElidedLabel, label, repolish, sentence
from desktop.widgets.plain import plain_tip
from engine.models.errors import gigabytes
from engine.models.needs import Capacity, conversion_note, disk_need, memory_need

_NARROW = 480
"""Below this width, in pixels, the buttons move below the title."""
_KINDS = {READY: "good", BUILT_IN: "good", DAMAGED: "bad"}
_UNSAID = (BUILT_IN, READY, MISSING, SCANNING)
"""The states that the group says, or the button."""
_ACTIONS = {
    BUILT_IN: ("use",),
    READY: ("check", "remove", "use"),
    MISSING: ("download",),
    DAMAGED: ("remove", "download"),
    WAITING: ("cancel",),
    DOWNLOADING: ("cancel",),
    CHECKING: ("cancel",),
    REMOVING: (),
    SCANNING: (),
}
_TITLES = {
    "use": ("Use this", "Ask for loops with this model"),
    "check": ("Check", "Read all files and compare them with the published checksums"),
    "remove": ("Remove…", "Delete the model's files; you can download them again"),
    "download": ("Get", "Show licence and size, then download"),
    "cancel": ("Cancel", "Cancel; a download can be resumed later"),
}


class ModelCard(QFrame):
    """Shows one model; emits `wanted` with the id of the model and the action.

    Questions (the licence before a download, a confirmation before files are deleted) appear in the
    lower half of the card, which then emits `question_shown`.
    """

    wanted = Signal(str, str)
    question_shown = Signal()

    def __init__(self, row: ModelRow) -> None:
        super().__init__()
        self.setObjectName("card")
        self._row = row
        self._capacity: Capacity | None = None
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._answers = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._on_yes: Callable[[], None] | None = None
        self.name = _shrinking("title")
        self.sound = _shrinking("muted")
        self.badge = label("", "badge")
        self.state = _shrinking("muted", right=True)
        self.about = sentence("muted")
        self.licence = sentence("caption")
        self.problem = sentence("problem")
        self.bar = QProgressBar()
        self.question = sentence()
        self.yes = QPushButton()
        self.no = QPushButton("Not now")
        self.buttons = {action: self._button(action) for action in _TITLES}
        self._more = self._lower_half()
        self._lay_out()
        self.show_row(row)

    @property
    def row(self) -> ModelRow:
        """The row of the model."""
        return self._row

    def show_capacity(self, room: Capacity | None) -> None:
        """Set the available disk space and memory."""
        self._capacity = room
        self._show_actions()

    def show_row(self, row: ModelRow) -> None:
        """Show a model."""
        if row.state != self._row.state:
            self._more.hide()
        self._row = row
        entry = row.entry
        self.setAccessibleName(row.spoken)
        self.name.setText(entry.name)
        self.sound.setText(sound_words(entry))
        self._show_licence()
        self.about.setText(f"{_capitalised(entry.good_for)}.")
        facts = row.facts_text if row.folder is None else f"{row.facts_text}\n{row.folder}"
        self.setToolTip(plain_tip(facts))
        quiet = row.state in _UNSAID and not row.loading and not row.resumable
        self.state.setText("" if quiet else row.state_text)
        self.state.setProperty("kind", {"good": "ready", "bad": "problem"}.get(
            _KINDS.get(row.state, ""), "muted"
        ))  # fmt: skip
        repolish(self.state)
        self.problem.setText(row.problem)
        self.problem.setVisible(bool(row.problem))
        self._show_progress()
        self._show_actions()

    def ask_to_download(self) -> None:
        """Show licence and requirements, and the button that starts the download."""
        entry, room = self._row.entry, self._capacity
        lines = [f"Licence: {entry.licence}.", f"Source: {entry.hub} on Hugging Face."]
        enough = True
        if room is not None:
            disk = disk_need(entry, room, self._row.here_bytes)
            lines += [disk.text, memory_need(entry, room).text]
            enough = disk.met
        if note := conversion_note(entry):
            lines.append(note)
        self._ask("\n".join(lines), "Accept licence and download", self._download)
        self.yes.setEnabled(enough)

    def _show_licence(self) -> None:
        entry = self._row.entry
        self.badge.setText("Yours" if entry.commercial_use else "Non-commercial")
        self.badge.setProperty("kind", "yours" if entry.commercial_use else "badge")
        self.badge.setVisible(bool(entry.licence))
        repolish(self.badge)
        self.licence.setText(f"{_capitalised(entry.licence)}." if entry.licence else "")
        self.licence.setVisible(bool(entry.licence))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        directions = QBoxLayout.Direction
        narrow = self.width() < _NARROW
        for layout in (self._head, self._answers):
            layout.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)

    def _download(self) -> None:
        self.wanted.emit(self._row.id, "download")

    def _ask_to_remove(self) -> None:
        row = self._row
        size = gigabytes(row.of_bytes or row.here_bytes)
        self._ask(
            f"Delete the files of {row.entry.name} ({size})? You can download them again.",
            f"Delete {size}",
            lambda: self.wanted.emit(row.id, "remove"),
        )

    def _ask(self, question: str, yes: str, then: Callable[[], None]) -> None:
        self.question.setText(question)
        self.yes.setText(yes)
        self.yes.setEnabled(True)
        self._on_yes = then
        self._more.show()
        self.yes.setFocus()
        self.question_shown.emit()

    def _agreed(self) -> None:
        self._more.hide()
        if self._on_yes is not None:
            self._on_yes()

    def _touched(self, action: str) -> None:
        if action == "download":
            self.ask_to_download()
        elif action == "remove" and self._row.folder is None:
            self._ask_to_remove()
        else:
            self.wanted.emit(self._row.id, action)

    def _show_progress(self) -> None:
        row = self._row
        runs = row.state in (DOWNLOADING, CHECKING)
        self.bar.setVisible(runs)
        self.bar.setValue(round(1000 * row.fraction))
        if runs and row.stage:
            self.state.setText(f"{row.state_text}, {row.stage}")

    def _show_actions(self) -> None:
        row = self._row
        actions = _ACTIONS.get(row.state, ())
        if row.folder is not None:
            actions = tuple(action for action in actions if action != "download")
        elif row.resumable:
            actions = ("remove", *actions)
        for action, button in self.buttons.items():
            button.setVisible(action in actions)
        get = f"Get {gigabytes(row.entry.size_bytes)}"
        too_large = is_too_large(row, self._capacity)
        download = {DAMAGED: "Repair…"}.get(row.state, "Resume…" if row.resumable else get)
        self.buttons["download"].setText("Too large here" if too_large else download)
        self.buttons["download"].setEnabled(not too_large)
        own = row.folder is not None
        self.buttons["remove"].setText("Remove" if own else "Remove…")
        if own:
            self.buttons["remove"].setToolTip("Remove this folder from the list; its files stay")

    def _button(self, action: str) -> QPushButton:
        title, tip = _TITLES[action]
        button = QPushButton(title)
        button.setToolTip(plain_tip(tip))
        button.setAccessibleName(f"{title.rstrip('…')} {self._row.entry.name}")
        button.clicked.connect(lambda: self._touched(action))
        return button

    def _lower_half(self) -> QWidget:
        half = QWidget()
        self.no.setToolTip("Cancel")
        self.no.clicked.connect(half.hide)
        self.yes.setObjectName("accent")
        self.yes.clicked.connect(self._agreed)
        row = self._answers
        row.setSpacing(8)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        row.addStretch(1)
        column = QVBoxLayout(half)
        column.setContentsMargins(0, 6, 0, 2)
        column.setSpacing(10)
        column.addWidget(self.question)
        column.addLayout(row)
        half.hide()
        return half

    def _lay_out(self) -> None:
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(3)
        self.bar.setAccessibleName("Progress")
        title, actions = QHBoxLayout(), QHBoxLayout()
        title.setSpacing(8)
        actions.setSpacing(8)
        title.addWidget(self.name)
        title.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignVCenter)
        title.addWidget(self.sound)
        title.addStretch(1)
        title.addWidget(self.state)
        for button in self.buttons.values():
            actions.addWidget(button)
        actions.addStretch(1)
        head = self._head
        head.setSpacing(8)
        head.addLayout(title, 1)
        head.addLayout(actions)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 12, 10)
        column.setSpacing(4)
        column.addLayout(head)
        for widget in (self.about, self.licence, self.bar, self.problem, self._more):
            column.addWidget(widget)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shrinking(kind: str, *, right: bool = False) -> ElidedLabel:
    """Return a label as wide as its text, elided if there is less room."""
    made = ElidedLabel(kind, right=right)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    made.setMinimumWidth(30)
    return made
