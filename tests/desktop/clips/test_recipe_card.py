import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop.clips.recipe_card import RecipeCard, recipe_text
from engine.loops.request import LoopRequest
from tests.fakes.clips import grid_of, recipe_of


@pytest.fixture
def card(qtbot):
    card = RecipeCard()
    qtbot.addWidget(card)
    return card


def test_a_click_copies_the_prompt(qtbot, card):
    card.show_recipe(recipe_of(grid_of(), title="round sub bass"))
    qtbot.mouseClick(card.copy_prompt, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "round sub bass"


def test_without_a_prompt_there_is_nothing_to_copy(card):
    card.show_recipe(recipe_of(grid_of(), title=""))
    assert not card.copy_prompt.isEnabled()


@pytest.mark.parametrize(
    ("request_", "reported"),
    [
        (LoopRequest(source="abcd2345", mode="vary", amount=0.2), "vary 20 % of abcd2345"),
        (LoopRequest(source="a", mode="redo", redo_bars="2-3"), "redo bars 2-3 of a"),
        (
            LoopRequest(source="a", mode="blend", amount=0.5, with_source="b"),
            "blend 50 % of a with b",
        ),
        (
            LoopRequest(
                source="a",
                mode="blend",
                amount=0.5,
                with_source="b",
                blend_in="latents",
                renoise=0.3,
            ),
            "blend 50 % of a with b in latents, 30 % re-noised",
        ),
    ],
)
def test_the_recipe_lists_the_sources(request_, reported):
    recipe = msgspec.structs.replace(recipe_of(grid_of()), request=request_)
    assert reported in recipe_text(recipe).splitlines()
