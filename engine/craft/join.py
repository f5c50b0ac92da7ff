"""The join: where the end of a loop meets its beginning.

Two pieces of audio are crossfaded with gains that keep the level whatever their correlation: equal
power if they are uncorrelated, equal gain if they are identical (Fink, Holters & Zölzer,
"Signal-matched power-complementary cross-fading and dry-wet mixing", DAFx 2016).
"""

import numpy as np

from engine.loops.take import Audio


def crossfaded(leaving: Audio, coming: Audio) -> Audio:
    """Return a crossfade from one piece to the other, both (frames, channels) of equal shape."""
    frames = len(leaving)
    if not frames:
        return leaving
    along = ((np.arange(frames) + 0.5) / frames)[:, None]
    rise = 0.5 - 0.5 * np.cos(np.pi * along)
    fall = 1.0 - rise
    like = max(likeness(leaving, coming), 0.0)
    gain = 1.0 / np.sqrt(rise**2 + fall**2 + 2.0 * like * rise * fall)
    mixed: Audio = ((leaving * fall + coming * rise) * gain).astype(np.float32)
    return mixed


def likeness(one: Audio, other: Audio) -> float:
    """Return the correlation of two pieces of equal shape, -1..1; 0 if one is silent."""
    power = float(np.sum(np.square(one, dtype=np.float64)))
    power *= float(np.sum(np.square(other, dtype=np.float64)))
    if power <= 0.0:
        return 0.0
    return float(np.sum(np.multiply(one, other, dtype=np.float64)) / np.sqrt(power))


def closed_loop(audio: Audio, start: int, frames: int, fade_frames: int) -> Audio:
    """Return the loop of `frames` frames from `start`, so that its end leads into its beginning.

    The last `fade_frames` fade into what came before `start`, so that the first frame of the loop
    follows its last one as it did in the take. If the take has too little audio before `start`, the
    first frames fade in from what came after the end instead.
    """
    loop = audio[start : start + frames].copy()
    fade = min(fade_frames, frames // 2)
    before = min(fade, start)
    behind = min(fade, len(audio) - start - frames)
    if before >= behind:
        if before > 0:
            loop[frames - before :] = crossfaded(
                loop[frames - before :], audio[start - before : start]
            )
    else:
        after = audio[start + frames : start + frames + behind]
        loop[:behind] = crossfaded(after, loop[:behind])
    return loop
