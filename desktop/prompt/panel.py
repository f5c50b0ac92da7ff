"""The prompt panel: prompt, model, takes, seed, source and the Generate button."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.library.rows import ModelRow
from desktop.prompt.advanced import Advanced
from desktop.prompt.form import PromptForm, Source
from desktop.prompt.model_field import ModelChoice, ModelNote
from desktop.prompt.model_settings import Remembered
from desktop.prompt.seed_field import SeedField
from desktop.prompt.source_field import SourceField
from desktop.prompt.suggestions import Suggester
from desktop.prompt.text_edit import PromptBox
from desktop.state.settings import Settings
from desktop.widgets.basics import Chips, Choice, LabelledField, label
from engine.client.prompt_words import prompt_words, roles
from engine.loops.request import HIGHEST_TAKES, LoopRequest
from engine.models.entry import ModelEntry


class PromptPanel(QWidget):
    """Emits `generate_clicked` when the user wants what `form` returns.

    `source` is the source of the next loop: a verb or a drop sets it, its close button or None
    clears it, and `form` includes it.
    """

    generate_clicked = Signal()
    get_model_clicked = Signal(str)
    """The id of the selected model, which is not downloaded yet."""

    def __init__(self, models: tuple[ModelEntry, ...], takes: int, history: list[str]) -> None:
        super().__init__()
        self.prompt_box = PromptBox(_suggester)
        self.prompt = self.prompt_box.edit
        self.prompt.history = list(history)
        self.chips = Chips()
        self.negative = QLineEdit()
        self.negative.setPlaceholderText("Avoid: low quality, vocals")
        self.negative.setAccessibleName("Negative prompt")
        self.negative.setToolTip("What to avoid")
        self.model = ModelChoice()
        self.takes = Choice(right=True)
        self.about_model = ModelNote()
        self.say = QLineEdit()
        self.seed_field = SeedField()
        self.seed, self.lock = self.seed_field.edit, self.seed_field.lock
        self.advanced = Advanced()
        self._wanted_model = ""
        self.source_field = SourceField()
        self.generate = QPushButton("Generate   Ctrl+↵")
        self._fill(models, takes)
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
            takes=self.takes.currentData(),
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
        self._wanted_model = settings.model
        self._choose_wanted()

    def keep(self, settings: Settings) -> None:
        """Store the settings for the next session."""
        settings.prompts = self.prompt.history
        settings.takes = self.takes.currentData()
        settings.model = self._wanted_model or self.model.currentData() or ""
        settings.model_settings = self.advanced.remembered.by_model
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

    def _fill(self, models: tuple[ModelEntry, ...], takes: int) -> None:
        self.show_models([ModelRow(entry=entry) for entry in models])
        self.model.currentIndexChanged.connect(self._show_model)
        self.model.activated.connect(self._forget_wanted)
        self.say.setPlaceholderText("Say: words for this model to speak")
        self.say.setAccessibleName("Transcription")
        self.say.setToolTip("Words for a speech model to say")
        self.say.textEdited.connect(lambda text: self.advanced.put("transcription", text))
        for number in range(1, HIGHEST_TAKES + 1):
            self.takes.addItem(str(number), number)
        self.takes.setCurrentIndex(takes - 1)
        self.generate.setObjectName("act")
        self.generate.setToolTip("Generate (Ctrl+Enter, or Enter in the prompt)")
        self.generate.clicked.connect(self.generate_clicked)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 8)
        column.setSpacing(10)
        for widget in (
            label("Prompt", "heading"),
            self.prompt_box,
            self.chips,
            self.say,
            self.negative,
        ):
            column.addWidget(widget)
        fields = QGridLayout()
        fields.setSpacing(8)
        model = LabelledField("model", self.model, "Model that generates the loop")
        takes = LabelledField("takes", self.takes, "Number of takes, 1-16")
        fields.addWidget(model, 0, 0)
        fields.addWidget(takes, 0, 1)
        fields.addWidget(self.seed_field, 1, 0, 1, 2)
        fields.addWidget(self.source_field, 2, 0, 1, 2)
        fields.setColumnStretch(0, 5)
        fields.setColumnStretch(1, 3)
        column.addLayout(fields)
        column.addWidget(self.about_model)
        column.addWidget(self.generate)
        column.addWidget(self.advanced)

    def _get_model(self) -> None:
        if (row := self.model.row) is not None:
            self.get_model_clicked.emit(row.id)

    def _choose_wanted(self) -> None:
        """Select the model of the last session; user folders are only known after a scan."""
        place = self.model.findData(self._wanted_model)
        if self._wanted_model and place >= 0:
            self._wanted_model = ""
            self.model.setCurrentIndex(place)

    def _forget_wanted(self) -> None:
        self._wanted_model = ""

    def _show_model(self) -> None:
        row = self.model.row
        self.about_model.show_row(row)
        entry = None if row is None else row.entry
        self.advanced.show_model(entry)
        speaks = entry is not None and any(s.name == "transcription" for s in entry.settings)
        self.say.setVisible(speaks)
        said = self.advanced.remembered.of(entry).get("transcription", "")
        if said != self.say.text():
            self.say.setText(said)


def _suggester() -> Suggester:
    return Suggester(prompt_words(), roles())
