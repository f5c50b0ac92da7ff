"""The badges of a take in plain words, and the score by which takes are ranked."""

import math

from engine.loops.key import Key
from engine.loops.recipe import Repairs, Scores
from engine.loops.tempo import LoopGrid, format_bpm

SILENT_BELOW_DB = -60.0
QUIET_BELOW_LUFS = -45.0
SILENT, CLIPPED, NOT_FINITE, NOISE = "silent", "clipped", "not finite", "only noise"
REJECTING = frozenset({SILENT, CLIPPED, NOT_FINITE, NOISE})
"""Badges that reject a take; all others only inform."""
QUIET, SEAM_AUDIBLE, KEY_UNCERTAIN = "quiet", "seam audible", "key uncertain"

SURE_OF_TEMPO, SURE_OF_KEY = 0.15, 0.5
"""Below this confidence, a detected tempo or key is neither shown nor used."""
_MUCH_STRETCH = 0.06
_AUDIBLE_STEP, _AUDIBLE_SHARE = 1.5, 0.45
_MULTIPLES = {
    1.0: "", 0.5: "half-time", 2.0: "double-time", 0.25: "quarter-time", 4.0: "fourfold time",
    1.5: "triplet time", 2 / 3: "dotted time", 3.0: "triple time", 1 / 3: "third-time",
}  # fmt: skip


def rejecting_badges(scores: Scores, *, finite: bool) -> tuple[str, ...]:
    """Return the badges of a take that must be rejected, if any."""
    if not finite:
        return (NOT_FINITE,)
    if scores.loudness_db < SILENT_BELOW_DB:
        return (SILENT,)
    return (CLIPPED,) if scores.peak_db > 0.0 else ()


def tempo_badge(requested_bpm: float, detected_bpm: float, confidence: float) -> str | None:
    """Return the badge for the tempo that was detected before the repair, if any."""
    if confidence < SURE_OF_TEMPO or detected_bpm <= 0:
        return None
    multiple = tempo_multiple(requested_bpm, detected_bpm)
    if multiple == 1.0:
        return None
    detected = format_bpm(round(detected_bpm))
    tempos = f"requested {format_bpm(requested_bpm)}, detected {detected}"
    return f"{tempos}: {_MULTIPLES[multiple]}" if multiple else f"{tempos}: another tempo"


def tempo_multiple(requested_bpm: float, detected_bpm: float) -> float | None:
    """Return which multiple of the requested tempo was detected; None if it is none of them."""
    for multiple in _MULTIPLES:
        if abs(math.log(detected_bpm / (requested_bpm * multiple))) < (
            0.12 if multiple == 1 else 0.08
        ):
            return multiple
    return None


def key_badge(
    requested: Key | None, detected: Key | None, confidence: float, semitones: float
) -> str | None:
    """Return the badge for the key, if one was requested.

    `semitones` is how far the take was shifted to reach it.
    """
    if requested is None or detected is None:
        return None
    if confidence < SURE_OF_KEY:
        return KEY_UNCERTAIN
    if abs(semitones) >= 0.5:
        return f"detected {detected}: shifted by {round(semitones):+d} semitones"
    if same_notes(requested, detected):
        return None
    return f"requested {requested}, detected {detected}"


def same_notes(one: Key, other: Key) -> bool:
    """Return whether two keys share at least six of seven notes."""
    return len(one.pitches & other.pitches) >= 6


def repair_badges(scores: Scores, repairs: Repairs, grid: LoopGrid, raw_lufs: float) -> list[str]:
    """Return the badges for length, seam and level."""
    badges = []
    if repairs.played_bars is not None:
        badges.append(f"short: {repairs.played_bars} of {grid.bars} bars, repeated")
    if abs(repairs.stretch - 1) > _MUCH_STRETCH:
        badges.append(f"stretched by {100 * (repairs.stretch - 1):+.0f} %")
    shares = [scores.seam_spectrum, scores.seam_rhythm]
    if scores.seam > _AUDIBLE_STEP or any(s is not None and s < _AUDIBLE_SHARE for s in shares):
        badges.append(SEAM_AUDIBLE)
    if raw_lufs < QUIET_BELOW_LUFS:
        badges.append(QUIET)
    return badges


def total(scores: Scores, badges: tuple[str, ...], stretch: float) -> float:
    """Return the score by which takes are ranked, 0..1.

    A mean of the known parts, reduced for each badge.
    """
    parts = [
        (1.0, 1.0 / max(1.0, scores.seam)),
        (1.0, scores.seam_spectrum),
        (1.0, scores.seam_rhythm),
        (1.0, max(0.0, 1.0 - 5.0 * abs(stretch - 1.0))),
        (0.5, scores.bpm_confidence),
        (1.0, None if scores.text_match is None else min(1.0, max(0.0, 0.5 + scores.text_match))),
    ]
    known = [(weight, value) for weight, value in parts if value is not None]
    mean = sum(weight * value for weight, value in known) / sum(weight for weight, _ in known)
    return round(max(0.0, mean * 0.8 ** len(badges)), 4)
