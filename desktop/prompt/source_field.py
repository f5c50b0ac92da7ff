"""The source field of the prompt panel: the file, how it is used, and what is known about it."""

import dataclasses

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.prompt.form import Source
from desktop.prompt.source_facts_line import SourceFactsLine
from desktop.widgets.basics import ElidedLabel, label, repolish
from desktop.widgets.buttons import SignButton, ToolSign
from desktop.widgets.drops import local_files
from desktop.widgets.plain import plain_caption, plain_tip
from engine.loops.audio_formats import described_formats
from engine.loops.source.facts import SourceFacts, StatedFacts

_HEIGHT = 40
_EMPTY_TIP = (
    f"Source of the next loop: drop a sound here ({described_formats()}), or choose Start from "
    "this on a clip"
)


class SourceField(QFrame):
    """Holds the source as `source`; emits `changed` when it was set or cleared.

    Emits `dropped` with the path of a sound dropped on it, from the clip list or elsewhere.
    """

    changed = Signal()
    dropped = Signal(object)
    choices_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("field")
        self.setMinimumHeight(_HEIGHT)
        self.setAcceptDrops(True)
        self._source: Source | None = None
        self._empty = _Invitation()
        self._name = label("", "value")
        self._name.setMinimumWidth(20)
        self.mode_button = SignButton(" ", tip="Choose how to use the source", small=True)
        self.mode_button.setObjectName("quiet")
        self.mode_button.chevron = True
        self.mode_button.clicked.connect(self.choices_wanted)
        self.clear_button = ToolSign(
            "close", "Let go of the source", "Let go of the source: make loops from words alone"
        )
        self.clear_button.clicked.connect(lambda: self.set_source(None))
        self.facts_line = SourceFactsLine()
        self.facts_line.stated.connect(self._take_stated)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._empty, 1)
        row.addWidget(self._name, 1)
        row.addWidget(self.mode_button)
        row.addWidget(self.clear_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 6, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.facts_line)
        self.set_source(None)

    @property
    def source(self) -> Source | None:
        """The source; None if the loop is made from the prompt alone."""
        return self._source

    def set_source(self, source: Source | None) -> None:
        """Set the source, or clear it with None."""
        before, self._source = self._source, source
        if source is None or before is None or source.path != before.path:
            self.facts_line.hide()
        self.mode_button.setText("" if source is None else plain_caption(source.summary))
        for part in (self._name, self.mode_button, self.clear_button):
            part.setVisible(source is not None)
        self._empty.setVisible(source is None)
        self._look(over=False)
        self.setToolTip(plain_tip(_EMPTY_TIP if source is None else _tip(source)))
        self.setAccessibleName("source: " + ("none" if source is None else _spoken(source)))
        self._show_name()
        if source != before:
            self.changed.emit()

    def show_facts(
        self, source: Source, facts: SourceFacts, second_bpm: float | None = None
    ) -> None:
        """Show what is known about a source, if it is still this one.

        `second_bpm` is the next likely tempo, if there is one.
        """
        if self._source is not None and source.stated_file == self._source.stated_file:
            self.facts_line.show_facts(facts, source.stated, second_bpm)
            self.facts_line.show()

    def _take_stated(self, stated: StatedFacts) -> None:
        if self._source is not None:
            self.set_source(dataclasses.replace(self._source, stated=stated))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._look(over=True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._look(over=False)

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._look(over=False)
        self.dropped.emit(local_files(event.mimeData())[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_name()

    def _show_name(self) -> None:
        name = "" if self._source is None else self._source.path.stem
        width = max(self._name.width(), 20)
        dots = Qt.TextElideMode.ElideRight
        self._name.setText(self._name.fontMetrics().elidedText(name, dots, width))

    def _look(self, *, over: bool) -> None:
        """Look like a place to drop a sound, lit while one is over it, or like a filled field."""
        self.setProperty("kind", "drop" if self._source is None or over else "text")
        self.setProperty("over", over)
        repolish(self)


class _Invitation(QWidget):
    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        sign = ToolSign("import", "", "")
        sign.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        sign.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row.addWidget(sign)
        text = ElidedLabel("caption")
        text.setText("Start from: drop a sound or a loop")
        row.addWidget(text, 1)


def _spoken(source: Source) -> str:
    return f"{source.summary} {source.path.name}"


def _tip(source: Source) -> str:
    lines = [f"{source.summary}: {source.path}"]
    if source.with_path is not None:
        lines.append(f"with {source.with_path}")
    return "\n".join(lines)
