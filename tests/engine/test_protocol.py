"""The messages: there and back, in the documentation, and what is no message."""

import contextlib
import json
import re
import typing
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.errors import ProtocolError
from engine.loops.clip import Clip
from engine.loops.key import Key
from engine.loops.recipe import ModelFacts, Recipe, Scores
from engine.loops.request import LoopRequest
from engine.loops.source.analysis import Analysis, Detected, KeyCandidate, TempoCandidate
from engine.loops.source.facts import Fact, Origin, SourceFacts, StatedFacts
from engine.loops.tempo import LoopGrid, Meter
from engine.protocol import (
    LONGEST_LINE_BYTES,
    PROTOCOL_VERSION,
    Analyse,
    Analysed,
    Cancel,
    Cancelled,
    Command,
    Diagnose,
    Diagnosis,
    Done,
    Download,
    Event,
    Failed,
    Heartbeat,
    ListModels,
    Loading,
    MidiWritten,
    Models,
    Ping,
    Pong,
    Preview,
    Progress,
    Queued,
    Ready,
    Rejected,
    Render,
    Save,
    Shutdown,
    TakeReady,
    Understood,
    Unload,
    Unloaded,
    WriteMidi,
    decode_command,
    decode_event,
    encode,
)

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text("utf-8")
GRID = LoopGrid(bpm=93.3, meter=Meter(7, 8), bars=3, rate=44_100)
REQUEST = LoopRequest(prompt="Größe 🥁\n\x00", bars=3, bpm=93.3, seed=0, takes=2, key="A minor")
RECIPE = Recipe(
    program="Loopwright 0",
    created="2026-01-31T20:15:00",
    clip_id="abcdefgh",
    request_id="a",
    request=REQUEST,
    asked_seed=0,
    asked_takes=2,
    take=1,
    rank=1,
    grid=GRID,
    model=ModelFacts(id="m", name="M", revision="1", licence="none"),
    title="Größe",
    scores=Scores(loudness_db=-14.0, peak_db=-1.0, seam=0.5),
    badges=("silent",),
)
CLIP = Clip(id="abcdefgh", file="x.wav", path="/p/x.wav", title="x", frames=9, recipe=RECIPE)
ANALYSIS = Analysis(
    source=SourceFacts(
        bpm=Fact(93.3, Origin.TAG, 0.8, "acid"),
        meter=Fact(Meter(7, 8), Origin.ASSUMED, 0.5),
        bars=Fact(3, Origin.TAG, 0.8),
        key=Fact(Key("F#", "minor"), Origin.NAME, 0.85),
        disagreements=("name says 120 BPM",),
    ),
    detected=Detected(
        tempos=(TempoCandidate(93.3, 0.5), TempoCandidate(186.6, 0.4)),
        bars=3,
        keys=(KeyCandidate(Key("A", "major"), 0.9),),
        loudness_lufs=-14.0,
        true_peak_db=-1.0,
        seam=0.5,
    ),
)
COMMANDS = [
    Render("a", REQUEST, "/music/Größe"),
    Cancel("a"),
    Ping("p"),
    ListModels("l"),
    Diagnose("d"),
    Download("a", "musicldm"),
    Save("b", "a", "/music/elsewhere"),
    Analyse("a", "/music/Größe.wav"),
    Analyse("a", "/music/Größe.wav", StatedFacts(bpm=87.0, key="A minor")),
    WriteMidi("a", "/music/Größe.wav", "/music"),
    Unload("u"),
    Shutdown(),
]
EVENTS = [
    Ready(1, "0.1.0", 4711),
    Queued("a", 3),
    Understood("a", GRID, 123, "x", "A minor", "drums", ("swing 58 %",), ('"lazy"',)),
    Understood("a", LoopGrid(bpm=120.0, bars=0, seconds=1.5), 123, "x"),
    Progress("a", 0.25, "step 3 of 9"),
    Loading("a", "musicldm"),
    Preview("a", "/p/.lw-1-a.part", 16_000, 1, 8_000, 128_000),
    TakeReady("a", 1, CLIP),
    Analysed("a", ANALYSIS),
    MidiWritten("a", "/music/Größe.mid"),
    Done("a", ("abcdefgh",)),
    Failed("a", 400, "No.", "Traceback\n"),
    Failed("a", 400, "No."),
    Failed("a", 500, "The disk is full.", kept=3),
    Cancelled("a"),
    Heartbeat(2),
    Pong("p"),
    Models("l", ({"id": "m", "size_bytes": 0},)),
    Diagnosis("d", {"torch": None, "rates": [44_100]}),
    Unloaded("u"),
    Rejected("No."),
]


def tag(message) -> str:
    return message.__struct_config__.tag


@pytest.mark.parametrize("message", COMMANDS, ids=tag)
def test_a_command_is_decoded_as_it_was_sent(message):
    line = encode(message)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode_command(line) == message


