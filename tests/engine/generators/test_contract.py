"""What every generator keeps to: the fake of the tests, each built-in model, and tiny checkpoints.

The checkpoints have the published layout and random weights: they prove code, not sound.
"""

import functools

import msgspec
import numpy as np
import pytest

from engine.generators.ace_step.generator import AceStepGenerator
from engine.generators.interface import JobCancelled, PreviewGenerator
from engine.generators.latent_diffusion.generator import LatentDiffusionGenerator
from engine.generators.musicgen.generator import MusicGenGenerator
from engine.generators.stable_audio.generator import StableAudioGenerator
from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.recipe import ModelFacts
from engine.loops.request import MODEL_SETTINGS, LoopRequest
from engine.loops.take import take_seed
from engine.models.catalogue import built_in_catalogue
from engine.server.delivery import request_of_take
from tests.fakes.generators import FAKE_ENTRY
from tests.fakes.tiny_checkpoints import (
    write_ace_step,
    write_audioldm2,
    write_musicgen,
    write_musicldm,
    write_stable_audio_3,
    write_stable_audio_open,
)

BUILT_IN = [entry for entry in built_in_catalogue().entries if not entry.size_bytes]
ROLES = {"drums", "percussion", "bass", "chords", "pad", "lead", "texture", "mix", None}
REQUESTS = [
    LoopRequest(prompt="dusty lo-fi drums with swing", bars=2, bpm=84.0),
    LoopRequest(prompt="warm Rhodes chords", bars=1, bpm=128.37, key="A minor", rate=44_100),
    LoopRequest(prompt="odd bass", bars=3, bpm=140.0, meter="7/8", rate=96_000),
    LoopRequest(prompt="bell", seconds=1.25),
]
SHORT = LoopRequest(prompt="dusty lo-fi drums with swing", bars=1, bpm=168.0)
"""For what does not depend on the length; models of tokens take as long as what they make."""


CHECKPOINTS = {
    "musicldm": (write_musicldm, LatentDiffusionGenerator),
    "audioldm2": (write_audioldm2, LatentDiffusionGenerator),
    "musicgen": (write_musicgen, MusicGenGenerator),
    "musicgen stereo": (functools.partial(write_musicgen, stereo=True), MusicGenGenerator),
    "stable audio 3": (write_stable_audio_3, StableAudioGenerator),
    "ace-step": (write_ace_step, AceStepGenerator),
    "stable audio open": (write_stable_audio_open, StableAudioGenerator),
}


@pytest.fixture(
    scope="module",
    params=[FAKE_ENTRY, *BUILT_IN, *CHECKPOINTS],
    ids=lambda made: getattr(made, "id", made),
)
def load(request, tmp_path_factory):
    """What makes the same generator, once more at each call."""
    if request.param not in CHECKPOINTS:
        return request.param.load
    write, generator = CHECKPOINTS[request.param]
    folder = write(tmp_path_factory.mktemp("checkpoint") / "tiny")
    facts = ModelFacts(id="tiny", name="Tiny", revision="1", licence="for tests")
    return lambda: generator(folder, facts, device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def generator(load):
    return load()


def no_report(_fraction, _stage):
    """Take no notice."""


def quick(generator, request):
    """Return a request with as few steps as show what is tested, where the model has steps."""
    return msgspec.structs.replace(request, steps=2) if "steps" in generator.settings else request


def takes_of(generator, request, seeds, report=no_report):
    request = quick(generator, request)
    plan = generator.plan(request)
    return list(generator.generate(request, plan.grid, seeds, report))


def test_it_describes_itself_and_lists_only_existing_settings(generator):
    facts = generator.facts
    assert all([facts.id, facts.name, facts.revision, facts.licence])
    assert generator.settings <= set(MODEL_SETTINGS)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.prompt)
def test_the_plan_matches_the_request(generator, request_):
    plan = generator.plan(request_)
    grid = plan.grid.checked()
    assert (grid.rate, grid.seconds) == (request_.rate, request_.seconds)
    assert request_.bpm in (None, grid.bpm)
    assert request_.meter in (None, str(grid.meter))
    if request_.bars is not None:
        assert grid.bars == request_.bars
    if request_.key is not None:
        assert plan.key == request_.key
    assert plan.key is None or parse_key(plan.key)
    assert plan.role in ROLES
    assert plan.title.strip()
    assert all(isinstance(phrase, str) for phrase in (*plan.understood, *plan.ignored))


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.prompt)
def test_a_take_has_the_requested_frames_rate_and_shape(generator, request_):
    grid = generator.plan(request_).grid
    (take,) = takes_of(generator, request_, [7])
    assert take.audio.dtype == np.float32
    if take.exact:
        assert take.audio.shape == (grid.frames, 2)
        assert take.rate == request_.rate
    else:  # Craft makes it true; it can only cut what is there, or stretch a little.
        assert take.audio.shape[1] in (1, 2)
        asked_frames = float(grid.length_s) * take.rate
        assert len(take.audio) >= 0.95 * asked_frames
        if take.closed:
            assert len(take.audio) - take.remainder_frames == pytest.approx(asked_frames, abs=1)
    assert np.isfinite(take.audio).all()
    peak = np.max(np.abs(take.audio))
    assert peak > 0.001
    assert peak <= 1.0 or not take.exact  # A codec may go beyond; craft levels what is not exact.


