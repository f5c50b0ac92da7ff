"""Mixes the sampler's pads, block by block, inside the audio callback.

Any thread may strike or release a pad: that appends a command to a queue, which the callback runs
at the start of its next block, so a pad sounds one block later than the device's latency. The
callback allocates no audio, waits for no lock and does no I/O. A voice starts and ends on the exact
frame. A voice that is cut off fades out over a short ramp; a loop that repeats does not.
"""

import dataclasses
from collections import deque
from collections.abc import Callable
from enum import Enum
from functools import partial

import numpy as np
from numpy.typing import NDArray

from playback.clocks import NEVER, BarClock, Quantize
from playback.pad_recording import PadRecording

MAX_VOICES = 16
FADE_FRAMES = 256
"""The fade-out of a voice that is cut off: 5 ms at 48 kHz."""

_Samples = NDArray[np.float32]
_RAMP = np.arange(1, FADE_FRAMES + 1, dtype=np.float32) / np.float32(FADE_FRAMES)
_FADE: _Samples = (0.5 + 0.5 * np.cos(np.pi * _RAMP)).astype(np.float32).reshape(-1, 1)


class Mode(Enum):
    """What a pad does when it is struck, and when it is released."""

    LOOP = "loop"
    """Repeats until the pad is struck again."""
    ONE_SHOT = "one-shot"
    """Plays once, to the end."""
    GATE = "gate"
    """Plays as long as the pad is held."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PadSound:
    """What a pad plays, at the rate of the stream; if it `loops`, its end runs into its start."""

    audio: _Samples
    rate: int
    loops: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class Strike:
    """One pad hit.

    Attributes:
        key: which pad it is; any number.
        choke: the choke group, of which only one pad sounds at a time; 0 is none.
        gain: of left and right, (1, 2).
        velocity_gain: how hard it is struck, 0..1; multiplies the gain.
        quantize: the grid that it waits for while a beat is running.
        clock: the beat to start if none is running yet.
        host_clock: whether that beat is the host's; otherwise its first bar begins with the pad.
    """

    key: int
    sound: PadSound
    mode: Mode = Mode.LOOP
    choke: int = 0
    gain: _Samples
    velocity_gain: float = 1.0
    quantize: Quantize = Quantize.OFF
    clock: BarClock
    host_clock: bool = False


class PadVoice:
    """A pad that sounds, or waits for its start frame."""

    __slots__ = (
        "_gain",
        "choke",
        "gain",
        "key",
        "loops",
        "mode",
        "next_sound",
        "position",
        "sound",
        "start_frame",
        "stop_frame",
        "velocity_gain",
    )  # fmt: skip

    def __init__(self, strike: Strike, start_frame: int) -> None:
        self.key = strike.key
        self.sound = self.next_sound = strike.sound
        self.mode = strike.mode
        self.choke = strike.choke
        loops_while_held = strike.mode is Mode.GATE and strike.sound.loops
        self.loops = strike.mode is Mode.LOOP or loops_while_held
        self.velocity_gain = np.float32(strike.velocity_gain)
        self.gain = self._gain = strike.gain * self.velocity_gain
        self.start_frame = start_frame
        self.stop_frame = NEVER
        self.position = 0

    @property
    def is_held(self) -> bool:
        """Whether no end has been set yet."""
        return self.stop_frame == NEVER

    def stop_at(self, frame: int) -> None:
        """End at a frame, or at an earlier one that was already set."""
        self.stop_frame = min(self.stop_frame, frame)

    def add_to(self, out: _Samples, now: int, scratch: "_ScratchBuffers") -> bool:
        """Add the voice's part of a block; return whether there is more to come.

        `out` is the block, (frames, 2), and `now` the frame of the stream at which it begins.
        """
        if self.stop_frame <= self.start_frame:
            return False  # stopped before it began
        gain = self._block_gain(scratch, len(out))
        length, end = len(self.sound.audio), now + len(out)
        last = min(self.stop_frame + FADE_FRAMES, end)
        at = max(self.start_frame, now)
        while at < last:
            if self.position == length:
                self.position, self.sound = 0, self.next_sound
                length = len(self.sound.audio)
            count = min(last - at, length - self.position)
            if at < self.stop_frame:
                count = min(count, self.stop_frame - at)
            part = scratch.part[:count]
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

    def _block_gain(self, scratch: "_ScratchBuffers", frames: int) -> _Samples:
        """Return the gain of a block: (1, 2), or (frames, 2) while it ramps to a new value."""
        old, self._gain = self._gain, self.gain
        if self.gain is old:
            return old
        curve = scratch.curve[:frames]
        np.multiply(scratch.ramp[:frames], self.gain - old, out=curve)
        np.add(curve, old, out=curve)
        return curve


class _ScratchBuffers:
    """Preallocated buffers in which a block is computed."""

    def __init__(self, block_frames: int) -> None:
        self.mix: _Samples = np.empty((block_frames, 2), dtype=np.float32)
        self.part: _Samples = np.empty((block_frames, 2), dtype=np.float32)
        self.curve: _Samples = np.empty((block_frames, 2), dtype=np.float32)
        self.ramp: _Samples = np.linspace(0, 1, block_frames, dtype=np.float32).reshape(-1, 1)


class PadMixer:
    """All sounding pads, and the beat that they start on.

    The callback calls `run_commands` and then `add_to`, once per block; all other methods may be
    called from any thread.
    """

    def __init__(self, block_frames: int) -> None:
        """Prepare for blocks of at most `block_frames`."""
        self.voices: list[PadVoice] = []
        """Only the callback changes it; other threads may read a copy."""
        self.clock: BarClock | None = None
        self._recording: PadRecording | None = None
        self._last_recording: PadRecording | None = None
        self._commands: deque[Callable[[int], None]] = deque()
        self._clip_leads = False
        self._now = 0
        self._scratch = _ScratchBuffers(block_frames)

    def strike(self, strike: Strike) -> None:
        """Strike a pad: it starts or, if it is already looping, ends; quantized."""
        self._commands.append(partial(self._strike, strike))

    def release(self, key: int) -> None:
        """Release a pad: in gate mode it ends at once."""
        self._commands.append(partial(self._release, key))

    def stop(self, key: int | None = None) -> None:
        """Stop one pad, or all, at once."""
        self._commands.append(partial(self._stop, key))

    def set_gain(self, key: int, gain: _Samples) -> None:
        """Set the gain of a sounding pad, (1, 2); it ramps there over one block."""
        self._commands.append(partial(self._set_gain, key, gain))

    def set_sound(self, key: int, sound: PadSound) -> None:
        """Change the sound of a looping pad, from its next repeat on."""
        self._commands.append(partial(self._set_sound, key, sound))

    def record(self, recording: PadRecording) -> None:
        """Record from the next bar on, or from the first pad if no beat is running."""
        self._last_recording = recording
        self._commands.append(partial(self._record, recording))

    def end_recording(self) -> None:
        """End the recording."""
        self._commands.append(self._end_recording)

    def records(self, recording: PadRecording) -> bool:
        """Return whether this is the recording that `record` was last called with."""
        return self._last_recording is recording

    def sounding(self) -> dict[int, bool]:
        """Return the keys of sounding and waiting pads, each with whether it has started."""
        return {v.key: v.position > 0 for v in self.voices.copy() if v.is_held}

    def place(self, latency_frames: int = 0) -> tuple[int, int] | None:
        """Return the bar and beat of what pads play or record, allowing for the device's latency.

        Both count from 1, where the beat began; None if nothing plays, or before that.
        """
        clock = self.clock
        if clock is None or not (self.voices or self._is_recording):
            return None
        return clock.bar_and_beat(max(self._now - latency_frames, min(self._now, clock.origin)))

    def run_commands(self, now: int, running: BarClock | None) -> None:
        """Run the queued commands; `running` is the clip's beat, which takes precedence."""
        self._clip_leads = running is not None
        self._now = now
        if running is not None:
            self.clock = running
        elif not self.voices and not self._is_recording:
            self.clock = None
        for _ in range(len(self._commands)):
            self._commands.popleft()(now)

    def add_to(self, out: _Samples, now: int) -> None:
        """Add all pads to a block that begins at the frame `now` of the stream."""
        recording = self._recording
        if not self.voices and recording is None:
            return
        mix = self._scratch.mix[: len(out)]
        mix[:] = 0
        ended = [voice for voice in self.voices if not voice.add_to(mix, now, self._scratch)]
        for voice in ended:
            self.voices.remove(voice)
        np.add(out, mix, out=out)
        if recording is not None and not recording.take(mix, now):
            self._recording = None

    @property
    def _is_recording(self) -> bool:
        return self._recording is not None and self._recording.start_frame is not None

    def _strike(self, strike: Strike, now: int) -> None:
        start = self._start_frame(strike, now)
        live = [voice for voice in self.voices if voice.is_held]
        for voice in live:
            if voice.key == strike.key:
                voice.stop_at(start)
                if strike.mode is Mode.LOOP:
                    return
            elif strike.choke and voice.choke == strike.choke:
                voice.stop_at(start)
        live = [voice for voice in live if voice.is_held]
        if len(live) >= MAX_VOICES:
            min(live, key=lambda voice: voice.start_frame).stop_at(start)
        self.voices.append(PadVoice(strike, start))
        if self._recording is not None:
            self._recording.begin(start)

    def _start_frame(self, strike: Strike, now: int) -> int:
        """Return the frame at which a pad starts; the first pad may start a new beat."""
        new, running = strike.clock, self.clock
        if running is None:
            running = new if strike.host_clock else dataclasses.replace(new, origin=now)
        elif not self._clip_leads and dataclasses.replace(new, origin=running.origin) != running:
            next_bar = running.quantized(now, Quantize.BAR)  # a new tempo starts at the next bar
            running = new if strike.host_clock else dataclasses.replace(new, origin=next_bar)
        self.clock = running
        return running.quantized(now, strike.quantize)

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
                voice.gain = gain * voice.velocity_gain

    def _set_sound(self, key: int, sound: PadSound, _now: int) -> None:
        for voice in self.voices:
            if voice.key == key:
                voice.next_sound = sound
                if voice.position == 0:
                    voice.sound = sound

    def _record(self, recording: PadRecording, now: int) -> None:
        self._recording = recording
        if self.clock is not None:
            recording.begin(self.clock.quantized(now, recording.quantize))

    def _end_recording(self, now: int) -> None:
        if self._recording is not None:
            self._recording.end(now)
