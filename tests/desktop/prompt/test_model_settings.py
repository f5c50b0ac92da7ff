import pytest

from desktop.prompt.model_settings import ALWAYS, FIELDS, Remembered, read_setting, settings_text
from engine.loops.errors import LoopError
from engine.loops.request import MODEL_SETTINGS, LoopRequest
from engine.models.catalogue import built_in_catalogue

CATALOGUE = built_in_catalogue()
MUSICLDM, MUSICGEN = CATALOGUE.entry("musicldm"), CATALOGUE.entry("musicgen-small")


def test_all_fields_are_request_fields_and_all_but_latents_are_offered():
    always = {setting.name for setting in ALWAYS}
    assert set(FIELDS) - always == set(MODEL_SETTINGS) - {"keep_latents"}
    assert always <= set(LoopRequest.__struct_fields__)
    usual = LoopRequest()
    assert all(str(getattr(usual, each.name)) == each.default for each in ALWAYS)
    assert all(each.default in each.choices for each in ALWAYS)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("steps", "30", 30),
        ("guidance", "3,5", 3.5),
        ("top_k", " 0 ", 0),
        ("toward_amount", "0.25", 0.25),
        ("toward", "a choir", "a choir"),
        ("steps", " ", None),
    ],
)
def test_a_typed_setting_is_parsed(name, text, value):
    assert read_setting(name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("steps", "many", "Steps is 'many', but must be a whole number."),
        ("steps", "0", "The number of steps is 0, but must be 1 to 1,000."),
        ("guidance", "x", "Guidance is 'x', but must be a number."),
        ("top_p", "1.5", "top-p is 1.5, but must be 0 to 1."),
        ("guidance", "nan", "The guidance scale is nan, but must be 0 to 100."),
        ("steps", "9" * 5_000, "Steps is '"),
    ],
)
def test_an_invalid_setting_is_refused(name, text, sentence):
    with pytest.raises(LoopError) as caught:
        read_setting(name, text)
    assert str(caught.value).startswith(sentence)
    assert len(str(caught.value)) < 200


def test_settings_are_remembered_per_model():
    remembered = Remembered()
    remembered.put("musicldm", "steps", 30)
    remembered.put("musicgen-small", "top_k", 50)
    assert remembered.of(MUSICLDM) == {"steps": 30}
    assert remembered.of(MUSICGEN) == {"top_k": 50}
    assert remembered.of(None) == {}
    remembered.put("musicldm", "steps", None)
    assert remembered.by_model == {"musicgen-small": {"top_k": 50}}
    remembered.clear("musicgen-small")
    assert remembered.by_model == {}


def test_a_setting_the_model_lacks_is_not_requested():
    remembered = Remembered({"musicldm": {"top_k": 50, "steps": 30}})
    assert remembered.of(MUSICLDM) == {"steps": 30}


def test_stored_settings_that_became_invalid_are_dropped():
    kept = {"steps": 0, "guidance": "much", "no_such": 1, "eta": 0.5, "scheduler": None}
    assert Remembered({"musicldm": kept}).by_model == {"musicldm": {"eta": 0.5}}


def test_changed_settings_are_summarised_briefly():
    assert (
        settings_text({"steps": 30, "guidance": 4.0, "draft": True})
        == "steps 30, guidance 4, draft"
    )
