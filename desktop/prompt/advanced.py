"""The Advanced section of the prompt panel: the model's settings, sample rate and bit depth."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.prompt.model_settings import (
    ALWAYS,
    FIELDS,
    Remembered,
    Value,
    read_setting,
    settings_text,
    shown,
)
from desktop.widgets.basics import Choice, LabelledField
from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest
from engine.models.entry import ModelEntry
from engine.models.settings import Setting

_ALWAYS = {setting.name for setting in ALWAYS}
_SHOWN = {"44100": "44.1 kHz", "48000": "48 kHz", "88200": "88.2 kHz", "96000": "96 kHz"}
_SHOWN |= {"16": "16 bit", "24": "24 bit", "32f": "32 bit float"}


class TypedSetting(QLineEdit):
    """A text field for a setting; emits `changed` with the value, or `refused` with the error."""

    changed = Signal(object)
    refused = Signal(str)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._name = setting.name
        self._kept = ""
        self.setPlaceholderText(setting.default or "none")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.editingFinished.connect(self._take)

    def show_value(self, value: Any) -> None:
        """Show a value; None stands for the default."""
        self._kept = shown(value)
        self.setText(self._kept)

    def take(self) -> None:
        """Parse the text if it has been edited, and emit `changed`.

        Raises:
            LoopError: the text is not a valid value.
        """
        if self.text() != self._kept:
            value = read_setting(self._name, self.text())
            self.show_value(value)
            self.changed.emit(value)

    def _take(self) -> None:
        try:
            self.take()
        except LoopError as error:
            self.setText(self._kept)
            self.refused.emit(str(error))


class ChosenSetting(Choice):
    """A list of the choices of a setting; emits `changed` with the value, None for the default."""

    changed = Signal(object)

    def __init__(self, setting: Setting) -> None:
        super().__init__(right=True)
        choices = setting.choices or ("off", "on")
        values = choices if setting.choices else (False, True)
        default = setting.default or values[0]
        for text, value in zip(choices, values, strict=True):
            self.addItem(_SHOWN.get(text, text), None if value == default else value)
        self.show_value(None)
        self.activated.connect(lambda place: self.changed.emit(self.itemData(place)))

    def show_value(self, value: Any) -> None:
        """Show a value; None stands for the default."""
        places = [place for place in range(self.count()) if self.itemData(place) == value]
        self.setCurrentIndex(places[0] if places else 0)


class Advanced(QWidget):
    """Holds the settings of each model in `remembered`; emits `refused` with the error of a text.

    The fields are created when the section is first opened, so that the window opens faster.
    """

    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.remembered = Remembered()
        self.always: dict[str, str] = {}
        self.fields: dict[str, TypedSetting | ChosenSetting] = {}
        self._entry: ModelEntry | None = None
        self.fold = QPushButton()
        self.fold.setObjectName("fold")
        self.fold.setCheckable(True)
        self.fold.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.fold.setToolTip("Model settings, sample rate and bit depth")
        self.fold.toggled.connect(self._toggle)
        self.defaults = QPushButton("Reset to defaults", self)
        self.defaults.hide()
        self.defaults.setObjectName("quiet")
        self.defaults.setToolTip("Reset all settings of this model")
        self.defaults.clicked.connect(self._forget)
        self._inside = QWidget()
        self._inside.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.fold)
        column.addWidget(self._inside)
        self._show_summary()

    def open(self, opened: bool) -> None:  # noqa: FBT001 - Qt's signal
        """Show the fields, or hide them."""
        self.fold.setChecked(opened)

    def show_model(self, entry: ModelEntry | None) -> None:
        """Show the settings of a model."""
        if entry != self._entry:
            self._entry = entry
            if self.fold.isChecked():
                self._fill()
            self._show_summary()

    def restore(self, remembered: Remembered, always: dict[str, str]) -> None:
        """Restore the settings of an earlier session."""
        self.remembered, self.always = remembered, dict(always)
        if self.fold.isChecked():
            self._fill()
        self._show_summary()

    def values(self) -> dict[str, Any]:
        """Return the settings by fields of `LoopRequest`.

        Raises:
            LoopError: a text field holds an invalid value.
        """
        for field in self.fields.values():
            if isinstance(field, TypedSetting):
                field.take()
        settings = self.remembered.of(self._entry)
        if "toward" not in settings:
            settings.pop("toward_amount", None)
        if "rate" in self.always:
            settings["rate"] = int(self.always["rate"])
        if "bits" in self.always:
            settings["bits"] = self.always["bits"]
        return settings

    def put(self, name: str, value: Value | None) -> None:
        """Set a value of the selected model, as if it had been typed."""
        if name in _ALWAYS:
            self.always.pop(name, None)
            if value is not None:
                self.always[name] = str(value)
        elif self._entry is not None:
            self.remembered.put(self._entry.id, name, value)
        if name in self.fields:
            self.fields[name].show_value(value)
        self._show_summary()

    def fill(self, request: LoopRequest) -> None:
        """Take over the settings of a request, including sample rate and bit depth."""
        for setting in () if self._entry is None else self._entry.settings:
            if setting.name in FIELDS:
                self.put(setting.name, getattr(request, setting.name))
        for setting in ALWAYS:
            self.put(setting.name, _unless(setting.default, str(getattr(request, setting.name))))

    def _settings(self) -> list[Setting]:
        own = () if self._entry is None else self._entry.settings
        has = {each.name: each for each in (*own, *ALWAYS)}
        return [has[name] for name in FIELDS if name in has and name != "transcription"]

    def _toggle(self, opened: bool) -> None:  # noqa: FBT001 - Qt's signal
        if opened:
            self._fill()
        self._inside.setVisible(opened)
        self._show_summary()

    def _forget(self) -> None:
        if self._entry is not None:
            self.remembered.clear(self._entry.id)
        self.always = {}
        self._fill()
        self._show_summary()

    def _show_summary(self) -> None:
        set_now = settings_text(self.remembered.of(self._entry))
        extra = " · ".join(_SHOWN[text] for text in self.always.values())
        parts = [part for part in ("Settings", set_now, extra) if part]
        self.setVisible(self.fold.isChecked() or len(parts) > 1)
        self.fold.setText(f"{'▾' if self.fold.isChecked() else '▸'}  {' · '.join(parts)}")
        self.fold.setAccessibleName(", ".join(parts))
        self.defaults.setVisible(self.fold.isChecked() and bool(set_now or extra))

    def _fill(self) -> None:
        """Rebuild the fields for the selected model."""
        old = self._inside
        self.defaults.setParent(self)
        self._inside = QWidget()
        self.fields = {}
        grid = QGridLayout(self._inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        cells = self._make_fields()
        row = column = 0
        for field, wide in cells:
            if wide and column:
                row, column = row + 1, 0
            grid.addWidget(field, row, column, 1, 2 if wide else 1)
            row, column = (row + 1, 0) if wide or column else (row, 1)
        grid.addWidget(self.defaults, row + 1, 0, 1, 2)
        layout = self.layout()
        if layout is not None:
            layout.replaceWidget(old, self._inside)
        old.deleteLater()
        self._inside.setVisible(self.fold.isChecked())

    def _make_fields(self) -> list[tuple[LabelledField, bool]]:
        made = []
        for setting in self._settings():
            field = FIELDS[setting.name]
            editor = TypedSetting(setting) if field.read else ChosenSetting(setting)
            editor.show_value(self._value(setting.name))
            editor.changed.connect(self._putting(setting.name))
            if isinstance(editor, TypedSetting):
                editor.refused.connect(self.refused)
            self.fields[setting.name] = editor
            made.append((LabelledField(_titled(field.caption), editor, field.hint), field.wide))
        return made

    def _value(self, name: str) -> Value | None:
        return self.always.get(name) or self.remembered.of(self._entry).get(name)

    def _putting(self, name: str) -> Callable[[Any], None]:
        return lambda value: self.put(name, value)


def _titled(caption: str) -> str:
    return f"{caption[:1].upper()}{caption[1:]}"


def _unless(default: str, value: str) -> str | None:
    return None if value == default else value
