import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop.clips.recipe_card import RecipeCard, recipe_text
from engine.loops.recording import LAYERS
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


SOURCE = {"source": "abcd2345"}


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (LoopRequest(mode="vary", amount=0.2, **SOURCE), "Varied 20 %, from take 1"),
        (LoopRequest(mode="redo", redo_bars="2-3", **SOURCE), "Bars 2–3 redone, from take 1"),
        (
            LoopRequest(mode="blend", amount=0.5, blend_in="latents", renoise=0.3, **SOURCE),
            "Blended 50 %, from take 1, mixed inside the model, 30 % of it made anew",
        ),
    ],
)
def test_it_says_what_a_clip_was_made_from_without_ids(request_, said):
    recipe = msgspec.structs.replace(recipe_of(grid_of()), request=request_)
    text = recipe_text(recipe, "from take 1")
    assert said in text.splitlines()
    assert "abcd2345" not in text


def test_of_a_mix_the_names_are_shown_and_copied_without_ids(qtbot, card):
    mixed = recipe_of(grid_of())
    mixed = msgspec.structs.replace(
        mixed, model=msgspec.structs.replace(mixed.model, id=LAYERS.id, name=LAYERS.name),
        request=LoopRequest(prompt="Mix of layers: deep bass (dyuhyvw2), warm keys (p4qciqlh)"),
    )  # fmt: skip
    card.show_recipe(mixed)
    assert card.prompt.text() == "“Mix of layers: deep bass, warm keys”"
    qtbot.mouseClick(card.copy_prompt, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "Mix of layers: deep bass, warm keys"


def test_a_stretched_loop_is_said_to_be_made_without_a_model():
    request = LoopRequest(mode="retempo", bpm=90.0, **SOURCE)
    recipe = msgspec.structs.replace(recipe_of(grid_of()), request=request)
    assert "Made without a model" in recipe_text(recipe, "from take 1").splitlines()


@pytest.mark.parametrize(
    ("rank", "said"), [(1, "the best"), (2, "second best"), (3, "third best"), (7, "7th best")]
)
def test_takes_are_compared_in_words(rank, said):
    recipe = msgspec.structs.replace(
        recipe_of(grid_of(), key="D minor"), take=1, rank=rank, asked_takes=8
    )
    assert recipe_text(recipe).splitlines() == [
        f"Sketch, take 2 of 8, {said}",
        "4 bars, 128 bpm, 4/4, D minor",
        "Yours",
        "Seed 7 makes the same again",
    ]


def test_drums_have_no_key_and_a_single_take_is_not_compared():
    drums = msgspec.structs.replace(recipe_of(grid_of(bars=1), key="D minor"), role="drums")
    assert recipe_text(drums).splitlines()[:2] == ["Sketch", "1 bar, 128 bpm, 4/4"]
