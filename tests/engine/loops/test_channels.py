"""Audio of many channels as a source: what is heard on stereo loudspeakers."""

import struct

import numpy as np
import pytest
import soundfile

from engine.loops.audio_file import read_audio
from engine.loops.channels import folded_down
from engine.loops.riff import riff_bytes
from engine.loops.wav import pcm_bytes

HALF_POWER = 0.5**0.5
PCM = bytes.fromhex("0100000000001000800000aa00389b71")


def alone(channel, channels):
    """Return one sounding channel among silent ones, (frames, channels)."""
    audio = np.zeros((100, channels), np.float32)
    audio[:, channel] = 0.5
    return audio


def gains(audio, mask=None, **how):
    return [pytest.approx(value) for value in 2 * folded_down(audio, mask, **how)[0]]


def test_one_or_two_channels_are_unchanged():
    for channels in (1, 2):
        audio = alone(0, channels)
        assert folded_down(audio) is audio


@pytest.mark.parametrize(
    ("channel", "channels", "wanted"),
    [
        (0, 6, [1, 0]),
        (1, 6, [0, 1]),
        (2, 6, [HALF_POWER, HALF_POWER]),
        (3, 6, [0, 0]),
        (4, 6, [HALF_POWER, 0]),
        (5, 6, [0, HALF_POWER]),
        (2, 3, [HALF_POWER, HALF_POWER]),
        (3, 4, [0, HALF_POWER]),
        (7, 8, [0, HALF_POWER]),
    ],
)
def test_without_a_layout_the_usual_one_is_assumed(channel, channels, wanted):
    assert gains(alone(channel, channels)) == wanted


def test_a_mask_determines_the_channels():
    assert gains(alone(2, 3), 0b1011) == [0, 0]  # left, right, low effects
    assert gains(alone(2, 5), 0x607) == [HALF_POWER, HALF_POWER]
    assert gains(alone(5, 6), 0x3) == [0, 0]  # a mask of two for six channels


@pytest.mark.parametrize("channels", [3, 6, 12, 64])
def test_channels_without_loudspeaker_positions_are_all_mixed_in(channels):
    for channel in (0, channels - 1):
        assert gains(alone(channel, channels), 0) == [channels**-0.5] * 2
    assert gains(alone(40, 64)) == [64**-0.5] * 2


def test_vorbis_has_its_own_channel_order(tmp_path):
    assert gains(alone(1, 6), xiph=True) == [HALF_POWER, HALF_POWER]
    tone = np.sin(np.arange(48_000) * 0.05).astype(np.float32)
    centre = np.zeros((48_000, 6), np.float32)
    centre[:, 1] = 0.5 * tone
    soundfile.write(tmp_path / "a.ogg", centre, 48_000)
    left, right = read_audio(tmp_path / "a.ogg").audio[1000:-1000].T
    np.testing.assert_allclose(left, right, atol=0.02)
    assert np.abs(left).max() > 0.3


@pytest.mark.parametrize(("mask", "channel"), [(0x3F, 2), (0, 4), (None, 2)])
def test_a_file_with_sound_in_one_channel_only_is_not_silent(tmp_path, mask, channel):
    audio = alone(channel, 6)
    head = struct.pack("<HIIHH", 6, 48_000, 48_000 * 12, 12, 16)
    fmt = struct.pack("<H", 1) + head
    if mask is not None:
        fmt = struct.pack("<H", 0xFFFE) + head + struct.pack("<HHI", 22, 16, mask) + PCM
    data = riff_bytes(b"WAVE", [(b"fmt ", fmt), (b"data", pcm_bytes(audio, "16"))])
    (tmp_path / "a.wav").write_bytes(data)
    read = read_audio(tmp_path / "a.wav").audio
    assert read.shape == (100, 2)
    assert np.abs(read).min() > 0.15
