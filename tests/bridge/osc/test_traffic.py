from bridge.osc.clients import Endpoint
from bridge.osc.messages import build
from bridge.osc.traffic import MOST_KEPT, TrafficLog, lines_of

LIVE = Endpoint("127.0.0.1", 5000)


def shown(data: bytes) -> list[tuple[str, str]]:
    log = TrafficLog(clock=lambda: 1.0)
    log.note(data, LIVE, came_in=True)
    (datagram,) = log.since(0)
    return [(line.address, line.arguments) for line in lines_of(datagram)]


def test_a_message_is_shown_as_one_would_type_it():
    data = build("/lw/generate", "a", "dusty drums", 93.5, 4, b"xy")
    assert shown(data) == [("/lw/generate", '"a" "dusty drums" 93.5 4 (2 bytes)')]


def test_a_float32_is_shown_without_spurious_digits():
    assert shown(build("/lw/host/tempo", 128.37)) == [("/lw/host/tempo", "128.37")]


def test_long_and_hostile_text_stays_on_one_line():
    ((_, arguments),) = shown(build("/x", "a\nb\x1b[31m" + "c" * 300))
    assert len(arguments) < 70
    assert arguments.isprintable()


def test_a_bundle_is_shown_as_its_messages():
    inner = [build("/a", 1), build("/b", 2)]
    parts = b"".join(len(each).to_bytes(4, "big") + each for each in inner)
    assert shown(b"#bundle\0" + bytes(7) + b"\1" + parts) == [("/a", "1"), ("/b", "2")]


def test_malformed_data_is_shown_with_the_reason():
    ((address, reason),) = shown(b"nonsense")
    assert address == "(malformed)"
    assert reason.startswith("The datagram is not a valid OSC message")


def test_a_long_datagram_is_truncated():
    assert shown(build("/lw/make", "a", "x" * 60_000)) == [("/lw/make", "(60,024 bytes)")]


def test_only_the_last_messages_are_kept_without_heartbeats():
    log = TrafficLog()
    for number in range(MOST_KEPT + 50):
        log.note(build("/a", number), LIVE, came_in=False)
        log.note(build("/lw/heartbeat", number), LIVE, came_in=False)
    kept = log.since(0)
    assert [each.number for each in kept] == list(range(51, MOST_KEPT + 51))
    assert [each.number for each in log.since(248)] == [249, 250]
    log.clear()
    assert log.since(0) == []
