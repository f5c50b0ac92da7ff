"""`loopwright send` as a process: a message, its replies, and the result file for scripts."""

import json
import socket

import pytest

from tests.cli.program import running_bridge


@pytest.fixture
def send(loopwright_with_fakes):
    """A function that sends an address and arguments to a bridge with a fake engine."""
    with running_bridge(loopwright_with_fakes) as (_, port):
        yield lambda *words: loopwright_with_fakes.run("send", "--port", str(port), *words)


def test_it_prints_one_reply_and_exits(send):
    result = send("/lw/get", "tempo")
    assert (result.code, result.out) == (0, '/lw/value "tempo" 0.0\n')
    assert send("/lw/host/tempo", "128.37").code == 0
    assert send("/lw/get", "tempo").out == '/lw/value "tempo" 128.37\n'


def test_with_wait_it_prints_and_writes_the_final_reply(send, tmp_path):
    file = tmp_path / "result.json"
    result = send(
        "/lw/generate", "a", "tone", "93.5", "1", "", "-1", "fake", "--wait", "60",
        "--result", str(file),
    )  # fmt: skip
    assert result.code == 0
    assert result.lines[0].startswith('/lw/accepted "a" ')
    assert result.lines[-1].startswith('/lw/done "/lw/generate" "a" ')
    facts = json.loads(file.read_text())
    assert (facts["address"], facts["ok"]) == ("/lw/done", True)
    assert facts["arguments"][:2] == ["/lw/generate", "a"]
    assert facts["arguments"][4] == 93.5
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_a_failed_request_exits_with_1_and_its_message(send, tmp_path):
    file = tmp_path / "result.json"
    result = send("/lw/generate", "a", "", "--wait", "60", "--result", str(file))
    assert result.code == 1
    assert result.sentence.startswith("The prompt is empty")
    assert json.loads(file.read_text())["ok"] is False


def test_arguments_after_two_dashes_may_look_like_flags(send):
    assert send("/lw/generate", "a", "--wait", "30", "--", "--loud tone").code == 0


def test_a_missing_bridge_is_reported(loopwright):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    result = loopwright.run("send", "/lw/ping", "--port", str(port))
    assert (result.code, result.out) == (1, "")
    assert result.sentence == (
        f"No bridge is running on port {port}: start one with 'loopwright bridge'."
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    (
        (("ping",), "'ping' is not an OSC address: use one such as /lw/ping."),
        (("/lw/ping", "--wait", "x"), "--wait is 'x', but must be a number"),
        (("/lw/ping", "--wait=-1"), "--wait is -1, but must be 0 or more seconds."),
        (("/lw/ping", "--port", "0"), "--port is 0, but must be 1 to 65535."),
        ((), "ADDRESS is missing"),
    ),
)
def test_usage_errors_are_reported(loopwright, arguments, sentence):
    result = loopwright.run("send", *arguments)
    assert result.code == 2
    assert result.sentence.startswith(sentence)
