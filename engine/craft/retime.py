"""A loop or a take at another length or pitch: how it is stretched depends on what it is.

A spectral stretcher smears attacks over its block, and needs a long block to keep notes in tune.
So drums are cut into slices, as in a sampler: each attack is moved to its place untouched, and only
what rings after it is stretched, into the lead-in of the next one. Notes without attacks are
stretched as a whole, with a long block; of notes with attacks, and of full mixes, that is done with
what is below 2 kHz, where the notes are, and the treble is cut into slices.
"""

import itertools
from functools import partial

import numpy as np

from engine.craft.attacks import beginning_of, find_attacks, has_attacks, is_drums
from engine.craft.circle import low_passed
from engine.craft.features import extract_features
from engine.craft.join import closed_loop, crossfaded
from engine.craft.stretch import LONG_BLOCK_S, SHORT_BLOCK_S, of_length, stretched
from engine.craft.window import FADE_S
from engine.loops.cancel import Check, no_check
from engine.loops.resampling import resample_circular
from engine.loops.take import Audio

_CONTEXT_S = 0.25
_NOT_WORTH_IT = 5e-4
"""Changes below this share of the length (0.9 cents) are resampled: nothing is smeared."""
_SPLIT_HZ, _LOW_TOP_HZ = 2_000.0, 6_000.0
"""Above the second, what is below the first is 76 dB softer: it is stretched at a low rate."""
_LEAST_SLICE_S = 0.045
_HELD_S, _HELD_FADE_S, _LEAD_IN_S = 0.04, 0.015, 0.003


def retimed(
    audio: Audio, frames: int, rate: int, *, semitones: float = 0.0, closed: bool = True,
    check: Check = no_check,
) -> Audio:  # fmt: skip
    """Return audio at another length or pitch; a loop is still closed.

    Args:
        audio: (frames, channels) at `rate`.
        frames: the resulting length, at least 1.
        rate: in Hz.
        semitones: the pitch shift upwards.
        closed: whether it is a loop.
        check: called between any two steps; it may raise to end the work.
    """
    check()
    if semitones:  # Resampled to the new pitch first, then stretched to length.
        audio = _resampled(audio, max(1, round(len(audio) / 2 ** (semitones / 12))), closed=closed)
        check()
    if abs(frames / len(audio) - 1) < _NOT_WORTH_IT:
        return _resampled(audio, frames, closed=closed)
    features = extract_features(audio, rate, closed=closed, check=check)
    attacks_s = find_attacks(features, _LEAST_SLICE_S * max(1.0, len(audio) / frames))
    check()
    if not attacks_s or not has_attacks(features):
        return _as_a_whole(audio, frames, rate, check, closed=closed)
    if is_drums(features):
        return _in_slices(audio, frames, rate, attacks_s, check, closed=closed)
    below = low_passed(audio, rate, _SPLIT_HZ)
    made = _in_slices(audio - below, frames, rate, attacks_s, check, closed=closed)
    return made + _as_a_whole(below, frames, rate, check, closed=closed, top_hz=_LOW_TOP_HZ)


def _as_a_whole(
    audio: Audio, frames: int, rate: int, check: Check, *, closed: bool, top_hz: float = np.inf
) -> Audio:
    """Return audio stretched as a whole, in which nothing is above `top_hz`."""
    step = max(1, int(rate / (2 * top_hz)))
    longer = partial(_in_long_blocks, step=step, rate=rate, check=check)
    if not closed:
        return longer(audio, frames)
    context = min(len(audio), round(_CONTEXT_S * rate))
    around = np.concatenate([audio[-context:], audio, audio[:context]])
    ratio = frames / len(audio)
    made = longer(around, round(len(around) * ratio))
    return closed_loop(made, round(context * ratio), frames, round(FADE_S * rate))


def _in_long_blocks(audio: Audio, frames: int, *, step: int, rate: int, check: Check) -> Audio:
    """Return audio stretched in long blocks, at a rate that is lower by a factor: `step`."""
    few = audio[::step]
    made = stretched(few, -(-frames // step), block_s=LONG_BLOCK_S, rate=rate // step, check=check)
    if step == 1:
        return made
    import soxr

    return of_length(soxr.resample(made, 1, step, quality="LQ"), frames)


def _resampled(audio: Audio, frames: int, *, closed: bool) -> Audio:
    import soxr

    if len(audio) == frames:
        return audio
    if closed:
        return resample_circular(audio, frames)
    return of_length(soxr.resample(audio, len(audio), frames), frames)


def _in_slices(
    audio: Audio, frames: int, rate: int, attacks_s: list[float], check: Check, *, closed: bool
) -> Audio:
    """Return audio whose attacks are moved to their new places, the rest stretched between them."""
    ratio = frames / len(audio)
    begins = [beginning_of(audio, rate, time_s) for time_s in attacks_s]
    lands = [
        begin + round(time_s * rate * ratio) - round(time_s * rate)
        for begin, time_s in zip(begins, attacks_s, strict=True)
    ]
    if not closed:
        if begins[0] > round(_LEAST_SLICE_S * rate):
            begins, lands = [0, *begins], [0, *lands]
        begins[0] = lands[0] = 0
    turn, landed = begins[0], lands[0]
    turned = np.roll(audio, -turn, axis=0)
    slices = zip(
        itertools.pairwise([begin - turn for begin in begins] + [len(audio)]),
        itertools.pairwise([land - landed for land in lands] + [frames]),
        strict=True,
    )
    made = np.empty((frames, audio.shape[1]), np.float32)
    lead_in = np.arange(-round(_LEAD_IN_S * rate), 0)
    leads = []
    for (first, last), (land, end) in slices:
        check()
        made[land:end] = _slice(turned[first:last], end - land, rate)
        leads.append((first + lead_in, land + lead_in))
    for old, new in leads[not closed :]:
        made[new] = crossfaded(made[new], turned[old])
    return np.roll(made, landed, axis=0)


def _slice(audio: Audio, frames: int, rate: int) -> Audio:
    """Return one slice at another length: its attack as it is, its tail stretched.

    The stretcher gets the end mirrored, and not the next attack, which it would smear into it. It
    begins in phase with the slice, so that the attack leads over into it.
    """
    if len(audio) == frames:
        return audio
    mirrored = audio[::-1][: round(SHORT_BLOCK_S * rate)]
    ratio = frames / len(audio)
    both = np.concatenate([audio, mirrored])
    longer = stretched(
        both, frames + round(len(mirrored) * ratio), block_s=SHORT_BLOCK_S, rate=rate
    )
    held = min(round(_HELD_S * rate), min(len(audio), frames) * 2 // 3)
    fade = min(round(_HELD_FADE_S * rate), held // 2)
    made = longer[:frames].copy()
    made[: held - fade] = audio[: held - fade]
    made[held - fade : held] = crossfaded(audio[held - fade : held], made[held - fade : held])
    return made
