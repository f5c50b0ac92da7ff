"""The form of a pack: which loops, from a file or filled in here, and how the pack is called."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.prompt.takes import TAKES
from desktop.state.pack_form import PackForm
from desktop.transport.fields import BARS
from desktop.widgets.basics import Choice, ElidedLabel, LabelledField, label, sentence
from desktop.widgets.buttons import Segments, SignButton
from desktop.widgets.field import Field
from desktop.widgets.plain import plain_caption, plain_tip
from desktop.widgets.value_edit import ValueEdit
from engine.loops.errors import OutOfRange

_FILLED_IN, _LISTED = "filled in", "listed"
_MOST_COUNT = 1_000
_LONGEST_TEXT = 500
_PROMPTS_PX = 96
_PATH_PX = 420
_LIST_HELP = (
    "A CSV file as a spreadsheet writes it, with the columns prompt, role, key, bpm, count and "
    "bars; or the same as YAML. Several values of a cell are separated by semicolons."
)


def _read_count(text: str) -> int:
    digits = text.strip()
    if not digits.isdecimal() or not 1 <= int(digits[:6]) <= _MOST_COUNT:
        raise OutOfRange("The number of loops", text, f"1 to {_MOST_COUNT:,}")
    return int(digits)


COUNT = Field(
    name="count", caption="Loops of each", read=_read_count, show=str,
    step=lambda count, steps: int(min(max(count + round(steps), 1), _MOST_COUNT)),
    hint="How many loops of each prompt, key and tempo",
)  # fmt: skip


class FormView(QWidget):
    """Edits a `PackForm`; emits `changed`, and `refused` with why a number was not taken."""

    changed = Signal()
    refused = Signal(str)

    def __init__(self, form: PackForm, usual_out: Path) -> None:
        super().__init__()
        self._usual_out = usual_out
        self._list, self._out = form.list, form.out
        self.way = Segments(
            {_FILLED_IN: "Fill in", _LISTED: "From a list"}, "Where the loops come from"
        )
        self.way.show_chosen(_LISTED if form.from_list else _FILLED_IN)
        self.prompts = QPlainTextEdit(form.prompts)
        self.keys, self.tempos = QLineEdit(form.keys), QLineEdit(form.tempos)
        self.model = Choice(right=True)
        self._wanted_model = form.model
        self.bars = ValueEdit(BARS, form.bars, small=True)
        self.count = ValueEdit(COUNT, form.count, small=True)
        self.takes = ValueEdit(TAKES, form.takes, small=True)
        self.list_button = SignButton("Choose a list…", "list", "A CSV or YAML file")
        self.list_name = ElidedLabel("muted")
        self.vendor, self.name = QLineEdit(form.vendor), QLineEdit(form.name)
        self.out_button = SignButton(" ", "folder", "Where the pack's folder is made", look="out")
        self.zipped = SignButton("Also as ZIP", "box", "Write the whole pack as one file, too")
        self.zipped.setObjectName("chip")
        self.zipped.setCheckable(True)
        self.zipped.setChecked(form.zipped)
        self._ways = QStackedWidget()
        self._lay_out()
        self._connect()
        self._show_files()

    @property
    def form(self) -> PackForm:
        """What was typed and chosen."""
        return PackForm(
            from_list=self.way.key == _LISTED, list=self._list, prompts=self.prompts.toPlainText(),
            keys=self.keys.text(), tempos=self.tempos.text(), bars=self.bars.value,
            model=self._wanted_model,
            count=self.count.value, vendor=self.vendor.text(), name=self.name.text(),
            out=self._out, takes=self.takes.value, zipped=self.zipped.isChecked(),
        )  # fmt: skip

    def show_models(self, names: Mapping[str, str]) -> None:
        """Offer models by id; the wanted one stays chosen if it is among them."""
        with QSignalBlocker(self.model):
            self.model.clear()
            for model_id, name in names.items():
                self.model.addItem(name, model_id)
            self.model.setCurrentIndex(max(self.model.findData(self._wanted_model), 0))
        self._wanted_model = self.model.currentData() or ""

    def use_list(self, path: Path) -> None:
        """Take the loops from a file."""
        self._list = str(path)
        self.way.show_chosen(_LISTED)
        self._show_files()
        self.changed.emit()

    def _connect(self) -> None:
        self.way.chosen.connect(lambda _way: self._show_files())
        self.way.chosen.connect(lambda _way: self.changed.emit())
        self.prompts.textChanged.connect(self.changed)
        self.model.currentIndexChanged.connect(self._choose_model)
        for text in (self.keys, self.tempos, self.vendor, self.name):
            text.textChanged.connect(lambda _text: self.changed.emit())
        for number in (self.bars, self.count, self.takes):
            number.changed.connect(lambda _value: self.changed.emit())
            number.refused.connect(self.refused)
        self.zipped.clicked.connect(lambda _checked: self.changed.emit())
        self.list_button.clicked.connect(self._choose_list)
        self.out_button.clicked.connect(self._choose_out)

    def _choose_model(self, _place: int) -> None:
        self._wanted_model = self.model.currentData() or ""
        self.changed.emit()

    def _choose_list(self) -> None:
        kinds = "Lists (*.csv *.yaml *.yml)"
        chosen, _kind = QFileDialog.getOpenFileName(self, "Choose a list", self._list, kinds)
        if chosen:
            self.use_list(Path(chosen))

    def _choose_out(self) -> None:
        start = self._out or str(self._usual_out.parent)
        chosen = QFileDialog.getExistingDirectory(self, "Make the pack in", start)
        if chosen:
            self._out = chosen
            self._show_files()
            self.changed.emit()

    def _show_files(self) -> None:
        self._ways.setCurrentIndex(1 if self.way.key == _LISTED else 0)
        self.list_name.setText(Path(self._list).name if self._list else "No list is chosen.")
        folder = self._out or str(self._usual_out)
        middle = Qt.TextElideMode.ElideMiddle
        shown = self.out_button.fontMetrics().elidedText(f"In {folder}", middle, _PATH_PX)
        self.out_button.setText(plain_caption(shown))
        self.out_button.setToolTip(plain_tip(folder))
        self.out_button.setAccessibleName(f"Make the pack in {folder}: choose another folder")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        ways = QHBoxLayout()
        ways.addWidget(self.way)
        ways.addStretch(1)
        column.addLayout(ways)
        self._ways.addWidget(self._fields())
        self._ways.addWidget(self._file())
        column.addWidget(self._ways)
        column.addSpacing(8)
        column.addWidget(label("The pack", "heading"))
        names = QHBoxLayout()
        names.addWidget(_text(self.vendor, "By", "your name", "Who makes the pack"), 1)
        names.addWidget(_text(self.name, "Name", "Dusty Tapes", "What the pack is called"), 1)
        column.addLayout(names)
        row = QHBoxLayout()
        best = LabelledField("Takes of each", self.takes, "The best of these takes is kept")
        best.setFixedWidth(160)
        row.addWidget(best)
        row.addWidget(self.zipped)
        row.addWidget(self.out_button)
        row.addStretch(1)
        column.addLayout(row)

    def _fields(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.prompts.setPlaceholderText("dusty lo-fi drums\nwarm Rhodes chords")
        self.prompts.setAccessibleName("What to play, one prompt in each line")
        self.prompts.setTabChangesFocus(True)
        self.prompts.setFixedHeight(_PROMPTS_PX)
        column.addWidget(label("What to play, one prompt in each line", "caption"))
        column.addWidget(self.prompts)
        row = QHBoxLayout()
        row.addWidget(LabelledField("Model", self.model, "What plays all loops"), 2)
        several = "Several are separated by semicolons"
        row.addWidget(_text(self.keys, "Keys", "any", f"Such as Am; C. {several}"), 2)
        row.addWidget(_text(self.tempos, "Tempos", "any", f"Such as 84; 90. {several}"), 2)
        row.addWidget(LabelledField("Bars", self.bars, BARS.hint), 1)
        row.addWidget(LabelledField(COUNT.caption, self.count, COUNT.hint), 1)
        column.addLayout(row)
        column.addStretch(1)
        return inside

    def _file(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.addWidget(self.list_button)
        row.addWidget(self.list_name, 1)
        about = sentence("muted")
        about.setText(_LIST_HELP)
        column.addLayout(row)
        column.addWidget(about)
        column.addStretch(1)
        return inside


def _text(editor: QLineEdit, name: str, example: str, tip: str) -> LabelledField:
    editor.setPlaceholderText(example)
    editor.setMaxLength(_LONGEST_TEXT)
    return LabelledField(name, editor, tip)
