"""Pads, sample for sample: the mixer is run by hand, block by block."""

from pathlib import Path

import numpy as np
import pytest

from playback.clocks import BarClock, Quantize
from playback.mixer import BLOCK_FRAMES, Mixer, Voice
from playback.pad_voices import (
    FADE_FRAMES,
    MAX_VOICES,
    Mode,
    PadSound,
    Strike,
)

UNITY = np.ones((1, 2), dtype=np.float32)
CLOCK = BarClock(0, 2_000.5)


def noise(frames, seed=1):
    return np.random.default_rng(seed).uniform(-0.1, 0.1, (frames, 2)).astype(np.float32)


def strike_of(audio, key=1, *, loops=True, **options) -> Strike:
    sound = PadSound(audio=audio, rate=48_000, loops=loops)
    return Strike(key=key, sound=sound, **{"gain": UNITY, "clock": CLOCK} | options)


def blocks(mixer, count):
    out = np.full((count * BLOCK_FRAMES, 2), 9, dtype=np.float32)
    for start in range(0, len(out), BLOCK_FRAMES):
        mixer.fill(out[start : start + BLOCK_FRAMES])
    return out


def run_clip(mixer, frames=3_000, bars=2):
    """Let a clip go round below the pads; returns its audio."""
    audio = noise(frames, seed=99)
    mixer.pending = Voice(
        Path("x.wav"), audio, loop=True, bar_frames=frames / bars, on_bar=False, beats=4
    )
    return audio


@pytest.mark.parametrize("frames", (1, 7, 511, 512, 513, 2_000))
def test_a_loop_on_a_pad_repeats_exactly_from_the_next_block(frames):
    mixer, audio = Mixer(), noise(frames)
    before = blocks(mixer, 2)
    mixer.pads.strike(strike_of(audio))
    assert not before.any()
    assert np.array_equal(blocks(mixer, 10), np.resize(audio, (10 * BLOCK_FRAMES, 2)))


def test_pads_sound_together_and_over_the_playing_clip():
    mixer = Mixer()
    clip = run_clip(mixer)
    audios = [noise(600 + 10 * key, seed=key) for key in range(5)]
    for key, audio in enumerate(audios):
        mixer.pads.strike(strike_of(audio, key))
    frames = 8 * BLOCK_FRAMES
    wanted = np.resize(clip, (frames, 2)).astype(np.float64)
    wanted += sum(np.resize(audio, (frames, 2)).astype(np.float64) for audio in audios)
    assert np.abs(blocks(mixer, 8) - wanted).max() < 1e-6
    assert mixer.pads.sounding() == dict.fromkeys(range(5), True)


def test_striking_a_sounding_loop_silences_it_within_milliseconds():
    mixer, audio = Mixer(), np.full((700, 2), 0.5, dtype=np.float32)
    mixer.pads.strike(strike_of(audio))
    blocks(mixer, 3)
    mixer.pads.strike(strike_of(audio))
    out = blocks(mixer, 2)
    fall = out[:FADE_FRAMES, 0]
    assert (np.diff(fall) <= 0).all()
    assert np.abs(np.diff(fall, prepend=0.5)).max() < 0.01
    assert fall[-1] == 0
    assert not out[FADE_FRAMES:].any()
    assert mixer.pads.sounding() == {}
    assert mixer.pads.voices == []


def test_a_one_shot_plays_once_and_restarts_when_struck_again():
    mixer, audio = Mixer(), noise(1_500)
    strike = strike_of(audio, mode=Mode.ONE_SHOT, loops=False)
    mixer.pads.strike(strike)
    out = blocks(mixer, 4)
    assert np.array_equal(out[:1_500], audio)
    assert not out[1_500:].any()
    mixer.pads.strike(strike)
    blocks(mixer, 1)
    mixer.pads.strike(strike)
    out = blocks(mixer, 4)
    assert np.array_equal(out[FADE_FRAMES:1_500], audio[FADE_FRAMES:])
    assert not np.array_equal(out[:FADE_FRAMES], audio[:FADE_FRAMES])  # the first one still falls
    assert not out[1_500:].any()


