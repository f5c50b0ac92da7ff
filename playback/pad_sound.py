"""From a clip to what a pad plays: cut, tuned, and at the rate of the stream.

Pitch is resampled once, when the pad is loaded, and not as it plays: that sounds better than what
there is time for in a callback, and costs the callback nothing. Tuning moves the tempo, too, as on
a sampler: an octave is twice as fast.
"""

import numpy as np

from engine.loops.take import Audio
from playback.clip_audio import ClipAudio, resampled
from playback.pad_voices import PadSound

HIGHEST_SEMITONES = 24
_JOIN_S = 0.003


def pad_sound(
    clip: ClipAudio, *, rate: int, semitones: float = 0.0, start: float = 0.0, end: float = 1.0
) -> PadSound:
    """Return what a pad plays of a clip.

    Args:
        clip: the clip.
        rate: the rate of the stream, in Hz.
        semitones: how much higher, -24..24.
        start: where it begins in the clip, 0..1.
        end: where it ends; not before the start, and at least one frame is played.
    """
    loops = clip.bars > 0
    first = min(int(start * len(clip.audio)), len(clip.audio) - 1)
    last = max(round(end * len(clip.audio)), first + 1)
    audio = clip.audio[first:last]
    if len(audio) < len(clip.audio):
        audio = _joined(clip.audio, first, last, round(_JOIN_S * clip.rate), loops=loops)
    frames = round(len(audio) * rate / clip.rate * 2 ** (-semitones / 12))
    return PadSound(audio=resampled(audio, max(frames, 1), circular=loops), rate=rate, loops=loops)


def _joined(whole: Audio, first: int, last: int, longest_frames: int, *, loops: bool) -> Audio:
    """Return a part of a clip that ends without a click.

    That of a loop ends with what stands before its start, so that it goes on there; that of a
    one-shot falls silent.
    """
    part = whole[first:last].copy()
    frames = min(longest_frames, len(part) // 4)
    if frames == 0:
        return part
    rising = np.linspace(0, 1, frames, dtype=np.float32).reshape(-1, 1)
    tail = part[-frames:]
    tail *= 1 - rising
    if loops:
        before = whole.take(np.arange(first - frames, first), 0, mode="wrap")
        tail += rising * before
    return part
