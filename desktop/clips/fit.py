"""How a loop fits the session: its meter, tempo and key against those in the top bar."""

import enum
import functools
from fractions import Fraction

from desktop.clips.rows import ClipRow
from desktop.transport.fitting import NOTHING, Hearing
from engine.loops.derive import fitting_request
from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.precedence import SessionTime
from engine.loops.source.length import fitted_grid
from engine.loops.tempo import Meter

_SAME_TEMPO = 0.005
"""How far tempos may differ and still run together for some bars, as a share."""


class Fit(enum.StrEnum):
    """The words of the list's column."""

    FITS = "Fits"
    STRETCHED = "Stretched"
    HALF_TIME = "Half-time"
    DOUBLE_TIME = "Double-time"
    METER = "Other meter"
    TEMPO = "Other tempo"
    KEY = "Other key"
    TEMPO_AND_KEY = "Tempo, key"
    NONE = ""


def heard_as(
    row: ClipRow, time: SessionTime, hearing: Hearing = NOTHING
) -> tuple[float | None, str]:
    """Return the tempo and the short key that a loop is heard in instead of its own.

    They are None and empty where it is heard as it is. One that would be stretched too far is
    brought to half or twice the session's tempo.
    """
    if row.recipe is None or not any(hearing):
        return None, ""
    request = fitting_request(row.id, row.recipe, time, tempo=hearing.tempo, key=hearing.key)
    if request is None:
        return None, ""
    key, bpm = parse_key(request.key), request.bpm
    if bpm is not None:
        own = row.recipe.grid
        bpm *= float(own.quarters / fitted_grid(own, bpm).quarters)
    return bpm, "" if key is None else key.short_name


def fit_of(row: ClipRow, time: SessionTime, heard: tuple[float | None, str] = (None, "")) -> Fit:
    """Return how a loop fits, `heard_as` it is; `Fit.NONE` for a one-shot, which fits anywhere."""
    if row.bars is None or not row.bpm or not time.bpm:
        return Fit.NONE
    if not _has_bars_of(row, time):
        return Fit.METER
    bpm, key = heard
    has_key = bool(key) or fits_key(row, time)
    if word := octave_of(bpm or row.bpm, time.bpm):
        return word if has_key else Fit.KEY
    if bpm is not None:
        return Fit.STRETCHED if has_key else Fit.KEY
    if not _is_near(row.bpm, time.bpm):
        return Fit.TEMPO if has_key else Fit.TEMPO_AND_KEY
    return Fit.FITS if has_key else Fit.KEY


def octave_of(bpm: float, session_bpm: float) -> Fit:
    """Return whether a tempo is half or twice that of the session; `Fit.NONE` if neither."""
    for share, word in ((0.5, Fit.HALF_TIME), (2.0, Fit.DOUBLE_TIME)):
        if _is_near(bpm, session_bpm * share):
            return word
    return Fit.NONE


def fits_key(row: ClipRow, time: SessionTime) -> bool:
    """Return whether a loop has the session's key, or none; relative keys share their notes."""
    try:
        own, wanted = _notes(row.shown_key), _notes(time.key)
    except LoopError:
        return False
    return own is None or wanted is None or own == wanted


@functools.lru_cache(512)  # every clip of a project is asked for when a filter needs its key
def _notes(key: str) -> frozenset[int] | None:
    parsed = parse_key(key)
    return None if parsed is None else parsed.pitches


@functools.lru_cache(64)
def _bar(meter: str) -> Fraction:
    return Meter.parse(meter).bar_quarters


def _has_bars_of(row: ClipRow, time: SessionTime) -> bool:
    """Return whether a loop's bars are as long as the session's, or one of them is not known."""
    if row.recipe is None or not time.meter:
        return True
    return row.recipe.grid.meter.bar_quarters == _bar(time.meter)


def _is_near(bpm: float, wanted: float) -> bool:
    return abs(bpm / wanted - 1) < _SAME_TEMPO
