"""The panel for the tags of clips, or their collections: those that there are, and new ones."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.widgets.basics import ElidedLabel, FlowLayout
from desktop.widgets.buttons import SignButton
from desktop.widgets.sheet import Sheet

_WIDTH_PX, _MOST_OFFERED, _LONGEST_NAME = 420, 24, 60


class NameSheet(Sheet):
    """Emits `wanted` with the names that were chosen and typed."""

    wanted = Signal(object)

    def __init__(self, window: QWidget, what: str) -> None:
        """Prepare a panel for `what`, such as tags."""
        super().__init__(window, what.capitalize(), _WIDTH_PX)
        self._what = what.capitalize()
        self.heading = ElidedLabel("heading")
        self.field = QLineEdit()
        self.field.setPlaceholderText(f"{self._what}, separated by commas")
        self.field.setAccessibleName(self._what)
        self.field.textEdited.connect(lambda _text: self._show_chosen())
        self.offered = QWidget()
        self._flow = FlowLayout(self.offered, 4)
        self.save = SignButton("Save")
        self.save.clicked.connect(self._take)
        for widget in (self.heading, self.field, self.offered):
            self.column.addWidget(widget)
        self.add_foot(self.save)

    def show_names(self, title: str, names: Iterable[str], known: Iterable[str]) -> None:
        """Open the panel for clips that have some names; `known` are those of all clips."""
        self.heading.setText(f"{self._what} of {title}")
        self.field.setText(", ".join(names))
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for name in list(known)[:_MOST_OFFERED]:
            button = SignButton(name, tip=f"Add or remove {name}", small=True)
            button.setObjectName("chip")
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, name=name: self._toggle(name))
            button.setProperty("name", name)
            self._flow.addWidget(button)
        self.offered.setVisible(self._flow.count() > 0)
        self._show_chosen()
        self.open_with(self.field)
        self.field.selectAll()

    @property
    def names(self) -> tuple[str, ...]:
        """What is in the field, each name once."""
        typed = (name.strip()[:_LONGEST_NAME] for name in self.field.text().split(","))
        return tuple(dict.fromkeys(name for name in typed if name))

    def _toggle(self, name: str) -> None:
        names = self.names
        kept = [each for each in names if each != name]
        self.field.setText(", ".join(kept if name in names else [*names, name]))
        self._show_chosen()

    def _show_chosen(self) -> None:
        names = self.names
        for button in self.offered.findChildren(SignButton):
            button.setChecked(button.property("name") in names)

    def _take(self) -> None:
        self.dismiss()
        self.wanted.emit(self.names)
