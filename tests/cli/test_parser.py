import argparse
import contextlib
import math
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.parser import (
    REQUEST_OPTIONS,
    Parser,
    absolute_path,
    add_output_options,
    add_request_options,
    decimal_number,
    request_with,
    whole_number,
)
from cli.usage import UsageError
from engine.loops.request import LoopRequest, checked_request


def render_parser() -> Parser:
    parser = Parser("render", "A test.")
    parser.add_argument("prompt", nargs="?")
    add_request_options(parser)
    add_output_options(parser)
    return parser


def read(*arguments: str) -> argparse.Namespace:
    return render_parser().read(arguments)


def request_of(*arguments: str) -> LoopRequest:
    return request_with(LoopRequest(), read("drums", *arguments))


def test_each_request_field_has_a_flag_or_is_the_prompt():
    fields = {field.name for field in msgspec.structs.fields(LoopRequest)}
    files = {"source", "with_source", "fits"}  # named by the flags of `add_source_options`
    settled = {"near_words", "sketch_version", "guide", "kit"}  # by the engine, for recipes
    assert {option.field for option in REQUEST_OPTIONS} | {"prompt"} | files | settled == fields


def test_omitted_flags_keep_the_defaults():
    assert request_of() == LoopRequest(prompt="drums")


def test_all_flags_reach_their_fields():
    request = request_of(
        *("--model", "fake", "--bars", "3", "--bpm", "93.5", "--meter", "7/8"),
        *("--key", "F#m", "--seed", "7", "--takes", "2", "--negative", "voice", "--rate", "44100"),
        *("--bits", "32f", "--steps", "20", "--guidance", "3.5", "--scheduler", "ddim"),
        *("--eta", "0.5", "--temperature", "1.1", "--top-k", "250", "--top-p", "0.9"),
        *(
            "--transcription",
            "hello",
            "--language",
            "DE",
            "--max-new-tokens",
            "512",
            "--draft",
            "--verbatim",
            "--unconditional",
        ),
        *("--also", "bass", "--also", "a pad", "--toward", "rain", "--toward-amount", "0.3"),
        *("--latents", "--adapters", "lofi:0.80, tape"),
    )
    assert request == LoopRequest(
        prompt="drums", model="fake", bars=3, bpm=93.5, meter="7/8", key="F# minor", seed=7,
        takes=2, negative="voice", rate=44_100, bits="32f", steps=20, guidance=3.5,
        scheduler="ddim", eta=0.5, temperature=1.1, top_k=250, top_p=0.9, transcription="hello",
        language="de", max_new_tokens=512, draft=True, verbatim=True, unconditional=True,
        also=("bass", "a pad"), toward="rain", toward_amount=0.3, keep_latents=True,
        adapters="lofi:0.8, tape:1",
    )  # fmt: skip


@given(st.floats(20, 400))
def test_any_tempo_in_range_is_read_to_four_decimals(bpm):
    assert request_of("--bpm", repr(bpm)).bpm == pytest.approx(bpm, abs=0.000_051)


@given(st.integers(0, 2**31 - 1))
def test_any_seed_in_range_is_read_unchanged(seed):
    assert request_of(f"--seed={seed}").seed == seed


@given(st.integers().filter(lambda seed: not 0 <= seed <= 2**31 - 1))
def test_any_seed_out_of_range_is_refused_with_the_flag_or_the_range(seed):
    with pytest.raises(UsageError, match=r"seed.* must be .*\.$"):
        request_of("--seed", str(seed))


def number_or_sentence(reader, text):
    try:
        return reader(text), ""
    except UsageError as error:
        return None, str(error)


# Makes numbers and texts that look like numbers more likely.
number_like = st.text() | st.text("0123456789.,+-_eEx ") | st.floats().map(repr)


@given(number_like)
def test_any_text_for_a_decimal_number_is_read_or_refused(text):
    number, sentence = number_or_sentence(decimal_number("--bpm"), text)
    assert sentence.startswith("--bpm is ") if sentence else math.isfinite(number)


@given(number_like)
def test_any_text_for_an_integer_is_read_or_refused(text):
    number, sentence = number_or_sentence(whole_number("--bars"), text)
    assert sentence.startswith("--bars is ") if sentence else str(abs(number)) in text


NO_NUMBERS = (
    *("", " ", "abc", "nan", "inf", "-inf", "1e999", "-1e999", "1e99999999999", "9" * 5000),
    *("1_000", "0x10", " 12 ", "12\n", "1,5", "½", "\u0661\u0662", "\uff11\uff12", "\u0663.\u0665"),
)


@pytest.mark.parametrize("text", NO_NUMBERS)
@pytest.mark.parametrize("flag", ("--bpm", "--seconds", "--guidance", "--top-p"))
def test_an_invalid_number_is_refused_with_flag_and_value(flag, text):
    with pytest.raises(UsageError, match=f"^{flag} is .*, but must be a number such as 93.5.$"):
        read("drums", f"{flag}={text}")


@pytest.mark.parametrize("text", (*NO_NUMBERS, "4.0", "4.", "1e3"))
@pytest.mark.parametrize("flag", ("--bars", "--seed", "--takes", "--rate", "--top-k"))
def test_an_invalid_integer_is_refused_with_flag_and_value(flag, text):
    with pytest.raises(UsageError, match=f"^{flag} is .*, but must be a whole number such as 4.$"):
        read("drums", f"{flag}={text}")


