"""Mixes the layers, loops that play together under one bar clock, inside the audio callback.

Any thread may hand over a `LayerSet`: the callback takes it at the next bar, so that loops enter,
leave and are muted in time. A gain follows at once. The callback allocates no audio, waits for no
lock and does no I/O.
"""

import bisect
import dataclasses
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import NDArray

from playback.clocks import NEVER, BarClock, Quantize

MAX_LAYERS = 8
RISE_FRAMES, FALL_FRAMES = 48, 256
"""How long a gain takes to change: an attack on the bar survives 1 ms, and a cut does not click."""

_Samples = NDArray[np.float32]
_STEPS: _Samples = np.arange(1, FALL_FRAMES + 1, dtype=np.float32).reshape(-1, 1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layer:
    """A loop at the rate of the stream.

    Attributes:
        audio: (frames, 2); its end runs into its beginning.
        starts: at which frames of a round it begins, the first 0, and then the round's length.
        gain: how loud it is; 0 while it is muted.
    """

    audio: _Samples
    starts: tuple[int, ...]
    gain: float

    @classmethod
    def repeated(cls, audio: _Samples, repeats: int, round_frames: int, gain: float) -> Self:
        """Return a layer that plays so often within a round; no repeat is late by rounding."""
        starts = tuple(round(number * round_frames / repeats) for number in range(repeats + 1))
        return cls(audio=audio, starts=starts, gain=gain)


@dataclasses.dataclass(frozen=True, kw_only=True)
class LayerSet:
    """What plays together from one bar on; it is replaced as a whole.

    Attributes:
        layers: by a key that stays the same as long as the layer does.
        bars: after how many bars all of them begin again, at least 1: one round.
        bar_frames: the exact length of a bar.
        beats: how many beats a bar has.
    """

    layers: Mapping[int, Layer]
    bars: int
    bar_frames: float
    beats: int = 4

    @property
    def frames(self) -> int:
        """The length of one round."""
        return round(self.bars * self.bar_frames)


class _LayerVoice:
    """A layer that sounds, with a gain that moves to its goal."""

    __slots__ = ("_faded", "_from", "_goal", "_position", "layer")

    def __init__(self, layer: Layer, *, from_its_start: bool) -> None:
        self.layer = layer
        self._goal = layer.gain
        self._from = layer.gain if from_its_start else 0.0
        self._faded = 0
        self._position = 0

    @property
    def is_silent(self) -> bool:
        """Whether it has faded out."""
        return self._goal == 0.0 and not self._fade_left

    @property
    def _fade_frames(self) -> int:
        return RISE_FRAMES if self._goal > self._from else FALL_FRAMES

    @property
    def _fade_left(self) -> int:
        return 0 if self._from == self._goal else max(self._fade_frames - self._faded, 0)

    @property
    def _gain(self) -> float:
        """The gain that it has now."""
        if not self._fade_left:
            return self._goal
        return self._from + (self._goal - self._from) * self._faded / self._fade_frames

    def move_to(self, gain: float) -> None:
        """Move the gain to a value, from where it is now."""
        if gain != self._goal:
            self._from, self._goal, self._faded = self._gain, gain, 0

    def add_to(self, out: _Samples, place: int, scratch: "_Scratch") -> None:
        """Add the layer to a stretch of a round that begins at the frame `place` of it."""
        starts, at = self.layer.starts, 0
        while at < len(out):
            number = bisect.bisect_right(starts, place + at)
            self._position = place + at - starts[number - 1]
            count = len(out) - at
            if number < len(starts):
                count = min(count, starts[number] - place - at)
            self.continue_into(out[at : at + count], scratch)
            at += count

    def continue_into(self, out: _Samples, scratch: "_Scratch") -> None:
        """Add what comes next in the loop, wherever the round is."""
        audio, at = self.layer.audio, 0
        while at < len(out):
            position = self._position % len(audio)
            fading = self._fade_left
            count = min(len(out) - at, len(audio) - position, fading or len(out))
            part = scratch.part[:count]
            if fading:
                curve, gain = scratch.curve[:count], self._gain
                step = (self._goal - self._from) / self._fade_frames
                np.multiply(_STEPS[:count], np.float32(step), out=curve)
                np.add(curve, np.float32(gain), out=curve)
                np.multiply(audio[position : position + count], curve, out=part)
                self._faded += count
            else:
                np.multiply(audio[position : position + count], np.float32(self._goal), out=part)
            block = out[at : at + count]
            np.add(block, part, out=block)
            self._position = position + count
            at += count


class _Scratch:
    """Preallocated buffers in which a stretch is computed."""

    def __init__(self, block_frames: int) -> None:
        self.part: _Samples = np.empty((block_frames, 2), dtype=np.float32)
        self.curve: _Samples = np.empty((FALL_FRAMES, 1), dtype=np.float32)


class LayerMixer:
    """All layers, and their place in the round.

    The callback calls `run_commands` and then `add_to`, once per block; all other methods may be
    called from any thread.
    """

    def __init__(self, block_frames: int) -> None:
        """Prepare for blocks of at most `block_frames`."""
        self.playing: LayerSet | None = None
        """What plays now; only the callback changes it."""
        self._pending: LayerSet | None = None
        self._start_frame = 0
        self._stopping = False
        self._origin = 0
        self._now = 0
        self._voices: dict[int, _LayerVoice] = {}
        self._leaving: list[_LayerVoice] = []
        self._commands: deque[Callable[[int, BarClock | None], None]] = deque()
        self._scratch = _Scratch(block_frames)

    def play(self, layers: LayerSet, start_frame: int | None = None) -> None:
        """Play a set from the next bar of what runs; otherwise from a frame, by default at once."""
        self._commands.append(partial(self._play, layers, start_frame))

    def change(self, layers: LayerSet) -> None:
        """Change what plays from the next bar on; nothing if the layers are silent."""
        self._commands.append(partial(self._change, layers))

    def set_gain(self, key: int, gain: float) -> None:
        """Set the gain of a layer; it moves there within milliseconds."""
        self._commands.append(partial(self._set_gain, key, gain))

    def stop(self) -> None:
        """Stop all layers, within milliseconds."""
        self._commands.append(self._stop)

    @property
    def is_on(self) -> bool:
        """Whether layers play, or wait for their bar."""
        return (self.playing or self._pending) is not None and not self._stopping

    @property
    def clock(self) -> BarClock | None:
        """The bars of the layers; None while they are silent."""
        playing = self.playing
        if playing is None or self._stopping:
            return None
        return BarClock(self._origin, playing.bar_frames, playing.beats)

    def place(self, latency_frames: int = 0) -> float | None:
        """Return where in the round the sound is, in bars, allowing for the device's latency."""
        playing = self.playing
        if playing is None:
            return None
        frames = (self._now - latency_frames - self._origin) % playing.frames
        return min(frames / playing.bar_frames, playing.bars)

    def run_commands(self, now: int, running: BarClock | None) -> None:
        """Run the queued commands; `running` is the beat that layers start on if they are silent.

        `now` is the frame of the stream at which the block begins.
        """
        for _ in range(len(self._commands)):
            self._commands.popleft()(now, running)

    def begins_in(self, now: int, frames: int) -> int | None:
        """Return in how many frames silent layers begin; None if not in this block."""
        if self.playing is not None or self._pending is None:
            return None
        wait = max(self._start_frame - now, 0)
        return wait if wait < frames else None

    def add_to(self, out: _Samples, now: int) -> None:
        """Add the layers to a block that begins at the frame `now` of the stream."""
        at, end = now, now + len(out)
        while at < end:
            turn = self._next_turn(at)
            if turn <= at:
                self._turn(at)
                continue
            until = min(turn, end)
            self._add(out[at - now : until - now], at)
            at = until
        self._now = end
        self._leaving = [voice for voice in self._leaving if not voice.is_silent]
        if self._stopping and not self._leaving:
            self.playing, self._stopping = None, False

    def _add(self, out: _Samples, at: int) -> None:
        for voice in self._leaving:
            voice.continue_into(out, self._scratch)
        for voice in self._voices.values():
            voice.add_to(out, at - self._origin, self._scratch)

    def _next_turn(self, at: int) -> int:
        """Return the next frame at which a round or a pending set begins."""
        playing, pending = self.playing, self._pending
        if playing is None:
            return NEVER if pending is None else max(self._start_frame, at)
        if self._stopping:
            return NEVER
        round_ends = self._origin + playing.frames
        if pending is None:
            return round_ends
        bars = BarClock(self._origin, playing.bar_frames, playing.beats)
        return min(bars.quantized(at, Quantize.BAR), round_ends)

    def _turn(self, at: int) -> None:
        """Begin a round, or the pending set in the same bar of the round."""
        playing = self.playing
        bar = 0 if playing is None else round((at - self._origin) / playing.bar_frames)
        if self._pending is not None:
            playing, self._pending = self._pending, None
            self._take(playing, bar % playing.bars)
        assert playing is not None  # noqa: S101 - a turn is of one of the two
        self.playing = playing
        self._origin = at - round(bar % playing.bars * playing.bar_frames)

    def _take(self, layers: LayerSet, bar: int) -> None:
        """Have the voices of a set; those that are not in it fade out."""
        place, old = round(bar * layers.bar_frames), self._voices
        self._voices = {}
        for key, layer in layers.layers.items():
            voice = old.get(key)
            if voice is not None and voice.layer.audio is layer.audio:
                voice.layer = layer
                voice.move_to(layer.gain)
                del old[key]
            else:
                voice = _LayerVoice(layer, from_its_start=place in layer.starts)
            self._voices[key] = voice
        self._let_go(old)

    def _let_go(self, voices: Mapping[int, _LayerVoice]) -> None:
        for voice in voices.values():
            voice.move_to(0.0)
            self._leaving.append(voice)

    def _play(
        self, layers: LayerSet, start_frame: int | None, now: int, running: BarClock | None
    ) -> None:
        if self.playing is None and self._pending is None:
            self._start_frame = now if start_frame is None else start_frame
            if running is not None:
                self._start_frame = running.quantized(now, Quantize.BAR)
        self._pending = layers

    def _change(self, layers: LayerSet, _now: int, _running: BarClock | None) -> None:
        if self.is_on:
            self._pending = layers

    def _set_gain(self, key: int, gain: float, _now: int, _running: BarClock | None) -> None:
        if key in self._voices:
            self._voices[key].move_to(gain)

    def _stop(self, _now: int, _running: BarClock | None) -> None:
        self._pending = None
        self._let_go(self._voices)
        self._voices = {}
        self._stopping = self.playing is not None


def mixed_down(layers: LayerSet, block_frames: int = 4_096) -> _Samples:
    """Return one round of a set as it sounds, (frames, 2), its end running into its beginning."""
    mixer = LayerMixer(block_frames)
    mixer.play(layers)
    mixer.run_commands(0, None)
    out: _Samples = np.zeros((layers.frames, 2), dtype=np.float32)
    for first in range(0, len(out), block_frames):
        mixer.add_to(out[first : first + block_frames], first)
    return out
