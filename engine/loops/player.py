"""The player: clips through the sound device, without a gap, and in time.

One stream stays open from the first clip on. Its callback allocates no audio, waits for no lock
and does no I/O: a clip is read beforehand and handed over as one object. This module knows no
project and no host: when a clip shall start is said as a time of `time.monotonic`.
"""

import contextlib
import math
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.loops.errors import LoopError, UnreadableClip

BLOCK_FRAMES = 512
CHANNELS = 2
_LONGEST_WAIT_S = 60.0

_Samples = NDArray[np.float32]


class NoSound(LoopError):
    """There is no sound device, or it cannot be used as asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Nothing can be heard ({reason}): connect a sound device, or choose another one. "
            "Everything else works without."
        )


class Voice:
    """One clip as it is heard: its audio, where it is, and when it takes over.

    `start_frame` counts frames of the stream. `bar_frames` is the length of its bars.
    """

    __slots__ = ("audio", "bar_frames", "loop", "on_bar", "path", "position", "start_frame")

    def __init__(
        self, path: Path, audio: _Samples, *, loop: bool, bar_frames: float, on_bar: bool
    ) -> None:
        self.path = path
        self.audio = audio
        self.loop = loop
        self.bar_frames = bar_frames
        self.on_bar = on_bar
        self.position = 0
        self.start_frame = 0

    def frames_to_bar(self) -> int:
        """Return how many frames are left until the next bar of this clip begins.

        Bars are counted from the start of the loop, so that the last one ends with it.
        """
        bars = self.position / self.bar_frames
        if round(round(bars) * self.bar_frames) == self.position:
            return 0
        return min(round(math.ceil(bars) * self.bar_frames), len(self.audio)) - self.position

    def play_into(self, out: _Samples) -> bool:
        """Write the next frames; return whether there are more. `out` is (frames, 2)."""
        filled, frames, length = 0, len(out), len(self.audio)
        while filled < frames:
            if self.position >= length:
                if not self.loop:
                    out[filled:] = 0
                    return False
                self.position = 0
            count = min(frames - filled, length - self.position)
            out[filled : filled + count] = self.audio[self.position : self.position + count]
            filled += count
            self.position += count
        return self.loop or self.position < length


class Mixer:
    """What the callback does, block by block; it owns the voice that is heard.

    `pending` is set by other threads, whole, and taken by the callback.
    """

    def __init__(self) -> None:
        self.pending: Voice | None = None
        self.voice: Voice | None = None
        self.silence_wanted = False
        self.volume = 1.0
        self.frames_done = 0
        self.starved = 0
        self._gain = 1.0
        self._ramp: _Samples = np.linspace(0, 1, BLOCK_FRAMES, dtype=np.float32).reshape(-1, 1)
        self._curve: _Samples = np.empty((BLOCK_FRAMES, 1), dtype=np.float32)

    def fill(self, out: _Samples) -> None:
        """Write the next block; `out` is (frames, 2) float32 and shorter than or of a block."""
        frames = len(out)
        if self.silence_wanted:
            self.silence_wanted = False
            self.voice = self.pending = None
        change = self._change_in(frames)
        if change is None:
            self._play(out)
        else:
            if change > 0:
                self._play(out[:change])
            self.voice, self.pending = self.pending, None
            self._play(out[change:])
        self._apply_volume(out)
        self.frames_done += frames

    def _change_in(self, frames: int) -> int | None:
        """Return in how many frames the pending voice takes over, if in this block."""
        pending = self.pending
        if pending is None:
            return None
        voice = self.voice
        if voice is not None and pending.on_bar:
            wait = voice.frames_to_bar()
        else:
            wait = pending.start_frame - self.frames_done
        return max(wait, 0) if wait < frames else None

    def _play(self, out: _Samples) -> None:
        if self.voice is None:
            out[:] = 0
        elif not self.voice.play_into(out):
            self.voice = None

    def _apply_volume(self, out: _Samples) -> None:
        """Multiply by the volume; a new one is reached along the block, so that it never clicks."""
        volume = self.volume
        if volume == self._gain == 1.0:
            return
        if volume == self._gain:
            np.multiply(out, np.float32(volume), out=out)
            return
        curve = self._curve[: len(out)]
        np.multiply(self._ramp[: len(out)], np.float32(volume - self._gain), out=curve)
        np.add(curve, np.float32(self._gain), out=curve)
        np.multiply(out, curve, out=out)
        self._gain = volume


class Player:
    """Plays one clip at a time. Its methods may be called from any thread, save the callback's."""

    def __init__(self, device: str = "") -> None:
        """Prepare; no device is opened before the first clip.

        Args:
            device: a part of the name of the device; empty for the system's own choice.
        """
        self._device = device
        self._lock = threading.Lock()
        self._mixer = Mixer()
        self._stream: Any = None
        self._rate = 0

    @property
    def device(self) -> str:
        """The name of the chosen device; empty for the system's own choice."""
        return self._device

    @property
    def volume(self) -> float:
        """The volume, 0 to 1."""
        return self._mixer.volume

    @volume.setter
    def volume(self, value: float) -> None:
        self._mixer.volume = min(max(float(value), 0.0), 1.0)

    @property
    def playing(self) -> Path | None:
        """The file that is heard, or waits for its time."""
        mixer = self._mixer
        if self._stream is None or not self._stream.active:
            return None
        voice = mixer.pending or mixer.voice
        return None if voice is None else voice.path

    @property
    def heard(self) -> Path | None:
        """The file that is heard now."""
        voice = self._mixer.voice
        return None if voice is None else voice.path

    @property
    def under_runs(self) -> int:
        """How often the device was not fed in time."""
        return self._mixer.starved

    def play(
        self, path: Path, *, loop: bool, on_bar: bool = False, at_monotonic_s: float | None = None
    ) -> None:
        """Play a WAV file from its start.

        Args:
            path: a clip, or any WAV file.
            loop: round and round.
            on_bar: take over on the next bar of what is heard, if anything is.
            at_monotonic_s: where nothing is heard, start at this time of `time.monotonic`.

        Raises:
            UnreadableClip: the file cannot be read.
            NoSound: there is no device, or it does not take the file's rate.
        """
        audio, rate, bar_frames = _read(path)
        voice = Voice(path, audio, loop=loop, bar_frames=bar_frames, on_bar=on_bar)
        with self._lock:
            self._open(rate)
            if at_monotonic_s is not None:
                voice.start_frame = self._frame_at(at_monotonic_s)
            self._mixer.pending = voice

    def stop(self) -> None:
        """Fall silent; the stream stays open."""
        self._mixer.silence_wanted = True
        if self._stream is None or not self._stream.active:
            self._mixer.voice = self._mixer.pending = None

    def choose_device(self, name: str) -> None:
        """Play on another device from now on; what plays is stopped.

        Raises:
            NoSound: no device has this in its name.
        """
        if name:
            _device_number(name)
        with self._lock:
            self._close()
            self._device = name

    def close(self) -> None:
        """Let the device go."""
        with self._lock:
            self._close()

    def _open(self, rate: int) -> None:
        """Open the stream, unless one is open at this rate that still has its device."""
        if self._stream is not None and self._stream.active and rate == self._rate:
            return
        self._close()
        library = _sound_library()
        number = _device_number(self._device) if self._device else None
        try:
            self._stream = library.OutputStream(
                samplerate=rate,
                blocksize=BLOCK_FRAMES,
                device=number,
                channels=CHANNELS,
                dtype="float32",
                callback=self._callback,
            )
            self._stream.start()
        except (library.PortAudioError, ValueError) as error:
            self._close()
            raise NoSound(_reason(error)) from error
        self._rate = rate

    def _close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            with contextlib.suppress(_sound_library().PortAudioError):  # the device has gone
                stream.close(ignore_errors=True)
        volume = self._mixer.volume
        self._mixer = Mixer()
        self._mixer.volume = volume

    def _callback(self, out: _Samples, _frames: int, _time: Any, status: Any) -> None:
        mixer = self._mixer
        if status.output_underflow:
            mixer.starved += 1
        mixer.fill(out)

    def _frame_at(self, monotonic_s: float) -> int:
        """Return the frame of the stream that is heard at a time."""
        wait_s = min(monotonic_s - time.monotonic(), _LONGEST_WAIT_S) - float(self._stream.latency)
        return self._mixer.frames_done + max(0, round(wait_s * self._rate))


