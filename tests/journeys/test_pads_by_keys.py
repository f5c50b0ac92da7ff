"""Pads in the real program: struck on a keyboard, and heard on a sound device."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from desktop.state.settings import Settings, load_settings, save_settings
from tests.fakes.clips import clip_of, grid_of, noise_on

PROGRAM = [sys.executable, "-P", "-m", "cli.main"]
SINK = Path(__file__).parents[1] / "fakes" / "paced_sink.py"
LIMIT_S = 60
ALSA = """\
pcm.nullsink { type null }
pcm.capture { type file slave.pcm "nullsink" file "|PYTHON SINK FILE" format "raw" }
pcm.!default { type plug slave { pcm "capture" format FLOAT_LE channels 2 rate 48000 } }
ctl.!default { type null }
"""
GRID = grid_of(bars=1, bpm=240.0)
CLIPS = {"abcd2345": noise_on(GRID, seed=1), "bcde2345": noise_on(GRID, seed=2)}

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="captures by ALSA")


class Heard:
    """What the sound device has played so far."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def wait_for(self, audio, *, after: int = 0) -> int:
        """Wait until a whole sound was heard, sample for sample; return the frame it began at."""
        give_up_at = time.monotonic() + LIMIT_S
        while time.monotonic() < give_up_at:
            played = self.played()
            for start in np.flatnonzero((played[after:] == audio[0]).all(axis=1)) + after:
                if np.array_equal(played[start : start + len(audio)], audio):
                    return int(start)
            threading.Event().wait(0.2)
        raise AssertionError("it was not heard")

    def wait_for_anything(self, strike) -> None:
        """Strike again and again until something is heard: the window may not be there yet."""
        give_up_at = time.monotonic() + LIMIT_S
        while not self.played().any():
            assert time.monotonic() < give_up_at
            strike()
            threading.Event().wait(1)

    def played(self):
        data = self._path.read_bytes() if self._path.exists() else b""
        return np.frombuffer(data[: len(data) // 8 * 8], dtype="<f4").reshape(-1, 2)


@pytest.fixture
def project(tmp_path):
    """A project of two clips, of which one is on the first pad."""
    folder = tmp_path / "late-tape-ep"
    folder.mkdir()
    for clip_id, audio in CLIPS.items():
        data = clip_of(GRID, bits="32f", audio=audio, title=clip_id[:2])
        (folder / f"loop-{clip_id[:2]}_240bpm_1bars_{clip_id}.wav").write_bytes(data)
    pads = {"A": {"1": {"clip": "abcd2345"}, "2": {"clip": "bcde2345", "mode": "one-shot"}}}
    (folder / "loopwright.json").write_text(json.dumps({"pads": pads}), "utf-8")
    return folder


@pytest.fixture
def heard(tmp_path):
    capture = tmp_path / "capture.raw"
    words = {"PYTHON": sys.executable, "SINK": str(SINK), "FILE": str(capture)}
    text = ALSA
    for word, value in words.items():
        text = text.replace(word, value)
    (tmp_path / ".asoundrc").write_text(text, "utf-8")
    return Heard(capture)


def test_a_key_strikes_a_pad_and_another_starts_on_its_bar(screen, tmp_path, project, heard):
    settings = tmp_path / ".config" / "Loopwright" / "settings.json"
    save_settings(settings, Settings(project=str(project), bpm=240.0, volume=1.0))
    alsa = {"ALSA_CONFIG_PATH": str(tmp_path / ".asoundrc")}
    loopwright = screen.start(*PROGRAM, stdin=subprocess.DEVNULL, more=alsa)
    window = screen.place("Loopwright", 0, 30)
    screen.do("windowfocus", "--sync", window)
    # A click on the list leaves the prompt, once the list is there; before, it meets nothing.
    leave = ("mousemove", "--window", window, 1050, 560, "click", 1)
    heard.wait_for_anything(lambda: screen.do(*leave, "key", "2"))
    screen.do("key", "1")
    loop, shot = CLIPS["abcd2345"], CLIPS["bcde2345"]
    first = heard.wait_for(np.concatenate([loop, loop]))
    screen.do("key", "2")
    both = heard.wait_for(loop + shot, after=first)
    assert (both - first) % len(loop) == 0
    screen.do("key", "1")
    screen.do("windowfocus", "--sync", window, "key", "ctrl+q")
    assert loopwright.wait(LIMIT_S) == 0
    assert load_settings(settings).pad_keys
