"""The analysis of any audio for display: what it is as a source, and what is detected in it.

`sources.py` decides what it is as a source, as for jobs. What is detected in the audio alone is
that decision without any facts, and the nets' second candidate if they are unsure.
"""

from engine.craft.candidate_nets import certainty
from engine.craft.hearing import Hearing
from engine.craft.loudness import loudness_lufs, true_peak_db
from engine.craft.sources import Report, Source, source_of
from engine.craft.tempo import Likely
from engine.craft.tonality import LEAST_TONAL, Tonality, find_key
from engine.loops.cancel import Check, RepeatableReport, no_check
from engine.loops.errors import LoopError
from engine.loops.measure import seam
from engine.loops.recipe import Recipe
from engine.loops.source.analysis import Analysis, Detected, KeyCandidate, TempoCandidate
from engine.loops.source.facts import KnownFacts
from engine.loops.take import Audio

_SAME = 0.015
"""How far two tempos may be apart to be the same, as a share."""
_SURE, _NEXT = 0.8, 0.1
"""Below the first confidence a second candidate is shown, if its own is at least the second."""
_NOTHING_KNOWN = KnownFacts()


def analyse(
    audio: Audio, rate: int, label: str, known: KnownFacts, recipe: Recipe | None, report: Report
) -> Analysis:
    """Return what audio is as a source, and what is detected in it.

    Args:
        audio: (frames, 1 or 2 channels), finite, not silent.
        rate: of the audio, in Hz.
        label: the name of its file.
        known: what is known without analysis.
        recipe: that of a clip of Loopwright's.
        report: called before each step with the fraction done and the stage; it may raise.
    """
    hearing = Hearing(audio, rate)
    source, problem = None, ""
    try:
        source = source_of(hearing, label, known=known, recipe=recipe, report=_half(report, 0))
    except LoopError as error:
        problem = str(error)
    unaided = source
    if recipe is not None or known != _NOTHING_KNOWN:
        try:
            unaided = source_of(hearing, label, report=_half(report, 1))
        except LoopError:
            unaided = None
    told = RepeatableReport(report, "measuring", 0.9)
    told.check()
    return Analysis(
        source=None if source is None else source.facts,
        problem=problem,
        detected=detected_in(hearing, unaided, told.check),
    )


def _half(report: Report, number: int) -> Report:
    """Return a report whose 0..1 covers one of the two halves of the progress."""
    return lambda fraction, stage: report((number + fraction) * 0.45, stage)


def detected_in(hearing: Hearing, unaided: Source | None, check: Check = no_check) -> Detected:
    """Return what is detected in audio.

    Args:
        hearing: the audio, of one or two channels.
        unaided: its source without any facts, or None.
        check: called between any two steps; it may raise to end the work.
    """
    audio, rate = hearing.audio, hearing.rate
    is_loop = unaided is not None and unaided.facts.bars is not None
    features = hearing.features(check)
    tonality = None if unaided is None else unaided.tonality
    keys = _keys(find_key(features) if tonality is None else tonality)
    check()
    loudness = loudness_lufs(audio, rate, closed=is_loop)
    check()
    return Detected(
        tempos=_tempos(hearing.tempogram(check).likely(features.length_s), unaided),
        bars=unaided.grid.bars if unaided is not None and is_loop else None,
        keys=keys,
        loudness_lufs=round(loudness, 2),
        true_peak_db=round(true_peak_db(audio), 2),
        seam=round(seam(audio), 3) if is_loop else None,
    )


def _tempos(likely: list[Likely], unaided: Source | None) -> tuple[TempoCandidate, ...]:
    """Return the tempo that a job would use and, where it is unsure, the next most likely one.

    The next one has its share of what the first leaves.
    """
    if not likely:
        return ()
    first, sure = likely[0].bpm, certainty("cut", likely[0].share)
    if unaided is not None and unaided.facts.bpm is not None:
        first, sure = unaided.grid.bpm, unaided.facts.bpm.certainty
    found = [TempoCandidate(round(first, 4), round(sure, 3))]
    others = [each for each in likely if not _same(each.bpm, first)]
    if sure < _SURE and others:
        share = (1 - sure) * others[0].share / sum(each.share for each in others)
        if share >= _NEXT:
            found.append(TempoCandidate(_at_length(others[0].bpm, first), round(share, 3)))
    return tuple(found)


def _same(one: float, other: float) -> bool:
    return abs(one / other - 1) < _SAME


def _at_length(bpm: float, first: float) -> float:
    """Return a second tempo, exactly as many times the first as it is about: 180 beside 90."""
    for times in (2, 1 / 2, 3 / 2, 2 / 3, 4 / 3, 3 / 4, 3, 1 / 3):
        if _same(bpm, first * times):
            return round(first * times, 4)
    return round(bpm, 1)


def _keys(found: Tonality) -> tuple[KeyCandidate, ...]:
    """Return the most likely key and, where it is unsure, the next; none if little is pitched."""
    if found.key is None or found.tonal < LEAST_TONAL:
        return ()
    keys = [KeyCandidate(found.key, round(found.confidence, 3))]
    if found.second is not None and found.confidence < _SURE and found.second_confidence >= _NEXT:
        keys.append(KeyCandidate(found.second, round(found.second_confidence, 3)))
    return tuple(keys)
