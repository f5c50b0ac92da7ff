"""A session in a DAW: every process and every socket is real, save Live itself.

oscsend plays the host and asks; what the bridge and its engine make is heard through the real
sound library, and lands in a model of Live's set.
"""

import json
import os
import socket
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.daws.live.Loopwright import create_instance, script
from engine.loops.file_facts import read_facts
from tests.bridge.osc_client import PATIENCE_S, TestClient
from tests.cli.program import REAL, Program, running_bridge
from tests.fakes.live import FakeLive, FakeSong
from tests.playback.test_player import CONFIGURATION

FRAMES = round(Fraction(14 * 60 * 10, 935) * 48_000)


@pytest.fixture
def loopwright(tmp_path):
    with Program(tmp_path, REAL) as program:
        yield program


@pytest.fixture
def capture(tmp_path):
    """The file that ALSA writes what is played into."""
    (tmp_path / "asoundrc").write_text(CONFIGURATION.replace("CAPTURE", str(tmp_path / "raw")))
    return tmp_path / "raw"


def heard_so_far(capture, frames):
    """Return the first frames that sound, once there are so many of them."""
    give_up_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_at:
        raw = capture.read_bytes() if capture.exists() else b""
        heard = np.frombuffer(raw[: len(raw) // 8 * 8], dtype="<f4").reshape(-1, 2)
        sounding = np.flatnonzero(heard.any(axis=1))
        if len(sounding) and len(heard) >= sounding[0] + frames:
            return heard[sounding[0] : sounding[0] + frames]
    raise AssertionError("too little was heard")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="captures by ALSA")
def test_a_loop_at_the_hosts_tempo_is_placed_in_the_set(
    loopwright, program, capture, tmp_path, monkeypatch
):
    oscsend = program("oscsend", "liblo-tools")
    environment = {"ALSA_CONFIG_PATH": str(tmp_path / "asoundrc")}
    with (
        running_bridge(loopwright, environment=environment) as (_, port),
        TestClient(port) as client,
    ):

        def send(*words):
            subprocess.run([oscsend, "127.0.0.1", str(port), *words], check=True)

        assert client.ask("/lw/register", "front panel", 0).address == "/lw/done"
        send("/lw/host/tempo", "f", "93.5")
        send("/lw/host/meter", "ii", "7", "8")
        send("/lw/generate", "ssfi", "first", "dusty drums", "0", "4")
        ready = client.until("/lw/clip/ready").arguments
        assert ready[2:6] == (93.5, 4, 7, 8)
        assert ready[7:] == (FRAMES, 48_000)
        done = client.until("/lw/done", "/lw/generate", "first").arguments
        assert (done[2], done[6:]) == (ready[0], (14.0, FRAMES, 48_000))
        path = Path(client.ask("/lw/clip/path", ready[0]).arguments[1])
        audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
        assert (len(audio), rate) == (FRAMES, 48_000)

        send("/lw/preview/play", "sii", ready[0], "1", "0")
        client.until("/lw/preview/state", ready[0], 1)
        silence = np.flatnonzero(audio.any(axis=1))[0]
        assert np.array_equal(heard_so_far(capture, FRAMES - silence), audio[silence:])
        send("/lw/preview/stop")
        client.until("/lw/preview/state", ready[0], 0)

        monkeypatch.setattr(script, "BRIDGE", ("127.0.0.1", port))
        song = FakeSong(("Drums", True))
        song.tempo = 93.5
        live = create_instance(FakeLive(song))
        live.update_display()
        client.all_before_pong()
        send("/lw/clip/insert", "sss", "put", ready[0], "live:0,1")
        slot = song.tracks[0].clip_slots[1]
        while not slot.has_clip:
            live.update_display()
        live.update_display()
        assert client.until("/lw/done", "/lw/clip/insert", "put")
        live.disconnect()
        assert slot.clip.length == 14.0
        assert slot.clip.file_path == str(path)
    assert os.listdir(loopwright.project) == [path.name]


def test_loops_are_varied_and_blended_over_osc(loopwright):
    with running_bridge(loopwright) as (_, port), TestClient(port) as client:

        def made(address, job, *arguments):
            client.send(address, job, *arguments)
            done = client.until("/lw/done", address, job).arguments
            client.send("/lw/clip/path", done[2])
            path = client.until("/lw/clip/path", done[2]).arguments[1]
            return done[2], done[4:7], read_facts(Path(path)).recipe

        # A path is longer than the reply that a client without a lease gets.
        assert client.ask("/lw/register", "journey", 0).address == "/lw/done"
        drums, length, _ = made("/lw/generate", "1", "dusty drums", 93.5, 2)
        client.send("/lw/inspect", "heard", drums)
        heard = json.loads(client.until("/lw/done", "/lw/inspect", "heard").arguments[2])
        assert heard["source"]["bpm"] == {"value": 93.5, "origin": "recipe", "certainty": 1.0}
        assert heard["detected"]["tempos"][0]["bpm"] == pytest.approx(93.5, rel=0.01)
        assert (heard["detected"]["bars"], heard["problems"]) == (2, [])
        bass, _, _ = made("/lw/generate", "2", "round sub bass", 120.0, 2)
        _, varied_length, recipe = made("/lw/vary", "3", drums, 0.2, 7)
        assert varied_length == length == (93.5, 2, 8.0)
        assert (recipe.request.mode, recipe.request.amount) == ("vary", 0.2)
        assert (recipe.request.source, recipe.asked_seed) == (drums, 7)
        _, mixed_length, recipe = made("/lw/blend", "4", drums, bass, 0.5)
        assert mixed_length == length
        assert (recipe.request.mode, recipe.request.with_source) == ("blend", bass)
        client.send("/lw/blend", "5", drums, bass, 0.5, "prompts")
        refused = client.until("/lw/fail", "/lw/blend", "5").arguments
        assert "sketch" in refused[3]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_oscdump_prints_messages_to_a_registered_port(loopwright, program):
    oscsend = program("oscsend", "liblo-tools")
    oscdump = program("oscdump", "liblo-tools")
    with running_bridge(loopwright) as (_, port):
        ear = free_port()
        with subprocess.Popen([oscdump, "-L", str(ear)], stdout=subprocess.PIPE, text=True) as dump:
            words = ["/lw/register", "si", "dump", str(ear)]
            subprocess.run([oscsend, "127.0.0.1", str(port), *words], check=True)
            while "/lw/heartbeat" not in (line := dump.stdout.readline()):
                assert dump.poll() is None
                subprocess.run([oscsend, "127.0.0.1", str(port), *words], check=True)
            assert line.split()[1:] == ["/lw/heartbeat", "i", line.split()[-1]]
            words = ["/lw/generate", "ssfi", "one", "bass", "128.37", "1"]
            subprocess.run([oscsend, "127.0.0.1", str(port), *words], check=True)
            while '"/lw/generate"' not in (line := dump.stdout.readline()):
                pass
            words = line.split()
            dump.terminate()
        frames = round(Fraction(4 * 60 * 100, 12837) * 48_000)
        assert words[1:5] == ["/lw/done", "ssssfifii", '"/lw/generate"', '"one"']
        assert words[7:] == ["128.369995", "1", "4.000000", str(frames), "48000"]
