"""Detects the tempo of a source that nobody states, and whether it is a loop of whole bars."""

import math
from fractions import Fraction

import numpy as np

from engine.craft.badges import SURE_OF_TEMPO
from engine.craft.features import Features
from engine.craft.hearing import Hearing
from engine.craft.pulse import find_pulse
from engine.craft.seam import continuity
from engine.craft.tempo import FASTEST_BPM, SLOWEST_BPM, bpm_near, detect_bpm
from engine.loops.cancel import Check, no_check
from engine.loops.measure import seam
from engine.loops.source.gather import Detected, Placed, Silence, placed_at
from engine.loops.source.length import USUAL_BARS, Bars, Length
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid, Meter

_NEAR = 0.015
_WHOLE, _CIRCULAR = 0.003, 1.5
_SURE, _UNSURE = 0.55, 0.25
"""The certainty of a detected tempo, with a clear pulse and without."""
_CLEAR_PULSE = 0.5
_USUAL_COUNTS = (2, 4, 8, 16)
_RELATED = (Fraction(2, 3), Fraction(4, 3), Fraction(3, 4))
"""A shuffle may be detected as three beats for two, and dotted notes as four for three."""
_STATED_NEAR = 0.006
"""How far a stated tempo may be off, as a share."""
_WRITTEN_NEAR, _ROUNDED = 0.003, 0.0005
"""How far a detected tempo may be from a whole one that gives whole bars, and from one that none
gives, as shares."""
_SILENT_SHARE, _AT_ONCE = 1e-3, 2**16
_USUAL_BPM = 120.0


def silence_around(audio: Audio, rate: int) -> Silence:
    """Return how long the silence is at both ends: below -60 dB of the peak."""
    floor = _SILENT_SHARE * max(float(audio.max()), -float(audio.min()))
    return Silence(_quiet_frames(audio, floor) / rate, _quiet_frames(audio[::-1], floor) / rate)


def _quiet_frames(audio: Audio, floor: float) -> int:
    """Return how many frames pass before a sample exceeds a level."""
    for first in range(0, len(audio), _AT_ONCE):
        loud = (np.abs(audio[first : first + _AT_ONCE]) > floor).any(axis=1)
        if loud.any():
            return first + int(np.argmax(loud))
    return len(audio)


def detect_time(
    hearing: Hearing, silence: Silence, meter: Meter, most_bars: int, check: Check = no_check
) -> Detected:
    """Return the tempo that is detected in a source, and its bars if it is a loop already.

    Args:
        hearing: the source, finite, not silent.
        silence: at its ends.
        meter: of its bars.
        most_bars: how many bars a loop may have; longer audio must be cut.
        check: called between any two steps; it may raise to end the work.
    """
    features = hearing.features(check)
    bpm = detect_bpm(features) or _USUAL_BPM
    is_sure = find_pulse(features, bpm, 0).confidence >= SURE_OF_TEMPO
    certainty = _SURE if is_sure else _UNSURE
    if not hearing.is_whole:
        return Detected(_roundest(bpm, _ROUNDED), certainty)
    whole = _whole_loop(hearing, bpm, meter, is_sure=is_sure)
    if whole is not None and whole.bars <= most_bars:
        whole = _unshuffled(features, whole) if is_sure else whole
        return Detected(whole.bpm, certainty, Placed(whole.bpm, whole))
    length = Length(len(hearing.audio), hearing.rate)
    if whole is not None or not is_sure or length.is_whole_seconds:
        return Detected(_roundest(bpm, _ROUNDED), certainty)
    placed = placed_at(length, silence, _roundest(bpm, _WRITTEN_NEAR), meter)
    if placed is not None and placed.bars is not None and placed.bars.bars > most_bars:
        placed = None
    return Detected(_roundest(bpm, _ROUNDED), certainty, placed)