def test_a_gate_sounds_while_it_is_held():
    mixer, audio = Mixer(), noise(600)
    mixer.pads.strike(strike_of(audio, mode=Mode.GATE))
    held = blocks(mixer, 5)
    assert np.array_equal(held, np.resize(audio, (len(held), 2)))
    mixer.pads.release(1)
    out = blocks(mixer, 2)
    assert out[: FADE_FRAMES - 1].any(axis=1).all()
    assert not out[FADE_FRAMES:].any()


def test_a_release_does_not_affect_loops_and_one_shots():
    mixer, audio = Mixer(), noise(5_000)
    mixer.pads.strike(strike_of(audio, 1, mode=Mode.LOOP))
    mixer.pads.strike(strike_of(audio, 2, mode=Mode.ONE_SHOT))
    blocks(mixer, 1)
    mixer.pads.release(1)
    mixer.pads.release(2)
    blocks(mixer, 1)
    assert mixer.pads.sounding() == {1: True, 2: True}


def test_a_gate_released_before_its_quantized_start_never_sounds():
    mixer = Mixer()
    run_clip(mixer)
    blocks(mixer, 1)
    mixer.pads.strike(strike_of(noise(100), mode=Mode.GATE, quantize=Quantize.BAR))
    blocks(mixer, 1)
    assert mixer.pads.sounding() == {1: False}
    mixer.pads.release(1)
    blocks(mixer, 1)
    assert mixer.pads.voices == []


