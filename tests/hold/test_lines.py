"""Whatever is sent to the engine's stdin or to the bridge's port: nothing of it is obeyed."""

import socket
import subprocess
from pathlib import Path

import pytest

from engine.loops.request import LoopRequest
from engine.protocol import (
    Cancel,
    Heartbeat,
    Ping,
    Pong,
    Queued,
    Render,
    Save,
    Shutdown,
    decode_event,
    encode,
)
from tests.bridge.osc.test_messages import mutated
from tests.bridge.osc_client import TestClient
from tests.cli.program import running_bridge
from tests.fakes.front_end import FAKE_ENGINE

METHODS = ("GET / HTTP/1.1", "POST /lw/generate HTTP/1.1", "OPTIONS * HTTP/1.1",
           "GET /lw/ping HTTP/1.1", "CONNECT 127.0.0.1:9725 HTTP/1.1")  # fmt: skip
HEADERS = ("Host: rebound.example", "Origin: null", "Origin: http://127.0.0.1:9725",
           "Content-Type: text/plain", "Upgrade: websocket", "Sec-Fetch-Site: cross-site",
           "Cookie: token=1", "Transfer-Encoding: chunked", "Host: 127.0.0.1:9725",
           "Origin: https://evil.example")  # fmt: skip
BROWSERS = [f"{method}\r\n{header}\r\n\r\n/lw/generate" for method in METHODS for header in HEADERS]


@pytest.mark.hold(20)
def test_damaged_lines_are_rejected_and_the_engine_continues(tmp_path, hold):
    count, dice = hold.count(500, 10_000), hold.dice()
    good = [encode(each) for each in (
        Cancel("a"), Ping("b"), Save("c", "d", str(tmp_path)), Shutdown(),
        Render("e", LoopRequest(prompt="tone", model="fake"), str(tmp_path)),
    )]  # fmt: skip
    said = []
    with subprocess.Popen(
        FAKE_ENGINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as engine:
        for number in range(count):
            line = mutated(dice.choice(good), dice).replace(b"\n", b"") + b"\n"
            if b'"shutdown"' in line or line == b"\n":
                line = b"{}\n"
            engine.stdin.write(line + encode(Ping(f"after-{number}")))
            engine.stdin.flush()
            for answer in engine.stdout:
                event = decode_event(answer)
                if event == Pong(f"after-{number}"):
                    break
                if not isinstance(event, Heartbeat):
                    said.append(type(event).__name__)
        engine.stdin.close()
        assert engine.wait(60) == 0
        assert b"Traceback" not in engine.stderr.read()
    taken = said.count(Queued.__name__)
    hold.figure(20, f"{count:,} damaged lines to the engine: {said.count('Rejected'):,} rejected, "
                    f"{taken} were still a request, no traceback")  # fmt: skip
    assert list(Path(tmp_path).rglob("*.part")) == []


@pytest.mark.hold(20)
def test_browsers_get_no_reply(loopwright, hold):
    with running_bridge(loopwright) as (_, port), TestClient(port) as client:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
        for request in BROWSERS:
            client.send_bytes(request.encode())
        answers = client.all_before_pong()
    hold.figure(20, f"{len(BROWSERS)} requests of browsers to the bridge: {len(answers)} answers")
    assert answers == []
