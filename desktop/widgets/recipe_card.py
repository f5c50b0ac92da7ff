"""The recipe of the chosen clip, to be read: model, seed, prompt, time, licence."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.widgets.basics import label
from engine.loops.recipe import Recipe
from engine.loops.tempo import format_bpm


class RecipeCard(QWidget):
    """Shows a recipe as a few lines that can be copied."""

    def __init__(self) -> None:
        super().__init__()
        self.text = label("", "muted")
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setAccessibleName("Recipe")
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.addWidget(self.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(label("Recipe", "heading"))
        column.addWidget(card)
        self.setVisible(False)

    def show_recipe(self, recipe: Recipe | None) -> None:
        """Show a recipe, or nothing."""
        self.setVisible(recipe is not None)
        self.text.setText("" if recipe is None else recipe_text(recipe))


def recipe_text(recipe: Recipe) -> str:
    """Return a recipe as a few lines."""
    grid, request = recipe.grid, recipe.request
    length = f"{grid.bars} bars" if grid.is_loop else f"{grid.seconds:g} s"
    lines = [
        f"{recipe.model.id} {recipe.model.revision[:12]}"
        + ("" if request.seed is None else f" · seed {request.seed}"),
        request.prompt,
        f"not: {request.negative}" if request.negative else "",
        " · ".join(p for p in (length, format_bpm(grid.bpm), str(grid.meter), recipe.key) if p),
        f"take {recipe.take + 1} of {recipe.asked_takes}, rank {recipe.rank}",
        ", ".join(recipe.badges),
        f"licence: {recipe.model.licence}",
    ]
    return "\n".join(line for line in lines if line)
