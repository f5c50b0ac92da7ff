import msgspec
import pytest

from desktop.clips.blend_menu import BlendMenu
from tests.desktop.clips.test_verbs import row_of


@pytest.fixture
def menu(qtbot):
    menu = BlendMenu(0.5)
    qtbot.addWidget(menu)
    return menu


def titles(menu):
    return [action.text().partition("\t")[0] for action in menu.actions() if action.text()]


def test_it_can_be_reopened_with_other_clips(qtbot, menu):
    menu.offer([row_of("abcd2345"), row_of("bcde2345")], None)
    menu.slider.setValue(30)
    menu.offer([row_of("cdef2345")], None)
    qtbot.wait(0)  # What is to be deleted is.
    assert titles(menu) == ["Warm bass, take 1", "For another loop, select both in the list first"]
    assert menu.amount == 0.3
    picked = []
    menu.picked.connect(picked.append)
    menu.actions()[-2].trigger()
    assert [row.id for row in picked] == ["cdef2345"]


def test_a_long_name_is_cut_so_that_takes_stay_apart(menu):
    row = msgspec.structs.replace(row_of("abcd2345"), title="a bass that has a long name " * 3)
    menu.offer([row], None)
    first, *_ = titles(menu)
    assert len(first) <= 36
    assert "…" in first
    assert first.endswith("take 1")


def test_model_only_blends_are_offered_where_a_model_can(menu):
    menu.offer([], "musicldm")
    assert menu.latents.text() == "Mix in the latent space of musicldm"
    menu.latents.setChecked(True)
    menu.renoise_slider.setValue(40)
    assert (menu.in_latents, menu.renoise) == (True, 0.4)
    menu.offer([], None)
    assert (menu.in_latents, menu.renoise) == (False, 0.0)
