"""Time stretching with Signalsmith Stretch (Geraint Luff, MIT; python-stretch).

Which audio gets which block is decided in `engine.craft.retime`: attacks are smeared over a block,
and notes are out of tune if it is too short for them.

While the library stretches, at 25 ms for a second of stereo, Python runs nothing else: a cancel
would wait, and the engine would seem to hang. It takes all of the audio at once, so what is long is
stretched by a process of its own, which a cancel ends.
"""

import logging
import struct
import subprocess
import sys
from functools import partial

import numpy as np

from engine.entry_points import stretch_command
from engine.loops.cancel import Check, no_check, unless_cancelled
from engine.loops.take import Audio

LONG_BLOCK_S, SHORT_BLOCK_S = 0.16, 0.03
_LONG_OVERLAP, _SHORT_OVERLAP = 4, 3
"""How many blocks each frame is in: more of the short ones sound no better, see docs/craft.md."""
_LONG_S = 10.0
_HEAD = struct.Struct("<iiid")
"""What the process gets before the samples: channels, resulting frames, rate, block in seconds."""
_log = logging.getLogger(__name__)


def stretched(
    audio: Audio, frames: int, *, block_s: float, rate: int, check: Check = no_check
) -> Audio:
    """Return the audio stretched to exactly `frames` frames, at its pitch.

    Args:
        audio: (frames, channels) at `rate`.
        frames: the resulting length, at least 1.
        block_s: the length of the analysis, `SHORT_BLOCK_S` for drums, `LONG_BLOCK_S` for notes.
        rate: in Hz.
        check: called while long audio is stretched; it may raise to end the work.
    """
    if len(audio) == frames:
        return audio
    audio = np.ascontiguousarray(audio, dtype=np.float32)
    if max(len(audio), frames) <= _LONG_S * rate:
        return _at_once(audio, frames, block_s, rate)
    made = _by_a_process(audio, frames, block_s, rate, check)
    return _at_once(audio, frames, block_s, rate) if made is None else made


def _by_a_process(
    audio: Audio, frames: int, block_s: float, rate: int, check: Check
) -> Audio | None:
    """Return the audio stretched by a process of its own; None if that failed."""
    channels = audio.shape[1]
    head = _HEAD.pack(channels, frames, rate, block_s)
    try:
        with subprocess.Popen(  # noqa: S603 - our own program
            stretch_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            try:
                talk = partial(process.communicate, head + audio.tobytes())
                made, _ = unless_cancelled(talk, check)
            except BaseException:
                process.kill()
                raise
    except OSError:
        made = b""
    if len(made) != frames * channels * audio.itemsize:
        _log.warning("the process that stretches has failed: stretching here")
        return None
    return np.frombuffer(made, np.float32).reshape(frames, channels).copy()


def main() -> int:
    """Stretch what stdin holds, as a process of its own, and write it to stdout."""
    channels, frames, rate, block_s = _HEAD.unpack(sys.stdin.buffer.read(_HEAD.size))
    audio = np.frombuffer(bytearray(sys.stdin.buffer.read()), np.float32).reshape(-1, channels)
    sys.stdout.buffer.write(_at_once(audio, frames, block_s, rate).tobytes())
    return 0


def _at_once(audio: Audio, frames: int, block_s: float, rate: int) -> Audio:
    import python_stretch

    engine = python_stretch.Signalsmith.Stretch(1)  # seeded: the same bytes on every run
    overlap = _LONG_OVERLAP if block_s > SHORT_BLOCK_S else _SHORT_OVERLAP
    interval = max(1, round(block_s * rate / overlap))
    engine.configure(audio.shape[1], interval * overlap, interval)
    engine.setTimeFactor(len(audio) / frames)
    made = engine.process(np.ascontiguousarray(audio.T, dtype=np.float32))
    return of_length(np.asarray(made).T, frames)


def of_length(audio: Audio, frames: int) -> Audio:
    """Return the audio with exactly `frames` frames, cutting or repeating the last few."""
    if len(audio) < frames:
        audio = np.pad(audio, ((0, frames - len(audio)), (0, 0)), mode="edge")
    return np.ascontiguousarray(audio[:frames], dtype=np.float32)


if __name__ == "__main__":
    sys.exit(main())
