import unicodedata
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest, checked_request, cleaned_text

NAN, INFINITY = float("nan"), float("inf")
HUGE = 10**400
any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)

RANGES = {
    "bars": ("The number of bars", "1 to 1,024", (0, -1, 1025, HUGE)),
    "seconds": ("The length in seconds", "0.01 to 600", (0, -1.0, 600.1, NAN, INFINITY)),
    "bpm": ("The tempo", "20 to 400 BPM", (0, -120.0, 19.9, 400.5, NAN, INFINITY, -INFINITY)),
    "seed": ("The seed", "0 to 2,147,483,647", (-1, 2**31, HUGE)),
    "takes": ("The number of takes", "1 to 16", (0, -1, 17, HUGE)),
    "steps": ("The number of steps", "1 to 1,000", (0, 1001)),
    "guidance": ("The guidance scale", "0 to 100", (-0.1, 100.1, NAN, INFINITY)),
    "eta": ("eta", "0 to 1", (-0.1, 1.1, NAN)),
    "temperature": ("The temperature", "0.01 to 10", (0, 10.5, NAN)),
    "top_k": ("top-k", "0 to 1,000,000", (-1, 1_000_001)),
    "top_p": ("top-p", "0 to 1", (-0.1, 1.1, NAN)),
    "max_new_tokens": ("The number of new tokens", "1 to 4,096", (0, 4097)),
    "rate": ("The sample rate", "44100, 48000, 88200, 96000", (0, -48_000, 22_050, HUGE)),
    "bits": ("The bit depth", "16, 24, 32f", ("8", "", "32")),
}
WRONG = [(field, value) for field, (*_, values) in RANGES.items() for value in values]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_number_out_of_range_is_refused_with_its_value_and_its_range(field, value):
    what, allowed, _ = RANGES[field]
    with pytest.raises(LoopError) as caught:
        checked_request(LoopRequest(prompt="drums", **{field: value}))
    sentence = str(caught.value)
    assert sentence.startswith(f"{what} is {repr(value)[:50]}")
    assert sentence.endswith(f", but must be {allowed}.")
    assert len(sentence) < 160


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bars", 1), ("bars", 1024), ("seconds", 0.01), ("seconds", 600), ("bpm", 20.0),
        ("bpm", 400.0), ("seed", 0), ("seed", 2**31 - 1), ("takes", 16), ("steps", 1000),
        ("eta", 0.0), ("top_p", 1.0), ("rate", 96_000), ("bits", "32f"), ("meter", "32/32"),
    ],
)  # fmt: skip
def test_range_limits_are_inclusive(field, value):
    checked = checked_request(LoopRequest(prompt="drums", **{field: value}))
    assert getattr(checked, field) == value


@pytest.mark.parametrize(
    "prompt", ["", " ", "\n\t", "\x00\x1b", "\u202e", "\ud800", "\ufeff", "\uffff"]
)
def test_a_prompt_without_visible_characters_is_empty(prompt):
    with pytest.raises(LoopError, match=r"^The prompt is empty: say what to play, for example '"):
        checked_request(LoopRequest(prompt=prompt))
    assert checked_request(LoopRequest(prompt=prompt, unconditional=True)).prompt == ""


@pytest.mark.parametrize("field", ["prompt", "negative", "transcription"])
def test_a_text_of_100_kilobytes_is_refused_and_not_quoted(field):
    with pytest.raises(LoopError) as caught:
        checked_request(LoopRequest(**{"prompt": "drums", field: "x" * 100_000}))
    assert "has 100,000 characters: shorten it to 4,000 or fewer." in str(caught.value)
    assert len(str(caught.value)) < 120


