"""Plays clips for the window without making it wait; it knows no Qt.

A device may take a second to open, so orders to the player are given on a thread of their own;
of several that wait, only the newest counts.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from desktop.sampler import PadPlayer
from engine.loops.errors import LoopError


class Player(PadPlayer, Protocol):
    """What is needed of a player: `engine.loops.player.Player` has it."""

    volume: float

    @property
    def playing(self) -> Path | None:
        """The file that is heard, or waits for its time."""

    @property
    def heard(self) -> Path | None:
        """The file that is heard now."""

    def play(
        self, path: Path, *, loop: bool, on_bar: bool = False, at_monotonic_s: float | None = None
    ) -> None:
        """Play a file."""

    def choose_device(self, name: str) -> None:
        """Play on another device from now on."""

    def stop(self) -> None:
        """Fall silent."""

    def close(self) -> None:
        """Let the device go."""


class _Order:
    """Something the player shall do; `awaited` where somebody waits for what comes of it."""

    def __init__(self, act: Callable[[Player], None], *, awaited: bool = False) -> None:
        self.act = act
        self.awaited = awaited
        self.ended = threading.Event()
        self.error: LoopError | None = None


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
            make_player: makes the player, on a thread that may wait.
            on_error: told in a sentence why nothing is heard.
            clock: the time in seconds.
        """
        self.next_bar_s: Callable[[], float | None] = lambda: None
        """When the host's next bar begins, by `time.monotonic`; None: at once."""
        self._make_player = make_player
        self._on_error = on_error
        self._clock = clock
        self._changed = threading.Condition()
        self._order: _Order | None = None
        self._closing = False
        self._player: Player | None = None
        self._making = threading.Lock()
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

    def player(self) -> Player:
        """Return the one player, which is made at the first call: that may take its time."""
        with self._making:
            if self._player is None:
                player = self._make_player()
                player.volume = self._volume
                self._player = player
            return self._player

    def play(self, path: Path, *, loop: bool = True) -> None:
        """Play a file on the next bar: of what is heard, else of the host, else at once."""
        self._give(
            _Order(
                lambda player: player.play(
                    path, loop=loop, on_bar=True, at_monotonic_s=self.next_bar_s()
                )
            )
        )

    def stop(self) -> None:
        """Fall silent."""
        self._give(_Order(lambda player: player.stop()))

    def carry_out(self, act: Callable[[Player], None]) -> None:
        """Give an order and wait until it was carried out, or a newer one has overtaken it.

        Raises:
            LoopError: nothing is heard.
        """
        order = _Order(act, awaited=True)
        self._give(order)
        order.ended.wait()
        if order.error is not None:
            raise order.error

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

    def _give(self, order: _Order) -> None:
        with self._changed:
            overtaken, self._order = self._order, order
            self._changed.notify()
            if self._closing:
                overtaken = order
        if overtaken is not None:
            overtaken.ended.set()

    def _work(self) -> None:
        while (order := self._next_order()) is not None:
            try:
                self._carry_out(order)
            finally:
                order.ended.set()
        if self._player is not None:
            self._player.close()

    def _carry_out(self, order: _Order) -> None:
        try:
            order.act(self.player())
        except LoopError as error:
            order.error = error
            if not order.awaited:
                self._on_error(str(error))

    def _next_order(self) -> _Order | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._order is not None)
            order, self._order = self._order, None
            if self._closing and order is not None:
                order.ended.set()
            return None if self._closing else order
