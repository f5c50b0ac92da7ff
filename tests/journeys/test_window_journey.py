"""The whole way through the window at one width; `poe journey` has the others, with pictures."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 150


@pytest.mark.slow
def test_a_musician_goes_all_the_way_by_mouse_and_keys(screen):
    command = (sys.executable, "-m", "tests.journeys.window_journey")
    journey = screen.start(*command, cwd=ROOT, more={"PYTHONPATH": str(ROOT)})
    assert journey.wait(LIMIT_S) == 0
