"""How a loop fits the session: its tempo and its key against those in the top bar."""

import enum
import functools

from desktop.clips.rows import ClipRow
from desktop.transport.fitting import NOTHING, Hearing
from engine.loops.derive import fitting_request
from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.precedence import SessionTime

_SAME_TEMPO = 0.005
"""How far tempos may differ and still run together for some bars, as a share."""


class Fit(enum.StrEnum):
    """The words of the list's column."""

    FITS = "Fits"
    STRETCHED = "Stretched"
    HALF_TIME = "Half-time"
    DOUBLE_TIME = "Double-time"
    TEMPO = "Other tempo"
    KEY = "Other key"
    NONE = ""


def heard_as(
    row: ClipRow, time: SessionTime, hearing: Hearing = NOTHING
) -> tuple[float | None, str]:
    """Return the tempo and the short key that a loop is heard in instead of its own.

    They are None and empty where it is heard as it is.
    """
    if row.recipe is None or not any(hearing):
        return None, ""
    request = fitting_request(row.id, row.recipe, time, tempo=hearing.tempo, key=hearing.key)
    key = None if request is None else parse_key(request.key)
    return None if request is None else request.bpm, "" if key is None else key.short_name


def fit_of(row: ClipRow, time: SessionTime, heard: tuple[float | None, str] = (None, "")) -> Fit:
    """Return how a loop fits, `heard_as` it is; `Fit.NONE` for a one-shot, which fits anywhere."""
    if row.bars is None or not row.bpm or not time.bpm:
        return Fit.NONE
    bpm, key = heard
    if bpm is not None:
        return Fit.STRETCHED
    for share, word in ((0.5, Fit.HALF_TIME), (2.0, Fit.DOUBLE_TIME)):
        if abs(row.bpm / (time.bpm * share) - 1) < _SAME_TEMPO:
            return word
    if abs(row.bpm / time.bpm - 1) >= _SAME_TEMPO:
        return Fit.TEMPO
    return Fit.FITS if key or fits_key(row, time) else Fit.KEY


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
