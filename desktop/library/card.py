"""The card of one model on the Models page."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
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
    USUAL_TIME,
    WAITING,
    ModelRow,
    is_too_large,
    sound_words,
    take_words,
)
from desktop.widgets.basics import label, repolish, sentence
from desktop.widgets.plain import plain_tip
from engine.loops.precedence import SessionTime
from engine.models.errors import gigabytes
from engine.models.needs import Capacity, conversion_note, disk_need, memory_need

NARROW_PX = 720
"""Below this width, sound, time and licence move below the text."""
_MARGINS, _GAP_PX, SCROLL_PX = (14, 10, 10, 10), 10, 8
"""Around the contents of a card: left, top, right, bottom; between columns; beside the cards."""
_SOUND_PX, _TAKE_PX, _LOOPS_PX, _ACTIONS_PX = 96, 72, 172, 128
"""Widths of the columns after the text; the last has the buttons."""
_NOTES_PX = _SOUND_PX + _TAKE_PX + _LOOPS_PX + 2 * _GAP_PX
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
_MEASURED = "As measured when it was last used, without the time to load it"
_NOT_MEASURED = "It is measured when you use it"
_SECOND = ("check", "remove")
"""The actions that stand below the main one."""
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
        self._time = USUAL_TIME
        self._in_use = False
        self._facts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._notes = QWidget()
        self._on_yes: Callable[[], None] | None = None
        self.name = sentence("title")
        self.sound = sentence("caption")
        self.badge = label("", "badge")
        self.state = sentence("caption")
        self.take = sentence("caption")
        self.used = label("✓ In use", "ready")
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

    def show_session(self, time: SessionTime) -> None:
        """Set how long a take is."""
        self._time = time
        self._show_take()

    def show_in_use(self, *, in_use: bool) -> None:
        """Mark the model that loops are asked from."""
        self._in_use = in_use
        self.setProperty("chosen", in_use)
        repolish(self)
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
        self._show_take()
        self._show_licence()
        self.about.setText(f"{_capitalised(entry.good_for)}.")
        facts = row.facts_text if row.folder is None else f"{row.facts_text}\n{row.folder}"
        self.setToolTip(plain_tip(facts))
        quiet = row.state in _UNSAID and not row.loading and not row.resumable
        self.state.setText("" if quiet else _capitalised(row.state_text))
        self.state.setVisible(not quiet)
        self.state.setProperty("kind", _KINDS.get(row.state, "caption"))
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

    def _show_take(self) -> None:
        took = self._row.per_second
        self.take.setText("–" if took is None else take_words(self._time, took))
        self.take.setToolTip(_NOT_MEASURED if took is None else _MEASURED)
        # Without the column's name above it, a dash says nothing.
        self.take.setVisible(took is not None or self.width() >= NARROW_PX)

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
        narrow = self.width() < NARROW_PX
        self._facts.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)
        self._notes.setMinimumWidth(0 if narrow else _NOTES_PX)
        self._notes.setMaximumWidth(self.width() if narrow else _NOTES_PX)
        self._show_take()

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
            self.state.setText(_capitalised(f"{row.state_text}, {row.stage}"))

    def _show_actions(self) -> None:
        row = self._row
        actions = _ACTIONS.get(row.state, ())
        if row.is_there:
            actions = tuple(action for action in actions if action not in _SECOND)
        elif row.folder is not None:
            actions = tuple(action for action in actions if action != "download")
        elif row.resumable:
            actions = ("remove", *actions)
        used = self._in_use and "use" in actions
        self.used.setVisible(used)
        for action, button in self.buttons.items():
            button.setVisible(action in actions and not (used and action == "use"))
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
        if action in _SECOND:
            button.setObjectName("quiet")
        return button

    def _lower_half(self) -> QWidget:
        half = QWidget()
        self.no.setToolTip("Cancel")
        self.no.clicked.connect(half.hide)
        self.yes.setObjectName("accent")
        self.yes.clicked.connect(self._agreed)
        row = QHBoxLayout()
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
        notes = QHBoxLayout(self._notes)
        notes.setContentsMargins(0, 3, 0, 0)
        notes.setSpacing(_GAP_PX)
        for widget, width in ((self.sound, _SOUND_PX), (self.take, _TAKE_PX)):
            inside = QWidget()
            inside.setFixedWidth(width)
            inside.setLayout(_column(widget))
            notes.addWidget(inside)
        badge = QHBoxLayout()
        badge.addWidget(self.badge)
        badge.addStretch(1)
        licence = _column(self.licence)
        licence.insertLayout(0, badge)
        notes.addLayout(licence, 1)
        self._facts.setSpacing(_GAP_PX)
        self._facts.addLayout(_column(self.name, self.about), 1)
        self._facts.addWidget(self._notes)
        head = QHBoxLayout()
        head.setSpacing(_GAP_PX)
        head.addLayout(self._facts, 1)
        head.addWidget(self._actions())
        column = QVBoxLayout(self)
        column.setContentsMargins(*_MARGINS)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.problem)
        column.addWidget(self._more)

    def _actions(self) -> QWidget:
        """Lay out the state and the buttons, the main one above the others."""
        second = QHBoxLayout()
        second.setSpacing(4)
        column = _column(self.state, self.bar, self.used)
        for action, button in self.buttons.items():
            if action in _SECOND:
                second.addWidget(button, 1)
            else:
                column.insertWidget(column.count() - 1, button)
        column.insertLayout(column.count() - 1, second)
        made = QWidget()
        made.setFixedWidth(_ACTIONS_PX)
        made.setLayout(column)
        return made


class CardHeader(QWidget):
    """The names of the columns of the cards below it, which have a scroll bar beside them."""

    def __init__(self, bar_px: int) -> None:
        super().__init__()
        names = QHBoxLayout(self)
        left, _top, right, _bottom = _MARGINS
        names.setContentsMargins(left, 0, right + SCROLL_PX + bar_px, 0)
        names.setSpacing(_GAP_PX)
        names.addWidget(label("Good for", "caption"), 1)
        columns = {"Sound": _SOUND_PX, "A take": _TAKE_PX, "Your loops": _LOOPS_PX, "": _ACTIONS_PX}
        for name, width in columns.items():
            shown = label(name, "caption")
            shown.setFixedWidth(width)
            names.addWidget(shown)


def _column(*widgets: QWidget) -> QVBoxLayout:
    """Return widgets below each other, at the top."""
    made = QVBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(4)
    for widget in widgets:
        made.addWidget(widget)
    made.addStretch(1)
    return made


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
