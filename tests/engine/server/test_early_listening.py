"""Early listening, with a real engine: the first take as a growing file."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.protocol import Cancelled, Done, Preview, TakeReady
from tests.fakes.front_end import FrontEnd


class Listener:
    """Reads what each `preview` event says is there, while it is there."""

    def __init__(self):
        self.events, self.heard, self.sizes = [], np.zeros((0, 2), np.float32), []

    def __call__(self, event):
        if isinstance(event, Preview):
            self.events.append(event)
            sound = np.fromfile(event.path, "<f4").reshape(-1, event.channels)
            self.sizes.append(len(sound))
            self.heard = sound[: event.frames]


@pytest.fixture
def listener():
    return Listener()


@pytest.fixture
def front(tmp_path, listener):
    with FrontEnd(tmp_path / "project", then=listener) as front:
        yield front


def test_the_first_take_can_be_heard_as_it_grows_and_its_file_is_removed(front, listener):
    job = front.render("early tone", takes=2, bits="32f", preview=True)
    assert isinstance(front.end_of(job), Done)
    frames = [event.frames for event in listener.events]
    assert len(frames) == 5
    assert frames == sorted(set(frames))
    assert all(size >= frame for size, frame in zip(listener.sizes, frames, strict=True))
    assert {event.total_frames for event in listener.events} == {frames[-1]}
    clips = [e.clip for e in front.events_of(job) if isinstance(e, TakeReady)]
    clip = next(c for c in clips if c.recipe.request.seed == c.recipe.asked_seed)
    delivered = soundfile.read(clip.path, dtype="float32")[0]  # The same, levelled.
    assert np.allclose(
        delivered / delivered.max(), listener.heard / listener.heard.max(), atol=1e-5
    )
    assert not list(front.project.rglob("*.part"))
    story = front.story(job)
    assert story.index("preview") < story.index("takeready")


def test_early_listening_is_off_unless_requested(front):
    job = front.render("early tone")
    assert isinstance(front.end_of(job), Done)
    assert "preview" not in front.story(job)


def test_of_several_prompts_the_first_is_previewed(front, listener):
    job = front.render("early one", also=("early two",), preview=True)
    assert isinstance(front.end_of(job), Done)
    assert len(listener.events) == 5


def test_a_cancelled_job_leaves_no_preview_file_and_the_next_one_can_be_previewed(front, listener):
    job = front.render("early slow", preview=True)
    front.wait(lambda: len(listener.sizes) == 5)
    front.client.cancel(job)
    assert isinstance(front.end_of(job), Cancelled)
    assert not list(front.project.rglob("*.part"))
    again = front.render("early", preview=True)
    assert isinstance(front.end_of(again), Done)
    assert listener.events[-1].id == again
    assert not Path(listener.events[-1].path).exists()
