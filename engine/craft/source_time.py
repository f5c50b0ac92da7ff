"""Detects the tempo of a source that nobody states, and whether it is a loop of whole bars."""

import dataclasses
import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from engine.craft.attacks import find_attacks
from engine.craft.badges import SURE_OF_TEMPO
from engine.craft.bar import STEPS_PER_BEAT
from engine.craft.candidate_nets import certainty
from engine.craft.features import Features
from engine.craft.hearing import Hearing
from engine.craft.pulse import find_pulse
from engine.craft.seam import continuity
from engine.craft.tempo import FASTEST_BPM, SLOWEST_BPM, TRUST, Likely, bpm_near
from engine.loops.cancel import Check, no_check
from engine.loops.measure import seam
from engine.loops.source.gather import Detected, Placed, Silence, parts_of
from engine.loops.source.length import USUAL_BARS, Bars, Length, bars_at
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid, Meter

_NEAR = 0.015
_WHOLE, _CIRCULAR = 0.003, 1.5
_CLEAR_PULSE = 0.5
_AGREED, _POSSIBLE = 0.5, 0.01
"""The least share of the likelihood for bars, and for a tempo that is possible at all."""
_ONE_BEAT, _FASTEST_HALF = 1.5, 200.0
_PLAYED_NEAR, _TIGHT, _APART_S = 0.03, 0.97, 0.1
"""How far what people play may be from the tempo that the length gives, as a share; and how tight
machines are, by attacks so many seconds apart: none of 37 loops that people played was as tight."""
_AS_GOOD_S, _USUALLY_OFF = 0.01, 0.01
"""What does not matter, in seconds, and how far off a length is that nobody knows, as a share."""
_LAST_S, _CUT_OFF = 0.005, 4.0
"""The end of a sound, and how much louder than silence it is at least if it was cut there."""
_ON_BEAT_S = 0.04
"""How far from a beat a loop may begin: of 175 real loops, three in four do not exceed it."""
_USUAL_COUNTS = (2, 4, 8, 16)
_HOW_USUAL, _UNUSUAL = {1: 0.15, 2: 0.3, 4: 0.35, 8: 0.15, 16: 0.05}, 0.05
"""How many of the loops that people cut have so many bars."""
_FAST_BPM, _FAST_BARS, _FAST = 150.0, 4, 0.42
"""From which tempo and bars on a loop may be half of both, and what is left of its worth."""
_SELDOM = 0.5
"""What is left of the likelihood of a number of bars that people seldom cut."""
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


class HeardTime(NamedTuple):
    """A tempo that is detected, the share of the net's likelihood that it has, and of what kind."""

    bpm: float
    likelihood: float
    placed: Placed | None = None

    @property
    def kind(self) -> str:
        """What it is the tempo of: a loop that is `whole`, or what must be `cut`."""
        return "cut" if self.placed is None else "whole"

    @property
    def detected(self) -> Detected:
        """The same as a fact, with its certainty."""
        return Detected(self.bpm, certainty(self.kind, self.likelihood), self.placed)


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
    return heard_time(hearing, silence, meter, most_bars, check).detected


def heard_time(
    hearing: Hearing, silence: Silence, meter: Meter, most_bars: int, check: Check = no_check
) -> HeardTime:
    """Return the same as `detect_time`, with the likelihood instead of the certainty."""
    features = hearing.features(check)
    length = Length(len(hearing.audio), hearing.rate)
    likely = hearing.tempogram(check).likely(features.length_s)
    bpm = likely[0].bpm if likely else _USUAL_BPM
    is_sure = find_pulse(features, bpm, 0).confidence >= SURE_OF_TEMPO
    cut = HeardTime(_roundest(bpm, _ROUNDED), _share_of(bpm, likely, is_sure=is_sure))
    if not hearing.is_whole:
        return cut
    usual_bpm = _usual_octave(likely, length, meter) if likely else bpm
    whole = _whole_loop(hearing, usual_bpm, meter, likely if is_sure else None)
    if whole is not None and whole.bars <= most_bars:
        whole = _unshuffled(features, whole) if is_sure else whole
        share = _share_of(whole.bpm, likely, is_sure=is_sure)
        return HeardTime(whole.bpm, _of_bars(share, whole.bars), Placed(whole.bpm, whole))
    if whole is not None or not is_sure:
        return cut
    found = _placed(hearing, silence, meter, most_bars, check)
    if found is None or (length.is_whole_seconds and not _begins_on_beat(features, found)):
        return cut
    return found


