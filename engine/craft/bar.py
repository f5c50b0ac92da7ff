"""Where the bar begins, once the sixteenths are known.

How strong the low, middle and high onsets and the changes of sound are on each sixteenth of the bar
is compared, in all rotations, with how strong they usually are. What is usual was learned from
loops of sketch by multinomial logistic regression; docs/craft.md tells how well what one half of
the styles teaches holds for the other. The cues are those of Goto, "An audio-based real-time beat
tracking system for music with or without drum-sounds" (JNMR 30, 2001).
"""

import functools

import numpy as np

from engine.craft.hearing import HOPS_PER_S, Floats, Heard

STEPS_PER_BEAT = 4
_LOW_END, _MIDDLE_END = 5, 12
_REACH_HOPS = 4
_LOOK_BEATS = 0.9
# One row per cue, one figure per sixteenth of a bar of four beats.
_USUAL = (
    (  # low onsets
        0.42, -0.1, -0.08, 0.09, -0.52, 0.1, 0.06, -0.01,
        -0.08, 0.03, 0.25, -0.06, -0.19, 0.11, 0.25, -0.27,
    ),
    (  # middle onsets
        0.21, 0.07, 0.14, -0.07, -0.06, -0.16, 0.08, -0.17,
        0.27, -0.15, 0.16, -0.21, 0.05, -0.25, 0.25, -0.16,
    ),
    (  # high onsets
        0.29, -0.42, -0.12, -0.06, 0.44, -0.41, -0.23, -0.03,
        -0.17, 0.06, 0.05, 0.07, 0.24, 0.19, -0.08, 0.19,
    ),
    (  # changes of sound
        0.13, -0.05, 0.22, -0.11, 0.16, -0.42, 0.23, 0.06,
        0.02, -0.22, -0.08, 0.17, 0.06, -0.11, -0.2, 0.14,
    ),
)  # fmt: skip


def first_sixteenth(heard: Heard, first_s: float, beat_s: float, beats: int) -> int:
    """Return at which sixteenth after `first_s` the bar begins, 0 .. 4 * beats - 1.

    Args:
        heard: the take.
        first_s: the time of any sixteenth near its beginning.
        beat_s: the length of a beat.
        beats: how many the bar has, 1 or more.
    """
    steps = STEPS_PER_BEAT * beats
    cues = _cues(heard, first_s, beat_s, steps)
    if cues is None:
        return 0
    turned = (np.arange(steps)[None, :] + np.arange(steps)[:, None]) % steps
    scores = np.einsum("csp,cp->s", cues[:, turned], _usual(beats))
    return int(np.argmax(scores))


def _cues(heard: Heard, first_s: float, beat_s: float, steps: int) -> Floats | None:
    """Return (4, steps): each cue on each sixteenth of the bar, standardised; None: too short."""
    step_s = beat_s / STEPS_PER_BEAT
    count = int((heard.length_s - first_s) / step_s + 1e-6) // steps * steps
    if not count:
        return None
    rises = heard.rises
    hops = np.array([heard.hop_at(first_s + step * step_s) for step in range(count)])
    strengths = np.stack(
        [
            rises[:, :_LOW_END].mean(axis=1),
            rises[:, _LOW_END:_MIDDLE_END].mean(axis=1),
            rises[:, _MIDDLE_END:].mean(axis=1),
        ],
        axis=1,
    )
    around = hops[:, None] + np.arange(-_REACH_HOPS, _REACH_HOPS + 1)
    onsets = strengths[np.clip(around, 0, len(rises) - 1)].max(axis=1)
    values = np.concatenate([onsets, _changes(heard, hops, beat_s)[:, None]], axis=1)
    mean = values.reshape(-1, steps, 4).mean(axis=0)
    spread = mean.std(axis=0) + 0.05 * np.abs(mean).mean() + 1e-9
    standard: Floats = ((mean - mean.mean(axis=0)) / spread).T
    return standard


def _changes(heard: Heard, hops: Floats, beat_s: float) -> Floats:
    """Return how unlike the beat after each hop sounds to the beat before it."""
    look = max(1, int(_LOOK_BEATS * beat_s * HOPS_PER_S))
    total = np.cumsum(np.pad(heard.bands, ((1, 0), (0, 0))), axis=0)

    def mean(first: Floats, last: Floats) -> Floats:
        first, last = (np.clip(each, 0, len(heard.bands)).astype(int) for each in (first, last))
        means: Floats = (total[last] - total[first]) / np.maximum(last - first, 1)[:, None]
        return means

    after, before = mean(hops + 2, hops + 2 + look), mean(hops - 2 - look, hops - 2)
    changes: Floats = np.abs(after - before).mean(axis=1)
    return changes


@functools.cache
def _usual(beats: int) -> Floats:
    """Return the usual strengths in a bar of so many beats: a first beat, and others after it."""
    four = np.array(_USUAL)
    if beats == 4:
        return four
    by_beat = four.reshape(len(four), 4, STEPS_PER_BEAT)
    others = [by_beat[:, 1:].mean(axis=1)] * (beats - 1)
    return np.concatenate([by_beat[:, 0], *others], axis=1)