def test_a_prompt_of_the_maximum_length_is_accepted():
    assert len(checked_request(LoopRequest(prompt="x" * 4_000)).prompt) == 4_000


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  dusty \t lo-fi\r\ndrums ", "dusty lo-fi drums"),
        ("a\u00a0b\u2028c", "a b c"),
        ("bell\x07 and \x1b[31mred", "bell and [31mred"),
        ("ab\u202ecd\u200f", "abcd"),
        ("bro\udcffken", "broken"),
        ("drums 🥁 loud", "drums 🥁 loud"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("Trömmel", "Trömmel"),
        ("טמבור בס", "טמבור בס"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_invisible_characters_are_removed_from_text(text, cleaned):
    assert cleaned_text(text) == cleaned


@given(any_text)
def test_cleaned_text_is_safe_for_files_terminals_and_xml(text):
    cleaned = cleaned_text(text)
    cleaned.encode("utf-8")
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in cleaned)
    assert "  " not in cleaned
    assert cleaned == cleaned.strip()
    assert ET.fromstring(f"<a>{escape(cleaned)}</a>").text == (cleaned or None)
    assert cleaned_text(cleaned) == cleaned


@given(any_text, any_text, any_text)
def test_a_checked_request_can_be_sent_whatever_the_text(prompt, scheduler, transcription):
    request = LoopRequest(
        prompt=prompt,
        unconditional=True,
        model=scheduler,
        scheduler=scheduler,
        transcription=transcription,
    )
    checked = checked_request(request)
    assert msgspec.json.decode(msgspec.json.encode(checked), type=LoopRequest) == checked
    assert checked_request(checked) == checked


def test_values_become_canonical():
    checked = checked_request(
        LoopRequest(prompt="bass", bpm=128.37000274658203, meter=" 7 / 8 ", key="f#m")
    )
    assert (checked.bpm, checked.meter, checked.key) == (128.37, "7/8", "F# minor")


def test_an_empty_meter_or_key_is_open():
    checked = checked_request(LoopRequest(prompt="bass", meter="", key=" "))
    assert (checked.meter, checked.key) == (None, None)


def test_bars_and_seconds_are_mutually_exclusive():
    with pytest.raises(LoopError, match=r"^Both bars and seconds are given: a loop has bars, a "):
        checked_request(LoopRequest(prompt="bass", bars=4, seconds=2.0))


def test_a_request_lists_the_model_settings_it_sets():
    request = LoopRequest(prompt="bass", steps=20, eta=0.0, seed=1, draft=False)
    assert request.set_model_settings == ("steps", "eta")
    assert LoopRequest(prompt="bass", draft=True).set_model_settings == ("draft",)


def test_an_unknown_field_is_refused():
    with pytest.raises(msgspec.ValidationError, match="unknown field `speed`"):
        msgspec.json.decode(b'{"prompt": "bass", "speed": 2}', type=LoopRequest)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"also": ("b", "c"), "takes": 6},
            "3 prompts of 6 takes each are 18 takes: ask for 16 or fewer in all.",
        ),
        ({"also": (" ",)}, "The prompt is empty: say what to play, for example "),
        (
            {"also": ("b",), "source": "a.wav", "mode": "vary"},
            "There are several prompts and a source: give the source one prompt.",
        ),
        (
            {"toward_amount": 0.5},
            "There is an amount but no prompt to go toward: give both, or the prompt alone.",
        ),
        (
            {"toward": "\n"},
            "The prompt to go toward is empty: say what to go toward, or leave it out.",
        ),
        (
            {"toward": "b", "toward_amount": 1.5},
            "The amount toward the other prompt is 1.5, but must be 0 to 1.",
        ),
    ],
)
def test_incompatible_prompts_are_refused_in_a_sentence(fields, sentence):
    with pytest.raises(LoopError) as caught:
        checked_request(LoopRequest(prompt="a", **fields))
    assert str(caught.value).startswith(sentence)


def test_all_prompts_are_cleaned():
    request = checked_request(LoopRequest(prompt="a", also=("b \n c",), toward=" d "))
    assert (request.also, request.toward) == (("b c",), "d")


def test_source_facts_require_a_source():
    with pytest.raises(LoopError, match="There is 'source_bpm' but no source"):
        checked_request(LoopRequest(prompt="a", source_bpm=90.0))
    stated = LoopRequest(source="a.wav", mode="retempo", source_bpm=90.00004, source_key="f#m")
    checked = checked_request(stated)
    assert (checked.source_bpm, checked.source_key) == (90.0, "F# minor")
    assert checked.without_source() == LoopRequest()
