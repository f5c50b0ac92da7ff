"""What the pads play, recorded: the mixer is run by hand, block by block."""

from pathlib import Path

import numpy as np
import pytest

from playback.clocks import BarClock, Quantize
from playback.mixer import BLOCK_FRAMES, Mixer, Voice
from playback.pad_recording import PadRecording
from playback.pad_voices import Mode, PadSound, Strike

RATE = 48_000
BAR = 2_000.5


def frames_of(bars):
    return round(bars * BAR)


def noise(frames, seed=1):
    return np.random.default_rng(seed).uniform(-0.1, 0.1, (frames, 2)).astype(np.float32)


def strike_of(audio, key=1, **options) -> Strike:
    sound = PadSound(audio=audio, rate=RATE, loops=True)
    gain = np.ones((1, 2), dtype=np.float32)
    return Strike(key=key, sound=sound, gain=gain, clock=BarClock(0, BAR), **options)


def blocks(mixer, count):
    out = np.empty((count * BLOCK_FRAMES, 2), dtype=np.float32)
    for start in range(0, len(out), BLOCK_FRAMES):
        mixer.fill(out[start : start + BLOCK_FRAMES])
    return out


def test_it_starts_with_the_first_pad_and_stops_on_request():
    mixer, recording = Mixer(), PadRecording(RATE)
    mixer.pads.record(recording)
    blocks(mixer, 3)
    mixer.pads.strike(strike_of(noise(700)))
    out = blocks(mixer, 4)
    mixer.pads.end_recording()
    blocks(mixer, 2)
    assert recording.done
    assert np.array_equal(recording.audio, out)
    assert recording.bars == 0


@pytest.mark.parametrize(("ended_after", "bars"), [(1, 1), (4, 1), (5, 1), (6, 2), (8, 2), (10, 3)])
def test_with_quantised_starts_it_is_cut_to_the_nearest_whole_bars(ended_after, bars):
    mixer, recording = Mixer(), PadRecording(RATE, frames_of)
    mixer.pads.record(recording)
    mixer.pads.strike(strike_of(noise(700)))
    out = blocks(mixer, ended_after)
    mixer.pads.end_recording()
    out = np.concatenate([out, blocks(mixer, 8)])
    assert recording.done
    assert recording.bars == bars
    assert np.array_equal(recording.audio, out[: frames_of(bars)])


def test_during_a_clip_it_starts_on_the_next_bar_without_the_clip():
    mixer, recording = Mixer(), PadRecording(RATE, frames_of)
    clip = noise(frames_of(2), 9)
    mixer.pending = Voice(Path("x.wav"), clip, loop=True, bar_frames=BAR, on_bar=False)
    blocks(mixer, 2)
    pad = noise(700)
    mixer.pads.strike(strike_of(pad, quantize=Quantize.BAR))
    mixer.pads.record(recording)
    blocks(mixer, 6)
    mixer.pads.end_recording()
    blocks(mixer, 3)
    assert recording.start_frame == frames_of(1)
    assert np.array_equal(recording.audio, np.resize(pad, (frames_of(1), 2)))


def test_silence_between_pads_is_recorded():
    mixer, recording = Mixer(), PadRecording(RATE)
    mixer.pads.record(recording)
    shot = strike_of(noise(300), mode=Mode.ONE_SHOT)
    mixer.pads.strike(shot)
    first = blocks(mixer, 4)
    mixer.pads.strike(shot)
    second = blocks(mixer, 2)
    mixer.pads.end_recording()
    blocks(mixer, 1)
    assert np.array_equal(recording.audio, np.concatenate([first, second]))


def test_without_any_strike_it_is_empty():
    mixer, recording = Mixer(), PadRecording(RATE, frames_of)
    mixer.pads.record(recording)
    blocks(mixer, 3)
    mixer.pads.end_recording()
    blocks(mixer, 1)
    assert recording.done
    assert len(recording.audio) == 0


@pytest.mark.parametrize(("frames_of_bars", "frames"), [(None, 4_800), (frames_of, frames_of(2))])
def test_a_full_recording_stops_on_whole_bars(frames_of_bars, frames):
    mixer = Mixer()
    recording = PadRecording(RATE, frames_of_bars, max_s=0.1)
    mixer.pads.record(recording)
    mixer.pads.strike(strike_of(noise(700)))
    out = blocks(mixer, 12)
    assert recording.done
    assert np.array_equal(recording.audio, out[:frames])
    assert recording.bars == (2 if frames_of_bars else 0)


def test_losing_the_device_keeps_the_whole_bars():
    mixer, recording = Mixer(), PadRecording(RATE, frames_of)
    mixer.pads.record(recording)
    mixer.pads.strike(strike_of(noise(700)))
    out = blocks(mixer, 10)
    recording.finish_early()
    assert recording.bars == 2
    assert np.array_equal(recording.audio, out[: frames_of(2)])


def test_the_volume_is_not_recorded():
    mixer, recording = Mixer(), PadRecording(RATE)
    mixer.volume = 0.1
    blocks(mixer, 1)
    mixer.pads.record(recording)
    mixer.pads.strike(strike_of(np.full((100, 2), 0.5, dtype=np.float32)))
    blocks(mixer, 3)
    mixer.pads.end_recording()
    blocks(mixer, 1)
    assert (recording.audio == 0.5).all()


def test_the_beat_of_a_recording_continues_while_all_pads_are_silent():
    mixer, recording = Mixer(), PadRecording(RATE, frames_of)
    mixer.pads.record(recording)
    shot = strike_of(noise(300), mode=Mode.ONE_SHOT, quantize=Quantize.BAR)
    mixer.pads.strike(shot)
    blocks(mixer, 2)
    mixer.pads.strike(shot)
    blocks(mixer, 6)
    mixer.pads.end_recording()
    blocks(mixer, 4)
    assert recording.bars == 2
    assert np.array_equal(recording.audio[:300], recording.audio[frames_of(1) :][:300])
    assert not recording.audio[300 : frames_of(1)].any()


def test_one_bar_always_fits():
    recording = PadRecording(RATE, frames_of, max_s=0.01)
    mixer = Mixer()
    mixer.pads.record(recording)
    mixer.pads.strike(strike_of(noise(700)))
    blocks(mixer, 6)
    assert recording.done
    assert len(recording.audio) == frames_of(1)


def test_fractional_bars_are_counted_by_their_exact_length():
    mixer, recording = Mixer(), PadRecording(RATE, frames_of)
    mixer.pads.record(recording)
    mixer.pads.strike(strike_of(noise(700)))
    blocks(mixer, 125)  # 64,000 frames; 32 bars would be 64,016
    recording.finish_early()
    assert (recording.bars, len(recording.audio)) == (31, frames_of(31))
