"""OSC messages as values: what is parsed and what is rejected, both in little time."""

import random
import struct

import hypothesis
import pytest
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage as PeerMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.osc.errors import MalformedPacket
from bridge.osc.messages import OscMessage, build, parse, shortest_decimal

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
WHOLE = st.integers(-(2**31), 2**31 - 1)
FLOAT = st.floats(width=32, allow_nan=False)
VALUES = st.lists(st.one_of(TEXT, WHOLE, FLOAT), max_size=10)


def bundle(*elements: bytes, time_tag: int = 1) -> bytes:
    parts = [struct.pack(">i", len(element)) + element for element in elements]
    return b"#bundle\0" + struct.pack(">Q", time_tag) + b"".join(parts)


@hypothesis.given(VALUES)
def test_built_messages_are_parsed_back(values):
    assert parse(build("/lw/x", *values)) == [OscMessage("/lw/x", tuple(values))]


@hypothesis.given(VALUES)
def test_another_library_parses_our_messages(values):
    peer = PeerMessage(build("/lw/x", *values))
    assert (peer.address, peer.params) == ("/lw/x", values)


@hypothesis.given(VALUES)
def test_we_parse_another_librarys_messages(values):
    builder = OscMessageBuilder("/lw/x")
    for value in values:
        builder.add_arg(value)
    assert parse(builder.build().dgram) == [OscMessage("/lw/x", tuple(values))]


def test_every_type_of_the_specification_is_parsed():
    tags = b",sifbhtdScrmTFNI\0\0\0\0"
    body = (
        b"ab\0\0" + struct.pack(">if", 7, 0.5) + struct.pack(">i", 5) + b"12345\0\0\0"
        + struct.pack(">q", 2**40) + b"12345678" + struct.pack(">d", 0.1) + b"cd\0\0"
        + b"\0\0\0a" + b"rgba" + b"midi"
    )  # fmt: skip
    (message,) = parse(b"/x\0\0" + tags + body)
    expected = ("ab", 7, 0.5, b"12345", 2**40, b"12345678", 0.1, "cd", b"\0\0\0a", b"rgba", b"midi")
    assert message == OscMessage("/x", (*expected, True, False, None, b""))


def test_a_message_without_type_tags_has_no_arguments():
    assert parse(b"/lw/ping\0\0\0\0") == [OscMessage("/lw/ping")]


def test_a_bundle_is_read_in_order_whatever_its_time():
    inner = bundle(build("/b"), build("/c", 1), time_tag=2**63)
    packet = bundle(build("/a"), inner, build("/d"), time_tag=2**62)
    assert [message.address for message in parse(packet)] == ["/a", "/b", "/c", "/d"]


def nested(depth: int) -> bytes:
    packet = bundle()
    for _ in range(depth):
        packet = bundle(packet)
    return packet


KILLERS = {
    "an element of -4 bytes": b"#bundle\0" + struct.pack(">Qi", 1, -4),
    "an element of 0 bytes": b"#bundle\0" + struct.pack(">Qi", 1, 0),
    "1,000 stars": build("/" + "*" * 1_000),
    "3,000 bundles deep": nested(3_000),
    "65,507 bytes": b"/" * 65_507,
    "65,504 bytes": b"/" * 65_504,
    "no slash": b"lw/ping\0,\0\0\0",
    "a pattern": build("/lw/{ping,pong}"),
    "not a multiple of four": b"/lw/ping\0,\0\0\0"[:-1],
    "nothing": b"",
    "no end of the address": b"/lw/ping",
    "padding that is not zero": b"/lw\0,x\0\1",
    "an unknown type": b"/lw\0,z\0\0",
    "an array": b"/lw\0,[]\0",
    "a number cut off": b"/lw\0,i\0\0",
    "bytes behind the end": build("/lw", 1) + b"\0\0\0\0",
    "a blob of negative size": b"/lw\0,b\0\0" + struct.pack(">i", -1),
    "a blob cut off": b"/lw\0,b\0\0" + struct.pack(">i", 400),
    "text that is no UTF-8": b"/lw\0,s\0\0\xff\xfe\0\0",
    "65 arguments": build("/lw", *range(65)),
    "65 messages": bundle(*[build("/a")] * 65),
}


@pytest.mark.parametrize("packet", KILLERS.values(), ids=KILLERS)
def test_invalid_messages_are_refused_in_a_sentence(packet):
    with pytest.raises(MalformedPacket, match=r"^The datagram is not a valid OSC message: .*\.$"):
        parse(packet)


def mutated(packet: bytes, dice: random.Random) -> bytes:
    data = bytearray(packet)
    for _ in range(dice.randrange(1, 6)):
        where = dice.randrange(len(data))
        match dice.randrange(3):
            case 0:
                data[where] = dice.randrange(256)
            case 1:
                del data[where : where + dice.choice((1, 4, 8))]
            case 2:
                data[where:where] = dice.randbytes(dice.choice((1, 4, 8)))
        data = data or bytearray(b"\0")
    return bytes(data)


def test_damaged_datagrams_are_read_or_refused():
    dice = random.Random(1)
    good = [build("/lw/generate", "id", "drums", 93.5, 4), nested(2), bundle(build("/a", "é"))]
    read = 0
    for _ in range(20_000):
        packet = mutated(dice.choice(good), dice)
        try:
            read += len(parse(packet))
        except MalformedPacket:
            continue
    assert read > 100


@hypothesis.given(st.binary(max_size=200))
def test_random_bytes_are_read_or_refused(data):
    try:
        messages = parse(b"#bundle\0" + data)
    except MalformedPacket:
        return
    assert all(message.address.startswith("/") for message in messages)


@pytest.mark.parametrize("bpm", (128.37, 93.5, 20.0, 399.9999, 84.1234, 0.0, 120.0))
def test_a_float32_tempo_becomes_the_intended_decimal(bpm):
    assert shortest_decimal(struct.unpack(">f", struct.pack(">f", bpm))[0]) == bpm


def test_nul_characters_are_dropped_from_text():
    assert parse(build("/lw", "a\0b")) == [OscMessage("/lw", ("ab",))]


def test_repeated_parsing_is_equally_strict():
    good = build("/lw/seen", 1, 0.5)
    for _ in range(2):
        assert parse(good) == [OscMessage("/lw/seen", (1, 0.5))]
    for bad in (good[:-4], good + b"\0\0\0\0", good.replace(b"if\0", b"if\1")):
        with pytest.raises(MalformedPacket):
            parse(bad)
    assert parse(bundle(good, build("/b"), good))[2] == OscMessage("/lw/seen", (1, 0.5))
