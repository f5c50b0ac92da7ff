"""When the source is analysed, and when it is not."""

from pathlib import Path

import pytest

from desktop.prompt.form import Source
from desktop.prompt.open_jobs import OpenJobs
from desktop.prompt.source_analysis import SourceAnalysis
from engine.errors import EngineDied
from engine.loops.request import LoopRequest
from engine.loops.source.analysis import Analysis, Detected
from engine.loops.source.facts import NOTHING_STATED, StatedFacts
from engine.protocol import Analysed, Cancelled, Done, Failed

BREAK = Source(path=Path("/music/break.wav"), mode="vary")
RIFF = Source(path=Path("/music/riff.wav"), mode="vary", stated=StatedFacts(bpm=90.0))
FOUND = Analysis(detected=Detected(loudness_lufs=-14.0, true_peak_db=-1.0))


class AnalysingEngine:
    """Takes analyses, and leaves it to the test what becomes of them."""

    def __init__(self):
        self.asked, self.cancelled, self.is_down = [], [], False

    def analyse(self, path, stated=NOTHING_STATED):
        if self.is_down:
            raise EngineDied("The engine is not running: start it again.")
        self.asked.append((path, stated))
        return f"job-{len(self.asked)}"

    def cancel(self, job_id):
        self.cancelled.append(job_id)


@pytest.fixture
def engine():
    return AnalysingEngine()


@pytest.fixture
def open_jobs():
    return OpenJobs()


@pytest.fixture
def shown():
    return []


@pytest.fixture
def analysis(engine, open_jobs, shown):
    analysis = SourceAnalysis(engine, open_jobs, lambda source, _found: shown.append(source))
    open_jobs.on_change = lambda _place: analysis.proceed()
    return analysis


def test_a_source_is_analysed_with_what_the_user_states(engine, analysis, shown):
    analysis.want(RIFF)
    assert engine.asked == [RIFF.stated_file]
    assert analysis.on_event(Analysed("job-1", FOUND))
    assert analysis.on_event(Done("job-1", ()))
    assert shown == [RIFF]
    assert len(engine.asked) == 1
    assert not analysis.on_event(Done("job-1", ()))


def test_of_two_sources_only_the_last_is_shown(engine, analysis, shown):
    analysis.want(BREAK)
    analysis.want(RIFF)
    assert engine.cancelled == ["job-1"]
    assert analysis.on_event(Analysed("job-1", FOUND))  # It was done before it was cancelled.
    analysis.on_event(Done("job-1", ()))
    assert (engine.asked[1], shown) == (RIFF.stated_file, [])
    analysis.on_event(Analysed("job-2", FOUND))
    assert shown == [RIFF]


def test_without_a_source_the_analysis_is_cancelled(engine, analysis, shown):
    analysis.want(BREAK)
    analysis.want(None)
    analysis.on_event(Cancelled("job-1"))
    assert (engine.cancelled, len(engine.asked), shown) == (["job-1"], 1, [])


def test_an_analysis_is_cancelled_for_a_job_and_begins_again_after_it(engine, analysis, open_jobs):
    analysis.want(BREAK)
    open_jobs.add("job-of-the-user", LoopRequest(prompt="rain"))
    assert engine.cancelled == ["job-1"]
    assert analysis.on_event(Cancelled("job-1"))
    assert len(engine.asked) == 1
    open_jobs.on_event(Done("job-of-the-user", ()))
    assert engine.asked[1] == BREAK.stated_file


def test_while_a_job_is_open_no_analysis_begins(engine, analysis, open_jobs):
    open_jobs.add("job-of-the-user", LoopRequest(prompt="rain"))
    analysis.want(BREAK)
    assert engine.asked == []
    assert not analysis.on_event(Failed("job-of-the-user", 500, "The disk is full."))


def test_a_failed_analysis_is_not_repeated(engine, analysis, shown):
    analysis.want(BREAK)
    assert analysis.on_event(Failed("job-1", 503, "The engine was ended."))
    analysis.proceed()
    assert (len(engine.asked), shown) == (1, [])


def test_an_engine_that_is_down_costs_only_the_analysis(engine, analysis):
    engine.is_down = True
    analysis.want(BREAK)
    engine.is_down = False
    analysis.want(RIFF)
    assert engine.asked == [RIFF.stated_file]
