import pytest

from engine.client import restarting
from engine.errors import EngineDied
from engine.loops.request import LoopRequest
from tests.fakes.bridge import FakeEngine


class EngineThatStopped(FakeEngine):
    """Is down until it is started, if a start helps at all."""

    def __init__(self, *, can_start: bool = True) -> None:
        super().__init__()
        self.lives_left = 0
        self._can_start = can_start

    def start(self) -> None:
        super().start()
        self.lives_left = int(self._can_start)


@pytest.fixture
def render(tmp_path):
    """Return a function that asks an engine for a loop, as front ends do."""
    return lambda engine: restarting(
        engine, lambda: engine.render(LoopRequest(prompt="dusty drums"), tmp_path)
    )


def test_a_running_engine_is_called_once_and_not_restarted(render):
    engine = FakeEngine()
    assert render(engine) == "job-1"
    assert (engine.starts, len(engine.requests)) == (0, 1)


def test_a_stopped_engine_is_started_and_the_call_repeated(render):
    engine = EngineThatStopped()
    assert render(engine) == "job-1"
    assert engine.starts == 1


def test_an_engine_that_stays_down_is_started_once_and_the_error_reported(render):
    engine = EngineThatStopped(can_start=False)
    with pytest.raises(EngineDied):
        render(engine)
    assert engine.starts == 1
