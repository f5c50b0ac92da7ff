"""Playback of a sound while it is being made."""

import numpy as np
import pytest
import soxr

from playback.growing import GrowingSound
from playback.mixer import BLOCK_FRAMES, Mixer
from tests.playback.test_player import clip, heard, needs_alsa  # noqa: F401 - its fixtures


@pytest.fixture
def raw(tmp_path):
    """A raw file of noise in mono at 16 kHz, and its audio."""
    audio = np.random.default_rng(1).uniform(-0.5, 0.5, 16_000).astype("<f4")
    path = tmp_path / ".lw-1-a.part"
    path.write_bytes(audio.tobytes())
    return path, audio


def played(mixer, blocks):
    out = np.zeros((blocks * BLOCK_FRAMES, 2), np.float32)
    for start in range(0, len(out), BLOCK_FRAMES):
        mixer.fill(out[start : start + BLOCK_FRAMES])
    return out


def expected(audio, rate):
    return soxr.resample(np.repeat(audio[:, None], 2, axis=1), 16_000, rate)


def test_it_plays_silence_until_more_arrives_and_ends_when_complete(raw):
    path, audio = raw
    sound, mixer = GrowingSound(path, 16_000, 1, len(audio)), Mixer()
    sound.read(8_000)
    voice = sound.voice(48_000)
    mixer.pending = voice
    first = played(mixer, 60)
    came = int(np.flatnonzero(first.any(axis=1))[-1]) + 1
    assert 20_000 < came <= 24_000
    assert mixer.voice is voice
    sound.read(16_000)
    sound.whole = True
    voice.grow()
    rest = played(mixer, 60)
    assert mixer.voice is None
    whole = np.concatenate([first[:came], rest])[:48_000]
    assert np.allclose(whole, expected(audio, 48_000), atol=1e-3)


def test_growing_audio_plays_without_gaps_at_any_speed(raw):
    path, audio = raw
    mixer, heard_between = Mixer(), []

    class Pieces(list):
        """Pieces of a sound whose device is fast: all that is ready is played after each."""

        def __getitem__(self, places):
            return Pieces(super().__getitem__(places))

        def __iter__(self):
            for piece in super().__iter__():
                yield piece
                heard_between.append(played(mixer, 120))

    class OnAFastDevice(GrowingSound):
        @property
        def pieces(self):
            return Pieces(super().pieces)

    sound = OnAFastDevice(path, 16_000, 1, len(audio))
    mixer.pending = voice = sound.voice(48_000)
    sound.read(len(audio))
    sound.whole = True
    voice.grow()
    audible = np.concatenate([*heard_between, played(mixer, 120)])
    first = int(np.flatnonzero(audible.any(axis=1))[0])
    assert np.allclose(audible[first : first + 48_000], expected(audio, 48_000), atol=1e-3)


def test_a_deleted_file_adds_nothing(raw):
    path, audio = raw
    sound = GrowingSound(path, 16_000, 1, len(audio))
    sound.read(4_000)
    path.unlink()
    sound.read(16_000)
    assert sum(map(len, sound.pieces)) == 4_000


def test_data_beyond_the_announced_length_is_not_read(raw):
    path, _ = raw
    sound = GrowingSound(path, 16_000, 1, 5_000)
    sound.read(16_000)
    assert sum(map(len, sound.pieces)) == 5_000


@needs_alsa
@pytest.mark.parametrize("pieces", [1, 7])
def test_the_played_audio_is_the_same_however_it_arrived(heard, raw, pieces):  # noqa: F811
    path, audio = raw
    captured, said = heard(["listen", str(path), 16_000, 1, pieces], ["wait_until_silent"])
    assert said == ""
    sounding = np.abs(captured).max(axis=1) > 0
    assert np.count_nonzero(sounding) >= 47_000
    if pieces == 1:
        assert np.allclose(captured[:47_000], expected(audio, 48_000)[:47_000], atol=1e-3)
