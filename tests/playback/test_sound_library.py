"""The sound library where it aborts, fails or hangs: real processes, and the real library."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from playback import sound_library
from playback.player import Player
from playback.sound_library import NoSound
from tests.fakes.clips import clip_of, grid_of

ROOT = Path(__file__).resolve().parents[2]
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ALSA, PulseAudio")
LOOK = """
import sys
from playback.player import Player, default_device_name
from playback.sound_library import NoSound
for ask in (default_device_name, lambda: Player().open(48_000), lambda: Player().device_names()):
    try:
        ask()
    except NoSound as error:
        print(error)
"""


def looked(tmp_path, code=LOOK, **environment):
    """Ask for sound in a process of its own, and return what it says; it must end by itself."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT),
             **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@linux_only
@pytest.mark.parametrize("content", [None, "garbage { [", "pcm.!default { type missing }", "\0"])
def test_a_missing_or_broken_alsa_configuration_is_reported(tmp_path, content):
    configuration = tmp_path / "asound.conf"
    if content is not None:
        configuration.write_text(content)
    sentences = looked(tmp_path, ALSA_CONFIG_PATH=str(configuration))
    assert sentences
    assert all(sentence.startswith("Audio cannot be played (") for sentence in sentences)


@contextlib.contextmanager
def silent_server(path):
    """A sound server that accepts whoever comes, and never answers."""
    callers = []

    def accept(listening):
        with contextlib.suppress(OSError):
            while True:
                callers.append(listening.accept()[0])

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        thread = threading.Thread(target=accept, args=(listening,), daemon=True)
        thread.start()
        try:
            yield callers
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for caller in callers:
                caller.close()


@linux_only
def test_an_unresponsive_sound_server_is_reported_in_time(tmp_path):
    (tmp_path / "asound.conf").write_text("ctl.!default { type null }\n")
    with silent_server(tmp_path / "pulse") as callers:
        sentences = looked(
            tmp_path,
            PULSE_SERVER=f"unix:{tmp_path / 'pulse'}",
            ALSA_CONFIG_PATH=str(tmp_path / "asound.conf"),
        )
        if not callers:
            pytest.skip("this PortAudio does not speak with PulseAudio")
    assert len(sentences) == 3
    assert "the sound server does not answer" in sentences[0]


@linux_only
def test_a_device_that_never_opens_is_reported_in_time(tmp_path):
    """Opening a pipe that nobody reads waits without end, as a hanging server does."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "asound.conf").write_text(
        "pcm.nullsink { type null }\n"
        f'pcm.!default {{ type file slave.pcm "nullsink" file "{tmp_path}/pipe" format "raw" }}\n'
        "ctl.!default { type null }\n"
    )
    sentences = looked(tmp_path, ALSA_CONFIG_PATH=str(tmp_path / "asound.conf"))
    assert len(sentences) == 3
    assert "the sound server does not answer" in sentences[0]


class HangingLibrary:
    """The library as the player uses it, whose devices answer once `answers` is set."""

    class PortAudioError(Exception):
        pass

    def __init__(self):
        self.answers = threading.Event()
        self.closed = []

    def query_devices(self, kind=None):
        device = {"name": "Built-in", "max_output_channels": 2}
        return device if kind else [device]

    def OutputStream(self, **_format):  # noqa: N802 - the library's name
        self.answers.wait()
        return HangingStream(self)

    def _terminate(self):
        pass

    def _initialize(self):
        pass


class HangingStream:
    latency = 0.0
    active = True

    def __init__(self, library):
        self._library = library

    def start(self):
        pass

    def close(self, *, ignore_errors):
        assert ignore_errors
        self._library.closed.append(self)


def test_a_hanging_device_fails_in_time_and_is_used_again_once_it_responds(
    tmp_path, monkeypatch, expect_log
):
    library = HangingLibrary()
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    monkeypatch.setattr(sound_library, "LIMIT_S", 0.2)
    expect_log("does not answer within")
    path = tmp_path / "clip.wav"
    path.write_bytes(clip_of(grid_of()))
    player = Player()
    with pytest.raises(NoSound, match="the sound server does not answer"):
        player.play(path, loop=True)
    began_s = time.perf_counter()
    with pytest.raises(NoSound, match="the sound server does not answer"):
        player.play(path, loop=True)
    assert player.rate == 0
    library.answers.set()
    monkeypatch.setattr(sound_library, "LIMIT_S", 20.0)
    while player.rate == 0:
        with contextlib.suppress(NoSound):
            player.play(path, loop=True)
    assert time.perf_counter() > began_s
    assert len(library.closed) == 1
    player.close()
    assert len(library.closed) == 2


@linux_only
def test_the_child_process_lists_the_devices(tmp_path, monkeypatch):
    configuration = tmp_path / "asound.conf"
    configuration.write_text("pcm.!default { type null }\nctl.!default { type null }\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(configuration))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    assert "default" in sound_library.probe()
