"""Turns a clip into what a pad plays: cut, tuned, and at the rate of the stream.

The pitch is resampled once, when the pad is loaded: that sounds better than anything a callback
has time for, and costs the callback nothing. As on a sampler, tuning also changes the tempo: an
octave is twice as fast.
"""

from engine.loops.cutting import cut_out
from playback.clip_audio import ClipAudio, resampled
from playback.pad_voices import PadSound

MAX_SEMITONES = 24
_JOIN_S = 0.003


def pad_sound(
    clip: ClipAudio, *, rate: int, semitones: float = 0.0, start: float = 0.0, end: float = 1.0
) -> PadSound:
    """Return the part of a clip that a pad plays.

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
        audio = cut_out(clip.audio, first, last, round(_JOIN_S * clip.rate), loops=loops)
    frames = round(len(audio) * rate / clip.rate * 2 ** (-semitones / 12))
    return PadSound(audio=resampled(audio, max(frames, 1), circular=loops), rate=rate, loops=loops)
