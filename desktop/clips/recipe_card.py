"""How the selected clip was made, in the words of musicians: prompt, model, take, licence."""

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.clips.lineage import how_edited, how_made
from desktop.widgets.basics import label, sentence
from desktop.widgets.buttons import SignButton
from engine.loops.recipe import Recipe
from engine.loops.recording import LAYERS, PADS
from engine.loops.request import LoopRequest
from engine.loops.tempo import bars_in_words, format_bpm

_ID = re.compile(r" \([a-z2-7]{8}\)")
_PLACES = {1: "the best", 2: "second best", 3: "third best"}


class RecipeCard(QWidget):
    """Shows a recipe as lines of text that can be copied."""

    def __init__(self) -> None:
        super().__init__()
        self.text = sentence("muted")
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setAccessibleName("Recipe")
        self.prompt = sentence()
        self._prompt = ""
        self.again = SignButton(
            "Ask again like this", tip="Put its words and settings into the left column", small=True
        )
        self.folder = SignButton("Show file", "folder", "Show the file in its folder", small=True)
        self.folder.setObjectName("quiet")
        self.copy_prompt = SignButton("Copy words")
        self.copy_prompt.setObjectName("quiet")
        self.copy_prompt.setToolTip("Copy the prompt of this clip")
        self.copy_prompt.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._prompt))
        self._lay_out()
        self.setVisible(False)

    def _lay_out(self) -> None:
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(8, 10, 8, 10)
        inside.addWidget(self.prompt)
        inside.addWidget(self.text)
        foot = QHBoxLayout()
        foot.setSpacing(4)
        foot.addWidget(self.again)
        foot.addWidget(self.folder)
        foot.addStretch(1)
        inside.addLayout(foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.addWidget(label("How it was made", "heading"), 1)
        head.addWidget(self.copy_prompt)
        column.addLayout(head)
        column.addWidget(card)

    def show_recipe(self, recipe: Recipe | None, origin: str = "") -> None:
        """Show a recipe, or hide the card if it is None.

        `origin` says what it was made from, such as `from take 1`; empty for a take of a prompt.
        """
        self.setVisible(recipe is not None)
        self._prompt = "" if recipe is None else _words(recipe)
        self.prompt.setText(_quoted(self._prompt))
        self.prompt.setVisible(bool(self.prompt.text()))
        self.text.setText("" if recipe is None else recipe_text(recipe, origin))
        self.copy_prompt.setEnabled(bool(self._prompt))


def _words(recipe: Recipe) -> str:
    """Return the prompt; of a recording it has the names of what was played, without their ids."""
    played = recipe.model.id in (PADS.id, LAYERS.id)
    return _ID.sub("", recipe.request.prompt) if played else recipe.request.prompt


def recipe_text(recipe: Recipe, origin: str = "") -> str:
    """Return how a clip was made, as lines of text; see `RecipeCard.show_recipe`."""
    grid, request = recipe.grid, recipe.request
    bars = bars_in_words(grid.bars)
    length = bars if grid.is_loop else f"{grid.seconds:g} s"
    key, model = recipe.pitched_key, recipe.model.name.partition(" (")[0]
    if request.needs_no_model:
        model = "Made without a model"
    licence = recipe.model.licence
    again = "the same" if recipe.edited_from is None else "the whole loop"
    lines = [
        _made_of(request, "" if recipe.edited_from else origin),
        _edited(recipe, origin),
        f"{model}{_take_of(recipe)}",
        f"Left out: {request.negative}" if request.negative else "",
        ", ".join(p for p in (length, f"{format_bpm(grid.bpm)} bpm", str(grid.meter), key) if p),
        ", ".join(recipe.badges),
        f"{licence[:1].upper()}{licence[1:]}",
        "" if request.seed is None else f"Seed {request.seed} makes {again} again",
    ]
    return "\n".join(line for line in lines if line)


def _take_of(recipe: Recipe) -> str:
    """Return which take it is, and how it compares with the others; empty if it is the only one."""
    if recipe.asked_takes < 2:
        return ""
    best = _PLACES.get(recipe.rank, f"{recipe.rank}th best")
    return f", take {recipe.take + 1} of {recipe.asked_takes}, {best}"


def _made_of(request: LoopRequest, origin: str) -> str:
    """Return how a clip was made from its source; empty if it was made from a prompt alone."""
    if request.mode is None:
        return ""
    inside = ", mixed inside the model" if request.blend_in == "latents" else ""
    anew = f", {request.renoise * 100:.0f} % of it made anew" if request.renoise else ""
    return f"{how_made(request)}{f', {origin}' if origin else ''}{inside}{anew}"


def _edited(recipe: Recipe, origin: str) -> str:
    """Return what was edited of the clip that it is a version of; empty if it is none."""
    if recipe.edited_from is None:
        return ""
    return f"{how_edited(recipe.edits)}{f', {origin}' if origin else ''}"


def _quoted(prompt: str) -> str:
    return f"“{prompt}”" if prompt else ""
