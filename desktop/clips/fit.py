"""How a loop fits the session: its tempo and its key against those in the top bar."""

import enum

from desktop.clips.rows import ClipRow
from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.precedence import SessionTime

_SAME_TEMPO = 0.005
"""How far tempos may differ and still run together for some bars, as a share."""


class Fit(enum.StrEnum):
    """The words of the list's column."""

    FITS = "Fits"
    HALF_TIME = "Half-time"
    DOUBLE_TIME = "Double-time"
    TEMPO = "Other tempo"
    KEY = "Other key"
    NONE = ""


def fit_of(row: ClipRow, time: SessionTime) -> Fit:
    """Return how a loop fits; `Fit.NONE` for a one-shot, which fits anywhere."""
    if row.bars is None or not row.bpm or not time.bpm:
        return Fit.NONE
    for share, word in ((0.5, Fit.HALF_TIME), (2.0, Fit.DOUBLE_TIME)):
        if abs(row.bpm / (time.bpm * share) - 1) < _SAME_TEMPO:
            return word
    if abs(row.bpm / time.bpm - 1) >= _SAME_TEMPO:
        return Fit.TEMPO
    return Fit.FITS if fits_key(row, time) else Fit.KEY


def fits_key(row: ClipRow, time: SessionTime) -> bool:
    """Return whether a loop has the session's key, or none; relative keys share their notes."""
    try:
        own, wanted = parse_key(row.shown_key), parse_key(time.key)
    except LoopError:
        return False
    return own is None or wanted is None or own.pitches == wanted.pitches
