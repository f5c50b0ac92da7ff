import dataclasses

import pytest

from desktop.theme.colours import DARK, LIGHT, SHAPE_CONTRAST, TEXT_CONTRAST, blended, contrast
from desktop.theme.stylesheet import style_sheet

THEMES = pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])


def test_contrast_follows_the_standard_formula():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


GROUNDS = pytest.mark.parametrize("ground", ["ground", "panel", "raised", "hover", "over", "well"])


@THEMES
@GROUNDS
@pytest.mark.parametrize("text", ["text", "muted", "good", "caution", "bad"])
def test_text_is_readable_on_every_background(colours, text, ground):
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= TEXT_CONTRAST


@THEMES
def test_text_is_readable_on_buttons_chips_and_what_sounds(colours):
    assert contrast(colours.on_accent, colours.accent) >= TEXT_CONTRAST
    for ground in ("ground", "panel", "raised", "well", "tint"):
        assert contrast(colours.accent, getattr(colours, ground)) >= TEXT_CONTRAST, ground
    for chip in (colours.good, colours.caution, colours.bad):
        assert contrast(chip, colours.wash(chip)) >= TEXT_CONTRAST
    assert contrast(colours.ground, colours.text) >= TEXT_CONTRAST


@THEMES
def test_edges_of_fields_and_the_focus_ring_are_seen(colours):
    for ground in (colours.ground, colours.panel, colours.well):
        assert contrast(colours.field, ground) >= SHAPE_CONTRAST
    for ground in (colours.ground, colours.panel, colours.raised, colours.hover, colours.well):
        assert contrast(colours.focus, ground) >= SHAPE_CONTRAST


@THEMES
def test_each_role_has_a_colour_that_stands_out_in_a_row(colours):
    assert len(set(colours.roles.values())) == len(colours.roles)
    for colour in colours.roles.values():
        for ground in (colours.ground, colours.panel, colours.raised, colours.well):
            assert contrast(colour, ground) >= SHAPE_CONTRAST, (colour, ground)


@THEMES
def test_each_mixture_of_low_and_high_stands_out_in_a_waveform(colours):
    mixtures = [(low / 4, high / 4) for low in range(5) for high in range(5 - low)]
    shown = [colours.of_bands(*mixture) for mixture in mixtures]
    assert len(set(shown)) == len(mixtures)
    assert [colours.of_bands(*ends) for ends in ((1, 0), (0, 0), (0, 1))] == [*colours.bands]
    for colour in shown:
        for ground in (colours.well, colours.raised):  # raised are the selected bars
            assert contrast(colour, ground) >= SHAPE_CONTRAST, (colour, ground)


def test_both_themes_have_the_same_roles():
    assert DARK.roles.keys() == LIGHT.roles.keys()
    assert DARK.of_role("no such role") == DARK.of_role(None) == DARK.roles["import"]


def test_a_theme_switches_in_place_for_all_its_users():
    colours = DARK.copy()
    colours.become(LIGHT)
    assert colours == LIGHT
    assert DARK.ground != LIGHT.ground


def test_blending_runs_from_one_colour_to_the_other():
    assert blended("#ffffff", "#000000", 0.0) == "#000000"
    assert blended("#ffffff", "#000000", 1.0) == "#ffffff"


@THEMES
def test_clip_titles_are_readable_on_pads(colours):
    for role in (*colours.roles, None):
        assert contrast(colours.text, colours.pad_ground(role)) >= TEXT_CONTRAST
        assert contrast(colours.ground, colours.of_role(role)) >= TEXT_CONTRAST


@THEMES
def test_the_style_sheet_has_no_unfilled_names(colours):
    sheet = style_sheet(colours)
    assert "$" not in sheet
    plain = [f.name for f in dataclasses.fields(colours) if f.type is str]
    assert all(getattr(colours, name) in sheet for name in plain)


@THEMES
def test_placeholders_are_readable_too(qtbot, qapp, colours):
    from PySide6.QtGui import QPalette
    from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

    from desktop.theme.stylesheet import apply_theme

    apply_theme(qapp, colours)
    for field in (QLineEdit(), QPlainTextEdit()):
        qtbot.addWidget(field)
        field.ensurePolished()
        shown = field.palette().color(QPalette.ColorRole.PlaceholderText)
        assert (shown.name(), shown.alpha()) == (colours.muted, 255)
