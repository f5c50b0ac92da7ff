"""The window with a file of two gigabytes on its list."""

import struct
import threading

from desktop.pads.banks import Pad
from tests.desktop.window import wait, without_engine

DATA_BYTES = 2 * 10**9
NAME = "long-night_84bpm_4bars_abcd2345.wav"


def put_large_clip(project):
    """Write 43 minutes of 16 bits, 96 kHz and four channels; the disk stores only the header."""
    rate, channels, width = 96_000, 4, 2
    project.mkdir()
    with (project / NAME).open("wb") as stream:
        facts = struct.pack(
            "<HHIIHH", 1, channels, rate, rate * channels * width, channels * width, 8 * width
        )
        stream.write(b"RIFF" + struct.pack("<I", DATA_BYTES + 36) + b"WAVE")
        stream.write(b"fmt " + struct.pack("<I", len(facts)) + facts)
        stream.write(b"data" + struct.pack("<I", DATA_BYTES))
        stream.truncate(44 + DATA_BYTES)


def is_reading(thread="waveforms"):
    return thread in [each.name for each in threading.enumerate()]


def test_closing_does_not_wait_for_a_waveform(qtbot, open_desktop, tmp_path):
    project = tmp_path / "late-tape-ep"
    put_large_clip(project)
    desktop = open_desktop(make_engine=without_engine)
    wait(qtbot, is_reading)
    desktop.close()
    assert not is_reading()
    assert not list(project.rglob("abcd2345*.npy"))  # it was not read to its end


def test_closing_does_not_wait_for_a_pad(qtbot, open_desktop, tmp_path):
    put_large_clip(tmp_path / "late-tape-ep")
    desktop = open_desktop(make_engine=without_engine)
    wait(qtbot, lambda: desktop.collection.total == 1)
    desktop.pads.banks.put(0, Pad(clip="abcd2345"))
    wait(qtbot, lambda: is_reading("sampler"))
    desktop.close()
    assert not is_reading("sampler")
