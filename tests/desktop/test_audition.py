import threading
from pathlib import Path

import pytest

from desktop.audition import Audition
from engine.loops.player import NoSound
from tests.fakes.silent_player import SilentPlayer

CLIP = Path("a.wav")
LIMIT_S = 20


@pytest.fixture
def errors():
    return []


@pytest.fixture
def told():
    return threading.Event()


def audition_with(player, errors, told, **options):
    return Audition(lambda: player, lambda text: (errors.append(text), told.set()), **options)


def until(condition):
    waiter = threading.Event()
    for _ in range(LIMIT_S * 100):
        if condition():
            return
        waiter.wait(0.01)
    raise AssertionError("it did not come so far")


def test_a_clip_is_played_and_stopped(errors, told):
    player = SilentPlayer()
    audition = audition_with(player, errors, told)
    audition.volume = 0.5
    audition.play(CLIP)
    until(lambda: audition.playing == CLIP)
    assert player.volume == 0.5
    audition.stop()
    until(lambda: audition.playing is None)
    audition.close()
    assert player.closed
    assert errors == []


def test_why_nothing_is_heard_is_told_and_the_next_order_is_tried(errors, told):
    player = SilentPlayer(NoSound("no device"))
    audition = audition_with(player, errors, told)
    audition.play(CLIP)
    assert told.wait(LIMIT_S)
    assert "connect a sound device" in errors[0]
    told.clear()
    audition.play(CLIP)
    assert told.wait(LIMIT_S)
    audition.close()


def test_the_playhead_begins_when_the_clip_is_heard_first(errors, told):
    now = [100.0]
    audition = audition_with(SilentPlayer(), errors, told, clock=lambda: now[0])
    assert audition.position_s() is None
    audition.play(CLIP)
    until(lambda: audition.playing == CLIP)
    assert audition.position_s() == (CLIP, 0.0)
    now[0] += 1.5
    assert audition.position_s() == (CLIP, 1.5)
    audition.close()


def test_closing_without_having_played_opens_no_device(errors):
    made = []
    audition = Audition(lambda: made.append(1), errors.append)
    audition.close()
    assert made == []
