"""The prompt panel alone: seed, advanced settings, what is remembered."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.library.rows import ModelRow
from desktop.prompt.form import request_of
from desktop.prompt.panel import PromptPanel
from desktop.state.settings import Settings
from desktop.transport.fields import BARS
from desktop.widgets.value_edit import ValueEdit
from engine.loops.errors import LoopError
from engine.loops.precedence import SessionTime
from engine.loops.request import LoopRequest
from engine.models.catalogue import built_in_catalogue

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot):
    return open_panel(qtbot)


def open_panel(qtbot):
    panel = PromptPanel(built_in_catalogue().entries, 1, [], ValueEdit(BARS, 4, small=True))
    qtbot.addWidget(panel)
    panel.resize(300, 900)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def choose(panel, model):
    panel.model.setCurrentIndex(panel.model.findData(model))


def unfold(qtbot, panel):
    qtbot.mouseClick(panel.advanced.fold, LEFT)
    return panel.advanced.fields


def test_captions_of_settings_begin_with_a_capital(qtbot, panel):
    fields = unfold(qtbot, panel)
    assert [fields[name].accessibleName() for name in ("rate", "bits")] == ["Rate", "Depth"]


def type_into(qtbot, field, text):
    field.clear()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_a_kit_is_among_the_settings_of_sketch_and_remembered(qtbot, panel, tmp_path, monkeypatch):
    monkeypatch.setenv("LOOPWRIGHT_KITS", str(tmp_path))
    (tmp_path / "mine").mkdir()
    field = panel.kit_field
    assert not field.isVisible()
    unfold(qtbot, panel)
    assert field.isVisible()
    assert (field.kit, field.path) == ("", None)
    field.set_kit("mine")
    panel.advanced.fold.click()
    assert field.isVisible()  # what is set is seen
    assert field.path == tmp_path / "mine"
    choose(panel, "musicldm")
    assert not field.isVisible()
    choose(panel, "sketch")
    settings = Settings()
    panel.keep(settings)
    again = open_panel(qtbot)
    again.restore(settings)
    assert (again.kit_field.kit, again.kit_field.isVisible()) == ("mine", True)
    (tmp_path / "mine").rmdir()
    with pytest.raises(LoopError, match="There is no kit 'mine'"):
        _ = again.kit_field.path


def test_the_dice_draws_and_keeps_a_seed_and_the_lock_clears_it(qtbot, panel):
    assert panel.form().seed is None
    qtbot.mouseClick(panel.seed_field.dice, LEFT)
    first = panel.form().seed
    assert first is not None
    qtbot.mouseClick(panel.seed_field.dice, LEFT)
    assert panel.form().seed != first
    qtbot.mouseClick(panel.lock, LEFT)
    assert panel.form().seed is None
    panel.show_seed(7)
    qtbot.mouseClick(panel.lock, LEFT)
    assert panel.form().seed == 7


@pytest.mark.parametrize(
    ("model", "has", "lacks"),
    [
        ("sketch", {"rate", "bits"}, {"steps", "top_k"}),
        ("musicldm", {"steps", "guidance", "scheduler", "eta", "draft", "rate"}, {"top_k"}),
        (
            "musicgen-small",
            {"guidance", "temperature", "top_k", "top_p", "draft", "verbatim"},
            {"steps"},
        ),
    ],
)
def test_only_settings_of_the_chosen_model_are_offered(qtbot, panel, model, has, lacks):
    choose(panel, model)
    fields = unfold(qtbot, panel)
    assert has <= set(fields)
    assert lacks.isdisjoint(fields)


def test_typed_settings_are_requested_and_summarised_when_folded(qtbot, panel):
    choose(panel, "musicldm")
    fields = unfold(qtbot, panel)
    assert fields["steps"].placeholderText() == "20"
    type_into(qtbot, fields["steps"], "30")
    fields["scheduler"].setCurrentText("ddim")
    fields["scheduler"].activated.emit(fields["scheduler"].currentIndex())
    assert panel.form().settings == {"steps": 30, "scheduler": "ddim"}
    qtbot.mouseClick(panel.advanced.fold, LEFT)
    assert panel.advanced.fold.text().endswith("Settings · steps 30, scheduler ddim")


def test_setting_a_value_while_folded_opens_no_window(qtbot, panel):
    choose(panel, "musicldm")
    panel.advanced.put("steps", 30)
    assert [w for w in QApplication.topLevelWidgets() if w.isVisible()] == [panel]
    unfold(qtbot, panel)
    assert panel.advanced.defaults.isVisible()
    qtbot.mouseClick(panel.advanced.fold, LEFT)
    assert not panel.advanced.defaults.isVisible()


def test_unfinished_typing_is_requested_too(qtbot, panel):
    choose(panel, "musicldm")
    fields = unfold(qtbot, panel)
    qtbot.keyClicks(fields["steps"], "12")
    assert panel.form().settings == {"steps": 12}
    fields["steps"].clear()
    qtbot.keyClicks(fields["steps"], "x")
    with pytest.raises(LoopError, match="Steps is 'x'"):
        panel.form()


def test_an_invalid_value_is_refused_and_the_old_one_stays(qtbot, panel):
    choose(panel, "musicldm")
    fields = unfold(qtbot, panel)
    type_into(qtbot, fields["steps"], "30")
    with qtbot.waitSignal(panel.advanced.refused) as refused:
        type_into(qtbot, fields["steps"], "0")
    assert refused.args == ["The number of steps is 0, but must be 1 to 1,000."]
    assert fields["steps"].text() == "30"


def test_each_model_has_its_own_values_and_one_click_restores_the_defaults(qtbot, panel):
    choose(panel, "musicldm")
    unfold(qtbot, panel)
    panel.advanced.put("steps", 30)
    choose(panel, "audioldm2")
    assert panel.form().settings == {}
    assert panel.advanced.fields["steps"].text() == ""
    choose(panel, "musicldm")
    assert panel.advanced.fields["steps"].text() == "30"
    qtbot.mouseClick(panel.advanced.defaults, LEFT)
    assert panel.form().settings == {}
    assert not panel.advanced.defaults.isVisible()


def test_rate_and_depth_are_shared_by_all_models(qtbot, panel):
    fields = unfold(qtbot, panel)
    fields["rate"].setCurrentText("96 kHz")
    fields["rate"].activated.emit(fields["rate"].currentIndex())
    choose(panel, "musicldm")
    assert panel.form().settings == {"rate": 96_000}
    panel.fill("warm pad")
    assert request_of(panel.form(), SessionTime()).request.rate == 96_000


def test_the_toward_amount_is_requested_only_with_the_second_prompt(panel):
    choose(panel, "musicldm")
    panel.advanced.put("toward_amount", 0.3)
    assert panel.form().settings == {}
    panel.advanced.put("toward", "a choir")
    assert panel.form().settings == {"toward": "a choir", "toward_amount": 0.3}


def test_a_speech_model_gets_its_transcription(qtbot, panel):
    assert not panel.say.isVisible()
    choose(panel, "audioldm2-ljspeech")
    assert panel.say.isVisible()
    qtbot.keyClicks(panel.say, "one two")
    assert panel.form().settings == {"transcription": "one two"}
    choose(panel, "musicldm")
    assert not panel.say.isVisible()
    assert panel.form().settings == {}


def test_model_settings_rate_and_history_are_restored(qtbot, panel):
    choose(panel, "musicldm")
    panel.advanced.put("steps", 30)
    panel.advanced.put("bits", "32f")
    panel.prompt.remember("warm pad")
    settings = Settings()
    panel.keep(settings)
    again = open_panel(qtbot)
    again.restore(settings)
    assert again.form().model == "musicldm"
    assert again.form().settings == {"steps": 30, "bits": "32f"}
    assert settings.prompts == ["warm pad"]


def test_a_chosen_model_folder_is_chosen_again_when_it_is_found(panel):
    panel.restore(Settings(model="my-pads"))
    assert panel.form().model == "sketch"
    kept = Settings()
    panel.keep(kept)
    assert kept.model == "my-pads"
    rows = [panel.model.row_at(place) for place in range(panel.model.count())]
    own = ModelRow(entry=msgspec.structs.replace(rows[1].entry, id="my-pads"))
    panel.show_models([*rows, own])
    assert panel.form().model == "my-pads"


def test_a_request_fills_the_whole_panel(panel):
    request = LoopRequest(
        prompt="pad", seed=3, negative="hiss", steps=40, guidance=2.5, draft=True, rate=44_100
    )
    panel.fill_from(request, "musicldm")
    form = panel.form()
    assert (form.prompt, form.seed, form.negative) == ("pad", 3, "hiss")
    assert form.model == "musicldm"
    assert form.settings == {"steps": 40, "guidance": 2.5, "draft": True, "rate": 44_100}
    panel.fill_from(LoopRequest(prompt="pad", seed=3), "musicldm")
    assert panel.form().settings == {}
