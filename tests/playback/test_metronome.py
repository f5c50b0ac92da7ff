"""The click: on the exact frame of each beat of what is playing, and nowhere else."""

from pathlib import Path

import numpy as np
import pytest

from playback.metronome import CLICK_FRAMES
from playback.mixer import BLOCK_FRAMES, Mixer, Voice


def silent_voice(frames, bars, beats, **options) -> Voice:
    audio = np.zeros((frames, 2), dtype=np.float32)
    how = {"loop": True, "on_bar": False, "bar_frames": frames / bars, "beats": beats} | options
    return Voice(Path("x.wav"), audio, **how)


def blocks(mixer, frames):
    out = np.empty((-(-frames // BLOCK_FRAMES) * BLOCK_FRAMES, 2), dtype=np.float32)
    for start in range(0, len(out), BLOCK_FRAMES):
        mixer.fill(out[start : start + BLOCK_FRAMES])
    return out


def expected(mixer, lines, frames):
    """Return silence with clicks at these lines, (frame, accented)."""
    last = max(frame for frame, _ in lines) + CLICK_FRAMES
    out = np.zeros((max(frames, last), 2), dtype=np.float32)
    for frame, accented in lines:
        sound = mixer.metronome.accent if accented else mixer.metronome.plain
        out[frame : frame + len(sound)] += sound
    return out[:frames]


@pytest.mark.parametrize(
    ("frames", "bars", "beats"),
    [(96_000, 1, 4), (133_707, 2, 4), (41_143, 1, 7), (250_001, 5, 3), (1_440, 1, 1)],
)
def test_each_beat_clicks_on_its_frame_in_every_round(frames, bars, beats):
    mixer = Mixer()
    mixer.metronome.on = True
    mixer.pending = silent_voice(frames, bars, beats)
    out = blocks(mixer, 3 * frames)
    lines = [
        (lap * frames + round(beat * frames / bars / beats), beat % beats == 0)
        for lap in range(len(out) // frames + 1)
        for beat in range(bars * beats)
    ]
    assert np.array_equal(out, expected(mixer, lines, len(out)))


def test_it_clicks_only_while_switched_on():
    mixer = Mixer()
    mixer.pending = silent_voice(20_000, 1, 4)
    assert not blocks(mixer, 40_000).any()
    mixer.metronome.on = True
    assert blocks(mixer, 20_000).any()
    mixer.metronome.on = False
    blocks(mixer, BLOCK_FRAMES * 2)  # a click that has begun plays to its end
    assert not blocks(mixer, 40_000).any()


def test_one_shots_and_silence_have_no_beat():
    mixer = Mixer()
    mixer.metronome.on = True
    assert not blocks(mixer, 9_000).any()
    mixer.pending = silent_voice(9_000, 1, 4, loop=False)
    assert not blocks(mixer, 18_000).any()


def test_the_beat_changes_with_the_clip_within_a_block():
    mixer = Mixer()
    mixer.metronome.on = True
    mixer.pending = silent_voice(10_000, 1, 4)
    first = blocks(mixer, 9_000)
    mixer.pending = silent_voice(30_000, 1, 2, on_bar=True)
    out = np.concatenate([first, blocks(mixer, 30_000)])
    lines = [(0, True), (2_500, False), (5_000, False), (7_500, False)]
    lines += [(10_000, True), (25_000, False), (40_000, True)]
    assert np.array_equal(out, expected(mixer, lines, len(out)))


def test_the_click_is_mixed_in_and_follows_the_volume():
    mixer, audio = Mixer(), np.full((20_000, 2), 0.25, dtype=np.float32)
    mixer.metronome.on = True
    mixer.pending = Voice(Path("x"), audio, loop=True, on_bar=False, bar_frames=20_000, beats=1)
    out = blocks(mixer, 10_000)
    assert np.array_equal(out, expected(mixer, [(0, True)], len(out)) + np.float32(0.25))
    mixer.volume = 0.0
    blocks(mixer, BLOCK_FRAMES)
    assert not blocks(mixer, 40_000).any()