def test_only_the_newest_pad_of_a_choke_group_sounds():
    mixer = Mixer()
    open_hat, closed_hat, other = noise(900, 1), noise(700, 2), noise(800, 3)
    mixer.pads.strike(strike_of(open_hat, 1, choke=1))
    mixer.pads.strike(strike_of(other, 3, choke=2))
    blocks(mixer, 1)
    mixer.pads.strike(strike_of(closed_hat, 2, choke=1))
    out = blocks(mixer, 4)
    assert mixer.pads.sounding() == {3: True, 2: True}
    rest = np.resize(np.roll(other, -BLOCK_FRAMES, axis=0), (len(out), 2))
    wanted = rest + np.resize(closed_hat, (len(out), 2))
    assert np.allclose(out[FADE_FRAMES:], wanted[FADE_FRAMES:], atol=1e-6)
    assert not np.allclose(out[: FADE_FRAMES // 2], wanted[: FADE_FRAMES // 2], atol=1e-6)


@pytest.mark.parametrize("struck_after", range(1, 14))
def test_a_quantised_pad_starts_exactly_on_the_bar_of_the_playing_clip(struck_after):
    mixer, audio = Mixer(), noise(400)
    clip = run_clip(mixer, frames=3_001, bars=2)
    before = blocks(mixer, struck_after)
    mixer.pads.strike(strike_of(audio, mode=Mode.ONE_SHOT, quantize=Quantize.BAR))
    out = np.concatenate([before, blocks(mixer, 8)])
    pads = out - np.resize(clip, (len(out), 2))
    lines = [lap * 3_001 + at for lap in range(9) for at in (0, round(3_001 / 2))]
    start = next(line for line in lines if line >= len(before))
    assert np.abs(pads[:start]).max() < 1e-6
    assert np.abs(pads[start : start + 400] - audio).max() < 1e-6


@pytest.mark.parametrize(
    ("quantize", "step"), [(Quantize.BEAT, 2_000.5 / 4), (Quantize.BAR, 2_000.5)]
)
def test_the_first_pad_sets_the_beat_that_others_wait_for(quantize, step):
    mixer, first, second = Mixer(), noise(700, 1), noise(300, 2)
    blocks(mixer, 3)
    mixer.pads.strike(strike_of(first, 1, quantize=quantize))
    assert np.array_equal(blocks(mixer, 5), np.resize(first, (5 * BLOCK_FRAMES, 2)))
    mixer.pads.strike(strike_of(second, 2, quantize=quantize, mode=Mode.ONE_SHOT))
    out = blocks(mixer, 6)
    pads = out - np.resize(np.roll(first, -5 * BLOCK_FRAMES, axis=0), (len(out), 2))
    start = next(at for n in range(20) if (at := round(n * step) - 5 * BLOCK_FRAMES) >= 0)
    assert np.abs(pads[:start]).max(initial=0) < 1e-6
    assert np.abs(pads[start : start + 300] - second).max() < 1e-6


def test_a_clip_that_starts_on_a_bar_waits_for_the_bar_of_the_pads():
    mixer, loop = Mixer(), noise(700)
    mixer.pads.strike(strike_of(loop))
    blocks(mixer, 2)
    clip = noise(900, 5)
    mixer.pending = Voice(Path("x.wav"), clip, loop=True, bar_frames=900, on_bar=True)
    out = blocks(mixer, 5) - np.resize(np.roll(loop, -2 * BLOCK_FRAMES, 0), (5 * BLOCK_FRAMES, 2))
    start = round(CLOCK.bar_frames) - 2 * BLOCK_FRAMES
    assert np.abs(out[:start]).max() < 1e-6
    assert np.abs(out[start : start + 500] - clip[:500]).max() < 1e-6


def test_striking_a_quantised_loop_again_ends_it_on_the_bar():
    mixer, audio = Mixer(), np.full((700, 2), 0.5, dtype=np.float32)
    mixer.pads.strike(strike_of(audio, quantize=Quantize.BAR))
    blocks(mixer, 1)
    mixer.pads.strike(strike_of(audio, quantize=Quantize.BAR))
    out = blocks(mixer, 6)
    end = round(CLOCK.bar_frames) - BLOCK_FRAMES
    assert (out[:end] == 0.5).all()
    fall = out[end - 1 : end + FADE_FRAMES, 0]  # from one block into the next
    assert (np.diff(fall)[:-1] < 0).all()
    assert not out[end + FADE_FRAMES - 1 :].any()


def test_a_tempo_change_takes_effect_on_the_next_bar():
    mixer, loop, other = Mixer(), np.zeros((700, 2), dtype=np.float32), noise(200, 2)
    mixer.pads.strike(strike_of(loop, 1))
    blocks(mixer, 1)
    faster = BarClock(0, 1_000.0)
    mixer.pads.strike(strike_of(other, 2, clock=faster, quantize=Quantize.BAR, mode=Mode.ONE_SHOT))
    blocks(mixer, 3)
    assert mixer.pads.clock == BarClock(2_000, 1_000.0)  # 2,000.5 lies as near to 2,000


def test_a_seventeenth_pad_replaces_the_oldest():
    mixer = Mixer()
    for key in range(MAX_VOICES + 1):
        mixer.pads.strike(strike_of(noise(600), key))
        blocks(mixer, 1)
    assert sorted(mixer.pads.sounding()) == list(range(1, MAX_VOICES + 1))


def test_a_flood_of_strikes_in_a_block_leaves_one_voice():
    mixer, audio = Mixer(), noise(9_000)
    for _ in range(1_001):
        mixer.pads.strike(strike_of(audio, mode=Mode.ONE_SHOT))
    out = blocks(mixer, 4)
    assert np.array_equal(out, audio[: len(out)])
    assert len(mixer.pads.voices) == 1


def test_level_and_pan_scale_each_side_and_changes_are_ramped():
    mixer = Mixer()
    gain = np.array([[0.5, 0.25]], dtype=np.float32)
    mixer.pads.strike(strike_of(np.ones((300, 2), dtype=np.float32), gain=gain))
    assert (blocks(mixer, 2) == gain).all()
    mixer.pads.set_gain(1, gain * 2)
    out = blocks(mixer, 2)
    assert (np.diff(out[:BLOCK_FRAMES, 0]) >= 0).all()
    assert np.abs(np.diff(out[:, 0], prepend=0.5)).max() < 0.01
    assert (out[BLOCK_FRAMES:] == gain * 2).all()


def test_stop_ends_all_pads_and_keeps_the_clip():
    mixer = Mixer()
    clip = run_clip(mixer)
    for key in range(3):
        mixer.pads.strike(strike_of(noise(900, key), key))
    blocks(mixer, 2)
    mixer.pads.stop()
    blocks(mixer, 1)
    out = blocks(mixer, 3)
    assert np.array_equal(out, np.resize(np.roll(clip, -3 * BLOCK_FRAMES, 0), (len(out), 2)))


def test_the_volume_applies_to_the_whole_mix():
    mixer = Mixer()
    mixer.volume = 0.5
    blocks(mixer, 1)
    mixer.pads.strike(strike_of(np.ones((300, 2), dtype=np.float32)))
    assert (blocks(mixer, 2) == 0.5).all()


def test_after_silence_the_next_pad_starts_a_new_beat_at_once():
    mixer, audio = Mixer(), noise(300)
    shot = strike_of(audio, mode=Mode.ONE_SHOT, quantize=Quantize.BAR)
    mixer.pads.strike(shot)
    blocks(mixer, 2)
    mixer.pads.strike(shot)
    assert np.array_equal(blocks(mixer, 1)[:300], audio)


def test_a_waiting_pad_plays_its_latest_clip():
    mixer, old, new = Mixer(), noise(900, 1), noise(900, 2)
    mixer.pads.strike(strike_of(np.zeros((700, 2), dtype=np.float32), 1))
    blocks(mixer, 1)
    mixer.pads.strike(strike_of(old, 2, quantize=Quantize.BAR))
    mixer.pads.set_sound(2, PadSound(audio=new, rate=48_000, loops=True))
    out = blocks(mixer, 5)
    start = round(CLOCK.bar_frames) - BLOCK_FRAMES
    assert np.array_equal(out[start : start + 900], new[: len(out) - start][:900])


def test_a_sounding_pad_changes_its_clip_at_the_next_round():
    mixer, old, new = Mixer(), noise(900, 1), noise(400, 2)
    mixer.pads.strike(strike_of(old))
    before = blocks(mixer, 1)
    mixer.pads.set_sound(1, PadSound(audio=new, rate=48_000, loops=True))
    out = np.concatenate([before, blocks(mixer, 3)])
    assert np.array_equal(out[:900], old)
    assert np.array_equal(out[900:], np.resize(new, (len(out) - 900, 2)))


@pytest.mark.parametrize(
    ("quantize", "start"), [(Quantize.BAR, 1_300), (Quantize.BEAT, 800), (Quantize.OFF, 512)]
)
def test_the_first_pad_waits_for_the_beat_of_a_host(quantize, start):
    mixer, audio = Mixer(), noise(300)
    blocks(mixer, 1)
    host = BarClock(1_300, 2_000.0)
    mixer.pads.strike(
        strike_of(audio, clock=host, host_clock=True, quantize=quantize, mode=Mode.ONE_SHOT)
    )
    out = blocks(mixer, 4)
    assert not out[: start - BLOCK_FRAMES].any()
    assert np.array_equal(out[start - BLOCK_FRAMES :][:300], audio)


def test_the_place_of_pads_counts_bars_and_beats_from_their_first():
    mixer = Mixer()
    blocks(mixer, 3)
    assert mixer.pads.place() is None
    mixer.pads.strike(strike_of(noise(3_000)))
    blocks(mixer, 1)
    assert mixer.pads.place() == (1, 1)
    blocks(mixer, 6)  # 3,072 frames are one and a half bars
    assert mixer.pads.place() == (2, 3)
    mixer.pads.stop()
    blocks(mixer, 2)
    assert mixer.pads.place() is None
