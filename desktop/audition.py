"""Plays clips for the window without making it wait; it knows no Qt.

A device may take a second to open, so orders to the player are given on a thread of their own;
of several that wait, only the newest counts.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from engine.loops.errors import LoopError


class Player(Protocol):
    """What is needed of a player: `engine.loops.player.Player` has it."""

    volume: float

    @property
    def playing(self) -> Path | None:
        """The file that is heard, or waits for its time."""

    @property
    def heard(self) -> Path | None:
        """The file that is heard now."""

    def play(self, path: Path, *, loop: bool, on_bar: bool = False) -> None:
        """Play a file."""

    def stop(self) -> None:
        """Fall silent."""

    def close(self) -> None:
        """Let the device go."""


class Audition:
    """What is heard in the window: one clip at a time, in time with the one before."""

    def __init__(
        self,
        make_player: Callable[[], Player],
        on_error: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; the player is made when something is played first.

        Args:
            make_player: makes the player, on the thread that will use it.
            on_error: told in a sentence why nothing is heard.
            clock: the time in seconds.
        """
        self._make_player = make_player
        self._on_error = on_error
        self._clock = clock
        self._changed = threading.Condition()
        self._order: Callable[[Player], None] | None = None
        self._closing = False
        self._player: Player | None = None
        self._volume = 1.0
        self._heard: Path | None = None
        self._heard_since_s = 0.0
        self._thread = threading.Thread(target=self._work, name="audition", daemon=True)
        self._thread.start()

    @property
    def playing(self) -> Path | None:
        """The file that is heard, or is about to be."""
        return None if self._player is None else self._player.playing

    @property
    def volume(self) -> float:
        """The volume, 0..1."""
        return self._volume

    @volume.setter
    def volume(self, value: float) -> None:
        self._volume = min(max(value, 0.0), 1.0)
        if self._player is not None:
            self._player.volume = self._volume

    def play(self, path: Path, *, loop: bool = True) -> None:
        """Play a file; where one is heard, it takes over on the next bar."""
        self._give(lambda player: player.play(path, loop=loop, on_bar=True))

    def stop(self) -> None:
        """Fall silent."""
        self._give(lambda player: player.stop())

    def position_s(self) -> tuple[Path, float] | None:
        """Return what is heard and for how long; ask often, for this is how it is measured."""
        heard = None if self._player is None or not self._player.playing else self._player.heard
        if heard != self._heard:
            self._heard, self._heard_since_s = heard, self._clock()
        return None if heard is None else (heard, self._clock() - self._heard_since_s)

    def close(self) -> None:
        """Fall silent and let the device go."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _give(self, order: Callable[[Player], None]) -> None:
        with self._changed:
            self._order = order
            self._changed.notify()

    def _work(self) -> None:
        while (order := self._next_order()) is not None:
            try:
                if self._player is None:
                    self._player = self._make_player()
                    self._player.volume = self._volume
                order(self._player)
            except LoopError as error:
                self._on_error(str(error))
        if self._player is not None:
            self._player.close()

    def _next_order(self) -> Callable[[Player], None] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._order is not None)
            order, self._order = self._order, None
            return None if self._closing else order
