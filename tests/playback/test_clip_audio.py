"""Reading clips for playback; what they sound like is tested with the player and the pads."""

import tracemalloc

import pytest
import soundfile

from engine.task_thread import TaskStopped
from playback.clip_audio import read_clip

RATE, LONGEST_S = 4_000, 600


@pytest.fixture
def long_file(tmp_path):
    """A file of twenty minutes, which is longer than any clip."""
    path = tmp_path / "long-night.wav"
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_U8") as file:
        for _ in range(2 * LONGEST_S):
            file.write([0.25] * RATE)
    return path


def test_of_a_file_longer_than_any_clip_the_beginning_is_read_once(long_file):
    tracemalloc.start()
    try:
        clip = read_clip(long_file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert clip.audio.shape == (LONGEST_S * RATE, 2)
    assert (clip.audio == 0.25).all()
    assert clip.places_in_file(0, len(clip.audio)) == pytest.approx((0, 0.5))
    assert peak < 1.5 * clip.audio.nbytes


def test_reading_can_be_ended_between_pieces(long_file):
    checks = []

    def check():
        checks.append(1)
        if len(checks) == 2:
            raise TaskStopped

    with pytest.raises(TaskStopped):
        read_clip(long_file, check)
    assert len(checks) == 2
