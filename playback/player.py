"""The player: plays clips through the sound device, without gaps and in time.

One stream stays open from the first clip or pad on. Its callback allocates no audio, waits for no
lock and does no I/O: a clip is read beforehand and handed over as one object. Start times are
given as times of `time.monotonic`.
"""

import contextlib
import logging
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.loops.cancel import Check, no_check
from playback import sound_library
from playback.clip_audio import ClipAudio, read_clip
from playback.clocks import StreamClock
from playback.growing import GrowingSound, GrowingVoice
from playback.layer_voices import LayerMixer
from playback.mixer import BLOCK_FRAMES, Mixer, Voice
from playback.pad_voices import PadMixer
from playback.sound_library import NoSound

CHANNELS = 2
_LONGEST_WAIT_S = 60.0
_SWITCH_S = 0.001
"""How long another thread of Python goes on, in a process that plays, while the callback waits for
it. By default that is 5 ms, for each time that it waits: half of a block."""
_log = logging.getLogger(__name__)

_Samples = NDArray[np.float32]


class Player:
    """Plays one clip at a time. Its methods may be called from any thread but the callback's."""

    def __init__(self, device: str = "") -> None:
        """Prepare the player; no device is opened before the first clip.

        Args:
            device: part of the device's name; empty for the system default.
        """
        sys.setswitchinterval(_SWITCH_S)
        self._device = device
        self._lock = threading.Lock()
        self._mixer = Mixer()
        self._stream: Any = None
        self._rate = 0
        self._clock = StreamClock(48_000)

    @property
    def device(self) -> str:
        """The name of the chosen device; empty for the system default."""
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
        """The file that is playing, or waiting for its start time."""
        mixer = self._mixer
        if self._stream is None or not self._stream.active:
            return None
        voice = mixer.pending or mixer.voice
        return None if voice is None else voice.path

    @property
    def sounding(self) -> Path | None:
        """The file that sounds now."""
        voice = self._mixer.voice
        return None if voice is None else voice.path

    @property
    def playhead(self) -> tuple[Path, float] | None:
        """The file that sounds now, and the position in it, 0..1."""
        stream, voice = self._stream, self._mixer.voice
        if stream is None or voice is None or not stream.active:
            return None
        return voice.path, voice.playhead(round(float(stream.latency) * self._rate))

    @property
    def metronome(self) -> bool:
        """Whether the metronome is on."""
        return self._mixer.metronome.on

    @metronome.setter
    def metronome(self, on: bool) -> None:
        self._mixer.metronome.on = on

    @property
    def lost(self) -> bool:
        """Whether the device disappeared while it was open."""
        return self._stream is not None and not self._stream.active

    @property
    def pads(self) -> PadMixer:
        """The pads, which play over the clip; a change of device or rate stops them all."""
        return self._mixer.pads

    @property
    def layers(self) -> LayerMixer:
        """The loops that play together; a change of device or rate stops them."""
        return self._mixer.layers

    @property
    def layers_place(self) -> float | None:
        """Where in their round the layers are, in bars; None while they are silent."""
        stream = self._stream
        if stream is None or not stream.active:
            return None
        return self._mixer.layers.place(round(float(stream.latency) * self._rate))

    @property
    def pads_place(self) -> tuple[int, int] | None:
        """The bar and beat of what pads play or record, from 1; None while they are silent."""
        stream = self._stream
        if stream is None or not stream.active:
            return None
        return self._mixer.pads.place(round(float(stream.latency) * self._rate))

    @property
    def rate(self) -> int:
        """The rate of the stream in Hz; 0 if none is open."""
        return self._rate if self._stream is not None and self._stream.active else 0

    def take_level(self) -> tuple[float, float]:
        """Return the highest sample of left and right, 0..1, since the last call."""
        return self._mixer.level.take()

    def play(
        self,
        path: Path,
        *,
        loop: bool,
        bars: tuple[int, int] | None = None,
        on_bar: bool = False,
        keeps_place: bool = False,
        at_monotonic_s: float | None = None,
        check: Check = no_check,
    ) -> None:
        """Play a WAV file, a clip or any other, from its start, or some of its bars.

        Args:
            path: the file.
            bars: the first and the last bar to play, counted from 1; None for all.
            loop: repeat until stopped.
            on_bar: take over on the next bar of what is playing, if anything is.
            keeps_place: go on where that is, which is the same loop in another form.
            at_monotonic_s: if nothing is playing, start at this time of `time.monotonic`.
            check: called again and again while the file is read.

        Raises:
            LoopError: the file cannot be read.
            NoSound: there is no device, or it does not support the file's rate.
        """
        clip = read_clip(path, check)
        with self._lock:
            clip = self._at_open_rate(clip)
            begin, end, count = clip.frame_range(bars)
            voice = Voice(
                path, clip.audio[begin:end], loop=loop, on_bar=on_bar, keeps_place=keeps_place,
                bar_frames=(end - begin) / count, beats=clip.beats,
                within=clip.places_in_file(begin, end),
            )  # fmt: skip
            if at_monotonic_s is not None:
                voice.start_frame = self.frame_at(at_monotonic_s)
            self._mixer.pending = voice

    def _at_open_rate(self, clip: ClipAudio) -> ClipAudio:
        """Open the stream at the rate of a clip; or, while others play, resample the clip."""
        if self.rate and (self.pads.sounding() or self.layers.is_on):
            clip = clip.at_rate(self._rate)  # a new stream would cut these off
        self._open(clip.rate)
        return clip

    def play_growing(self, sound: GrowingSound, usual_rate: int = 48_000) -> GrowingVoice:
        """Play a sound that is still being made, at once; the reading thread calls `grow`.

        Raises:
            NoSound: there is no device.
        """
        with self._lock:
            if not self.rate:
                self._open(usual_rate)
            voice = sound.voice(self._rate)
            self._mixer.pending = voice
            return voice

    def open(self, rate: int) -> int:
        """Open the stream for pads, unless one is open, and return its rate.

        Raises:
            NoSound: there is no device, or it does not support the rate.
        """
        with self._lock:
            if not self.rate:
                self._open(rate)
            return self._rate

    def frame_at(self, monotonic_s: float) -> int:
        """Return the frame of the stream that sounds at a time, never one already played."""
        now_s = time.monotonic()
        requested_s = min(monotonic_s, now_s + _LONGEST_WAIT_S) - float(self._stream.latency)
        return max(self._mixer.frames_done, self._clock.frame_at(requested_s, now_s))

    def stop(self) -> None:
        """Stop the clip; the pads continue and the stream stays open."""
        self._mixer.stop_requested = True
        if self._stream is None or not self._stream.active:
            self._mixer.voice = self._mixer.pending = None

    def choose_device(self, name: str) -> None:
        """Switch to another device; whatever plays is stopped.

        Raises:
            NoSound: no device has this in its name.
        """
        with self._lock:
            self._rescan_devices()
            if name:
                sound_library.call(lambda library: _device_number(library, name))
            self._close()
            self._device = name
            _log.info("output chosen: %s", name or "the default")

    def device_names(self) -> list[str]:
        """Return the names of all output devices; the list is not refreshed while a stream is open.

        Raises:
            NoSound: the sound library is missing.
        """
        with self._lock:
            self._rescan_devices()
            return device_names()

    def is_present(self, name: str) -> bool:
        """Return whether a device is there now; playback continues.

        Raises:
            NoSound: the sound library is missing, or does not answer.
        """
        with self._lock:
            if self.rate:
                names = sound_library.probe()  # the list of an open library is not refreshed
            else:
                self._rescan_devices()
                names = device_names()
        return any(name.lower() in each.lower() for each in names)

    def close(self) -> None:
        """Release the device."""
        with self._lock:
            self._close()

    def _open(self, rate: int) -> None:
        """Open the stream, unless one is open at this rate and still has its device."""
        if self.rate == rate:
            return
        self._close()
        clock = StreamClock(rate)
        try:
            stream = sound_library.call(
                lambda library: self._opened(library, rate, clock), discard=_close_stream_at_once
            )
        except NoSound as error:
            name = self._device or "the default"
            _log.info("output %s does not open at %d Hz: %s", name, rate, error.reason)
            raise
        self._stream, self._rate = stream, rate
        opened = self._device or "the default", rate, float(stream.latency)
        _log.info("output %s opened at %d Hz, latency %.3f s", *opened)

    def _opened(self, library: Any, rate: int, clock: StreamClock) -> Any:
        self._clock = clock
        stream = library.OutputStream(
            samplerate=rate,
            blocksize=BLOCK_FRAMES,
            device=_device_number(library, self._device) if self._device else None,
            channels=CHANNELS,
            dtype="float32",
            callback=self._callback,
        )
        try:
            stream.start()
        except library.PortAudioError:
            _close_stream_at_once(stream)
            raise
        return stream

    def _rescan_devices(self) -> None:
        """Make the library look for new and removed devices, unless a stream is open."""
        if self.rate:
            return
        self._close()
        sound_library.call(_rescan)

    def _close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            how = "closed" if stream.active else "closed: its device was disconnected"
            _log.info("output %s", how)
        _close_stream(stream)
        old, self._mixer = self._mixer, Mixer()
        self._mixer.volume = old.volume
        self._mixer.metronome.on = old.metronome.on

    def _callback(self, out: _Samples, _frames: int, _time: Any, _status: Any) -> None:
        mixer = self._mixer
        self._clock.note(mixer.frames_done, time.monotonic())
        mixer.fill(out)


