"""What a musician hears of a job whose takes are made in different places."""

import asyncio

import msgspec
import pytest

from engine import protocol
from engine.loops.recipe import ModelFacts, Recipe, Scores
from engine.loops.request import LoopRequest
from engine.protocol import Done, Progress, Render, Understood
from engine.remote.wire import TO_RELAY, PreviewSent, TakeSent
from engine.studio.job import StudioJob
from engine.studio.session import Session
from engine.studio.status import MusicianStatus, StudioStatus, WorkerStatus, in_words
from tests.fakes.clips import grid_of

GRID = grid_of()
SKETCH = ModelFacts(id="sketch", name="Sketch", revision="2", licence="", commercial_use=True)


def job_of(**fields) -> StudioJob:
    request = LoopRequest(prompt="drums", model="sketch", seed=1, **fields)
    return StudioJob(1, Render("mine", request, "", preview=True))


def take(job, number, total, *, rejected=False) -> TakeSent:
    share = job.shares[number]
    recipe = Recipe(
        program="", created="", clip_id="", request_id="", request=share.command.request,
        asked_seed=1, asked_takes=share.command.request.takes, take=share.take, rank=1, grid=GRID,
        model=SKETCH, title="",
        scores=Scores(loudness_db=-18, peak_db=-1, seam=0, total=total),
    )  # fmt: skip
    return TakeSent(
        id="theirs", rank=1, rejected=rejected, channels=2, audio_bytes=0, recipe=recipe
    )


def told(job, number, *messages) -> list:
    return [each for message in messages for each, _ in job.heard(number, message, b"")]


def test_takes_come_ranked_when_the_last_is_there():
    job = job_of(takes=3)
    assert told(job, 1, take(job, 1, 0.9, rejected=True), Done("theirs", ())) == []
    assert told(job, 2, take(job, 2, 0.8), Done("theirs", ())) == []
    *takes, done = told(job, 0, take(job, 0, 0.5), Done("theirs", ()))
    assert [(each.recipe.take, each.rank, each.recipe.rank) for each in takes] == [
        (2, 1, 1), (0, 2, 2), (1, 3, 3),
    ]  # fmt: skip
    assert {each.id for each in takes} == {"mine"}
    assert done == Done("mine", ())
    assert job.is_over


def test_each_prompt_has_ranks_of_its_own():
    job = job_of(takes=2, also=("bass",))
    heard = []
    for number, total in enumerate((0.1, 0.2, 0.3, 0.4)):
        heard += told(job, number, take(job, number, total), Done("theirs", ()))
    ranks = [(each.recipe.request.prompt, each.recipe.take, each.rank) for each in heard[:-1]]
    assert ranks == [("drums", 1, 1), ("drums", 0, 2), ("bass", 1, 1), ("bass", 0, 2)]


def test_progress_is_that_of_all_parts_and_understanding_is_told_once():
    job = job_of(takes=2)
    plan = Understood("theirs", grid=GRID, frames=1, title="drums")
    assert told(job, 1, plan) == [msgspec.structs.replace(plan, id="mine")]
    assert told(job, 0, plan) == []
    assert told(job, 0, Progress("theirs", 0.5, "mixing")) == [Progress("mine", 0.25, "mixing")]
    assert told(job, 1, Progress("theirs", 1.0, "mixing")) == [Progress("mine", 0.75, "mixing")]


def test_the_first_take_is_heard_early_and_not_again_from_another_worker():
    job = job_of(takes=2)
    assert [share.command.preview for share in job.shares] == [True, False]
    piece = PreviewSent(id="theirs", rate=48000, channels=2, frames=10, total_frames=20)
    assert told(job, 0, piece) == [msgspec.structs.replace(piece, id="mine")]
    job.begin_again(0, "a box has stopped")
    assert told(job, 0, piece) == []


def test_what_a_worker_that_has_gone_had_sent_counts_once():
    job = job_of(takes=1)
    told(job, 0, take(job, 0, 0.5))
    job.begin_again(0, "a box has stopped")
    assert len(told(job, 0, take(job, 0, 0.5), Done("theirs", ()))) == 2


def test_a_download_is_done_when_each_box_has_the_model():
    job = StudioJob(1, protocol.Download("mine", "musicldm"), ["one", "two"])
    assert [share.node for share in job.shares] == ["one", "two"]
    assert told(job, 1, Progress("theirs", 1.0, "x"), Done("theirs", ())) == [
        Progress("mine", 0.5, "x")
    ]
    assert told(job, 0, Done("theirs", ())) == [Done("mine", ())]


@pytest.mark.parametrize("ending", [protocol.Failed("theirs", 500, "no"), protocol.Cancelled("x")])
def test_a_job_ends_once(ending):
    job = job_of(takes=2)
    assert told(job, 0, ending) == [msgspec.structs.replace(ending, id="mine")]
    assert told(job, 1, ending, Done("theirs", ()), take(job, 1, 0.5)) == []


def test_a_take_waits_until_the_one_before_it_is_written():
    async def fetched() -> list:
        session, job = Session("me"), job_of(takes=2)
        for message in (take(job, 0, 0.5), take(job, 1, 0.4), Done("mine", ())):
            session.tell(message, b"audio")
        first, blocked = await session.news(0.01), await session.news(0.01)
        session.received()
        return [first, blocked, await session.news(0.01)]

    kinds = [
        [type(TO_RELAY.decode(line)).__name__ for line, _ in packets]
        for packets in asyncio.run(fetched())
    ]
    assert kinds == [["TakeSent"], [], ["TakeSent", "Done"]]


def test_the_status_says_who_waits_and_for_how_long():
    status = StudioStatus(
        "1.0", ["one", "two"], 1,
        [WorkerStatus("one", card=True, model="sketch", musician="me@here", done=7)],
        [MusicianStatus("me@here", 2, 1, 3, 12.4)],
    )  # fmt: skip
    lines = in_words(status)
    assert lines[:2] == ["2 boxes: one, two", "1 worker is starting"]
    assert lines[2].split() == ["one", "card", "sketch", "for", "me@here,", "7", "done"]
    assert lines[3].split(maxsplit=1)[1] == "2 jobs, 1 being made, 3 waiting for 12 s"


@pytest.mark.parametrize(
    "fields",
    [
        {"mode": "stems", "source": "a"},
        {"mode": "blend", "source": "a", "with_source": "b", "blend_in": "latents"},
        {"mode": "retempo", "source": "a", "bpm": 100.0},
    ],
    ids=lambda fields: fields["mode"],
)
def test_a_job_whose_takes_the_engine_counts_stays_whole(fields):
    assert [share.command.only_take for share in job_of(takes=3, **fields).shares] == [None]
