"""Plays clips without blocking the window.

A device may take a second to open, so commands to the player run on a separate thread. Of several
queued play commands only the newest counts. If the chosen device disappears, playback moves to the
system default, and returns when the device is back.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import NamedTuple, TypeVar

from engine.loops.errors import LoopError
from engine.task_thread import TaskStopped, TaskThread
from playback.growing import GrowingSound, GrowingVoice
from playback.interface import Player
from playback.sound_library import NoSound

_DEVICE_CLOSE_S = 10.0
_LOOK_EVERY_S = 3.0
_PLAY, _LEAVE_LOST, _RETURN = "play", "leave lost", "return"
_Outcome = TypeVar("_Outcome")
_log = logging.getLogger(__name__)


class Heard(NamedTuple):
    """What is played for a clip: a file, and which of the clip's bars it has; None if all."""

    file: Path
    bars: tuple[int, int] | None = None
    of_bars: int = 0

    def own_bars(self, bars: tuple[int, int] | None) -> tuple[int, int] | None:
        """Return bars of the clip as bars of the file; None if the file does not have them."""
        if bars is None or self.bars is None:
            return bars
        first, last = self.bars
        begin, end = max(bars[0], first) - first + 1, min(bars[1], last) - first + 1
        return (begin, end) if begin <= end else None

    def place(self, place: float) -> float:
        """Return a place in the file, 0..1, as one in the clip."""
        if self.bars is None or not self.of_bars:
            return place
        first, last = self.bars
        return (first - 1 + place * (last - first + 1)) / self.of_bars


