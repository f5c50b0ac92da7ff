"""What the pads of a sampler sound like, block by block: it runs inside the sound callback.

A pad is struck and released from any thread: that appends an order to a queue, which the callback
takes at the start of its next block, so a pad is heard one block above the device's latency.
The callback allocates no audio, waits for no lock and does no I/O. A voice starts and ends on the
very frame it shall; where it is cut off, a short ramp follows, and never where a loop goes round.
"""

import dataclasses
from collections import deque
from collections.abc import Callable
from enum import Enum
from functools import partial

import numpy as np
from numpy.typing import NDArray

from playback.bar_clock import NEVER, BarClock, Quantize
from playback.pad_recording import PadRecording

MOST_VOICES = 16
FADE_FRAMES = 256
"""How long a voice that is cut off still falls: 5 ms at 48 kHz."""

_Samples = NDArray[np.float32]
_RAMP = np.arange(1, FADE_FRAMES + 1, dtype=np.float32) / np.float32(FADE_FRAMES)
_FADE: _Samples = (0.5 + 0.5 * np.cos(np.pi * _RAMP)).astype(np.float32).reshape(-1, 1)


class Mode(Enum):
    """What a pad does when it is struck, and when it is released."""

    LOOP = "loop"
    """Round and round, until it is struck again."""
    ONE_SHOT = "one-shot"
    """Once, to its end."""
    GATE = "gate"
    """As long as it is held."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PadSound:
    """What a pad plays, at the rate of the stream; `loops`: its end runs into its start."""

    audio: _Samples
    rate: int
    loops: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class Strike:
    """A pad that is struck.

    Attributes:
        key: which pad it is; any number.
        choke: the group of which only one sounds; 0 is none.
        gain: of left and right, (1, 2).
        touch: how hard it is struck, 0..1: the gain is multiplied by it.
        line: what it waits for, where a beat runs.
        clock: the beat that runs from here, where none runs yet.
        hosted: whether that beat is a host's; else a bar of it begins where the pad does.
    """

    key: int
    sound: PadSound
    mode: Mode = Mode.LOOP
    choke: int = 0
    gain: _Samples
    touch: float = 1.0
    line: Quantize = Quantize.OFF
    clock: BarClock
    hosted: bool = False


class PadVoice:
    """A pad that sounds, or waits for its frame."""

    __slots__ = ("_gain", "choke", "coming", "gain", "key", "loops", "mode", "position", "sound",
                 "start_frame", "stop_frame", "touch")  # fmt: skip

    def __init__(self, strike: Strike, start_frame: int) -> None:
        self.key = strike.key
        self.sound = self.coming = strike.sound
        self.mode = strike.mode
        self.choke = strike.choke
        goes_on = strike.mode is Mode.GATE and strike.sound.loops
        self.loops = strike.mode is Mode.LOOP or goes_on
        self.touch = np.float32(strike.touch)
        self.gain = self._gain = strike.gain * self.touch
        self.start_frame = start_frame
        self.stop_frame = NEVER
        self.position = 0

    @property
    def is_held(self) -> bool:
        """Whether nothing has told it to end yet."""
        return self.stop_frame == NEVER

    def stop_at(self, frame: int) -> None:
        """End there, or where it was to end before that."""
        self.stop_frame = min(self.stop_frame, frame)

    def add_to(self, out: _Samples, now: int, room: "_ScratchBuffers") -> bool:
        """Add the part of the voice that lies in a block; return whether more is to come.

        `out` is the block, (frames, 2), and `now` the frame of the stream that it begins with.
        """
        if self.stop_frame <= self.start_frame:
            return False  # it was told to end before it began
        gain = self._gain_along(room, len(out))
        length, end = len(self.sound.audio), now + len(out)
        last = min(self.stop_frame + FADE_FRAMES, end)
        at = max(self.start_frame, now)
        while at < last:
            if self.position == length:
                self.position, self.sound = 0, self.coming
                length = len(self.sound.audio)
            count = min(last - at, length - self.position)
            if at < self.stop_frame:
                count = min(count, self.stop_frame - at)
            part = room.part[:count]
            here = gain[at - now : at - now + count] if len(gain) > 1 else gain
            np.multiply(self.sound.audio[self.position : self.position + count], here, out=part)
            if at >= self.stop_frame:
                faded = at - self.stop_frame
                np.multiply(part, _FADE[faded : faded + count], out=part)
            block = out[at - now : at - now + count]
            np.add(block, part, out=block)
            self.position += count
            at += count
            if self.position == length and not self.loops:
                return False
        return end < self.stop_frame + FADE_FRAMES

    def _gain_along(self, room: "_ScratchBuffers", frames: int) -> _Samples:
        """Return the gain of a block: (1, 2), or (frames, 2) where it is on its way to another."""
        old, self._gain = self._gain, self.gain
        if self.gain is old:
            return old
        curve = room.curve[:frames]
        np.multiply(room.rising[:frames], self.gain - old, out=curve)
        np.add(curve, old, out=curve)
        return curve


class _ScratchBuffers:
    """Where a block is computed."""

    def __init__(self, block_frames: int) -> None:
        self.mix: _Samples = np.empty((block_frames, 2), dtype=np.float32)
        self.part: _Samples = np.empty((block_frames, 2), dtype=np.float32)
        self.curve: _Samples = np.empty((block_frames, 2), dtype=np.float32)
        self.rising: _Samples = np.linspace(0, 1, block_frames, dtype=np.float32).reshape(-1, 1)


class PadMixer:
    """All pads that sound, and the beat that they start on.

    What is not for the callback may be called from any thread; `take_orders` and `add_to` are for
    the callback, once a block each, in this order.
    """

    def __init__(self, block_frames: int) -> None:
        """Prepare for blocks of at most `block_frames`."""
        self.voices: list[PadVoice] = []
        """Changed by the callback alone; others may look at a copy."""
        self.clock: BarClock | None = None
        self._recording: PadRecording | None = None
        self._ordered: PadRecording | None = None
        self._orders: deque[Callable[[int], None]] = deque()
        self._led = False
        self._room = _ScratchBuffers(block_frames)

    def strike(self, strike: Strike) -> None:
        """Strike a pad: it starts, or where it goes round already, it ends; on its line."""
        self._orders.append(partial(self._strike, strike))

    def release(self, key: int) -> None:
        """Release a pad: one that sounds while it is held ends at once."""
        self._orders.append(partial(self._release, key))

    def stop(self, key: int | None = None) -> None:
        """End one pad, or all, at once."""
        self._orders.append(partial(self._stop, key))

    def set_gain(self, key: int, gain: _Samples) -> None:
        """Give a pad that sounds another gain, (1, 2); it gets there along a block."""
        self._orders.append(partial(self._set_gain, key, gain))

    def set_sound(self, key: int, sound: PadSound) -> None:
        """Let a pad that goes round play another sound from its next round on."""
        self._orders.append(partial(self._set_sound, key, sound))

    def record(self, recording: PadRecording) -> None:
        """Record from the next bar on, or from the first pad where no beat runs yet."""
        self._ordered = recording
        self._orders.append(partial(self._record, recording))

    def end_recording(self) -> None:
        """End what is recorded."""
        self._orders.append(self._end_recording)

    def records(self, recording: PadRecording) -> bool:
        """Return whether this was the last one that was given to `record` here."""
        return self._ordered is recording

    def sounding(self) -> dict[int, bool]:
        """Return the pads that sound, or wait: for each whether it has been heard already."""
        return {v.key: v.position > 0 for v in self.voices.copy() if v.is_held}

    def take_orders(self, now: int, running: BarClock | None) -> None:
        """Do what was ordered; `running` is the beat of what else is heard, which leads."""
        self._led = running is not None
        if running is not None:
            self.clock = running
        elif not self.voices and not self._is_recorded:
            self.clock = None
        for _ in range(len(self._orders)):
            self._orders.popleft()(now)

    def add_to(self, out: _Samples, now: int) -> None:
        """Add all pads to a block that begins with the frame `now` of the stream."""
        recording = self._recording
        if not self.voices and recording is None:
            return
        mix = self._room.mix[: len(out)]
        mix[:] = 0
        ended = [voice for voice in self.voices if not voice.add_to(mix, now, self._room)]
        for voice in ended:
            self.voices.remove(voice)
        np.add(out, mix, out=out)
        if recording is not None and not recording.take(mix, now):
            self._recording = None

    @property
    def _is_recorded(self) -> bool:
        return self._recording is not None and self._recording.start_frame is not None

    def _strike(self, strike: Strike, now: int) -> None:
        start = self._line_for(strike, now)
        live = [voice for voice in self.voices if voice.is_held]
        for voice in live:
            if voice.key == strike.key:
                voice.stop_at(start)
                if strike.mode is Mode.LOOP:
                    return
            elif strike.choke and voice.choke == strike.choke:
                voice.stop_at(start)
        live = [voice for voice in live if voice.is_held]
        if len(live) >= MOST_VOICES:
            min(live, key=lambda voice: voice.start_frame).stop_at(start)
        self.voices.append(PadVoice(strike, start))
        if self._recording is not None:
            self._recording.begin(start)

    def _line_for(self, strike: Strike, now: int) -> int:
        """Return the frame that a pad waits for; the first pad may begin a beat of its own."""
        new, running = strike.clock, self.clock
        if running is None:
            running = new if strike.hosted else dataclasses.replace(new, origin=now)
        elif not self._led and dataclasses.replace(new, origin=running.origin) != running:
            line = running.next_line(now, Quantize.BAR)  # another tempo, from the next bar on
            running = new if strike.hosted else dataclasses.replace(new, origin=line)
        self.clock = running
        return running.next_line(now, strike.line)

    def _release(self, key: int, now: int) -> None:
        for voice in self.voices:
            if voice.key == key and voice.mode is Mode.GATE:
                voice.stop_at(now)

    def _stop(self, key: int | None, now: int) -> None:
        for voice in self.voices:
            if key is None or voice.key == key:
                voice.stop_at(now)

    def _set_gain(self, key: int, gain: _Samples, _now: int) -> None:
        for voice in self.voices:
            if voice.key == key:
                voice.gain = gain * voice.touch

    def _set_sound(self, key: int, sound: PadSound, _now: int) -> None:
        for voice in self.voices:
            if voice.key == key:
                voice.coming = sound
                if voice.position == 0:
                    voice.sound = sound

    def _record(self, recording: PadRecording, now: int) -> None:
        self._recording = recording
        if self.clock is not None:
            recording.begin(self.clock.next_line(now, recording.line))

    def _end_recording(self, now: int) -> None:
        if self._recording is not None:
            self._recording.end(now)
