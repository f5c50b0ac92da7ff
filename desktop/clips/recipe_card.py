"""The recipe of the selected clip as text: model, seed, prompt, tempo, licence."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.widgets.basics import label
from desktop.widgets.buttons import SignButton
from engine.loops.recipe import Recipe
from engine.loops.request import LoopRequest
from engine.loops.tempo import format_bpm


class RecipeCard(QWidget):
    """Shows a recipe as lines of text that can be copied."""

    def __init__(self) -> None:
        super().__init__()
        self.text = label("", "muted")
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setAccessibleName("Recipe")
        self._prompt = ""
        self.copy_prompt = SignButton("Copy words")
        self.copy_prompt.setObjectName("quiet")
        self.copy_prompt.setToolTip("Copy the prompt of this clip")
        self.copy_prompt.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._prompt))
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.addWidget(self.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.addWidget(label("How it was made", "heading"), 1)
        head.addWidget(self.copy_prompt)
        column.addLayout(head)
        column.addWidget(card)
        self.setVisible(False)

    def show_recipe(self, recipe: Recipe | None) -> None:
        """Show a recipe, or hide the card if it is None."""
        self.setVisible(recipe is not None)
        self.text.setText("" if recipe is None else recipe_text(recipe))
        self._prompt = "" if recipe is None else recipe.request.prompt
        self.copy_prompt.setEnabled(bool(self._prompt))


def recipe_text(recipe: Recipe) -> str:
    """Return a recipe as lines of text."""
    grid, request = recipe.grid, recipe.request
    length = f"{grid.bars} bars" if grid.is_loop else f"{grid.seconds:g} s"
    lines = [
        f"{recipe.model.id} {recipe.model.revision[:12]}"
        + ("" if request.seed is None else f" · seed {request.seed}"),
        _made_of(request),
        request.prompt,
        f"avoid: {request.negative}" if request.negative else "",
        " · ".join(p for p in (length, format_bpm(grid.bpm), str(grid.meter), recipe.key) if p),
        f"take {recipe.take + 1} of {recipe.asked_takes}, rank {recipe.rank}",
        ", ".join(recipe.badges),
        f"licence: {recipe.model.licence}",
    ]
    return "\n".join(line for line in lines if line)


def _made_of(request: LoopRequest) -> str:
    """Return the source and the mode of a clip; empty if it was made from a prompt alone."""
    if request.mode is None:
        return ""
    amount = "" if request.amount is None else f" {request.amount * 100:.0f} %"
    bars = "" if request.redo_bars is None else f" bars {request.redo_bars}"
    other = "" if request.with_source is None else f" with {request.with_source}"
    place = "" if request.blend_in is None else f" in {request.blend_in}"
    renoised = f", {request.renoise * 100:.0f} % re-noised" if request.renoise else ""
    return f"{request.mode}{amount}{bars} of {request.source}{other}{place}{renoised}"
