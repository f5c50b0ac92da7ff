"""Plays clips for the window without making it wait.

A device may take a second to open, so orders to the player are given on a thread of their own;
of several that wait, only the newest counts, which a `Background` does not do. Where a device
goes, the system's choice takes over.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engine.loops.errors import LoopError
from playback.growing import GrowingSound, GrowingVoice
from playback.interface import Player
from playback.player import NoSound

_Outcome = TypeVar("_Outcome")
_log = logging.getLogger(__name__)


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
        device: str = "",
    ) -> None:
        """Prepare; the player is made when something is played first.

        Args:
            make_player: makes the player, on a thread that may wait.
            on_error: told in a sentence why nothing is heard.
            device: the one that the player will be made with.
        """
        self.next_bar_s: Callable[[], float | None] = lambda: None
        """When the host's next bar begins, by `time.monotonic`; None: at once."""
        self._make_player = make_player
        self._on_error = on_error
        self._device = device
        self._changed = threading.Condition()
        self._order: _Order | None = None
        self._chores: deque[_Order] = deque()
        self._wanted: Callable[[Player], None] | None = None
        self._closing = False
        self._player: Player | None = None
        self._growing: GrowingVoice | None = None
        self._making = threading.Lock()
        self._volume = 1.0
        self._metronome = False
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

    @property
    def metronome(self) -> bool:
        """Whether the beat of what is heard is clicked."""
        return self._metronome

    @metronome.setter
    def metronome(self, on: bool) -> None:
        self._metronome = on
        if self._player is not None:
            self._player.metronome = on

    @property
    def device(self) -> str:
        """The name of the chosen device; empty for the system's own choice."""
        return self._device if self._player is None else self._player.device

    @property
    def place(self) -> tuple[Path, float] | None:
        """What is heard now, and where in it, 0..1."""
        return None if self._player is None else self._player.playhead

    def take_level(self) -> tuple[float, float]:
        """Return the peak of left and right since it was asked last, 0..1."""
        return (0.0, 0.0) if self._player is None else self._player.take_level()

    def player(self) -> Player:
        """Return the one player, which is made at the first call: that may take its time."""
        with self._making:
            if self._player is None:
                player = self._make_player()
                player.volume, player.metronome = self._volume, self._metronome
                self._player = player
            return self._player

    def open(self, rate: int) -> int:
        """Open the device, unless it is open, and return its rate; it may take its time.

        Raises:
            NoSound: there is no device at all.
        """
        return self._with_a_device(self.player(), lambda player: player.open(rate))

    def play(self, path: Path, *, loop: bool = True, bars: tuple[int, int] | None = None) -> None:
        """Play a file, or some of its bars, on the next bar: of what is heard, else of the host.

        Without either it begins at once.
        """

        def wanted(player: Player) -> None:
            player.play(path, loop=loop, bars=bars, on_bar=True, at_monotonic_s=self.next_bar_s())

        self._wanted = wanted
        self._give(_Order(lambda player: self._with_a_device(player, wanted)))

    def listen(self, sound: GrowingSound) -> None:
        """Play a sound that is still being made; `grow` tells that more of it has come."""

        def wanted(player: Player) -> None:
            self._growing = player.play_growing(sound)

        self._wanted = wanted
        self._give(_Order(lambda player: self._with_a_device(player, wanted)))

    def grow(self) -> None:
        """Have what is listened to go on with what has come since."""
        if self._growing is not None:
            self._do(lambda _player: self._growing.grow() if self._growing else None)

    def stop(self) -> None:
        """Fall silent."""
        self._wanted = None
        self._give(_Order(lambda player: player.stop()))

    def carry_out(self, act: Callable[[Player], None]) -> None:
        """Give an order and wait until it was carried out, or a newer one has overtaken it.

        Raises:
            LoopError: nothing is heard.
        """
        self._wanted = None
        order = _Order(act, awaited=True)
        self._give(order)
        order.ended.wait()
        if order.error is not None:
            raise order.error

    def ask_devices(self, then: Callable[[list[str]], None]) -> None:
        """Hand over the names of all devices, later, on another thread."""
        self._do(lambda player: then(player.device_names()))

    def choose_device(self, name: str) -> None:
        """Play on another device from now on; what is heard goes on there from its start."""
        self._do(lambda player: self._move(player, name))

    def check_device(self) -> None:
        """See to it that sound goes on where the device has gone; to be called often."""
        if self._player is not None and self._player.lost and not self._chores:
            self._do(self._leave_lost)

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

    def _do(self, act: Callable[[Player], None]) -> None:
        """Give an order that no other overtakes."""
        with self._changed:
            self._chores.append(_Order(act))
            self._changed.notify()

    def _with_a_device(self, player: Player, wanted: Callable[[Player], _Outcome]) -> _Outcome:
        try:
            return wanted(player)
        except NoSound:
            if not player.device:
                raise
            _log.info("the chosen output cannot be used: on to the default", exc_info=True)
            self._on_error(
                f"{player.device} cannot be heard: sound comes from the system's choice now."
            )
            player.choose_device("")
            return wanted(player)

    def _move(self, player: Player, name: str) -> None:
        wanted = self._wanted if player.sounding is not None else None
        player.choose_device(name)
        if wanted is not None:
            wanted(player)

    def _leave_lost(self, player: Player) -> None:
        if player.lost:
            name = player.device or "The sound device"
            _log.info("output %s has gone", player.device or "the default")
            self._on_error(f"{name} has gone: sound comes from the system's choice now.")
            self._move(player, "")

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
            _log.info("nothing is heard: %s", type(error).__name__)
            if not order.awaited:
                self._on_error(str(error))

    def _next_order(self) -> _Order | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._chores or self._order)
            if self._chores and not self._closing:
                return self._chores.popleft()
            order, self._order = self._order, None
            if self._closing and order is not None:
                order.ended.set()
            return None if self._closing else order