@pytest.mark.parametrize("value", ("-inf", "-5", "-x", "-"))
def test_a_value_may_begin_with_a_dash(value):
    with pytest.raises(UsageError, match=f"'{value}'|{value}"):
        request_of("--bpm", value)


NO_SUCH_FLAG = (
    "'--qqqqqqq' is not an option of 'loopwright render': see 'loopwright render --help', "
    "or put '--' before a prompt that starts with a dash."
)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    (
        (("--bmp", "84"), "'--bmp' is not an option of 'loopwright render': did you mean '--bpm'?"),
        (("--bmp=84",), "'--bmp' is not an option of 'loopwright render': did you mean '--bpm'?"),
        (
            ("--take", "2"),
            "'--take' is not an option of 'loopwright render': did you mean '--takes'?",
        ),
        (("--qqqqqqq",), NO_SUCH_FLAG),
        (("--bpm",), "--bpm needs a value: see 'loopwright render --help'."),
        (("--bpm=--",), "--bpm needs a value: see 'loopwright render --help'."),
        (("--bpm", "--takes", "2"), "--bpm needs a value: see 'loopwright render --help'."),
        (("--draft=1",), "--draft does not take a value, but '1' was given."),
        (("lo-fi",), "Unexpected argument 'lo-fi': put text of several words in quotes."),
    ),
)  # fmt: skip
def test_usage_errors_are_one_sentence(arguments, sentence):
    with pytest.raises(UsageError) as caught:
        read("dusty", *arguments)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("field", "arguments", "value"),
    (
        ("bars", ("--bars", "0"), "0"),
        ("bars", ("--bars", "-4"), "-4"),
        ("bars", ("--bars", "1025"), "1025"),
        ("tempo", ("--bpm", "0"), "0"),
        ("tempo", ("--bpm", "19.99"), "19.99"),
        ("tempo", ("--bpm", "1e9"), "1000000000"),
        ("meter", ("--meter", "0/4"), "0/4"),
        ("meter", ("--meter", "4/3"), "4/3"),
        ("meter", ("--meter", "33/4"), "33/4"),
        ("meter", ("--meter", "nan/nan"), "nan/nan"),
        ("meter", ("--meter", "-4/4"), "-4/4"),
        ("key", ("--key", "H minor"), "H minor"),
        ("key", ("--key", "A blues"), "A blues"),
        ("takes", ("--takes", "17"), "17"),
        ("seed", ("--seed", "2147483648"), "2147483648"),
        ("rate", ("--rate", "0"), "0"),
        ("rate", ("--rate", "22050"), "22050"),
        ("bit depth", ("--bits", "8"), "8"),
        ("seconds", ("--seconds", "601"), "601"),
        ("Both bars and seconds", ("--bars", "4", "--seconds", "4"), ""),
    ),
)
def test_a_value_out_of_range_is_refused_with_field_and_value(field, arguments, value):
    with pytest.raises(UsageError) as caught:
        request_of(*arguments)
    assert field in str(caught.value)
    assert value in str(caught.value)
    assert str(caught.value).endswith(".")


@given(st.lists(st.text(max_size=8) | st.sampled_from([o.flag for o in REQUEST_OPTIONS])))
def test_any_arguments_give_a_request_an_error_or_help(arguments):
    with contextlib.suppress(UsageError, SystemExit):
        request = request_with(LoopRequest(), read(*arguments))
        assert checked_request(request) == request


@pytest.mark.parametrize("prompt", ("-20 dB drums", "-5", "--", "drums -"))
def test_a_prompt_after_two_dashes_may_begin_with_a_dash(prompt):
    assert read("--bars", "2", "--", prompt).prompt == prompt


def test_a_prompt_of_several_words_may_begin_with_a_dash():
    assert read("-20 dB drums", "--bars", "2").prompt == "-20 dB drums"


def test_undecodable_text_is_removed():
    request = request_with(
        LoopRequest(), read("dr\udcffums", "--transcription", "a\udcffb", "--scheduler", "\udcff")
    )
    assert request.prompt == "drums"
    assert request.transcription == "ab"
    assert msgspec.json.encode(request)


def test_seconds_turn_a_loop_into_a_one_shot_and_bars_turn_it_back():
    loop = LoopRequest(prompt="drums", bars=4)
    one_shot = request_with(loop, read("--seconds", "2"))
    assert (one_shot.bars, one_shot.seconds, one_shot.prompt) == (None, 2.0, "drums")
    assert request_with(one_shot, read("--bars", "8")) == LoopRequest(prompt="drums", bars=8)


def test_a_relative_project_is_resolved_against_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert absolute_path("sub/../loops", "The project folder") == tmp_path / "loops"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert absolute_path("~/loops", "The project folder") == tmp_path / "loops"


@pytest.mark.parametrize("text", ("", "a\udcffb", "~nobody-of-that-name/loops"))
def test_an_impossible_project_path_is_reported(text):
    with pytest.raises(UsageError, match=r"^The project folder .*another path|leave it out"):
        absolute_path(text, "The project folder")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the working folder")
def test_a_deleted_working_folder_is_reported(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    Path(gone).rmdir()
    with pytest.raises(UsageError, match="cannot be used"):
        absolute_path("loops", "The project folder")
