"""Devices that come and go, and what the player reports about what is playing."""

import sys

import numpy as np
import pytest

from playback.player import Player
from playback.sound_library import NoSound
from tests.fakes.clips import clip_of, grid_of, noise_on
from tests.fakes.sound_library import SoundLibrary


@pytest.fixture
def library(monkeypatch):
    library = SoundLibrary("Built-in", "Scarlett 2i2")
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    return library


@pytest.fixture
def clip(tmp_path):
    """A clip of four bars, and its audio."""
    grid = grid_of(bpm=133.7)
    audio = noise_on(grid)
    path = tmp_path / "clip.wav"
    path.write_bytes(clip_of(grid, bits="32f", audio=audio))
    return path, audio


def test_an_unplugged_device_is_reported_and_another_can_be_chosen(library, clip):
    player = Player("scarlett")
    player.play(clip[0], loop=True)
    assert not player.lost
    library.unplug("Scarlett 2i2")
    assert player.lost
    assert player.playing is None
    player.choose_device("")
    assert not player.lost
    player.play(clip[0], loop=True)
    assert library.streams[-1].name == "Built-in"
    assert player.playing == clip[0]


@pytest.mark.hold(20)
def test_repeated_unplugging_never_stops_the_player(library, clip, hold):
    count, player = hold.count(50, 50), Player("scarlett")
    hold.figure(20, f"the sound device lost {count} times while it played: the player goes on")
    for _ in range(count):
        player.choose_device("scarlett")
        player.play(clip[0], loop=True)
        library.unplug("Scarlett 2i2")
        assert player.lost
        library.plug("Scarlett 2i2")
        assert player.device_names() == ["Built-in", "Scarlett 2i2"]


def test_the_list_of_devices_is_refreshed_unless_that_would_stop_playback(library, clip):
    player = Player()
    library.plug("Headphones")
    assert player.device_names() == ["Built-in", "Scarlett 2i2", "Headphones"]
    player.play(clip[0], loop=True)
    library.plug("Speaker")
    assert player.device_names() == ["Built-in", "Scarlett 2i2", "Headphones"]
    assert player.playing == clip[0]


def test_a_device_plugged_in_later_can_be_chosen(library, clip):
    player = Player()
    library.plug("Headphones")
    player.choose_device("headphones")
    player.play(clip[0], loop=True)
    assert library.streams[-1].name == "Headphones"


def test_an_unknown_device_is_reported_and_playback_continues(library, clip):
    player = Player()
    player.play(clip[0], loop=True)
    with pytest.raises(NoSound, match="no device is called 'Nagra'; available: Built-in"):
        player.choose_device("Nagra")
    assert player.playing == clip[0]
    assert library.streams[-1].active


def test_volume_and_metronome_stay_when_the_device_changes(library, clip):
    player = Player()
    player.volume, player.metronome = 0.5, True
    player.play(clip[0], loop=True)
    player.choose_device("Scarlett")
    assert (player.volume, player.metronome) == (0.5, True)
    assert not library.streams[0].active


def test_selected_bars_repeat_alone_and_report_their_position_in_the_clip(library, clip):
    path, audio = clip
    player = Player()
    player.play(path, loop=True, bars=(2, 3))
    first, last = round(len(audio) / 4), round(len(audio) * 3 / 4)
    part = audio[first:last]
    played = np.concatenate([library.streams[0].run() for _ in range(400)])
    assert np.array_equal(played, np.resize(part, played.shape))
    heard, place = player.playhead
    assert heard == path
    assert place == pytest.approx((first + len(played) % len(part)) / len(audio), abs=1e-6)


@pytest.mark.parametrize("bars", [None, (0, 1), (3, 2), (4, 5)])
def test_bars_the_clip_lacks_select_the_whole_clip(library, clip, bars):
    path, audio = clip
    player = Player()
    player.play(path, loop=True, bars=bars)
    played = np.concatenate([library.streams[0].run() for _ in range(800)])
    assert np.array_equal(played, np.resize(audio, played.shape))


def test_the_level_is_measured_at_the_output(library, clip):
    path, audio = clip
    player = Player()
    player.play(path, loop=True)
    played = library.streams[0].run()
    assert np.array_equal(played, audio[:512])
    assert player.take_level() == tuple(np.abs(played).max(axis=0))
    assert player.take_level() == (0.0, 0.0)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_nan_samples_are_played_as_silence(library, tmp_path, odd):
    grid = grid_of(bpm=133.7)
    audio = noise_on(grid)
    path = tmp_path / "damaged.wav"
    data = bytearray(clip_of(grid, bits="32f", audio=audio))
    start = data.index(audio[:64].tobytes())
    damaged = audio.copy()
    damaged[100:200] = odd
    data[start : start + damaged.nbytes] = damaged.tobytes()
    path.write_bytes(data)
    Player().play(path, loop=True)
    played = library.streams[-1].run()
    assert not played[100:200].any()
    assert np.array_equal(played[200:512], audio[200:512])
