"""The chips below the search: each is a filter; those without room are in the last one's menu."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from desktop.clips.filters import Counts, Filters, Span, length_text, spans
from desktop.theme.stylesheet import GAP_PX, SMALL_PX
from desktop.widgets.buttons import SignButton
from desktop.widgets.plain import plain_caption

_TITLES = {
    "roles": "Role",
    "tempo": "Tempo",
    "meters": "Meter",
    "lengths": "Length",
    "tags": "Tags",
}
_WORD_ROOM_PX = 560
"""A bar that is narrower has the star alone, without the word."""


class KeepOpenMenu(QMenu):
    """A menu that stays open while its entries are checked, since several may be wanted."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.activeAction()
        if action is not None and action.isCheckable():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)


class FilterBar(QWidget):
    """Emits the filters whenever one changes; `counts` returns what the project has."""

    changed = Signal(object)

    def __init__(self, filters: Filters) -> None:
        super().__init__()
        self.filters = filters
        self.counts: Callable[[], Counts] | None = None
        self.starred = _chip("Starred", "star", "Only loops with a star")
        self.in_key = _chip("In key", "", "Only loops that fit the session's key")
        self.menus = {name: _chip(title, "", "", opens=True) for name, title in _TITLES.items()}
        self.more = _chip("More", "", "More filters", opens=True)
        self.clear = SignButton("Clear", tip="Show all loops again")
        self.clear.setObjectName("quiet")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP_PX)
        for part in (self.starred, self.in_key, *self.menus.values(), self.more, self.clear):
            self._row.addWidget(part)
        self._row.addStretch(1)
        self.starred.clicked.connect(lambda on: self._change(starred=on))
        self.in_key.clicked.connect(lambda on: self._change(in_key=on))
        for name, chip in self.menus.items():
            chip.clicked.connect(partial(self._open, [name], chip))
        self.more.clicked.connect(lambda: self._open(self._hidden(), self.more))
        self.clear.clicked.connect(lambda: self.show_filters(self.filters.without_filters()))
        self.show_filters(filters)

    def show_filters(self, filters: Filters) -> None:
        """Show other filters, and emit them."""
        self.filters = filters
        self.starred.setChecked(filters.starred)
        self.in_key.setChecked(filters.in_key)
        for name, chip in self.menus.items():
            on = getattr(filters, name)
            chip.setChecked(bool(on))
            chip.setText(plain_caption(_chip_text(name, on)))
            chip.setAccessibleName(_chip_text(name, on))
        self.clear.setVisible(bool(filters.names))
        self._fit()
        self.changed.emit(filters)

    def show_all(self) -> None:
        """Show all clips of the project."""
        self.show_filters(Filters(time=self.filters.time))

    def sizeHint(self) -> QSize:
        return QSize(240, SMALL_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, SMALL_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show the chips that there is room for."""
        self.starred.setText("Starred" if self.width() >= _WORD_ROOM_PX else "")
        fixed = [self.starred, self.in_key, *([self.clear] if self.filters.names else [])]
        room = self.width() - sum(each.sizeHint().width() + GAP_PX for each in fixed)
        widths = {name: chip.sizeHint().width() + GAP_PX for name, chip in self.menus.items()}
        if sum(widths.values()) > room:
            room -= self.more.sizeHint().width() + GAP_PX
        for name, chip in self.menus.items():
            room -= widths[name]
            chip.setVisible(room >= 0)
        hidden = self._hidden()
        self.more.setVisible(bool(hidden))
        self.more.setChecked(any(getattr(self.filters, name) for name in hidden))

    def _hidden(self) -> list[str]:
        return [name for name, chip in self.menus.items() if chip.isHidden()]

    def _change(self, **fields: Any) -> None:
        self.show_filters(replace(self.filters, **fields))

    def _open(self, names: list[str], chip: SignButton) -> None:
        """Open the menu of a chip, or those of several in one."""
        chip.setChecked(any(getattr(self.filters, name) for name in names))
        if self.counts is None:
            return
        counts = self.counts()
        menu = KeepOpenMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for name in names:
            inside = menu
            if len(names) > 1:
                inside = KeepOpenMenu(_TITLES[name], menu)
                menu.addMenu(inside)
            self._fill(inside, name, counts)
        menu.popup(chip.mapToGlobal(chip.rect().bottomLeft()))

    def _fill(self, menu: QMenu, name: str, counts: Counts) -> None:
        if name == "tempo":
            for span in spans(self.filters.time):
                action = menu.addAction(f"{span.text}\t{counts.in_span(span)}")
                action.setCheckable(True)
                action.setChecked(span == self.filters.tempo)
                action.triggered.connect(partial(self._toggle_tempo, span))
            return
        found: dict[Hashable, int] = dict(getattr(counts, name))
        chosen = getattr(self.filters, name)
        for value in _sorted(name, found.keys() | chosen):
            text = f"{_value_text(name, value)}\t{found.get(value, 0)}"
            action = menu.addAction(plain_caption(text))
            action.setCheckable(True)
            action.setChecked(value in chosen)
            action.triggered.connect(partial(self._toggle, name, value))
        if menu.isEmpty():
            menu.addAction("None yet").setEnabled(False)

    def _toggle(self, name: str, value: Hashable) -> None:
        self._change(**{name: getattr(self.filters, name) ^ {value}})

    def _toggle_tempo(self, span: Span) -> None:
        self._change(tempo=None if span == self.filters.tempo else span)


def _sorted(name: str, values: Iterable[Any]) -> list[Any]:
    return sorted(values) if name == "lengths" else sorted(values, key=str.lower)


def _value_text(name: str, value: Any) -> str:
    text = length_text(value) if name == "lengths" else str(value)
    return text[:1].upper() + text[1:]


def _chip_text(name: str, on: Any) -> str:
    """Return what a chip says: its name, its one value, or how many it has."""
    if not on:
        return _TITLES[name]
    if name == "tempo":
        return f"Tempo: {on.text}"
    if len(on) == 1:
        return f"{_TITLES[name]}: {_value_text(name, next(iter(on)))}"
    return f"{_TITLES[name]}: {len(on)}"


def _chip(text: str, sign: str, tip: str, *, opens: bool = False) -> SignButton:
    chip = SignButton(text, sign, tip or f"Only loops with this {text.lower()}", small=True)
    chip.setObjectName("chip")
    chip.setCheckable(True)
    chip.chevron = opens
    chip.setProperty("chevron", opens)
    chip.setAccessibleName(text)
    return chip