def _roundest(bpm: float, most: float) -> float:
    """Return the tempo with the fewest decimals that is off by no more than a share."""
    for decimals in range(4):
        if abs(round(bpm, decimals) / bpm - 1) <= most:
            return float(round(bpm, decimals))
    return bpm


def near_tempo(features: Features, bpm: float) -> float:
    """Return the exact tempo of a recording whose stated tempo may be rounded: 89.6 for 90."""
    near = bpm_near(features, bpm, _STATED_NEAR)
    if find_pulse(features, near, 0).confidence < _CLEAR_PULSE:
        return bpm
    return _roundest(near, _ROUNDED) if abs(near / bpm - 1) <= _STATED_NEAR else bpm


def _unshuffled(features: Features, whole: Bars) -> Bars:
    """Return the bars of a loop whose tempo was detected in the wrong division of its beat.

    A loop of 6 bars at 105 BPM is one of 4 at 70 if its onsets are regular at 70 as well, because
    people cut loops of 4 bars.
    """
    if whole.bars in USUAL_BARS:
        return whole
    for share in _RELATED:
        bars, bpm = whole.bars * share, float(whole.bpm * share)
        if bars not in _USUAL_COUNTS or round(bpm, 1) != bpm or bpm < SLOWEST_BPM:
            continue
        if find_pulse(features, bpm, 0).confidence >= _CLEAR_PULSE:
            return Bars(bpm, int(bars), whole.meter, 0.0)
    return whole


def _whole_loop(hearing: Hearing, bpm: float, meter: Meter, *, is_sure: bool) -> Bars | None:
    """Return the bars of audio that is already a loop, to the frame; None if it is not.

    Audio of whole bars, to the frame, at a tempo that people write is a loop, however its seam
    sounds, because a downbeat is a change anyway. The bars are counted at the detected tempo; if
    its pulse is uncertain, as with pads, or the bars are not whole, a usual number of bars at a
    whole BPM is tried. Audio that lasts whole seconds may fit by chance: with a certain pulse it
    must fit the detected tempo, otherwise its seam must be smooth. So must that of audio of only
    about whole bars.

    Args:
        hearing: the audio.
        bpm: the detected tempo.
        meter: of the bars.
        is_sure: whether it has a pulse at that tempo.
    """
    length = Length(len(hearing.audio), hearing.rate)
    one_bar_bpm = float(meter.bar_quarters) * 60 / length.seconds
    bars = max(1, round(bpm / one_bar_bpm))
    apart, by_chance = abs(bars * one_bar_bpm / bpm - 1), length.is_whole_seconds
    found = None
    if apart <= (_WHOLE if by_chance else _NEAR):
        found = _written(bars, round(bars * one_bar_bpm, 1), length, meter)
    if (found is None or bars not in USUAL_BARS) and not (is_sure and (by_chance or found)):
        usual = [
            _written(count, float(round(count * one_bar_bpm)), length, meter)
            for count in USUAL_BARS
        ]
        written = [grid for grid in usual if grid is not None]
        found = min(written, key=lambda grid: abs(math.log(grid.bpm / bpm)), default=found)
    if found is not None and (is_sure or not by_chance):
        return found
    if found is None and apart <= _WHOLE:
        found = Bars(length.bpm_of(bars * meter.bar_quarters), bars, meter, 0.0)
    is_loop = found is not None and _is_circular(hearing, found)
    return found if is_loop else None


def _written(bars: int, bpm: float, length: Length, meter: Meter) -> Bars | None:
    """Return these bars at this tempo, if they have as many frames, give or take one."""
    if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        return None
    grid = LoopGrid(bpm=bpm, meter=meter, bars=bars, rate=length.rate)
    return Bars(bpm, bars, meter, 0.0) if abs(grid.frames - length.frames) <= 1 else None


def _is_circular(hearing: Hearing, bars: Bars) -> bool:
    features = hearing.closed_features(hearing.audio)
    around = continuity(features, round(bars.quarters))
    return max(around.spectrum, around.rhythm, seam(hearing.audio)) <= _CIRCULAR
