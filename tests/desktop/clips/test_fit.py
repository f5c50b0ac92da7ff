"""What the list says of how a loop fits the session."""

import msgspec
import pytest

from desktop.clips.filters import Filters, View, counts_of
from desktop.clips.fit import Fit, fit_of
from desktop.clips.rows import ClipRow, row_with_recipe
from engine.loops.precedence import SessionTime
from tests.fakes.clips import grid_of, recipe_of

NO_HEARING, AT_TEMPO = (None, ""), (84.0, "")


def row(*, bpm=84.0, meter="4/4", key="D minor"):
    recipe = msgspec.structs.replace(recipe_of(grid_of(bpm=bpm, meter=meter)), key=key)
    file = "/p/loop_84bpm_4bars_aaaaaaaa.wav"
    return row_with_recipe(ClipRow(id="a" * 8, file=file, written_ns=0, title="", bars=4), recipe)


@pytest.mark.parametrize(
    ("loop", "heard", "expected"),
    [
        (row(), NO_HEARING, Fit.FITS),
        (row(meter="7/8"), NO_HEARING, Fit.METER),
        (row(meter="7/8", bpm=120.0), AT_TEMPO, Fit.METER),
        (row(meter="2/2"), NO_HEARING, Fit.FITS),
        (row(key="C minor"), NO_HEARING, Fit.KEY),
        (row(bpm=75.0), NO_HEARING, Fit.TEMPO),
        (row(bpm=75.0, key="C minor"), NO_HEARING, Fit.TEMPO_AND_KEY),
        (row(bpm=75.0), AT_TEMPO, Fit.STRETCHED),
        (row(bpm=75.0, key="C minor"), AT_TEMPO, Fit.KEY),
        (row(bpm=42.0), NO_HEARING, Fit.HALF_TIME),
        (row(bpm=168.0, key="C minor"), NO_HEARING, Fit.KEY),
    ],
)
def test_meter_tempo_and_key_must_all_fit(loop, heard, expected):
    time = SessionTime(bpm=84.0, meter="4/4", key="D minor")
    assert fit_of(loop, time, heard) is expected


def test_a_loop_of_another_meter_is_not_among_those_that_fit():
    time = SessionTime(bpm=84.0, meter="4/4")
    loops = [row(), row(meter="7/8")]
    fitting = Filters(time=time, view=View.FITS)
    assert [fitting.matches(loop) for loop in loops] == [True, False]
    assert counts_of(loops, time).views[View.FITS] == 1
