"""Mixes the output, block by block: one clip, the layers, the pads, the click, and the volume.

It runs inside the audio callback: it allocates no audio, waits for no lock and does no I/O.
"""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from playback.clocks import BarClock, Quantize
from playback.layer_voices import LayerMixer
from playback.level import Level
from playback.metronome import Metronome
from playback.pad_voices import PadMixer

BLOCK_FRAMES = 512

_Samples = NDArray[np.float32]


class Voice:
    """One playing clip: its audio, its position, and when it takes over.

    `start_frame` counts frames of the stream. `bar_frames` is the length of a bar, `beats` the
    number of beats in it. `within` says which part of the whole clip the audio is, from 0 to 1.
    With `keeps_place` it goes on where the voice before it is, which is the same loop.
    """

    __slots__ = ("audio", "bar_frames", "beats", "keeps_place", "loop", "on_bar", "path",
                 "position", "start_frame", "within")  # fmt: skip

    def __init__(
        self,
        path: Path,
        audio: _Samples,
        *,
        loop: bool,
        bar_frames: float,
        on_bar: bool,
        beats: int = 4,
        within: tuple[float, float] = (0.0, 1.0),
        keeps_place: bool = False,
    ) -> None:
        self.path = path
        self.audio = audio
        self.loop = loop
        self.bar_frames = bar_frames
        self.beats = beats
        self.on_bar = on_bar
        self.within = within
        self.keeps_place = keeps_place
        self.position = 0
        self.start_frame = 0

    def go_on_from(self, before: "Voice") -> None:
        """Have the place of another voice, if this one keeps it."""
        if self.keeps_place:
            share = before.position % len(before.audio) / len(before.audio)
            self.position = round(share * len(self.audio))

    def playhead(self, latency_frames: int = 0) -> float:
        """Return the position in the whole clip, 0..1, allowing for the device's latency."""
        begin, end = self.within
        passed = max(self.position - latency_frames, 0) / len(self.audio)
        return begin + (end - begin) * min(passed, 1.0)

    def frames_to_bar(self) -> int:
        """Return how many frames remain until the next bar of this clip.

        Bars are counted from the start of the loop, and the last one ends with the loop.
        """
        bars = self.position / self.bar_frames
        if round(round(bars) * self.bar_frames) == self.position:
            return 0
        return min(round(math.ceil(bars) * self.bar_frames), len(self.audio)) - self.position

    def clock(self, now: int) -> BarClock | None:
        """Return the beat of this clip at a frame of the stream; None for a one-shot."""
        if not self.loop:
            return None
        return BarClock(now - self.position, self.bar_frames, self.beats)

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
    """Does the work of the callback, block by block; owns the playing voice.

    Other threads set `pending` to a complete voice, and the callback takes it. `layers`, `pads` and
    the `metronome` play over the voice, and `level` measures the sum. Layers that begin take over
    from the voice; one that begins later plays over them.
    """

    def __init__(self) -> None:
        self.layers = LayerMixer(BLOCK_FRAMES)
        self.pads = PadMixer(BLOCK_FRAMES)
        self.metronome = Metronome()
        self.level = Level(BLOCK_FRAMES)
        self.pending: Voice | None = None
        self.voice: Voice | None = None
        self.stop_requested = False
        self.volume = 1.0
        self.frames_done = 0
        self._gain = 1.0
        self._ramp: _Samples = np.linspace(0, 1, BLOCK_FRAMES, dtype=np.float32).reshape(-1, 1)
        self._curve: _Samples = np.empty((BLOCK_FRAMES, 1), dtype=np.float32)

    def fill(self, out: _Samples) -> None:
        """Write the next block; `out` is (frames, 2) float32, at most one block long."""
        frames = len(out)
        if self.stop_requested:
            self.stop_requested = False
            self.voice = self.pending = None
        now = self.frames_done
        self.layers.run_commands(now, self._clip_clock(now) or self.pads.clock)
        self.pads.run_commands(now, self._clock(now))
        change = self._change_in(frames)
        if change is None:
            change = self.layers.begins_in(now, frames)
        if change is None:
            self._play(out, now)
        else:
            if change > 0:
                self._play(out[:change], now)
            before, self.voice, self.pending = self.voice, self.pending, None
            if before is not None and self.voice is not None:
                self.voice.go_on_from(before)
            self._play(out[change:], now + change)
        self.layers.add_to(out, now)
        self.pads.add_to(out, now)
        self._apply_volume(out)
        self.level.on_block(out)
        self.frames_done += frames

    def _change_in(self, frames: int) -> int | None:
        """Return in how many frames the pending voice takes over; None if not in this block."""
        pending = self.pending
        if pending is None:
            return None
        voice, beat = self.voice, self.layers.clock or self.pads.clock
        if pending.on_bar and voice is not None and self.layers.clock is None:
            wait = voice.frames_to_bar()
        elif pending.on_bar and beat is not None:
            wait = beat.quantized(self.frames_done, Quantize.BAR) - self.frames_done
        else:
            wait = pending.start_frame - self.frames_done
        return max(wait, 0) if wait < frames else None

    def _play(self, out: _Samples, now: int) -> None:
        clock = self._clock(now) or self.pads.clock
        if self.voice is None:
            out[:] = 0
        elif not self.voice.play_into(out):
            self.voice = None
        self.metronome.add_to(out, now, clock)

    def _clock(self, now: int) -> BarClock | None:
        """Return the beat that leads: that of the layers, or else of the clip."""
        return self.layers.clock or self._clip_clock(now)

    def _clip_clock(self, now: int) -> BarClock | None:
        return None if self.voice is None else self.voice.clock(now)

    def _apply_volume(self, out: _Samples) -> None:
        """Multiply by the volume; a change is ramped over the block to avoid a click."""
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
