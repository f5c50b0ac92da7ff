"""What the analysis of a file says about it as a source."""

import pytest

from engine.loops.source.analysis import Analysis, Detected, TempoCandidate
from engine.loops.source.facts import Fact, Origin, SourceFacts

UNSURE = Detected(
    tempos=(TempoCandidate(90.0, 0.5), TempoCandidate(180.0, 0.4)),
    loudness_lufs=-14.0,
    true_peak_db=-1.0,
)


@pytest.mark.parametrize(
    ("bpm", "second"),
    [(Fact(90.0, Origin.DETECTED, 0.5), 180.0), (Fact(90.0, Origin.NAME, 0.9), None), (None, None)],
)
def test_a_second_tempo_is_worth_a_word_if_the_first_was_only_detected(bpm, second):
    assert Analysis(source=SourceFacts(bpm=bpm), detected=UNSURE).second_bpm == second


def test_what_is_no_source_has_no_second_tempo():
    assert Analysis(problem="It is too short.", detected=UNSURE).second_bpm is None
