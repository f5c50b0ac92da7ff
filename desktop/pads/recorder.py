"""Records the pads to a new clip.

With quantize on, a recording has whole bars of the session's tempo; with quantize off, it is a
one-shot of any length.
"""

import enum
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from desktop.pads.sampler import Sampler
from engine.loops.errors import LoopError
from engine.loops.project import Project
from engine.loops.recipe import Recipe
from engine.loops.recording import write_recording
from engine.loops.tempo import LoopGrid
from engine.task_thread import TaskThread
from engine.version import PROGRAM
from playback.clocks import Quantize
from playback.pad_recording import PadRecording

USUAL_RATE = 48_000
_WRITE_S = 60.0
"""How long closing waits for a recording to be written, on a slow disk."""


class RecorderState(enum.Enum):
    """The state of a recorder."""

    IDLE = enum.auto()
    WAITING = enum.auto()
    """Waiting for the first pad or the next bar."""
    RECORDING = enum.auto()
    ENDING = enum.auto()
    """Recording to the next bar line, or writing the clip."""


class Recorder:
    """Makes one recording at a time. The methods return at once; call `poll` often."""

    def __init__(
        self,
        sampler: Sampler,
        project: Path,
        on_written: Callable[[str], None],
        on_error: Callable[[str], None],
    ) -> None:
        """Prepare.

        Args:
            sampler: plays the pads.
            project: folder of the new clips.
            on_written: called with the id of each new clip, on the recorder's thread.
            on_error: called with a sentence if a clip cannot be written, on the same thread.
        """
        self._sampler = sampler
        self._project = project
        self._on_written = on_written
        self._on_error = on_error
        self._thread = TaskThread("recorder")
        self._grid = LoopGrid(bpm=120.0)
        self._sources: dict[str, Recipe] = {}
        self._recording: PadRecording | None = None
        self._state = RecorderState.IDLE

    @property
    def state(self) -> RecorderState:
        """The current state."""
        recording = self._recording
        if self._state is RecorderState.WAITING and recording is not None and recording.frames:
            return RecorderState.RECORDING
        return self._state

    @property
    def length_s(self) -> float:
        """The recorded length in seconds."""
        return 0.0 if self._recording is None else self._recording.frames / self._recording.rate

    def begin(self, grid: LoopGrid, sounding: list[Recipe]) -> None:
        """Wait for the first pad or the next bar; `grid` has the tempo and meter of the session."""
        self._grid = grid
        self._sources = {recipe.clip_id: recipe for recipe in sounding}
        self._recording = None
        self._state = RecorderState.WAITING
        self._sampler.run_later(self._begin)

    def note(self, recipe: Recipe) -> None:
        """Add a clip to the sources of the recording."""
        if self._state is not RecorderState.IDLE:
            self._sources[recipe.clip_id] = recipe

    def end(self) -> None:
        """Stop recording: at once, or at the nearest bar line."""
        if self._state is RecorderState.WAITING:
            self._state = RecorderState.ENDING
            self._sampler.run_later(self._sampler.end_recording)

    def poll(self) -> None:
        """Write the recording if it is finished."""
        recording = self._recording
        if recording is None or self._state is RecorderState.IDLE:
            return
        if not recording.done and not self._sampler.records(recording):
            recording.finish_early()  # the device is gone
        if recording.done:
            self._recording, self._state = None, RecorderState.IDLE
            sources = tuple(self._sources.values())
            self._thread.run(partial(self._write, recording, self._grid, sources))

    def close(self) -> None:
        """Write an unfinished recording, and end the thread."""
        if self._recording is not None and not self._recording.done:
            self._recording.finish_early()
        self.poll()
        self._thread.close(finish=True, limit_s=_WRITE_S)

    def _begin(self) -> None:
        """Open the device if needed, and start recording; on the sampler's thread."""
        try:
            rate = self._sampler.open(USUAL_RATE)
        except BaseException:
            self._state = RecorderState.IDLE
            raise
        grid = msgspec.structs.replace(self._grid, rate=rate)

        def frames_of(bars: int) -> int:
            return msgspec.structs.replace(grid, bars=bars).frames

        in_bars = self._sampler.line is not Quantize.OFF
        self._recording = PadRecording(rate, frames_of if in_bars else None)
        self._sampler.record(self._recording)

    def _write(self, recording: PadRecording, grid: LoopGrid, sources: tuple[Recipe, ...]) -> None:
        grid = msgspec.structs.replace(grid, rate=recording.rate, bars=recording.bars)
        if not recording.bars:
            grid = msgspec.structs.replace(grid, seconds=recording.frames / recording.rate)
        try:
            clip = write_recording(Project(self._project), recording.audio, grid, sources, PROGRAM)
        except LoopError as error:
            self._on_error(str(error))
        else:
            self._on_written(clip.id)
