"""Early preview: the first take's audio as a growing file, while the rest is being rendered."""

import contextlib
import errno
from collections.abc import Callable, Iterator

import numpy as np

from engine.generators.interface import Generator, PreviewGenerator
from engine.loops.project import Project
from engine.loops.take import Audio
from engine.protocol import Event, Preview
from engine.server.queue import Job


@contextlib.contextmanager
def early_preview(
    job: Job, project: Project, generator: Generator, emit: Callable[[Event], None]
) -> Iterator[None]:
    """Write the job's first take as it is rendered, if the job and the model allow a preview."""
    if not (job.preview and isinstance(generator, PreviewGenerator)):
        yield
        return
    with _growing(project) as grow:

        def on_preview(sound: Audio, total_frames: int) -> None:
            try:
                path, frames = grow(sound)
            except OSError:  # Such as a full disk: the clip itself may still fit.
                generator.on_preview = None
                return
            channels = sound.shape[1]
            emit(Preview(job.id, path, generator.preview_rate, channels, frames, total_frames))

        generator.on_preview = on_preview
        try:
            yield
        finally:
            generator.on_preview = None


@contextlib.contextmanager
def _growing(project: Project) -> Iterator[Callable[[Audio], tuple[str, int]]]:
    """Yield a function that appends audio to a hidden file and returns its path and length."""
    frames = 0
    with project.growing() as (path, stream):

        def grow(sound: Audio) -> tuple[str, int]:
            nonlocal frames
            data = np.ascontiguousarray(sound, dtype="<f4").tobytes()
            if stream.write(data) < len(data):
                raise OSError(errno.ENOSPC, "No space left on device")
            frames += len(sound)
            return str(path), frames

        yield grow
