"""The real engine and player of the window; tests give it others."""

from collections.abc import Callable
from typing import Any

from engine.client import EngineClient, EngineExit
from engine.protocol import Event
from playback.interface import Player

MakeEngine = Callable[[Callable[[Event], None], Callable[[EngineExit], None]], EngineClient]


def real_engine(
    on_event: Callable[[Event], None], on_exit: Callable[[EngineExit], None]
) -> EngineClient:
    """Return an engine in a process of its own, which has not started."""
    return EngineClient(on_event, on_exit=on_exit)


def real_player(device: str) -> Player:
    """Return a player for an output device; empty for the system's."""
    from playback.player import Player as DevicePlayer

    return DevicePlayer(device)


def both(first: Callable[[Any], None], second: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a function that calls both functions with its argument."""

    def call(event: Any) -> None:
        first(event)
        second(event)

    return call