class Audition:
    """Plays one clip at a time, in time with the previous one."""

    def __init__(
        self,
        make_player: Callable[[], Player],
        on_error: Callable[[str], None],
        device: str = "",
    ) -> None:
        """Prepare; the player is created when something is first played.

        Args:
            make_player: creates the player, on the audition thread.
            on_error: called with a sentence if there is no sound.
            device: device of the new player; empty for the system default.
        """
        self.next_bar_s: Callable[[], float | None] = lambda: None
        """Returns when the host's next bar starts, by `time.monotonic`; None without a host."""
        self.heard: Callable[[Path], Heard] = Heard
        """Returns what is played for a clip's file, such as a file that fits the session."""
        self._clips: dict[Path, tuple[Path, Heard]] = {}
        """The clip's file of each file that was played for one, and which part of it that is."""
        self._last: tuple[Path, bool, tuple[int, int] | None] | None = None
        self._make_player = make_player
        self._on_error = on_error
        self._device = device
        self._away = ""
        """The chosen device while it is disconnected, or cannot be used."""
        self._look_at_s = 0.0
        self._wanted: Callable[[Player], None] | None = None
        self._player: Player | None = None
        self._growing: GrowingVoice | None = None
        self._making = threading.Lock()
        self._volume = 1.0
        self._metronome = False
        self._thread = TaskThread("audition")

    @property
    def playing(self) -> Path | None:
        """The clip's file that plays, or is about to play."""
        playing = None if self._player is None else self._player.playing
        return None if playing is None else self._clip_of(playing)[0]

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
        """Whether the metronome clicks the beat of what plays."""
        return self._metronome

    @metronome.setter
    def metronome(self, on: bool) -> None:
        self._metronome = on
        if self._player is not None:
            self._player.metronome = on

    @property
    def device(self) -> str:
        """The name of the selected device; empty for the system default."""
        return self._device if self._player is None else self._player.device

    @property
    def place(self) -> tuple[Path, float] | None:
        """The playing clip's file and the position in it, 0..1; None in silence."""
        place = None if self._player is None else self._player.playhead
        if place is None:
            return None
        clip, heard = self._clip_of(place[0])
        return clip, heard.place(place[1])

    def take_level(self) -> tuple[float, float]:
        """Return the peaks of left and right since the last call, 0..1."""
        return (0.0, 0.0) if self._player is None else self._player.take_level()

    def player(self) -> Player:
        """Return the player; the first call creates it, which may block."""
        with self._making:
            if self._player is None:
                player = self._make_player()
                player.volume, player.metronome = self._volume, self._metronome
                self._player = player
            return self._player

    def open(self, rate: int) -> int:
        """Open the device if it is not open, and return its sample rate; may block.

        Raises:
            NoSound: there is no device at all.
        """
        return self._with_a_device(self.player(), lambda player: player.open(rate))

    def play(self, path: Path, *, loop: bool = True, bars: tuple[int, int] | None = None) -> None:
        """Play a file, or some of its bars, from the next bar of what plays or of the host.

        Without either, it starts at once.
        """
        self._last = path, loop, bars
        self._play(self.heard(path), keeps_place=False)

    def _clip_of(self, file: Path) -> tuple[Path, Heard]:
        """Return the clip's file that a file is played for, and which part of it that is."""
        return self._clips.get(file, (file, Heard(file)))

    def hear_again(self) -> None:
        """If another file is played now for the clip that plays, go on with it at the next bar."""
        playing = None if self._player is None else self._player.playing
        if playing is None or self._last is None or self.playing != self._last[0]:
            return
        heard, before = self.heard(self._last[0]), self._clip_of(playing)[1]
        if heard.file != playing:
            self._play(heard, keeps_place=heard.bars == before.bars)

    def _play(self, heard: Heard, *, keeps_place: bool) -> None:
        """Play a file for the clip that is to be played."""
        assert self._last is not None  # noqa: S101 - the callers have looked
        clip, loop, wanted_bars = self._last
        file, bars = heard.file, heard.own_bars(wanted_bars)
        self._clips[file] = clip, heard

        def check() -> None:
            self._thread.check()
            if self._wanted is not wanted:
                raise TaskStopped

        def wanted(player: Player) -> None:
            player.play(
                file, loop=loop, bars=bars, on_bar=True, keeps_place=keeps_place,
                at_monotonic_s=self.next_bar_s(), check=check,
            )  # fmt: skip

        self._wanted = wanted
        self._do(lambda player: self._with_a_device(player, wanted), key=_PLAY)

    def listen(self, sound: GrowingSound) -> None:
        """Play a sound that is still being generated; call `grow` when more of it has arrived."""

        def wanted(player: Player) -> None:
            self._growing = player.play_growing(sound)

        self._wanted = wanted
        self._do(lambda player: self._with_a_device(player, wanted), key=_PLAY)

    def grow(self) -> None:
        """Continue the growing sound with the new audio."""
        if self._growing is not None:
            self._do(lambda _player: self._growing.grow() if self._growing else None)

    def stop(self) -> None:
        """Stop playback."""
        self._wanted = None
        self._do(lambda player: player.stop(), key=_PLAY)

    def carry_out(self, act: Callable[[Player], None]) -> None:
        """Run a command and wait until it is done, or a newer one has replaced it.

        Raises:
            LoopError: the command failed.
        """
        self._wanted = None
        ended, errors = threading.Event(), list[LoopError]()

        def task() -> None:
            try:
                act(self.player())
            except LoopError as error:
                errors.append(error)
            finally:
                ended.set()

        self._thread.run(task, key=_PLAY, on_dropped=ended.set)
        ended.wait()
        for error in errors:
            raise error

    def ask_devices(self, then: Callable[[list[str]], None]) -> None:
        """Call `then` with the names of all devices, on the audition thread."""
        self._do(lambda player: then(player.device_names()))

    def choose_device(self, name: str) -> None:
        """Switch to another device; what plays starts again there."""
        self._away = ""
        self._do(lambda player: self._move(player, name))

    def check_device(self) -> None:
        """Leave a device that is gone, and return to it when it is back; call this often."""
        if self._player is None:
            return
        if self._player.lost:
            self._do(self._leave_lost, key=_LEAVE_LOST)
        elif self._away and time.monotonic() >= self._look_at_s:
            self._look_at_s = time.monotonic() + _LOOK_EVERY_S
            self._do(self._return, key=_RETURN)

    def close(self) -> None:
        """Stop playback and close the device."""
        if (
            self._thread.close(limit_s=_DEVICE_CLOSE_S) and self._player is not None
        ):  # else the device hangs
            self._player.close()

    def _do(self, act: Callable[[Player], None], key: Hashable = None) -> None:
        """Queue a command; it replaces a queued one with the same key."""
        self._thread.run(lambda: self._carry_out(act), key=key)

    def _carry_out(self, act: Callable[[Player], None]) -> None:
        try:
            act(self.player())
        except LoopError as error:
            _log.info("playback failed: %s", type(error).__name__)
            self._on_error(str(error))

    def _with_a_device(self, player: Player, wanted: Callable[[Player], _Outcome]) -> _Outcome:
        try:
            return wanted(player)
        except NoSound:
            if not player.device:
                raise
            _log.info("the selected output cannot be used: switching to the default", exc_info=True)
            self._on_error(
                f"{player.device} cannot be used: sound now plays on the system default."
            )
            self._away = player.device
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
            _log.info("output %s was disconnected", player.device or "the default")
            self._on_error(f"{name} was disconnected: sound now plays on the system default.")
            self._away = self._away or player.device
            self._move(player, "")

    def _return(self, player: Player) -> None:
        """Return to the chosen device if it is there again."""
        name = self._away
        with contextlib.suppress(NoSound):
            if name and player.is_present(name):
                self._move(player, name)
                self._away = ""
                _log.info("output %s is back", name)
                self._on_error(f"{name} is connected again, and sound plays on it.")
