"""The panel that asks how clips are exported: format, sample rate, names and folder."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QProgressBar, QSizePolicy, QWidget

from desktop.state.settings import Settings
from desktop.widgets.basics import Choice, ElidedLabel, LabelledField, label, repolish, sentence
from desktop.widgets.buttons import SignButton
from desktop.widgets.plain import plain_caption, plain_tip
from desktop.widgets.sheet import Sheet
from engine.loops.errors import LoopError
from engine.loops.export import Format
from engine.loops.export_names import PARTS, Named, check_pattern, file_names

_FORMATS = {
    "wav 24": "WAV, 24 bit", "wav 16": "WAV, 16 bit", "wav 32f": "WAV, 32 bit float",
    "flac 24": "FLAC, 24 bit", "flac 16": "FLAC, 16 bit",
}  # fmt: skip
_RATES = {0: "As it is", 44_100: "44.1 kHz", 48_000: "48 kHz", 88_200: "88.2 kHz", 96_000: "96 kHz"}
_CONTENTS = {
    "Audio": ("audio", "The loops themselves"),
    "Stems": ("list", "Each part Sketch played, as its own loop"),
    "MIDI": ("key", "The notes of what Sketch played"),
}
_OFFERED = ("title", "tempo", "key", "length", "role", "take", "number", "date")
_WIDTH_PX = 520


class Contents(NamedTuple):
    """What is exported of each clip."""

    audio: bool
    stems: bool
    midi: bool


class ExportSheet(Sheet):
    """Emits `wanted` with format, pattern of the names and `Contents`; and `cancelled`."""

    wanted = Signal(object, str, object)
    cancelled = Signal()
    folder_clicked = Signal()

    def __init__(self, window: QWidget, settings: Settings) -> None:
        super().__init__(window, "Export", _WIDTH_PX)
        self._clips: Sequence[Named] = ()
        self._why_no_parts = ""
        self.heading = ElidedLabel("heading")
        self.form, self.rate = Choice(right=True), Choice(right=True)
        for choice, texts in ((self.form, _FORMATS), (self.rate, _RATES)):
            for value, text in texts.items():
                choice.addItem(text, value)
        self.contents = {
            name: SignButton(name, sign, tip) for name, (sign, tip) in _CONTENTS.items()
        }
        self.names = QLineEdit()
        self.names.setMaxLength(200)
        self.example = ElidedLabel("caption")
        self.to = SignButton(" ", "folder", look="out")
        self.problem = sentence("problem")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Exported so far")
        self.export = SignButton("Export")
        self._lay_out()
        self._restore(settings)
        self._connect()

    def show_clips(self, clips: Sequence[Named], folder: str, why_no_parts: str) -> None:
        """Open the panel for some clips.

        Args:
            clips: what can be named of each.
            folder: where the files will be.
            why_no_parts: why none of them has stems or MIDI; empty if one does.
        """
        self._clips = clips
        self._why_no_parts = why_no_parts
        count = len(clips)
        title = f"Export “{clips[0].title}”" if count == 1 else f"Export {count:,} loops"
        self.heading.setText(title)
        self.show_folder(folder)
        self.show_working(0)
        self.show_problem("")
        self.open_with(self.form)

    def show_folder(self, folder: str) -> None:
        """Show where the files will be."""
        self.to.setText(plain_caption(self.to.fontMetrics().elidedText(
            f"To {folder}", Qt.TextElideMode.ElideMiddle, _WIDTH_PX - 100
        )))  # fmt: skip
        self.to.setAccessibleName(f"Export to {folder}: choose another folder")

    def show_working(self, steps: int) -> None:
        """Show that so many things are being exported; or, if 0, that the panel asks again."""
        self.progress.setVisible(steps > 0)
        for part in (self.form, self.rate, self.names, self.to, self.parts, self.export):
            part.setEnabled(not steps)
        for name, button in self.contents.items():
            reason = "" if name == "Audio" else self._why_no_parts
            button.setEnabled(not steps and not reason)
            button.setToolTip(plain_tip(reason or _CONTENTS[name][1]))
        self.progress.setRange(0, max(steps, 1))
        self.show_progress(0)
        if not steps:
            self._show_example()
        self.place()

    def show_progress(self, done: int) -> None:
        """Show how many things have been exported."""
        self.progress.setValue(done)

    def show_problem(self, text: str) -> None:
        """Show why nothing was exported; empty for no problem."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.place()

    @property
    def format(self) -> Format:
        """The chosen format."""
        kind, bits = self.form.currentData().split()
        return Format(kind, bits, self.rate.currentData() or None)

    def keep(self, settings: Settings) -> None:
        """Store what was chosen in the settings."""
        settings.export_as = self.form.currentData()
        settings.export_rate = self.rate.currentData()
        settings.export_names = self.names.text()

    def dismiss(self) -> None:
        """Close the panel; what is being exported is cancelled."""
        self.cancelled.emit()
        super().dismiss()

    def _restore(self, settings: Settings) -> None:
        self.form.setCurrentIndex(max(self.form.findData(settings.export_as), 0))
        self.rate.setCurrentIndex(max(self.rate.findData(settings.export_rate), 0))
        self.names.setText(settings.export_names)

    def _connect(self) -> None:
        self.form.currentIndexChanged.connect(lambda _place: self._show_example())
        self.names.textChanged.connect(lambda _text: self._show_example())
        self.to.clicked.connect(self.folder_clicked)
        self.export.clicked.connect(
            lambda: self.wanted.emit(self.format, self.names.text(), self._contents())
        )
        for button in self.contents.values():
            button.setObjectName("chip")
            button.setCheckable(True)
            button.clicked.connect(lambda _checked: self._show_example())
        self.contents["Audio"].setChecked(True)

    def _contents(self) -> Contents:
        on = {name: each.isChecked() and each.isEnabled() for name, each in self.contents.items()}
        return Contents(on["Audio"], on["Stems"], on["MIDI"])

    def _show_example(self) -> None:
        """Show the name of the first file, or why the pattern cannot be used."""
        problem = ""
        try:
            check_pattern(self.names.text())
        except LoopError as error:
            problem = str(error)
        self.export.setEnabled(not problem and bool(self._clips) and any(self._contents()))
        self.example.setProperty("kind", "bad" if problem else "caption")
        repolish(self.example)
        if problem or not self._clips:
            self.example.setText(problem)
            return
        suffix = f".{self.form.currentData().split()[0]}"
        first = file_names(self._clips[:1], self.names.text(), [suffix])[0]
        self.example.setText(f"For example {first}")

    def _insert(self, part: str) -> None:
        text = self.names.text()
        before = text[: self.names.cursorPosition()]
        self.names.insert(f"{{{part}}}" if not before or before[-1] in " _-" else f"_{{{part}}}")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(LabelledField("As", self.form, "Format and bit depth"), 3)
        top.addWidget(LabelledField("Rate", self.rate, "Sample rate"), 2)
        self.names.setAccessibleName("Names")
        self.parts = QWidget()
        row = QHBoxLayout(self.parts)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for part in _OFFERED:
            button = SignButton(part.capitalize(), tip=f"Add to the names: {PARTS[part]}")
            button.setObjectName("quiet")
            button.clicked.connect(partial(self._insert, part))
            row.addWidget(button)
        row.addStretch(1)
        self.example.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.column.addWidget(self.heading)
        contents = QHBoxLayout()
        for button in self.contents.values():
            contents.addWidget(button)
        contents.addStretch(1)
        self.column.addLayout(contents)
        self.column.addLayout(top)
        self.column.addSpacing(4)
        self.column.addWidget(label("Names", "caption"))
        self.column.addWidget(self.names)
        self.column.addWidget(self.parts)
        self.column.addWidget(self.example)
        self.column.addSpacing(4)
        self.column.addWidget(self.to)
        self.column.addWidget(self.problem)
        self.add_foot(self.export, self.progress)