def _worth(share: float, bars: int, bpm: float) -> float:
    """Return what a tempo is worth by its likelihood and by how usual it and so many bars are.

    A slow beat of two bars is often a little more likely as four bars at twice its tempo. One that
    is fast leaves half its tempo hardly any likelihood.
    """
    is_fast = bpm >= _FAST_BPM and bars >= _FAST_BARS
    return math.pow(share, TRUST) * _HOW_USUAL.get(bars, _UNUSUAL) * (_FAST if is_fast else 1)


def _of_bars(share: float, bars: int) -> float:
    """Return the likelihood of a tempo at which a loop has so many bars.

    What sounds like three bars of 4/4 may be four of triplets, or four of 3/4, and their rhythm
    does not tell: of 170 real loops four did, all of them wrongly, with up to 0.99 of the share.
    """
    return share if bars in USUAL_BARS else share * _SELDOM


def _usual_octave(likely: list[Likely], length: Length, meter: Meter) -> float:
    """Return the most likely tempo, or half or twice that if so many bars are more usual."""
    bar_s = float(meter.bar_quarters) * 60
    octaves = [each for each in likely if _is_octave(each.bpm, likely[0].bpm)]
    return max(
        octaves,
        key=lambda each: _worth(each.share, round(length.seconds * each.bpm / bar_s), each.bpm),
    ).bpm


def _is_octave(one: float, other: float) -> bool:
    return any(abs(one / other / times - 1) < _NEAR for times in (1, 2, 1 / 2))


def _share_of(bpm: float, likely: list[Likely], *, is_sure: bool) -> float:
    """Return the share of the likelihoods that a tempo has; half of it without a pulse."""
    share = sum(each.share for each in likely if abs(each.bpm / bpm - 1) < _NEAR)
    return share if is_sure else share / 2


class _Fit(NamedTuple):
    """Bars at a tempo that is detected, of a part of the audio from `start_s` on.

    Attributes:
        start_s: where the part begins, in seconds.
        part: its length.
        bars: at the detected tempo; `off_s` is how much longer the part is.
        share: of the likelihood that speaks for so many quarter notes in this part.
    """

    start_s: float
    part: Length
    bars: Bars
    share: float

    def joined(self, other: "_Fit", features: Features) -> "_Fit":
        """Return the fit of the tighter of two tempos, with the likelihood of both."""
        better = max(self, other, key=lambda fit: _if_tight(features, fit.bars.bpm))
        return better._replace(share=self.share + other.share)

    @property
    def worth(self) -> float:
        """How likely it is among the fits of its part."""
        return _worth(self.share, self.bars.bars, self.bars.bpm)

    @property
    def off_s(self) -> float:
        """How far the part is from the length of these bars, at least."""
        off_s = abs(self.bars.off_s)
        return max(off_s, _USUALLY_OFF * self.part.seconds) if self.part.silent_s else off_s


def _placed(
    hearing: Hearing, silence: Silence, meter: Meter, most_bars: int, check: Check
) -> HeardTime | None:
    """Return the bars of audio that is about a usual number of them, if it is.

    All of it may be the loop, or what is between the silences at its ends. Each tempo that it may
    have at that length speaks for the bars that it then has; at least half must agree.
    """
    tempogram, features = hearing.tempogram(check), hearing.features(check)
    length = Length(len(hearing.audio), hearing.rate)
    ends_at_once = _ends_at_once(hearing.audio, hearing.rate, silence)
    found: list[tuple[float, _Fit]] = []
    for start_s, part in parts_of(length, silence):
        sound = dataclasses.replace(part, silent_s=0.0) if ends_at_once else part
        fits: dict[Fraction, _Fit] = {}
        for bpm, share in tempogram.likely(sound.seconds + sound.silent_s):
            bars = bars_at(part, _roundest(_of_a_bar(bpm, part), _WRITTEN_NEAR), meter)
            if bars is None or not bars.usual or bars.bars > most_bars:
                continue
            fit, known = _Fit(start_s, sound, bars, share), fits.get(bars.quarters)
            fits[bars.quarters] = fit if known is None else known.joined(fit, features)
        agreed = sum(fit.share for fit in fits.values())
        if agreed >= _AGREED:
            found.append((agreed, max(fits.values(), key=lambda fit: fit.worth)))
    if not found:
        return None
    _, best = max(found, key=lambda each: (round(each[0], 1), -round(each[1].off_s / _AS_GOOD_S)))
    bars = _as_long(features, best.part, best.bars)
    likelihood = _of_bars(best.share, bars.bars)
    return HeardTime(bars.bpm, likelihood, Placed(bars.bpm, bars, best.start_s))