def test_there_is_one_take_per_seed_in_order(generator):
    takes = takes_of(generator, SHORT, [3, 1, 2])
    assert [take.seed for take in takes] == [3, 1, 2]


def test_a_take_is_delivered_as_soon_as_it_is_ready(generator):
    plan = generator.plan(SHORT)
    fractions = []
    takes = generator.generate(
        quick(generator, SHORT),
        plan.grid,
        list(range(8)),
        lambda fraction, _stage: fractions.append(fraction),
    )
    next(takes)
    assert max(fractions) < 0.6


def test_progress_is_from_0_to_1_and_names_the_stage(generator):
    reports = []
    takes_of(generator, SHORT, [1, 2], lambda *report: reports.append(report))
    fractions = [fraction for fraction, _ in reports]
    assert len(reports) >= 2
    assert 0 <= min(fractions) <= fractions[-1] == max(fractions) <= 1
    assert all(stage.strip() for _, stage in reports)


@pytest.mark.parametrize("number", [0, 1])
def test_cancelling_from_a_progress_report_stops_at_once(generator, number):
    reports = []

    def cancel(*report):
        reports.append(report)
        if len(reports) > number:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        takes_of(generator, SHORT, [1, 2], cancel)
    assert len(reports) == number + 1


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(generator):
    first, second, other = takes_of(generator, SHORT, [11, 11, 12])
    assert first.audio.tobytes() == second.audio.tobytes()
    assert first.audio.tobytes() != other.audio.tobytes()


def test_a_new_generator_makes_the_same_take(generator, load):
    again = load()
    (first,), (second,) = (takes_of(each, REQUESTS[1], [5]) for each in (generator, again))
    assert first.audio.tobytes() == second.audio.tobytes()


def test_a_take_is_equal_alone_and_in_a_batch(generator):
    batch = takes_of(generator, SHORT, [21, 22, 23])
    (alone,) = takes_of(generator, SHORT, [22])
    assert alone.audio.tobytes() == batch[1].audio.tobytes()


@pytest.mark.parametrize(
    "request_",
    [
        LoopRequest(prompt="something", takes=3, seed=4, bpm=400.0),
        LoopRequest(prompt="dark house chords and a bass", takes=3, seed=5, bars=1),
        LoopRequest(prompt="fast lead", takes=3, seed=6, bars=1),
        LoopRequest(prompt="pad", takes=3, seed=7, seconds=0.7),
    ],
    ids=lambda request: request.prompt,
)
def test_each_take_of_a_batch_is_made_again_from_its_recipe(generator, request_):
    plan = generator.plan(request_)
    batch = takes_of(generator, request_, [take_seed(request_.seed, n) for n in range(3)])
    for take in batch[1:]:
        recorded = request_of_take(request_, plan, take.seed)
        assert generator.plan(recorded).grid == plan.grid
        (again,) = takes_of(generator, recorded, [take.seed])
        assert again.audio.tobytes() == take.audio.tobytes()


def test_the_recipe_of_an_open_request_has_the_same_grid(generator):
    request = LoopRequest(prompt="something", takes=3, seed=4)
    plan = generator.plan(request)
    recorded = request_of_take(request, plan, take_seed(4, 2))
    assert generator.plan(recorded).grid == plan.grid


def test_the_lowest_and_the_highest_seed_work(generator):
    low, high = takes_of(generator, SHORT, [0, 2**31 - 1])
    assert low.audio.tobytes() != high.audio.tobytes()


def test_a_loop_of_hours_is_refused(generator):
    with pytest.raises(LoopError, match="ask for fewer bars"):
        generator.plan(LoopRequest(prompt="drums", bars=1000, bpm=20.0))


@pytest.mark.parametrize("seconds", [None, 1.5])
def test_early_listening_plays_the_first_take_and_does_not_change_it(generator, seconds):
    if not isinstance(generator, PreviewGenerator):
        pytest.skip("its takes are there at once")
    request = LoopRequest(prompt="early bell", bars=None if seconds else 1, seconds=seconds)
    unheard = takes_of(generator, request, [4, 5])
    pieces, totals = [], set()

    def on_preview(sound, total_frames):
        pieces.append(sound.copy())
        totals.add(total_frames)

    generator.on_preview = on_preview
    takes = takes_of(generator, request, [4, 5])
    assert [t.audio.tobytes() for t in takes] == [t.audio.tobytes() for t in unheard]
    assert generator.on_preview is None
    heard = np.concatenate(pieces)
    assert totals == {len(heard)}
    frames = min(len(heard), len(takes[0].audio))
    assert frames >= 0.9 * len(takes[0].audio)
    assert np.allclose(heard[:frames], takes[0].audio[:frames], atol=1e-4)
