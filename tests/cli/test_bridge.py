"""`loopwright bridge` as a process: it serves, prints its address, and stops on a signal."""

import signal
import subprocess

import pytest

from tests.bridge.osc_client import TestClient
from tests.cli.program import running_bridge


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_it_serves_until_a_signal(loopwright, number):
    with running_bridge(loopwright) as (process, port):
        with TestClient(port) as client:
            assert client.ask("/lw/ping").address == "/lw/pong"
        process.send_signal(number)
        process.wait(60)
        assert process.returncode == 0
        assert b"Traceback" not in process.stderr.read()
    assert loopwright.engines_left() == []


def test_a_second_bridge_on_the_same_port_is_refused(loopwright):
    with running_bridge(loopwright) as (_, port):
        second = loopwright.run("bridge", "--port", str(port), "--project", str(loopwright.project))
    assert second.code == 1
    assert f"Port {port} of 127.0.0.1 is in use" in second.sentence


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    (
        (("--port", "70000"), "--port is 70000, but must be 0 to 65535."),
        (("--port", "x"), "--port is 'x', but must be a whole number such as 4."),
        (("--listen", "lan"), "'lan' is not an IP address: use one such as 192.168.1.20."),
        (("--listen", "0.0.0.0"), "--listen 0.0.0.0 opens the bridge to the network: give"),
        (("--allow", "everybody"), "'everybody' is not an IP address"),
    ),
)
def test_usage_errors_are_reported(loopwright, arguments, sentence):
    result = loopwright.run("bridge", *arguments)
    assert result.code == 2
    assert result.sentence.startswith(sentence)


def test_an_invalid_project_is_reported(loopwright, tmp_path):
    result = loopwright.run("bridge", "--port", "0", "--project", str(tmp_path / "a" / "b"))
    assert result.code == 1
    assert "has no parent folder" in result.sentence


def test_a_dead_engine_fails_its_job_and_the_next_one_runs(loopwright_with_fakes):
    with running_bridge(loopwright_with_fakes) as (_, port), TestClient(port) as client:
        client.send("/lw/generate", "a", "die", 120.0, 1, "", 1, "fake")
        failed = client.until("/lw/fail", "/lw/generate", "a")
        assert failed.arguments[2] == 503
        client.send("/lw/generate", "b", "tone", 120.0, 1, "", 1, "fake")
        assert client.until("/lw/done", "/lw/generate", "b").arguments[6:] == (4.0, 96_000, 48_000)


def test_a_running_job_is_cancelled(loopwright_with_fakes):
    with running_bridge(loopwright_with_fakes) as (_, port), TestClient(port) as client:
        client.send("/lw/generate", "a", "slow", 120.0, 1, "", 1, "fake")
        client.until("/lw/progress", "a")
        client.send("/lw/cancel", "a")
        assert client.until("/lw/fail", "/lw/generate").arguments == (
            "/lw/generate", "a", 499, "cancelled",
        )  # fmt: skip
    assert loopwright_with_fakes.clips() == []


def test_stdout_may_be_discarded(loopwright):
    process = loopwright.start(
        "bridge", "--port", "0", "--project", str(loopwright.project), stdout=subprocess.DEVNULL
    )
    assert process.stderr.readline().startswith(b"Clips go to ")
    process.terminate()
    assert loopwright.end_of(process).code == 0
