"""Pads from their files to the mixer, with the real mixer; only the device is a fake."""

import threading
import time

import numpy as np
import pytest

from desktop.pads.banks import Pad, PadState
from desktop.pads.sampler import Sampler, gain_of
from playback.clocks import Quantize
from playback.pad_voices import Mode
from playback.sound_library import NoSound
from tests.fakes.clips import clip_of, grid_of, noise_on
from tests.fakes.silent_player import SilentPlayer
from tests.fakes.waiting import until

LIMIT_S = 20


@pytest.fixture
def player():
    return SilentPlayer()


@pytest.fixture
def errors():
    return []


@pytest.fixture
def make_sampler(errors):
    made = []

    def make(player):
        made.append(Sampler(lambda: player, player.open, errors.append))
        return made[-1]

    yield make
    for sampler in made:
        sampler.close()


@pytest.fixture
def sampler(make_sampler, player):
    return make_sampler(player)


@pytest.fixture
def clip(tmp_path):
    """Call it with a seed: writes a clip of one bar and returns its path and audio."""

    def write(seed=1, **fields):
        grid = grid_of(**{"bars": 1, "bpm": 240.0} | fields)
        audio = noise_on(grid, seed=seed) * 0.1
        path = tmp_path / f"clip-{seed}.wav"
        path.write_bytes(clip_of(grid, bits="32f", audio=audio))
        return path, audio

    return write


def test_the_first_strike_opens_the_device_and_loops_the_clip(sampler, player, clip):
    path, audio = clip()
    sampler.load(3, Pad(clip="abcd2345"), path)
    assert player.rate == 0
    sampler.strike(3)
    until(lambda: player.rate == 48_000)
    until(lambda: player.render().any())
    out = player.render(len(audio) // 512 * 2)
    assert sampler.states() == {3: PadState.SOUNDING}
    rounds = np.resize(audio, (len(out) * 3, 2))
    starts = range(0, len(rounds) - len(out), 512)  # how much was rendered before
    assert any(np.array_equal(out, rounds[start : start + len(out)]) for start in starts)


def test_once_the_device_is_open_a_strike_needs_no_thread(sampler, player, clip):
    for key in (0, 1):
        path, audio = clip(key + 1)
        sampler.load(key, Pad(clip="abcd2345", mode=Mode.ONE_SHOT), path)
    sampler.line = Quantize.OFF
    sampler.strike(0)
    until(lambda: player.render().any())
    player.render(200)
    sampler.strike(1)
    assert np.array_equal(player.render(4), audio[:2_048])


def test_a_pad_of_another_rate_is_resampled_for_the_open_stream(sampler, player, clip):
    sampler.load(0, Pad(clip="abcd2345"), clip(1)[0])
    sampler.strike(0)
    until(lambda: player.render().any())
    sampler.load(1, Pad(clip="bcde2345"), clip(2, rate=44_100)[0])
    sampler.strike(1)
    until(lambda: player.render() is not None and 1 in sampler.states())
    assert all(voice.sound.rate == 48_000 for voice in player.pads.voices)


def test_an_octave_up_halves_the_length_and_a_loop_follows_at_its_next_round(sampler, player, clip):
    path, audio = clip()
    sampler.load(0, Pad(clip="abcd2345"), path)
    sampler.strike(0)
    until(lambda: player.render().any())
    sampler.load(0, Pad(clip="abcd2345", semitones=12), path)
    (voice,) = player.pads.voices
    until(lambda: player.render() is not None and len(voice.sound.audio) < len(audio))
    assert len(player.pads.voices[0].sound.audio) == len(audio) // 2
    assert len(player.pads.voices) == 1


def test_a_gate_released_before_the_device_opens_stays_silent(make_sampler, clip):
    gate, opened = threading.Event(), threading.Event()

    class SlowPlayer(SilentPlayer):
        def open(self, rate):
            gate.wait(LIMIT_S)
            opened.set()
            return super().open(rate)

    player = SlowPlayer()
    sampler = make_sampler(player)
    sampler.load(0, Pad(clip="abcd2345", mode=Mode.GATE), clip()[0])
    sampler.strike(0)
    sampler.release(0)
    gate.set()
    sampler.load(1, Pad(clip="bcde2345"), clip(2)[0])
    sampler.strike(1)
    until(lambda: player.render() is not None and sampler.states())
    assert list(sampler.states()) == [1]


def test_striking_a_silent_pad_shows_the_reason(make_sampler, errors, tmp_path, clip):
    sampler = make_sampler(SilentPlayer(NoSound("no device")))
    sampler.load(0, Pad(clip="abcd2345"), tmp_path / "gone.wav")
    sampler.load(1, Pad(clip="bcde2345"), clip()[0])
    sampler.strike(0)
    sampler.strike(1)
    until(lambda: len(errors) == 2)
    assert "cannot be read as a clip" in errors[0]
    assert "connect a sound device" in errors[1]


def test_a_pad_without_a_clip_is_silent(sampler, player, errors, tmp_path):
    sampler.strike(5)
    sampler.release(5)
    sampler.load(6, Pad(clip="abcd2345"), tmp_path / "gone.wav")
    sampler.unload([6])
    sampler.strike(6)
    assert not player.render().any()
    assert errors == []


def test_pads_wait_for_the_beat_of_the_session(sampler, player, clip):
    sampler.set_time(200.0, "3/4")
    sampler.load(0, Pad(clip="abcd2345"), clip()[0])
    sampler.strike(0)
    until(lambda: player.render().any())
    clock = player.pads.clock
    assert (clock.bar_frames, clock.beats) == (43_200, 3)


def test_the_lightest_strike_is_hardly_audible(sampler, player, clip):
    path, _ = clip()
    sampler.line = Quantize.OFF
    sampler.load(0, Pad(clip="abcd2345", mode=Mode.ONE_SHOT), path)
    sampler.strike(0)
    until(lambda: player.render().any())
    player.render(200)
    sampler.strike(0, velocity=1)
    assert np.abs(player.render(2)).max() < 1e-4


@pytest.mark.parametrize(
    ("pad", "gain"),
    [
        (Pad(), (1, 1)),
        (Pad(pan=-1), (1, 0)),
        (Pad(pan=0.5), (0.5, 1)),
        (Pad(level_db=-20), (0.1, 0.1)),
    ],
)
def test_level_and_pan_set_the_gain_of_each_side(pad, gain):
    assert gain_of(pad).tolist()[0] == pytest.approx(gain)


def test_with_a_host_the_first_pad_waits_for_its_next_bar(sampler, player, clip):
    player.rate = 48_000
    sampler.next_bar_s = lambda: time.monotonic() + 101
    sampler.load(0, Pad(clip="abcd2345"), clip()[0])
    sampler.strike(0)
    until(lambda: player.render() is not None and sampler.states())
    assert sampler.states() == {0: PadState.WAITING}
    (voice,) = player.pads.voices
    # Bars of two seconds, of which one begins in 101: the next one is a second away.
    assert 0 < voice.start_frame - player.mixer.frames_done <= 48_000
