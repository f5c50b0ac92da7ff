"""When clips sound: a real sound server whose sink runs in real time, and is recorded."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from playback.mixer import BLOCK_FRAMES
from tests.fakes.clips import clip_of, grid_of

RATE = 48_000
PATIENCE_S = 30
ALSA = """\
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
"""
PLAY = """\
import json, sys, time
from pathlib import Path
from playback.player import Player
player, clip, times = Player(), Path(sys.argv[1]), []
player.play(clip, loop=False)
time.sleep(3.0)
for _ in range(6):
    player.stop()
    time.sleep(0.3)
    at_s = time.monotonic() + 0.37
    player.play(clip, loop=False, at_monotonic_s=at_s)
    times.append(at_s)
    time.sleep(0.9)
player.close()
print(json.dumps(times))
"""


@contextlib.contextmanager
def running(*command, environment):
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def wait_for_the_server(environment):
    end_s = time.monotonic() + PATIENCE_S
    ask = ("pactl", "info")
    while subprocess.run(ask, env=environment, capture_output=True, check=False).returncode:
        assert time.monotonic() < end_s
        time.sleep(0.1)


@pytest.fixture
def pulse(tmp_path):
    """The environment in which a sound server with a sink of nothing is the sound device."""
    if shutil.which("pulseaudio") is None or not list(Path("/usr/lib").glob("*/alsa-lib/*pulse*")):
        pytest.skip("needs the Debian packages pulseaudio and libasound2-plugins")
    (tmp_path / "asoundrc").write_text(ALSA, "utf-8")
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "ALSA_CONFIG_PATH": str(tmp_path / "asoundrc"),
    }
    server = ("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no")
    loads = ("-Lmodule-native-protocol-unix", f"-Lmodule-null-sink sink_name=nil rate={RATE}")
    with running(*server, *loads, environment=environment):
        wait_for_the_server(environment)
        yield environment


def test_clips_start_at_the_requested_times_within_a_block(pulse, tmp_path):
    grid = grid_of(bars=1, bpm=240.0, rate=RATE)
    audio = np.zeros((grid.frames, 2), np.float32)
    audio[:200] = 0.5
    clip = tmp_path / "click_240bpm_1bars_abcd2345.wav"
    clip.write_bytes(clip_of(grid, bits="32f", audio=audio))
    heard = tmp_path / "heard.raw"
    form = (f"--rate={RATE}", "--channels=1", "--format=float32le", "--latency-msec=20", "--raw")
    with running("parec", "-dnil.monitor", *form, str(heard), environment=pulse):
        played = subprocess.run(
            [sys.executable, "-c", PLAY, str(clip)],
            env=pulse, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    clicks = np.flatnonzero(np.fromfile(heard, "<f4") > 0.2)
    begins = clicks[np.diff(clicks, prepend=-RATE) > RATE // 2]
    requested = np.array(json.loads(played.stdout))
    late = begins[-len(requested) :] - requested * RATE
    # A sound server on a busy machine stumbles: most have to be in time.
    assert np.quantile(np.abs(late - np.median(late)), 0.6) < BLOCK_FRAMES