def _ends_at_once(audio: Audio, rate: int, silence: Silence) -> bool:
    """Return whether the sound ends at once, where a loop was cut, rather than to fade away."""
    end = len(audio) - round(silence.tail_s * rate)
    last = audio[max(0, end - round(_LAST_S * rate)) : end]
    return bool(np.abs(last).max() > _CUT_OFF * _SILENT_SHARE * np.abs(audio).max())


def _of_a_bar(bpm: float, length: Length) -> float:
    """Return a tempo, or twice that if the audio were a single beat: it is half a bar then."""
    is_beat = length.seconds * bpm / 60 <= _ONE_BEAT and 2 * bpm < _FASTEST_HALF
    return 2 * bpm if is_beat else bpm


def _begins_on_beat(features: Features, found: HeardTime) -> bool:
    """Return whether a beat is where the bars that were found begin."""
    start_s = found.placed.start_s if found.placed is not None else 0.0
    pulse = find_pulse(features, found.bpm, 0)
    apart_s = (pulse.first_beat_s - start_s + pulse.beat_s / 2) % pulse.beat_s - pulse.beat_s / 2
    return abs(apart_s) <= _ON_BEAT_S


def _as_long(features: Features, length: Length, bars: Bars) -> Bars:
    """Return bars that last exactly as long as the audio, unless it is played too tightly for that.

    People play in time only more or less, so that the tempo of a few bars is detected 1 or 2 %
    off. A machine is exact, and if its bars have another length, they were trimmed. What fades
    away into silence has no length.
    """
    if length.silent_s:
        return bars
    bpm = length.bpm_of(bars.quarters)
    tight = _tightness(features, bars.bpm)
    if tight >= max(_TIGHT, _tightness(features, bpm)) or abs(bpm / bars.bpm - 1) > _PLAYED_NEAR:
        return bars
    return Bars(bpm, bars.bars, bars.meter, 0.0)


def _if_tight(features: Features, bpm: float) -> float:
    """Return how tight it is, or 0 if people may have played it: then the likelihood decides."""
    tight = _tightness(features, bpm)
    return tight if tight >= _TIGHT else 0.0


def _tightness(features: Features, bpm: float) -> float:
    """Return how closely the attacks keep to the sixteenths of a tempo, 0..1."""
    attacks_s = np.array(find_attacks(features, _APART_S))
    if not len(attacks_s):
        return 0.0
    hops = np.rint(features.onset_hops(attacks_s)).astype(int)
    strength = features.onsets[np.clip(hops, 0, len(features.onsets) - 1)]
    turning = np.exp(2j * np.pi * STEPS_PER_BEAT * bpm / 60 * attacks_s)
    return float(abs(strength @ turning) / strength.sum())


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


def _whole_loop(
    hearing: Hearing, bpm: float, meter: Meter, likely: list[Likely] | None
) -> Bars | None:
    """Return the bars of audio that is already a loop, to the frame; None if it is not.

    Audio of whole bars, to the frame, at a tempo that people write is a loop, however its seam
    sounds, because a downbeat is a change anyway. The bars are counted at the detected tempo; if
    its pulse is uncertain, as with pads, or the bars are not whole, a usual number of bars at a
    whole BPM is tried. Audio that lasts whole seconds may fit by chance: with a certain pulse it
    must fit the detected tempo, otherwise its seam must be smooth. So must that of audio of only
    about whole bars without one.

    Args:
        hearing: the audio.
        bpm: the detected tempo.
        meter: of the bars.
        likely: the tempos that it may have; None if it has no clear pulse.
    """
    is_sure = likely is not None
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
        written = [each for each in usual if each is not None and _may_be(each.bpm, likely)]
        found = min(written, key=lambda grid: abs(math.log(grid.bpm / bpm)), default=found)
    if found is not None and (is_sure or not by_chance):
        return found
    if found is None and apart <= _WHOLE and (by_chance or not is_sure):
        found = Bars(length.bpm_of(bars * meter.bar_quarters), bars, meter, 0.0)
    is_loop = found is not None and _is_circular(hearing, found)
    return found if is_loop else None


def _may_be(bpm: float, likely: list[Likely] | None) -> bool:
    """Return whether a tempo is possible by ear: without a pulse any is."""
    return likely is None or _share_of(bpm, likely, is_sure=True) >= _POSSIBLE


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
