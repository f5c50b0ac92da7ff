"""The player's output: captured from the real sound library, and compared sample for sample.

ALSA's `file` device writes all that is played into a file. It is not paced, so these tests say
nothing of time, only of what is played in which order. The mixer itself is also run by hand.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from playback.clip_audio import resampled
from playback.mixer import BLOCK_FRAMES, Mixer, Voice
from playback.pad_voices import FADE_FRAMES
from playback.player import Player
from tests.fakes.clips import clip_of, grid_of, noise_on

ROOT = Path(__file__).resolve().parents[2]
CHILD = Path(__file__).with_name("player_process.py")
CONFIGURATION = """\
pcm.nullsink { type null }
pcm.capfile { type file slave.pcm "nullsink" file "CAPTURE" format "raw" }
pcm.!default { type plug slave { pcm "capfile" format FLOAT_LE channels 2 rate 48000 } }
ctl.!default { type null }
"""

needs_alsa = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="captures by ALSA")


@pytest.fixture
def heard(tmp_path):
    """Call it with steps for the child: returns what was played, (frames, 2), and its words."""
    capture = tmp_path / "capture.raw"

    def run(*steps, configuration=CONFIGURATION):
        asoundrc = tmp_path / "asoundrc"
        asoundrc.write_text(configuration.replace("CAPTURE", str(capture)))
        environment = {**os.environ, "ALSA_CONFIG_PATH": str(asoundrc), "HOME": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, str(CHILD), json.dumps(steps)],
            cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        data = capture.read_bytes() if capture.exists() else b""
        audio = np.frombuffer(data[: len(data) // 8 * 8], dtype="<f4").reshape(-1, 2)
        sounding = np.flatnonzero(audio.any(axis=1))
        return audio[sounding[0] :] if len(sounding) else audio[:0], done.stdout

    return run


@pytest.fixture
def clip(tmp_path):
    """Call it with a seed: writes a float clip of two bars, and returns its path and audio."""

    def write(seed, bars=2, bpm=133.7, rate=48_000):
        grid = grid_of(bars=bars, bpm=bpm, rate=rate)
        audio = noise_on(grid, seed=seed)
        path = tmp_path / f"clip-{seed}.wav"
        path.write_bytes(clip_of(grid, bits="32f", audio=audio))
        return str(path), audio

    return write


@needs_alsa
def test_a_clip_is_played_sample_for_sample_and_followed_by_silence(heard, clip):
    path, audio = clip(1)
    played, said = heard(["play", path, {"loop": False}], ["wait_until_silent"])
    assert said == ""
    assert np.array_equal(played[: len(audio)], audio)
    assert not played[len(audio) :].any()


@needs_alsa
def test_a_loop_repeats_without_a_gap_and_another_takes_over_on_a_bar(heard, clip):
    first, first_audio = clip(1)
    second, second_audio = clip(2, bars=1)
    played, said = heard(
        ["play", first, {"loop": True}],
        ["wait_until_heard", first],
        ["play", second, {"loop": False, "on_bar": True}],
        ["wait_until_silent"],
    )
    assert said == ""
    bar_frames = len(first_audio) / 2
    starts = [round(bar * bar_frames) for bar in range(1, 1 + len(played) // int(bar_frames))]
    swap = next(at for at in starts if np.array_equal(played[at : at + 64], second_audio[:64]))
    rounds = np.resize(first_audio, (swap, 2))
    assert np.array_equal(played[:swap], rounds)
    assert np.array_equal(played[swap : swap + len(second_audio)], second_audio)


def first_sound(audio) -> int:
    return int(np.flatnonzero(np.abs(audio).max(axis=1) > 1e-6)[0])


def placed(part, in_audio, skipped=0):
    """Return where a part begins in audio; its first `skipped` frames may sound otherwise."""
    body = part[skipped : skipped + 64]
    (found,) = [
        at
        for at in np.flatnonzero((in_audio == body[0]).all(axis=1))
        if np.array_equal(in_audio[at : at + 64], body)
    ][:1]
    return found - skipped


@pytest.fixture
def below(clip, tmp_path):
    """A looping clip of one bar under the pads, and the steps between pad hits.

    Each of `a_bar` waits for the same clip from another file to take over on a bar, which is
    inaudible; whatever was struck before has begun by then.
    """
    path, audio = clip(1, bars=1)
    again = tmp_path / "again.wav"
    again.write_bytes(Path(path).read_bytes())
    begin = [["play", path, {"loop": True}], ["wait_until_heard", path]]
    there = [["play", str(again), {"loop": True, "on_bar": True}], ["wait_until_heard", str(again)]]
    back = [["play", path, {"loop": True, "on_bar": True}], ["wait_until_heard", path]]
    return audio, begin, there, back


@needs_alsa
def test_pads_are_mixed_over_the_clip_sample_for_sample_each_on_its_bar(heard, clip, below):
    below_audio, begin, there, back = below
    (loop, loop_audio), (shot, shot_audio) = clip(2), clip(3, bars=1)
    played, said = heard(
        *begin,
        ["strike", loop, {"key": 1, "quantize": "bar"}],
        *there,
        ["strike", shot, {"key": 2, "quantize": "bar", "mode": "one-shot"}],
        *back,
        ["wait_for_the_rest", 1],
        ["stop_pads"],
        ["wait_for_the_rest"],
        ["stop"],
        ["wait_until_silent"],
    )
    assert said == ""
    pads = played - np.resize(below_audio, played.shape)
    first = first_sound(pads)
    shots = pads[first:] - np.resize(loop_audio, (len(pads) - first, 2))
    second = first_sound(shots)
    assert first % len(below_audio) == 0
    assert (first + second) % len(below_audio) == 0
    assert np.abs(shots[second : second + len(shot_audio)] - shot_audio).max() < 1e-6


@needs_alsa
def test_a_pad_chokes_another_and_a_gate_ends_when_it_is_released(heard, clip):
    (first, first_audio), (second, second_audio) = clip(1), clip(2, bars=1)
    played, said = heard(
        ["strike", first, {"key": 1, "choke": 1}],
        ["wait_for_pads", 1],
        ["strike", second, {"key": 2, "choke": 1, "mode": "gate"}],
        ["wait_for_pads", 2],
        ["release", 2],
        ["wait_for_the_rest"],
    )
    assert said == ""
    start = placed(second_audio, played, FADE_FRAMES)
    assert start % BLOCK_FRAMES == 0
    assert np.array_equal(played[:start], np.resize(first_audio, (start, 2)))
    last = int(np.flatnonzero(played.any(axis=1))[-1]) + 1
    full = last - FADE_FRAMES + 1  # the last frame of the fall is silent itself
    assert (full - start) % BLOCK_FRAMES == 0
    wanted = np.resize(second_audio, (full - start, 2))
    assert np.array_equal(played[start + FADE_FRAMES : full], wanted[FADE_FRAMES:])


@needs_alsa
def test_a_pad_an_octave_up_loops_twice_as_fast(heard, clip, below):
    below_audio, begin, there, back = below
    path, audio = clip(2, bars=1)
    played, said = heard(
        *begin,
        ["strike", path, {"key": 1, "semitones": 12, "quantize": "bar"}],
        *there,
        *back,
        ["stop_pads"],
        ["wait_for_the_rest"],
        ["stop"],
        ["wait_until_silent"],
    )
    assert said == ""
    pad = played - np.resize(below_audio, played.shape)
    start, half = first_sound(pad), round(len(audio) / 2)
    once, twice = pad[start : start + half], pad[start + half : start + 2 * half]
    assert start % len(below_audio) == 0
    assert np.abs(once).max() > 0.1
    assert np.abs(twice[: len(audio) - half] - once[: len(audio) - half]).max() < 1e-6


@needs_alsa
def test_a_clip_of_another_rate_does_not_cut_off_the_pads(heard, clip):
    (loop, loop_audio), (other, other_audio) = clip(1), clip(2, bars=1, rate=44_100)
    played, said = heard(
        ["strike", loop, {"key": 1}],
        ["wait_for_pads", 1],
        ["play", other, {"loop": False}],
        ["wait_until_silent"],
        ["stop_pads"],
        ["wait_for_the_rest"],
    )
    assert said == ""
    clip_alone = played - np.resize(loop_audio, played.shape)
    start = first_sound(clip_alone)
    wanted = resampled(other_audio, round(len(other_audio) * 48_000 / 44_100), circular=True)
    assert np.abs(clip_alone[start : start + len(wanted)] - wanted).max() < 1e-6


@needs_alsa
def test_a_missing_sound_device_is_reported(heard, clip):
    path, _ = clip(1)
    nothing = "pcm.!default { type hw card 99 }\nctl.!default { type hw card 99 }\n"
    played, said = heard(["play", path, {"loop": True}], configuration=nothing)
    assert not len(played)
    assert said.startswith("Audio cannot be played (")
    assert said.endswith("everything else works without it.\n")


@needs_alsa
def test_an_invalid_clip_is_reported(heard, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    _, said = heard(["play", str(broken), {"loop": True}])
    assert "cannot be read as a clip" in said


def voice_of(audio, **options) -> Voice:
    return Voice(
        Path("x.wav"), audio, **{"loop": True, "bar_frames": len(audio), "on_bar": False} | options
    )


def blocks(mixer, count):
    out = np.full((count * BLOCK_FRAMES, 2), 9, dtype=np.float32)
    for start in range(0, len(out), BLOCK_FRAMES):
        mixer.fill(out[start : start + BLOCK_FRAMES])
    return out


def noise(frames, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, (frames, 2)).astype(np.float32)


@pytest.mark.parametrize("frames", (1, 7, 511, 512, 513, 2_000))
def test_a_loop_of_any_length_repeats_exactly(frames):
    mixer, audio = Mixer(), noise(frames)
    mixer.pending = voice_of(audio)
    assert np.array_equal(blocks(mixer, 10), np.resize(audio, (10 * BLOCK_FRAMES, 2)))


@pytest.mark.parametrize("start", (0, 1, 511, 512, 700, 5 * BLOCK_FRAMES))
def test_a_voice_starts_on_exactly_the_requested_frame(start):
    mixer, audio = Mixer(), noise(3_000)
    voice = voice_of(audio)
    voice.start_frame = start
    mixer.pending = voice
    out = blocks(mixer, 10)
    assert not out[:start].any()
    assert np.array_equal(out[start : start + 2_000], audio[:2_000])


@pytest.mark.parametrize("bar_frames", (86_164.5 / 100, 700.25, 512.0, 100.6))
def test_every_swap_is_on_the_bar_line_of_the_clip_that_was_playing(bar_frames):
    bars = 8
    audio, other = noise(round(bars * bar_frames)), noise(600, seed=2)
    for blocks_before in range(1, 12):
        mixer = Mixer()
        mixer.pending = voice_of(audio, bar_frames=bar_frames)
        before = blocks(mixer, blocks_before)
        mixer.pending = voice_of(other, on_bar=True)
        out = np.concatenate([before, blocks(mixer, 6)])
        begun = len(before)
        lines = [
            lap * len(audio) + round(bar * bar_frames) for lap in range(90) for bar in range(bars)
        ]
        swap = next(line for line in lines if line >= begun)
        assert np.array_equal(out[:swap], np.resize(audio, (swap, 2)))
        assert np.array_equal(out[swap : swap + 500], other[:500])


def test_a_volume_change_is_ramped_and_then_holds():
    mixer = Mixer()
    mixer.pending = voice_of(np.ones((100, 2), dtype=np.float32))
    blocks(mixer, 1)
    mixer.volume = 0.25
    out = blocks(mixer, 2)
    steps = np.diff(out[:BLOCK_FRAMES, 0])
    assert (steps <= 0).all()
    assert np.abs(steps).max() < 0.01
    assert (out[BLOCK_FRAMES:] == 0.25).all()


def test_stopping_is_immediate_and_clears_what_was_waiting():
    mixer = Mixer()
    mixer.pending = voice_of(noise(100))
    blocks(mixer, 1)
    mixer.pending = voice_of(noise(100), on_bar=True)
    mixer.stop_requested = True
    assert not blocks(mixer, 2).any()
    assert mixer.voice is None


def test_the_callback_waits_for_other_threads_of_python_no_longer_than_a_millisecond():
    before = sys.getswitchinterval()
    try:
        sys.setswitchinterval(0.005)
        Player()
        assert sys.getswitchinterval() == 0.001
    finally:
        sys.setswitchinterval(before)