def device_names() -> list[str]:
    """Return the names of all devices that can play; without any, an empty list.

    Raises:
        NoSound: the sound library is missing.
    """
    library = _sound_library()
    try:
        return [each["name"] for each in library.query_devices() if each["max_output_channels"]]
    except library.PortAudioError:
        return []


def default_device_name() -> str:
    """Return the name of the device that the system would choose.

    Raises:
        NoSound: there is none.
    """
    library = _sound_library()
    try:
        return str(library.query_devices(kind="output")["name"])
    except (library.PortAudioError, ValueError) as error:
        raise NoSound(_reason(error)) from error


def _sound_library() -> Any:
    """Return sounddevice; imported late, since that looks for devices."""
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise NoSound(f"the sound library does not load: {error}".rstrip(".")) from error
    return sounddevice


def _device_number(name: str) -> int:
    library = _sound_library()
    devices = enumerate(library.query_devices())
    found = [
        number
        for number, each in devices
        if each["max_output_channels"] and name.lower() in each["name"].lower()
    ]
    if not found:
        known = ", ".join(device_names()) or "none"
        raise NoSound(f"no device is called {name[:60]!r}; there are: {known}"[:400])
    return int(found[0])


def _reason(error: Exception) -> str:
    text = str(error).split("[PaErrorCode")[0].strip().rstrip(".")
    return (text[:1].lower() + text[1:])[:200] or "the device gives no reason"


def _read(path: Path) -> tuple[_Samples, int, float]:
    """Return audio of two channels, its rate, and the length of its bars in frames."""
    import soundfile

    from engine.loops.wav import read_facts

    facts = read_facts(path)
    try:
        audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise UnreadableClip(path, "it is damaged") from error
    if not len(audio):
        raise UnreadableClip(path, "it has no audio")
    if audio.shape[1] != CHANNELS:
        audio = np.repeat(audio[:, :1], CHANNELS, axis=1)
    bars = facts.recipe.grid.bars if facts.recipe is not None else 0
    return np.ascontiguousarray(audio), int(rate), len(audio) / max(bars, 1)
