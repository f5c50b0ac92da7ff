"""The panel for the tags of clips: those that the project has, and new ones."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop.widgets.basics import ElidedLabel, FlowLayout
from desktop.widgets.buttons import SignButton
from desktop.widgets.sheet import Sheet

_WIDTH_PX, _MOST_OFFERED, _LONGEST_TAG = 420, 24, 60


class TagSheet(Sheet):
    """Emits `wanted` with the tags that were chosen and typed."""

    wanted = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, "Tags", _WIDTH_PX)
        self.heading = ElidedLabel("heading")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Tags, separated by commas")
        self.field.setAccessibleName("Tags")
        self.field.textEdited.connect(lambda _text: self._show_chosen())
        self.offered = QWidget()
        self._flow = FlowLayout(self.offered, 4)
        self.save = SignButton("Save")
        self.save.setObjectName("accent")
        self.save.clicked.connect(self._take)
        cancel = SignButton("Cancel")
        cancel.setObjectName("quiet")
        cancel.clicked.connect(self.dismiss)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.save)
        for widget in (self.heading, self.field, self.offered):
            self.column.addWidget(widget)
        self.column.addLayout(foot)

    def show_tags(self, title: str, tags: Iterable[str], known: Iterable[str]) -> None:
        """Open the panel for a clip with some tags; `known` are those of all clips."""
        self.heading.setText(f"Tags of {title}")
        self.field.setText(", ".join(tags))
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for tag in list(known)[:_MOST_OFFERED]:
            button = SignButton(tag, tip=f"Give or take the tag {tag}", small=True)
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, tag=tag: self._toggle(tag))
            button.setProperty("tag", tag)
            self._flow.addWidget(button)
        self.offered.setVisible(self._flow.count() > 0)
        self._show_chosen()
        self.open_with(self.field)
        self.field.selectAll()

    @property
    def tags(self) -> tuple[str, ...]:
        """What is in the field, each tag once."""
        typed = (tag.strip()[:_LONGEST_TAG] for tag in self.field.text().split(","))
        return tuple(dict.fromkeys(tag for tag in typed if tag))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button with the keyboard, or else saves."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focus = self.focusWidget()
            (focus if isinstance(focus, SignButton) else self.save).click()
        else:
            super().keyPressEvent(event)

    def _toggle(self, tag: str) -> None:
        tags = self.tags
        kept = [each for each in tags if each != tag]
        self.field.setText(", ".join(kept if tag in tags else [*tags, tag]))
        self._show_chosen()

    def _show_chosen(self) -> None:
        tags = self.tags
        for button in self.offered.findChildren(SignButton):
            button.setChecked(button.property("tag") in tags)

    def _take(self) -> None:
        self.dismiss()
        self.wanted.emit(self.tags)