@pytest.mark.parametrize("message", EVENTS, ids=tag)
def test_an_event_is_decoded_as_it_was_sent(message):
    line = encode(message)
    assert line.count(b"\n") == 1
    assert decode_event(line) == message


def test_every_message_has_an_example_above():
    assert {type(message) for message in COMMANDS} == set(typing.get_args(Command))
    assert {type(message) for message in EVENTS} == set(typing.get_args(Event))


@pytest.mark.parametrize("message", COMMANDS, ids=tag)
def test_a_command_is_not_an_event(message):
    with pytest.raises(ProtocolError):
        decode_event(encode(message))


def sections(heading: str) -> dict[str, list[str]]:
    """Return the fields in the tables of each message under a heading of the page."""
    chapter = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return {
        part.split("`")[0]: re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
        for part in chapter.split("\n### `")[1:]
    }


@pytest.mark.parametrize(
    ("heading", "messages"),
    [("From the front end to the engine", Command), ("From the engine to the front end", Event)],
)
def test_the_documentation_describes_every_message_and_field_in_order(heading, messages):
    described = sections(heading)
    expected = {
        tag(message): list(message.__struct_fields__) for message in typing.get_args(messages)
    }
    if "render" in expected:
        # The fields of a request stand in a table below those of `render`.
        expected["render"] += LoopRequest.__struct_fields__
    assert described == expected


def test_the_documentation_gives_the_version_and_the_line_limit():
    assert f"The version of the protocol is {PROTOCOL_VERSION}." in PAGE
    assert f"at most {LONGEST_LINE_BYTES // 2**20} MB" in PAGE


def decode_either(line: bytes) -> None:
    """Decode a line; nothing but `ProtocolError` may come out of it."""
    for decode in (decode_command, decode_event):
        with contextlib.suppress(ProtocolError):
            decode(line)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"\n", b"null", b"[]", b"{}", b'"ping"', b"\xff\xfe", b"\x00" * 100,
        b'{"type":"ping"}', b'{"type":"ping","id":1}', b'{"type":"ping","id":null}',
        b'{"type":["ping"],"id":"a"}', b'{"type":"nothing","id":"a"}',
        b'{"type":"ping","id":"\\ud800"}', b'{"type":"ping","id":"a"',
        b'{"type":"heartbeat","jobs":' + b"9" * 5_000 + b"}",
        b'{"type":"heartbeat","jobs":1e999}',
        b'{"type":"progress","id":"a","fraction":NaN,"stage":"x"}',
        b'{"type":"progress","id":"a","fraction":null,"stage":"x"}',
        b'{"type":"diagnosis","id":"a","facts":' + b'{"a":' * 50_000,
        b'{"type":"diagnosis","id":"a","facts":{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        b'{"type":"render","id":"a","project":"/","request":{"colour":1}}',
        b'{"type":"render","id":"a","project":"/","request":{"bars":1.5}}',
        b'{"type":"render","id":"a","project":"/","request":{"bars":"4"}}',
        b"[" * 1_000_000,
        b'{"type":"' + b"x" * 100_000 + b'"}',
        b'{"type":"render","id":"a","project":"/","request":{"' + b"x" * 100_000 + b'":1}}',
    ],
    ids=lambda line: repr(line[:50]),
)  # fmt: skip
def test_a_hostile_line_is_refused_in_a_sentence(line):
    for decode in (decode_command, decode_event):
        with pytest.raises(ProtocolError) as caught:
            decode(line)
        assert len(str(caught.value)) < 1_000
        str(caught.value).encode("utf-8")


@given(st.binary(max_size=300))
@example(b"\xf0\x9f\xa5" * 50)
def test_any_bytes_are_decoded_or_refused(data):
    decode_either(data)


@given(
    st.sampled_from(COMMANDS + EVENTS),
    st.integers(min_value=0),
    st.integers(0, 255),
    st.booleans(),
)
def test_a_message_with_a_damaged_byte_is_decoded_or_refused(message, place, byte, cut):
    line = bytearray(encode(message))
    place %= len(line)
    line[place] = byte
    decode_either(bytes(line[:place] if cut else line))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.sampled_from(COMMANDS + EVENTS), st.data())
def test_a_message_with_a_field_of_another_type_is_decoded_or_refused(message, data):
    fields = json.loads(encode(message))
    name = data.draw(st.sampled_from(sorted(fields)))
    fields[name] = data.draw(_JSON)
    decode_either(json.dumps(fields).encode("utf-8", "surrogatepass"))


def test_an_unknown_field_is_ignored_but_not_in_a_request():
    assert decode_command(b'{"type":"ping","id":"a","new":1}') == Ping("a")
    assert msgspec.json.decode(encode(Ping("a"))) == {"type": "ping", "id": "a"}
    with pytest.raises(ProtocolError, match="unknown field `new`"):
        decode_command(b'{"type":"render","id":"a","project":"/","request":{"new":1}}')
