"""Plays pads without blocking the window.

The sound of a pad is read and transposed in advance, on a separate thread; hitting the pad then
only queues a command for the audio callback. If the device is not open yet, or has another sample
rate than the sound, the thread fixes that first.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desktop.pads.banks import Pad, PadState
from engine.loops.errors import LoopError
from engine.loops.tempo import LoopGrid, Meter
from engine.task_thread import TaskThread
from playback.clip_audio import read_clip
from playback.clocks import BarClock, Quantize
from playback.interface import PadPlayer
from playback.pad_recording import PadRecording
from playback.pad_sound import pad_sound
from playback.pad_voices import Mode, PadSound, Strike

HIGHEST_VELOCITY = 127


class _Loaded:
    """A pad with its clip; `sound` is None until it is prepared, which may fail."""

    def __init__(self, pad: Pad, path: Path) -> None:
        self.pad = pad
        self.path = path
        self.sound: PadSound | None = None


class Sampler:
    """Plays the pads. The methods return at once."""

    def __init__(
        self,
        player: Callable[[], PadPlayer],
        open_device: Callable[[int], int],
        on_error: Callable[[str], None],
    ) -> None:
        """Prepare; the device is not opened before a pad is hit.

        Args:
            player: returns the player, creating it on the first call; may block.
            open_device: opens the player's device for a sample rate, if it is not open, and
                returns its actual rate; may block. Raises `NoSound`.
            on_error: called on another thread with a sentence if there is no sound.
        """
        self.line = Quantize.BAR
        self.next_bar_s: Callable[[], float | None] = lambda: None
        """Returns when the host's next bar starts, by `time.monotonic`; None without a host."""
        self._get_player = player
        self._open_device = open_device
        self._on_error = on_error
        self._player: PadPlayer | None = None
        self._grid = LoopGrid(bpm=120.0, bars=1)
        self._pads: dict[int, _Loaded] = {}
        self._held: set[int] = set()
        self._thread = TaskThread("sampler")

    def set_time(self, bpm: float, meter: str) -> None:
        """Set the session's tempo and meter, used while nothing else sets the beat."""
        self._grid = LoopGrid(bpm=bpm, meter=Meter.parse(meter), bars=1)

    def load(self, key: int, pad: Pad, path: Path) -> None:
        """Put a clip on a pad, or change how it plays; a sounding pad keeps playing."""
        old = self._pads.get(key)
        new = _Loaded(pad, path)
        if old is not None and old.path == path and _cut(old.pad) == _cut(pad):
            new.sound = old.sound
        self._pads[key] = new
        if self._player is not None:
            self._player.pads.set_gain(key, gain_of(pad))
        if new.sound is None:
            self.run_later(lambda: self._refresh(key, new))

    def unload(self, keys: Iterable[int]) -> None:
        """Remove the clips from pads; sounding pads keep playing."""
        for key in keys:
            self._pads.pop(key, None)

    def strike(self, key: int, velocity: int = HIGHEST_VELOCITY) -> None:
        """Hit a pad; `velocity` is 1 to 127."""
        loaded, player = self._pads.get(key), self._player
        if loaded is None:
            return
        self._held.add(key)
        if player is not None and loaded.sound is not None and loaded.sound.rate == player.rate:
            player.pads.strike(self._strike_of(key, loaded.pad, loaded.sound, velocity))
        else:
            self.run_later(lambda: self._strike_later(key, loaded, velocity))

    def release(self, key: int) -> None:
        """Release a pad."""
        self._held.discard(key)
        if self._player is not None:
            self._player.pads.release(key)

    def stop(self, key: int | None = None) -> None:
        """Stop one pad, or all."""
        if self._player is not None:
            self._player.pads.stop(key)

    def run_later(self, task: Callable[[], None]) -> None:
        """Run a task on the sampler's thread, after those already queued."""

        def work() -> None:
            try:
                task()
            except LoopError as error:
                self._on_error(str(error))

        self._thread.run(work)

    def open(self, rate: int) -> int:
        """Open the device if it is not open, and return its sample rate; may block.

        Raises:
            NoSound: there is no device.
        """
        if self._player is None:
            self._player = self._get_player()
        return self._open_device(rate)

    def record(self, recording: PadRecording) -> None:
        """Start recording the pads; the device must be open."""
        if self._player is not None:
            self._player.pads.record(recording)

    def end_recording(self) -> None:
        """End the recording."""
        if self._player is not None:
            self._player.pads.end_recording()

    def records(self, recording: PadRecording) -> bool:
        """Return whether a recording runs or waits; False if the device is gone."""
        player = self._player
        return player is not None and bool(player.rate) and player.pads.records(recording)

    def states(self) -> dict[int, PadState]:
        """Return the states of the pads that are not silent."""
        if self._player is None or not self._player.rate:
            return {}
        sounding = self._player.pads.sounding().items()
        return {key: PadState.SOUNDING if on else PadState.WAITING for key, on in sounding}

    @property
    def place(self) -> tuple[int, int] | None:
        """The bar and beat of what pads play or record, from 1; None while they are silent."""
        return None if self._player is None else self._player.pads_place

    def close(self) -> None:
        """End the thread; the player is closed by its owner."""
        self.stop()
        self._thread.close()

    def _refresh(self, key: int, loaded: _Loaded) -> None:
        """Prepare the sound of a pad; errors are reported when the pad is hit."""
        if self._pads.get(key) is not loaded:
            return  # it has changed again
        try:
            self._make_sound(key, loaded, self._player.rate if self._player is not None else 0)
        except LoopError:
            return

    def _make_sound(self, key: int, loaded: _Loaded, rate: int) -> PadSound:
        clip, pad = read_clip(loaded.path, self._thread.check), loaded.pad
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
    """Return the gains of left and right, shape (1, 2); both equal the level at centre."""
    level = 10 ** (pad.level_db / 20)
    sides = [level * min(1.0, 1.0 - pad.pan), level * min(1.0, 1.0 + pad.pan)]
    return np.array([sides], dtype=np.float32)


def _cut(pad: Pad) -> tuple[float, float, float]:
    return pad.semitones, pad.start, pad.end
