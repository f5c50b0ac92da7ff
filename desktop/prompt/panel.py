"""The prompt panel: prompt, model, length, takes, seed, source and the Generate button."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from desktop.library.rows import ModelRow
from desktop.prompt.advanced import Advanced
from desktop.prompt.form import PromptForm, Source
from desktop.prompt.generate_button import GenerateButton, action_of
from desktop.prompt.kit_field import KitField
from desktop.prompt.model_field import ModelChoice, ModelNote
from desktop.prompt.model_settings import Remembered
from desktop.prompt.seed_field import SeedField
from desktop.prompt.source_field import SourceField
from desktop.prompt.suggestions import Suggester
from desktop.prompt.takes import TAKES
from desktop.prompt.text_edit import PromptBox
from desktop.state.settings import Settings
from desktop.theme.stylesheet import GAP_PX, MARGIN_PX
from desktop.widgets.basics import FittingScroll, LabelledField, label
from desktop.widgets.buttons import SignButton
from desktop.widgets.plain import plain_caption
from desktop.widgets.value_edit import ValueEdit
from engine.client.prompt_words import prompt_words, roles
from engine.loops.derive import SKETCH_ID
from engine.loops.request import LoopRequest
from engine.models.entry import ModelEntry

_MOST_RECENT, _MOST_CHARACTERS = 12, 60


class PromptPanel(QWidget):
    """Emits `generate_clicked` when the user wants what `form` returns.

    `source` is the source of the next loop: a verb or a drop sets it, its close button or None
    clears it, and `form` includes it. The Generate button says what it will do.
    """

    generate_clicked = Signal()
    get_model_clicked = Signal(str)
    """The id of the selected model, which is not downloaded yet."""

    def __init__(
        self, models: tuple[ModelEntry, ...], takes: int, history: list[str], bars: ValueEdit
    ) -> None:
        """Create the panel; `bars` is the transport's editor of the length of a loop."""
        super().__init__()
        self.prompt_box = PromptBox(_suggester)
        self.prompt = self.prompt_box.edit
        self.prompt.history = list(history)
        self.chips = self.prompt_box.chips
        self.recent = SignButton("Recent", "clock", "Earlier prompts (Ctrl+Up in the prompt)")
        self.negative = QLineEdit()
        self.negative.setPlaceholderText("Leave out: vocals, hats")
        self.negative.setAccessibleName("Leave out")
        self.negative.setToolTip("What must not be in the loop")
        self.model = ModelChoice()
        self.sliders = SignButton("", "sliders", "Settings of the model, sample rate and bit depth")
        self.bars = bars
        self.takes = ValueEdit(TAKES, takes, small=True)
        self.about_model = ModelNote()
        self.say = QLineEdit()
        self.seed_field = SeedField()
        self.seed, self.lock = self.seed_field.edit, self.seed_field.lock
        self.advanced = Advanced()
        self.kit_field = KitField()
        self._wanted_model = ""
        self.source_field = SourceField()
        self.generate = GenerateButton()
        self._fill(models)
        self._lay_out()
        self.prompt.entered.connect(self.generate_clicked)
        self.about_model.get_clicked.connect(self._get_model)

    def form(self) -> PromptForm:
        """Return the contents of the panel.

        Raises:
            LoopError: a setting holds an invalid value.
        """
        return PromptForm(
            prompt=self.prompt.toPlainText().strip(),
            negative=self.negative.text(),
            model=self.model.currentData(),
            takes=self.takes.value,
            seed=self.seed_field.kept,
            source=self.source,
            settings=self.advanced.values(),
        )

    @property
    def source(self) -> Source | None:
        """The source of the next loop; None if it is made from the prompt alone."""
        return self.source_field.source

    @source.setter
    def source(self, source: Source | None) -> None:
        self.source_field.set_source(source)

    def choose_model(self, model_id: str) -> None:
        """Select a model, and focus the prompt."""
        self.model.setCurrentIndex(self.model.findData(model_id))
        self.prompt.setFocus()

    def show_models(self, rows: list[ModelRow]) -> None:
        """Show the models and their states."""
        self.model.show_rows(rows)
        self._choose_wanted()
        self._show_model()

    def restore(self, settings: Settings) -> None:
        """Restore the settings of the last session."""
        rate_and_depth = {"rate": settings.rate, "bits": settings.bits}
        self.advanced.restore(
            Remembered(settings.model_settings),
            {name: value for name, value in rate_and_depth.items() if value},
        )
        self.kit_field.set_kit(settings.kit)
        self._wanted_model = settings.model
        self._choose_wanted()

    def keep(self, settings: Settings) -> None:
        """Store the settings for the next session."""
        settings.prompts = self.prompt.history
        settings.takes = self.takes.value
        settings.model = self._wanted_model or self.model.currentData() or ""
        settings.model_settings = self.advanced.remembered.by_model
        settings.kit = self.kit_field.kit
        settings.rate = self.advanced.always.get("rate", "")
        settings.bits = self.advanced.always.get("bits", "")

    def show_seed(self, seed: int) -> None:
        """Show the seed of the last job, so that it can be locked."""
        self.seed_field.show_made(seed)

    def fill(self, prompt: str, seed: int | None = None) -> None:
        """Fill in a prompt, as if it had been typed; see `fill_from` for a whole request."""
        self.prompt.setPlainText(prompt)
        if seed is not None:
            self.seed_field.keep(seed)

    def fill_from(self, request: LoopRequest, model: str) -> None:
        """Fill the panel from the request of a clip.

        Args:
            request: request of the clip.
            model: id of the model that generated it; an unknown one keeps the selection.
        """
        self.fill(request.prompt, request.seed)
        self.negative.setText(request.negative or "")
        place = self.model.findData(model)
        if place >= 0:
            self._forget_wanted()
            self.model.setCurrentIndex(place)
            self.advanced.fill(request)
            self._show_model()

    def _fill(self, models: tuple[ModelEntry, ...]) -> None:
        self.show_models([ModelRow(entry=entry) for entry in models])
        self.model.currentIndexChanged.connect(self._show_model)
        self.model.activated.connect(self._forget_wanted)
        self.say.setPlaceholderText("Say: words for this model to speak or sing")
        self.say.setAccessibleName("Words to speak or sing")
        self.say.setToolTip("Words for the model to say or sing")
        self.say.textEdited.connect(lambda text: self.advanced.put("transcription", text))
        self.sliders.setCheckable(True)
        self.sliders.toggled.connect(self.advanced.open)
        self.advanced.fold.toggled.connect(self.sliders.setChecked)
        self.advanced.fold.toggled.connect(self._show_kit)
        self.kit_field.changed.connect(self._show_kit)
        self.recent.setObjectName("quiet")
        self.recent.chevron = True
        self.recent.clicked.connect(self._offer_recent)
        self.generate.clicked.connect(self.generate_clicked)
        self.takes.changed.connect(lambda _takes: self._show_action())
        self.source_field.changed.connect(self._show_action)
        self._show_action()

    def _lay_out(self) -> None:
        self.heading = label("Ask for a loop", "heading")
        self.head = QHBoxLayout()
        self.head.addWidget(self.heading)
        self.head.addStretch(1)
        self.head.addWidget(self.recent)
        inside = QWidget()
        inside.setObjectName("column")
        column = QVBoxLayout(inside)
        column.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, GAP_PX)
        column.setSpacing(GAP_PX)
        column.addLayout(self.head)
        for widget in (self.prompt_box, self.say, self.negative):
            column.addWidget(widget)
        model = LabelledField("Model", self.model, "Model that makes the loop")
        bars = LabelledField("Bars", self.bars, self.bars.hint)
        takes = LabelledField("Takes", self.takes, self.takes.hint)
        column.addLayout(_row(model, self.sliders))
        column.addWidget(self.advanced)
        column.addWidget(self.kit_field)
        column.addLayout(_row(bars, takes))
        column.addWidget(self.seed_field)
        column.addWidget(self.source_field)
        below = QVBoxLayout()
        below.setContentsMargins(MARGIN_PX, 4, MARGIN_PX, GAP_PX)
        below.setSpacing(GAP_PX)
        below.addWidget(self.generate)
        below.addWidget(self.about_model)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(FittingScroll(inside))  # Generate is always seen
        whole.addLayout(below)

    def _offer_recent(self) -> None:
        """Offer earlier prompts; Ctrl+Z in the prompt brings back what was there."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for prompt in self.prompt.history[:_MOST_RECENT]:
            shown = prompt if len(prompt) <= _MOST_CHARACTERS else f"{prompt[:_MOST_CHARACTERS]}…"
            action = menu.addAction(plain_caption(shown.replace("\n", " ")))
            action.triggered.connect(lambda _checked=False, text=prompt: self.prompt.put(text))
        if not self.prompt.history:
            menu.addAction("No prompts yet").setEnabled(False)
        menu.popup(self.recent.mapToGlobal(self.recent.rect().bottomLeft()))

    def _show_action(self) -> None:
        self.generate.show_action(action_of(self.source, self.takes.value))

    def _get_model(self) -> None:
        if (row := self.model.row) is not None:
            self.get_model_clicked.emit(row.id)

    def _choose_wanted(self) -> None:
        """Select the model of the last session; user folders are only known after a scan."""
        place = self.model.findData(self._wanted_model)
        if self._wanted_model and place >= 0:
            self._wanted_model = ""
            self.model.setCurrentIndex(place)

    def _show_kit(self) -> None:
        """Show the kit among the settings of sketch, and always if there is one."""
        is_wanted = bool(self.kit_field.kit) or self.advanced.fold.isChecked()
        self.kit_field.setVisible(is_wanted and self.model.currentData() == SKETCH_ID)

    def _forget_wanted(self) -> None:
        self._wanted_model = ""

    def _show_model(self) -> None:
        row = self.model.row
        self.about_model.show_row(row)
        entry = None if row is None else row.entry
        self.advanced.show_model(entry)
        self._show_kit()
        speaks = entry is not None and any(s.name == "transcription" for s in entry.settings)
        self.say.setVisible(speaks)
        said = self.advanced.remembered.of(entry).get("transcription", "")
        if said != self.say.text():
            self.say.setText(said)


def _row(first: QWidget, second: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(GAP_PX)
    row.addWidget(first, 1)
    row.addWidget(second, 0 if isinstance(second, SignButton) else 1)
    return row


def _suggester() -> Suggester:
    return Suggester(prompt_words(), roles())
