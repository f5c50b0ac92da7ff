"""What the window measures of models, from the engine's events."""

import msgspec
import pytest

from desktop.library.take_times import TakeTimes
from engine import protocol
from engine.entry_points import ENGINE_VARIABLE
from engine.loops.clip import Clip
from tests.fakes.clips import grid_of, recipe_of

GRID = grid_of(bpm=120.0)  # 8 s


class Clock:
    now_s = 0.0

    def __call__(self):
        return self.now_s


DONE = protocol.Done("job", ())


def run(times, clock, took_s, end=DONE, takes=2, **request):
    recipe = recipe_of(GRID)
    recipe = msgspec.structs.replace(
        recipe, asked_takes=takes, request=msgspec.structs.replace(recipe.request, **request)
    )
    clip = Clip(id="a", file="a.wav", path="/a.wav", title="a", frames=1, recipe=recipe)
    found = []
    for event in (
        protocol.Loading("job", "sketch"),
        protocol.Understood("job", GRID, GRID.frames, "a"),
        protocol.TakeReady("job", 1, clip),
        end,
    ):
        found.append(times.on_event(event))
        clock.now_s += 100.0 if isinstance(event, protocol.Loading) else 0.0
        clock.now_s += took_s if isinstance(event, protocol.Understood) else 0.0
    return found[-1]


def test_the_time_of_a_take_is_measured_without_loading():
    kept, clock = {}, Clock()
    times = TakeTimes(kept, clock)
    assert times.of("sketch") is None
    assert run(times, clock, took_s=8.0) == "sketch"
    assert times.of("sketch") == pytest.approx(0.5)  # two takes of 8 s
    assert kept == {"": {"sketch": times.of("sketch")}}


def test_what_says_nothing_of_a_model_is_not_measured():
    times = TakeTimes({}, clock := Clock())
    assert run(times, clock, 8.0, end=protocol.Failed("job", 500, "no")) is None
    assert run(times, clock, 8.0, end=protocol.Cancelled("job")) is None
    assert run(times, clock, 8.0, mode="vary", source="abcd2345") is None
    assert times.on_event(protocol.Done("another", ())) is None
    assert times.of("sketch") is None


def test_another_machine_has_times_of_its_own(monkeypatch):
    times = TakeTimes({}, clock := Clock())
    run(times, clock, 8.0)
    monkeypatch.setenv(ENGINE_VARIABLE, "ssh://box")
    assert times.of("sketch") is None
