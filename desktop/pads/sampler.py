"""Plays pads for the window without making it wait.

What a pad plays is read and tuned beforehand, on a thread of its own; striking it then only
leaves an order for the sound callback, whoever strikes it. Where the device is not open yet, or
has another rate than the pad was made for, the thread sees to it first.
"""

import queue
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desktop.pads.banks import Pad, PadState
from engine.loops.errors import LoopError
from engine.loops.tempo import LoopGrid, Meter
from playback.clip_audio import read_clip
from playback.clocks import BarClock, Quantize
from playback.interface import PadPlayer
from playback.pad_recording import PadRecording
from playback.pad_sound import pad_sound
from playback.pad_voices import Mode, PadSound, Strike

HIGHEST_VELOCITY = 127


class _Loaded:
    """A pad with what it plays; `sound` comes later, and may never come."""

    def __init__(self, pad: Pad, path: Path) -> None:
        self.pad = pad
        self.path = path
        self.sound: PadSound | None = None


class Sampler:
    """The pads as they sound. Its methods return at once."""

    def __init__(
        self,
        player: Callable[[], PadPlayer],
        open_device: Callable[[int], int],
        on_error: Callable[[str], None],
    ) -> None:
        """Prepare; nothing is opened before a pad is struck.

        Args:
            player: returns the player, and makes it at first; it may take its time.
            open_device: opens the player's device, unless it is open, for a rate, and returns the
                rate that it has; it may take its time. Raises `NoSound`.
            on_error: told in a sentence why nothing is heard; on another thread.
        """
        self.line = Quantize.BAR
        self.next_bar_s: Callable[[], float | None] = lambda: None
        """When the host's next bar begins, by `time.monotonic`; None: there is no host's beat."""
        self._get_player = player
        self._open_device = open_device
        self._on_error = on_error
        self._player: PadPlayer | None = None
        self._grid = LoopGrid(bpm=120.0, bars=1)
        self._pads: dict[int, _Loaded] = {}
        self._held: set[int] = set()
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="sampler", daemon=True)
        self._thread.start()

    def set_time(self, bpm: float, meter: str) -> None:
        """Set the beat of the session, for where nothing else gives one."""
        self._grid = LoopGrid(bpm=bpm, meter=Meter.parse(meter), bars=1)

    def load(self, key: int, pad: Pad, path: Path) -> None:
        """Put a clip on a pad, or change how it plays; what sounds goes on, and follows."""
        old = self._pads.get(key)
        new = _Loaded(pad, path)
        if old is not None and old.path == path and _cut(old.pad) == _cut(pad):
            new.sound = old.sound
        self._pads[key] = new
        if self._player is not None:
            self._player.pads.set_gain(key, gain_of(pad))
        if new.sound is None:
            self._tasks.put(lambda: self._refresh(key, new))

    def unload(self, keys: Iterable[int]) -> None:
        """Take what is on pads from them; what sounds goes on."""
        for key in keys:
            self._pads.pop(key, None)

    def strike(self, key: int, velocity: int = HIGHEST_VELOCITY) -> None:
        """Strike a pad: 1 to 127."""
        loaded, player = self._pads.get(key), self._player
        if loaded is None:
            return
        self._held.add(key)
        if player is not None and loaded.sound is not None and loaded.sound.rate == player.rate:
            player.pads.strike(self._strike_of(key, loaded.pad, loaded.sound, velocity))
        else:
            self._tasks.put(lambda: self._strike_later(key, loaded, velocity))

    def release(self, key: int) -> None:
        """Release a pad."""
        self._held.discard(key)
        if self._player is not None:
            self._player.pads.release(key)

    def stop(self, key: int | None = None) -> None:
        """End one pad, or all."""
        if self._player is not None:
            self._player.pads.stop(key)

    def later(self, task: Callable[[], None]) -> None:
        """Do something on the sampler's thread, after what waits there."""
        self._tasks.put(task)

    def open(self, rate: int) -> int:
        """Open the device, unless it is open, and return its rate; it may take its time.

        Raises:
            NoSound: there is no device.
        """
        if self._player is None:
            self._player = self._get_player()
        return self._open_device(rate)

    def record(self, recording: PadRecording) -> None:
        """Record what the pads play; the device must be open."""
        if self._player is not None:
            self._player.pads.record(recording)

    def end_recording(self) -> None:
        """End what is recorded."""
        if self._player is not None:
            self._player.pads.end_recording()

    def records(self, recording: PadRecording) -> bool:
        """Return whether a recording goes on, or waits: not where the device has gone."""
        player = self._player
        return player is not None and bool(player.rate) and player.pads.records(recording)

    def states(self) -> dict[int, PadState]:
        """Return what the pads that are not silent do."""
        if self._player is None or not self._player.rate:
            return {}
        heard = self._player.pads.sounding().items()
        return {key: PadState.SOUNDING if on else PadState.WAITING for key, on in heard}

    def close(self) -> None:
        """End the thread; the player is its maker's to close."""
        self.stop()
        self._tasks.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except LoopError as error:
                self._on_error(str(error))

    def _refresh(self, key: int, loaded: _Loaded) -> None:
        """Make what a pad plays; why that is impossible is told when it is struck."""
        if self._pads.get(key) is not loaded:
            return  # changed again since
        try:
            self._make_sound(key, loaded, self._player.rate if self._player is not None else 0)
        except LoopError:
            return

    def _make_sound(self, key: int, loaded: _Loaded, rate: int) -> PadSound:
        clip, pad = read_clip(loaded.path), loaded.pad
        sound = loaded.sound = pad_sound(
            clip, rate=rate or clip.rate, semitones=pad.semitones, start=pad.start, end=pad.end
        )
        if self._player is not None and rate:
            self._player.pads.set_sound(key, sound)
        return sound

    def _strike_later(self, key: int, loaded: _Loaded, velocity: int) -> None:
        sound = loaded.sound or self._make_sound(key, loaded, 0)
        rate = self.open(sound.rate)
        if sound.rate != rate:
            sound = self._make_sound(key, loaded, rate)
        if key in self._held or loaded.pad.mode is not Mode.GATE:
            assert self._player is not None  # noqa: S101 - it was opened
            self._player.pads.strike(self._strike_of(key, loaded.pad, sound, velocity))

    def _strike_of(self, key: int, pad: Pad, sound: PadSound, velocity: int) -> Strike:
        grid = self._grid
        bar_frames = float(grid.length_s * sound.rate)
        bar_s, player = self.next_bar_s(), self._player
        origin = 0 if bar_s is None or player is None else player.frame_at(bar_s)
        return Strike(
            key=key,
            sound=sound,
            mode=pad.mode,
            choke=pad.choke,
            gain=gain_of(pad),
            velocity_gain=(velocity / HIGHEST_VELOCITY) ** 2,
            quantize=self.line,
            clock=BarClock(origin, bar_frames, grid.meter.numerator),
            host_clock=bar_s is not None,
        )


def gain_of(pad: Pad) -> NDArray[np.float32]:
    """Return the gain of left and right, (1, 2): in the middle, both are the level."""
    level = 10 ** (pad.level_db / 20)
    sides = [level * min(1.0, 1.0 - pad.pan), level * min(1.0, 1.0 + pad.pan)]
    return np.array([sides], dtype=np.float32)


def _cut(pad: Pad) -> tuple[float, float, float]:
    return pad.semitones, pad.start, pad.end