def _close_stream(stream: Any) -> None:
    if stream is not None:
        with contextlib.suppress(NoSound):  # the device may be gone, or its server hang
            sound_library.call(lambda _library: _close_stream_at_once(stream))


def _close_stream_at_once(stream: Any) -> None:
    stream.close(ignore_errors=True)


def _rescan(library: Any) -> None:
    # WORKAROUND: devices are only looked for at start-up, and this ends all open streams:
    # https://github.com/spatialaudio/python-sounddevice/issues/125
    with contextlib.suppress(library.PortAudioError):
        library._terminate()  # noqa: SLF001 - see above
        library._initialize()  # noqa: SLF001


def device_names() -> list[str]:
    """Return the names of all output devices; an empty list if there are none.

    Raises:
        NoSound: the sound library is missing, or does not answer.
    """
    return sound_library.call(_names)


def _names(library: Any) -> list[str]:
    try:
        return sound_library.names_in(library)
    except library.PortAudioError:
        return []


def default_device_name() -> str:
    """Return the name of the system's default device.

    Raises:
        NoSound: there is none.
    """
    return sound_library.call(lambda library: str(library.query_devices(kind="output")["name"]))


def _device_number(library: Any, name: str) -> int:
    devices = enumerate(library.query_devices())
    found = [
        number
        for number, each in devices
        if each["max_output_channels"] and name.lower() in each["name"].lower()
    ]
    if not found:
        known = ", ".join(_names(library)) or "none"
        raise NoSound(f"no device is called {name[:60]!r}; available: {known}"[:400])
    return int(found[0])
