import threading
from pathlib import Path

import pytest

from desktop.transport.audition import Audition, Heard
from playback.sound_library import NoSound
from tests.fakes.silent_player import SilentPlayer
from tests.fakes.waiting import until

CLIP = Path("a.wav")
LIMIT_S = 20


@pytest.fixture
def errors():
    return []


@pytest.fixture
def reported():
    return threading.Event()


def audition_with(player, errors, reported, **options):
    return Audition(lambda: player, lambda text: (errors.append(text), reported.set()), **options)


def test_a_clip_can_be_played_and_stopped(errors, reported):
    player = SilentPlayer()
    audition = audition_with(player, errors, reported)
    audition.volume = 0.5
    audition.play(CLIP)
    until(lambda: audition.playing == CLIP)
    assert player.volume == 0.5
    audition.stop()
    until(lambda: audition.playing is None)
    audition.close()
    assert player.closed
    assert errors == []


def test_a_playback_error_is_reported_and_the_next_command_is_tried(errors, reported):
    player = SilentPlayer(NoSound("no device"))
    audition = audition_with(player, errors, reported)
    audition.play(CLIP)
    assert reported.wait(LIMIT_S)
    assert "connect a sound device" in errors[0]
    reported.clear()
    audition.play(CLIP)
    assert reported.wait(LIMIT_S)
    audition.close()


def test_position_and_level_come_from_the_player(errors, reported):
    player = SilentPlayer()
    audition = audition_with(player, errors, reported)
    assert (audition.place, audition.take_level()) == (None, (0.0, 0.0))
    audition.play(CLIP, bars=(2, 3))
    until(lambda: audition.playing == CLIP)
    player.fraction, player.level = 0.25, (0.5, 0.75)
    assert audition.place == (CLIP, 0.25)
    assert audition.take_level() == (0.5, 0.75)
    assert player.bars == [(2, 3)]
    audition.close()


def test_the_metronome_setting_survives_a_later_player(errors, reported):
    player = SilentPlayer()
    audition = audition_with(player, errors, reported)
    audition.metronome = True
    audition.play(CLIP)
    until(lambda: audition.playing == CLIP)
    assert player.metronome
    audition.metronome = False
    assert not player.metronome
    audition.close()


def test_playback_continues_when_another_device_is_selected(errors, reported):
    player = SilentPlayer()
    audition = audition_with(player, errors, reported)
    audition.play(CLIP, bars=(1, 2))
    until(lambda: audition.playing == CLIP)
    audition.choose_device("Scarlett 2i2")
    until(lambda: len(player.played) == 2)
    assert (audition.device, player.bars, errors) == ("Scarlett 2i2", [(1, 2), (1, 2)], [])
    audition.close()


def test_choosing_a_device_in_silence_plays_nothing(errors, reported):
    player, names = SilentPlayer(), []
    audition = audition_with(player, errors, reported)
    audition.choose_device("Built-in")
    audition.ask_devices(lambda found: (names.extend(found), reported.set()))
    assert reported.wait(LIMIT_S)
    assert (player.played, audition.device) == ([], "Built-in")
    assert names == ["Built-in", "Scarlett 2i2"]
    audition.close()


def test_a_disconnected_device_is_reported_and_the_system_default_takes_over(errors, reported):
    player = SilentPlayer()
    player.device = "Scarlett 2i2"
    audition = audition_with(player, errors, reported)
    audition.play(CLIP)
    until(lambda: audition.playing == CLIP)
    player.lost = True
    audition.check_device()
    audition.check_device()
    until(lambda: len(player.played) == 2)
    assert errors == ["Scarlett 2i2 was disconnected: sound now plays on the system default."]
    assert (audition.device, audition.playing) == ("", CLIP)
    audition.close()


def test_a_device_missing_at_startup_falls_back_to_the_system_default(errors, reported):
    player = SilentPlayer()
    player.device = "Nagra"
    audition = audition_with(player, errors, reported)
    audition.play(CLIP)
    until(lambda: audition.playing == CLIP)
    assert errors == ["Nagra cannot be used: sound now plays on the system default."]
    assert audition.device == ""
    audition.close()


def test_pads_fall_back_to_the_system_default_if_the_device_is_missing(errors, reported):
    player = SilentPlayer()
    player.device = "Nagra"
    audition = audition_with(player, errors, reported)
    assert audition.open(44_100) == player.rate == 44_100
    assert errors == ["Nagra cannot be used: sound now plays on the system default."]
    assert audition.device == ""
    audition.close()


def test_playback_by_others_does_not_resume_when_the_device_is_lost(errors, reported):
    player = SilentPlayer()
    audition = audition_with(player, errors, reported)
    audition.play(CLIP)
    until(lambda: audition.playing == CLIP)
    audition.carry_out(lambda each: each.play(Path("b.wav"), loop=False))
    player.lost = True
    audition.check_device()
    assert reported.wait(LIMIT_S)
    audition.carry_out(lambda _: None)
    assert player.played == [CLIP, Path("b.wav")]
    audition.close()


def test_closing_without_playback_opens_no_device(errors):
    made = []
    audition = Audition(lambda: made.append(1), errors.append)
    audition.close()
    assert made == []


def test_playback_returns_to_a_chosen_device_when_it_is_reconnected(errors, reported):
    player = SilentPlayer()
    player.device = "Scarlett 2i2"
    player.devices = ["Built-in"]
    audition = audition_with(player, errors, reported)
    audition.play(CLIP)
    until(lambda: audition.playing == CLIP)
    audition.check_device()
    assert audition.device == ""
    player.devices = ["Built-in", "Scarlett 2i2"]
    audition._look_at_s = 0.0
    audition.check_device()
    until(lambda: audition.device == "Scarlett 2i2")
    until(lambda: len(player.played) == 2)
    assert errors[-1] == "Scarlett 2i2 is connected again, and sound plays on it."
    audition.close()


def test_a_newly_chosen_device_is_kept_when_the_old_one_is_reconnected(errors, reported):
    player = SilentPlayer()
    player.device = "Nagra"
    audition = audition_with(player, errors, reported)
    audition.play(CLIP)
    until(lambda: audition.playing == CLIP)
    audition.choose_device("Built-in")
    until(lambda: audition.device == "Built-in")
    player.devices.append("Nagra")
    audition.check_device()
    names = []
    audition.ask_devices(names.extend)
    until(lambda: "Nagra" in names)
    assert audition.device == "Built-in"
    audition.close()


@pytest.mark.parametrize(
    ("bars", "own"), [((3, 4), (2, 3)), ((1, 3), (1, 2)), ((5, 6), None), (None, None)]
)
def test_bars_of_a_trimmed_clip_are_those_of_the_file_that_is_heard(bars, own):
    heard = Heard(Path("part.wav"), bars=(2, 4), of_bars=8)
    assert heard.own_bars(bars) == own
    assert [heard.place(place) for place in (0.0, 0.5, 1.0)] == [1 / 8, 2.5 / 8, 0.5]
    assert (Heard(Path("whole.wav")).own_bars(bars), Heard(Path("w.wav")).place(0.3)) == (bars, 0.3)
