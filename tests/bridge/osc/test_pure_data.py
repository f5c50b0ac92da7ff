"""Pure Data as a host: a stock patch sends tempo, meter and beat, and requests a loop."""

import contextlib
import subprocess
from pathlib import Path

import pytest

from tests.fakes.clips import CLIP_ID
from tests.fakes.waiting import until

PATCH = Path(__file__).with_name("pd_host.pd")


@contextlib.contextmanager
def running(pd, port):
    command = [pd, "-nogui", "-nosound", "-nomidi", "-stderr", "-noprefs"]
    with subprocess.Popen(
        [*command, "-send", f"; port {port}", str(PATCH)], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture
def pure_data(program, bridge):
    with running(program("pd", "puredata-core"), bridge.port) as process:
        yield process


def test_it_sends_the_hosts_tempo_meter_and_beat(bridge, client, pure_data):
    until(lambda: bridge.engine.requests)
    session = bridge.server.router.session
    assert client.ask("/lw/get", "tempo").arguments == ("tempo", 93.5)
    assert client.ask("/lw/get", "meter").arguments == ("meter", "7/8")
    assert session.is_playing
    until(lambda: session.beat.quarters >= 2)
    beat = None
    while beat is not session.beat:  # another beat may come in between
        beat = session.beat
        wait_s = session.seconds_to_next_bar(beat.at_s)
    assert wait_s == pytest.approx(float(-beat.quarters % 3.5) * 60 / 93.5)
    assert pure_data.poll() is None


def test_it_receives_the_messages_about_its_request(bridge, pure_data):
    until(lambda: bridge.engine.requests)
    (request,) = bridge.engine.requests
    assert (request.prompt, request.bpm, request.meter) == ("dusty drums", 93.5, "7/8")
    bridge.run_job(bpm=93.5, meter="7/8", bars=3)
    lines = []
    while not lines or "done" not in lines[-1]:
        lines.append(pure_data.stderr.readline().split())
    frames = round(10.5 * 60 / 93.5 * 48_000)
    file = f"warm-bass_{CLIP_ID}.wav"
    assert lines == [
        ["received:", "list", "lw", "accepted", "one", "0"],
        ["received:", "list", "lw", "progress", "one", "0.5", "playing"],
        ["received:", "list", "lw", "take", "one", "1", CLIP_ID, file, "0.75", *lines[2][9:]],
        ["received:", "list", "lw", "done", "/lw/generate", "one", CLIP_ID, file, "93.5", "3",
         "10.5", str(frames), "48000"],
    ]  # fmt: skip
