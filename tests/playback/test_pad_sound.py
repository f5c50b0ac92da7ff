"""What a pad plays of a clip: the part, the pitch, the rate."""

import numpy as np
import pytest

from engine.loops.errors import UnreadableClip
from playback.clip_audio import ClipAudio, read_clip
from playback.pad_sound import pad_sound
from tests.fakes.clips import clip_of, grid_of, noise_on

RATE = 48_000


def tone(cycles, frames=RATE, bars=1) -> ClipAudio:
    """A looping clip of a sine."""
    wave = np.sin(2 * np.pi * cycles * np.arange(frames) / frames).astype(np.float32)
    return ClipAudio(audio=np.stack([wave, wave], axis=1), rate=RATE, bars=bars, beats=4)


def strongest(audio) -> int:
    return int(np.abs(np.fft.rfft(audio[:, 0])).argmax())


def test_a_whole_clip_at_its_own_pitch_is_unchanged():
    clip = tone(440)
    sound = pad_sound(clip, rate=RATE)
    assert np.array_equal(sound.audio, clip.audio)
    assert sound.loops


def test_twelve_semitones_up_is_twice_as_fast():
    clip = tone(440)
    sound = pad_sound(clip, rate=RATE, semitones=12)
    assert len(sound.audio) == RATE // 2
    assert np.abs(sound.audio - clip.audio[::2]).max() < 1e-3


@pytest.mark.parametrize("semitones", (-24, -12, -7, -0.5, 1, 5, 24))
def test_a_tuned_loop_still_loops_seamlessly(semitones):
    sound = pad_sound(tone(100), rate=RATE, semitones=semitones)
    assert len(sound.audio) == round(RATE * 2 ** (-semitones / 12))
    assert strongest(sound.audio) == 100  # as many cycles, in another time
    steps = np.abs(np.diff(sound.audio[:, 0]))
    assert abs(sound.audio[0, 0] - sound.audio[-1, 0]) <= steps.max() * 1.01


@pytest.mark.parametrize("rate", (44_100, 96_000))
def test_a_clip_of_another_rate_sounds_the_same(rate):
    sound = pad_sound(tone(440), rate=rate)
    assert (len(sound.audio), sound.rate) == (rate, rate)
    wanted = np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    assert np.abs(sound.audio[:, 0] - wanted).max() < 1e-3


def test_a_part_of_a_loop_repeats_without_a_step():
    sound = pad_sound(tone(110.25), rate=RATE, start=0.25, end=0.6)
    assert len(sound.audio) == pytest.approx(RATE * 0.35, abs=1)
    steps = np.abs(np.diff(sound.audio[:, 0]))
    assert abs(sound.audio[0, 0] - sound.audio[-1, 0]) <= steps.max() * 1.01


def test_a_part_of_a_one_shot_starts_at_the_cut_and_fades_out():
    clip = tone(440, bars=0)
    sound = pad_sound(clip, rate=RATE, start=0.5, end=0.75)
    assert not sound.loops
    assert np.array_equal(sound.audio[:1_000], clip.audio[24_000:25_000])
    assert not sound.audio[-1].any()


@pytest.mark.parametrize(("start", "end"), [(1.0, 1.0), (0.9, 0.1), (1.0, 0.0)])
def test_at_least_one_frame_remains(start, end):
    assert len(pad_sound(tone(1), rate=RATE, start=start, end=end).audio) == 1


def test_the_shortest_clip_can_be_tuned():
    clip = ClipAudio(audio=np.ones((1, 2), dtype=np.float32), rate=RATE, bars=1, beats=4)
    for semitones in (-24, 24):
        assert np.isfinite(pad_sound(clip, rate=RATE, semitones=semitones).audio).all()


def test_a_clip_is_read_with_its_bars(tmp_path):
    grid = grid_of("7/8", bars=3, bpm=93.3)
    audio = noise_on(grid, channels=1)
    path = tmp_path / "x.wav"
    path.write_bytes(clip_of(grid, bits="32f", audio=audio))
    clip = read_clip(path)
    assert (clip.rate, clip.bars, clip.beats) == (grid.rate, 3, 7)
    assert np.array_equal(clip.audio, np.repeat(audio, 2, axis=1))


def test_an_invalid_clip_is_reported(tmp_path):
    path = tmp_path / "x.wav"
    path.write_bytes(b"RIFF")
    with pytest.raises(UnreadableClip, match="cannot be read as a clip"):
        read_clip(path)
