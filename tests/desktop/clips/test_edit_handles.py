"""What dragging the handles of a waveform makes of the edits, and which part of it is shown."""

import pytest
from PySide6.QtCore import Qt

from desktop.clips.edit_fields import EditFields, read_ms, show_ms
from desktop.clips.edit_handles import Handle, dragged, place_of
from desktop.clips.wave_span import Span
from engine.loops.edits import NONE, Edits
from engine.loops.errors import OutOfRange
from engine.loops.tempo import LoopGrid, Meter
from tests.fakes.clips import grid_of

GRID = LoopGrid(bpm=120.0, meter=Meter(7, 8), bars=4)
BEAT = 1 / 28


@pytest.mark.parametrize(
    ("handle", "place", "free", "edits"),
    [
        (Handle.FADE_IN, 2.2 * BEAT, False, Edits(fade_in=1.0)),
        (Handle.FADE_IN, 2.2 * BEAT, True, Edits(fade_in=1.1)),
        (Handle.FADE_OUT, 1 - 3.4 * BEAT, False, Edits(fade_out=1.5)),
        (Handle.FADE_IN, -3.0, True, Edits()),
        (Handle.FIRST_BAR, 0.3, False, Edits(bars=(2, 4))),
        (Handle.LAST_BAR, 0.7, True, Edits(bars=(1, 3))),
        (Handle.FIRST_BAR, 2.0, False, Edits(bars=(4, 4))),
        (Handle.LAST_BAR, 1.0, False, Edits()),
    ],
)
def test_fades_end_on_beats_and_a_trim_on_bars(handle, place, free, edits):
    assert dragged(handle, Edits(), GRID, place, free=free) == edits


def test_the_fades_of_a_trimmed_loop_begin_at_its_own_ends_and_never_overlap():
    edits = Edits(bars=(2, 2))
    begun = dragged(Handle.FADE_IN, edits, GRID, 0.25 + 2 * BEAT, free=False)
    assert (begun.fade_in, place_of(Handle.FADE_IN, begun, GRID)) == (1.0, 0.25 + 2 * BEAT)
    both = dragged(Handle.FADE_OUT, begun, GRID, 0.0, free=True)
    assert both.fade_in + both.fade_out == 3.5


def test_a_one_shot_has_fades_at_any_place_and_no_trim():
    shot = LoopGrid(bpm=120.0, bars=0, seconds=1.0)
    assert dragged(Handle.FADE_IN, Edits(), shot, 0.3, free=False) == Edits(fade_in=0.6)
    assert dragged(Handle.LAST_BAR, Edits(), shot, 0.3, free=False) == Edits()


def test_zooming_keeps_the_place_under_the_pointer_and_stays_within_the_clip():
    span = Span().zoomed(4.0, 0.6)
    assert (span.length, span.place_at(60.0, 100.0)) == (0.25, pytest.approx(0.6))
    assert Span().zoomed(1_000.0, 0.5).length == pytest.approx(Span().least)
    assert span.zoomed(0.01, 0.9) == span.moved(9.0).zoomed(0.01, 0.1) == Span()
    assert (span.moved(9.0).end, span.moved(-9.0).begin) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("text", "value"), [("250", 250.0), ("250 ms", 250.0), ("1,5 s", 1_500.0), ("0", 0.0)]
)
def test_fades_are_typed_in_milliseconds_or_seconds(text, value):
    assert read_ms(text) == value
    assert read_ms(show_ms(value)) == value
    for bad in ("-1", "a beat", "nan", "9999 s"):
        with pytest.raises(OutOfRange):
            read_ms(bad)


def test_a_typed_fade_that_is_longer_than_the_loop_is_refused_like_any_other_number(qtbot):
    fields, refused, changed = EditFields(), [], []
    qtbot.addWidget(fields)
    fields.refused.connect(refused.append)
    fields.changed.connect(changed.append)
    fields.show_edits(NONE, grid_of(bpm=90.0))  # 10.67 s
    for text in ("99999", "10.67 s"):
        fade = fields.values["fade_in"]
        qtbot.keyClicks(fade, "1")  # begins to type
        fade.setText(text)
        qtbot.keyClick(fade, Qt.Key.Key_Return)
    assert refused == ["The fade is '99999', but must be 0 ms to 10.67 s, the length of the loop."]
    assert [edits.fade_in for edits in changed] == [16.0]
