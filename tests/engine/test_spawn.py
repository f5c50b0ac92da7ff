"""The process of an engine that is started before anybody can talk to it."""

import sys

import psutil

from engine import spawn
from engine.client import EngineClient
from engine.entry_points import engine_command
from engine.protocol import Ready
from tests.fakes.waiting import until


def test_a_client_talks_to_the_engine_that_was_started_early():
    spawn.spawn_early()
    (early,) = spawn._early
    ready = []
    with EngineClient(lambda event: isinstance(event, Ready) and ready.append(event.pid)):
        until(lambda: ready)
    assert ready == [early.process.pid]
    assert not early.folder.exists()
    assert not spawn._early


def test_an_early_engine_is_for_its_own_command_alone_and_can_be_discarded():
    spawn.spawn_early()
    (early,) = spawn._early
    other = spawn.spawn([sys.executable, "-c", "pass"])
    again = spawn.spawn(engine_command())
    for spawned in (other, again):
        spawned.discard()
    assert again == early
    assert not psutil.pid_exists(early.process.pid)
    assert not early.folder.exists()
