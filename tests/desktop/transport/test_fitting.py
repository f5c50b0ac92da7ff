import msgspec
import pytest

from desktop.transport.fitting import FittedSounds, Hearing, Sound
from engine import protocol
from engine.loops.clip import Clip
from engine.loops.derive import fitting_request
from engine.loops.precedence import SessionTime
from engine.loops.source.length import fitted_grid
from tests.fakes.bridge import FakeEngine
from tests.fakes.clips import grid_of, recipe_of

RECIPE = msgspec.structs.replace(
    recipe_of(grid_of(bpm=100.0), key="A minor"), role="bass", clip_id="abcd2345"
)
SESSION = SessionTime(bpm=84.0, meter="4/4", key="D minor", bars=4)


def request(recipe=RECIPE, time=SESSION, *, tempo=True, key=True):
    made = fitting_request("abcd2345", recipe, time, tempo=tempo, key=key)
    return None if made is None else (made.mode, made.bpm, made.key)


@pytest.mark.parametrize(
    ("time", "switches", "wanted"),
    [
        (SESSION, {}, ("retempo", 84.0, "D minor")),
        (SESSION, {"key": False}, ("retempo", 84.0, None)),
        (SESSION, {"tempo": False}, ("rekey", None, "D minor")),
        (SessionTime(bpm=100.0, key="C major"), {}, None),  # the relative key has its notes
        (SessionTime(bpm=50.0), {}, None),  # half-time fits
        (SessionTime(), {}, None),
    ],
)
def test_a_loop_is_stretched_and_transposed_as_far_as_the_session_says(time, switches, wanted):
    assert request(time=time, **switches) == wanted


def test_drums_keep_their_key_and_a_one_shot_stays_as_it_is():
    drums = msgspec.structs.replace(RECIPE, role="drums")
    assert request(drums) == ("retempo", 84.0, None)
    shot = msgspec.structs.replace(RECIPE, grid=grid_of(bpm=100.0, seconds=1.0))
    assert request(shot) is None


@pytest.mark.parametrize(
    ("bpm", "wanted"),
    [(84.0, (84.0, 4)), (168.8, (168.8, 8)), (55.0, (55.0, 2)), (150.0, (150.0, 4))],
)
def test_a_loop_that_would_be_stretched_too_far_is_in_half_or_double_time(bpm, wanted):
    grid = fitted_grid(grid_of(bpm=100.0), bpm)
    assert (grid.bpm, grid.bars) == wanted


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def sounds(engine):
    sounds = FittedSounds(engine)
    sounds.set_time(SESSION)
    yield sounds
    sounds.close()


@pytest.fixture
def original(tmp_path):
    return Sound(tmp_path / "loop_100bpm_Am_4bars_abcd2345.wav", RECIPE)


def fitted(sounds, original):
    return sounds.fitted("abcd2345", original, Hearing(tempo=True, key=True))


def finish(sounds, path, job="job-1"):
    grid = grid_of(bpm=84.0)
    clip = Clip(
        id="bcde2345", file=path.name, path=str(path), title="", frames=grid.frames,
        recipe=recipe_of(grid),
    )  # fmt: skip
    assert sounds.on_event(protocol.TakeReady(id=job, rank=1, clip=clip))
    assert sounds.on_event(protocol.Done(id=job, clips=("bcde2345",)))


def test_a_sound_is_asked_for_once_and_told_when_it_is_there(sounds, engine, original, tmp_path):
    ready = []
    sounds.on_ready = lambda: ready.append(True)
    assert fitted(sounds, original) is fitted(sounds, original) is None
    assert len(engine.requests) == 1
    assert engine.sources == [(original.path,)]
    finish(sounds, tmp_path / "x_84bpm_4bars_bcde2345.wav")
    assert ready
    assert fitted(sounds, original).recipe.grid.bpm == 84.0
    assert not sounds.on_event(protocol.Done(id="job-9", clips=()))


def test_another_session_cancels_what_nobody_waits_for_any_more(sounds, engine, original, tmp_path):
    fitted(sounds, original)
    sounds.set_time(msgspec.structs.replace(SESSION, bpm=90.0))
    assert engine.cancelled == ["job-1"]
    fitted(sounds, original)
    sounds.set_time(SESSION)
    assert fitted(sounds, original) is None
    assert sounds.on_event(protocol.Cancelled(id="job-1"))  # the engine makes one at a time
    finish(sounds, tmp_path / "x_84bpm_4bars_bcde2345.wav", "job-2")
    assert len(engine.requests) == 2
    assert fitted(sounds, original) is not None


def test_what_cannot_be_fitted_is_said_once_and_plays_as_it_is(sounds, original):
    problems = []
    sounds.on_problem = problems.append
    fitted(sounds, original)
    assert sounds.on_event(protocol.Failed(id="job-1", code=400, message="It has no bars."))
    assert fitted(sounds, original) is original
    assert problems == ["A loop cannot be fitted to the session: It has no bars."]


def test_while_the_engine_is_down_the_request_waits_for_the_next_one(sounds, engine, original):
    engine.lives_left = 0
    assert fitted(sounds, original) is None
    assert not engine.requests
    engine.lives_left = 1
    assert not sounds.on_event(protocol.Ready(protocol=1, version="1", pid=1))
    assert len(engine.requests) == 1
