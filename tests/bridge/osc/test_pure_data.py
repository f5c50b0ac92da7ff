"""Pure Data as a host: a patch of stock objects plays tempo, meter and beat, and wants a loop."""

import contextlib
import subprocess
import time
from pathlib import Path

import pytest

from tests.bridge.osc_client import PATIENCE_S
from tests.fakes.clips import CLIP_ID

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


def until(condition):
    give_up_at = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up_at


def test_its_tempo_meter_and_beat_are_the_hosts(bridge, client, pure_data):
    until(lambda: bridge.engine.requests)
    session = bridge.server.router.session
    assert client.ask("/lw/get", "tempo").arguments == ("tempo", 93.5)
    assert client.ask("/lw/get", "meter").arguments == ("meter", "7/8")
    assert session.is_playing
    until(lambda: session.beat.quarters >= 2)
    told = None
    while told is not session.beat:  # another beat may come in between
        told = session.beat
        wait_s = session.seconds_to_next_bar(told.at_s)
    assert wait_s == pytest.approx(float(-told.quarters % 3.5) * 60 / 93.5)
    assert pure_data.poll() is None


def test_it_hears_what_becomes_of_its_request(bridge, pure_data):
    until(lambda: bridge.engine.requests)
    (request,) = bridge.engine.requests
    assert (request.prompt, request.bpm, request.meter) == ("dusty drums", 93.5, "7/8")
    bridge.run_job(bpm=93.5, meter="7/8", bars=3)
    heard = []
    while not heard or "done" not in heard[-1]:
        heard.append(pure_data.stderr.readline().split())
    frames = round(10.5 * 60 / 93.5 * 48_000)
    file = f"warm-bass_{CLIP_ID}.wav"
    assert heard == [
        ["heard:", "list", "lw", "accepted", "one", "0"],
        ["heard:", "list", "lw", "progress", "one", "0.5", "playing"],
        ["heard:", "list", "lw", "take", "one", "1", CLIP_ID, file, "0.75", *heard[2][9:]],
        ["heard:", "list", "lw", "done", "/lw/generate", "one", CLIP_ID, file, "93.5", "3", "10.5",
         str(frames), "48000"],
    ]  # fmt: skip
