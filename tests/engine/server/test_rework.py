"""Jobs that begin from a source, through the worker, with real files."""

import itertools
import shutil

import msgspec
import numpy as np
import pytest
import soundfile

from benchmarks.craft.takes import known_loop
from engine.loops.audio_file import read_audio
from engine.loops.file_facts import read_recipe
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid
from engine.models.catalogue import Catalogue
from engine.protocol import Cancelled, Done, Failed, Progress, Render, TakeReady
from tests.fakes.clips import noise_on, tagged_file
from tests.fakes.generators import HEARING_ENTRY
from tests.fakes.grooves import groove
from tests.fakes.worker import events_of


def run(folder, request, source="", other="", **options):
    """Run one job and return its last event and its clips."""
    events = events_of(job_of(folder, request, source, other), **options)
    return events[-1], [event.clip for event in events if isinstance(event, TakeReady)]


def job_of(folder, request, source="", other=""):
    return Render("0", request, str(folder), str(source), str(other))


def request_for(mode, **fields):
    return LoopRequest(**{"model": "fake", "source": "it", "mode": mode} | fields)


@pytest.fixture(scope="module")
def tone(tmp_path_factory):
    request = LoopRequest(prompt="tone", model="fake", bars=4, seed=5, key="A minor")
    return run(tmp_path_factory.mktemp("tone"), request)[1][0]


@pytest.fixture
def clip(tmp_path, tone):
    """A clip of ours in the project: a tone of 4 bars at 120 BPM."""
    path = shutil.copy(tone.path, tmp_path / tone.file)
    return msgspec.structs.replace(tone, path=str(path))


def test_retempo_gives_the_exact_length_and_reports_the_stretch(tmp_path, clip):
    end, clips = run(tmp_path, request_for("retempo", bpm=100.0), clip.path)
    assert isinstance(end, Done)
    recipe = read_recipe(tmp_path / clips[0].file)
    assert clips[0].frames == LoopGrid(bpm=100.0, bars=4).frames
    assert recipe.repairs.stretch == pytest.approx(1.2)
    assert (recipe.key, recipe.model.licence) == ("A minor", "for tests")
    assert not recipe.model.commercial_use


def test_rekey_keeps_the_length_and_names_the_key(tmp_path, clip):
    _, clips = run(tmp_path, request_for("rekey", key="C minor"), clip.path)
    recipe = read_recipe(tmp_path / clips[0].file)
    assert (clips[0].frames, recipe.key, recipe.repairs.semitones) == (clip.frames, "C minor", 3)


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_rekey_keeps_the_frames_of_a_loop_that_was_rounded_otherwise(tmp_path, off):
    exact = LoopGrid(bpm=97.0, bars=2)
    audio = noise_on(exact)[np.arange(exact.frames + off) % exact.frames]
    path = tagged_file(tmp_path / "loop.wav", audio, exact.rate, 97.0, 8)
    request = request_for("rekey", key="C minor", source_key="A minor")
    _, (made,) = run(tmp_path, request, path)
    assert made.frames == len(audio)
    grid = read_recipe(tmp_path / made.file).grid
    assert (grid.frames, grid.unrounded) == (len(audio), exact)
    _, (again,) = run(tmp_path, request_for("rekey", key="A minor"), tmp_path / made.file)
    assert again.frames == len(audio)


def test_redo_leaves_all_other_bars_bit_for_bit(tmp_path, clip):
    request = request_for("redo", prompt="tone", redo_bars="3", seed=77)
    _, clips = run(tmp_path, request, clip.path)
    old, new = (read_audio(tmp_path / each.file).audio for each in (clip, clips[0]))
    bar = clip.frames // 4
    np.testing.assert_array_equal(new[: 2 * bar], old[: 2 * bar])
    np.testing.assert_array_equal(new[3 * bar :], old[3 * bar :])
    assert np.abs(new[2 * bar : 3 * bar] - old[2 * bar : 3 * bar]).max() > 0.1


def test_a_model_that_can_redo_bars_hears_those_around_them(tmp_path, clip):
    request = request_for("redo", model="fake-hearing", prompt="tone", redo_bars="3")
    end, clips = run(tmp_path, request, clip.path, models=Catalogue([HEARING_ENTRY]))
    assert isinstance(end, Done), end
    old, new = (read_audio(tmp_path / each.file).audio for each in (clip, clips[0]))
    bar, fade = clip.frames // 4, 960
    np.testing.assert_array_equal(new[: 2 * bar], old[: 2 * bar])
    redone = slice(2 * bar + fade, 3 * bar - fade)
    np.testing.assert_allclose(new[redone], -old[redone], atol=1e-6)


def test_a_blend_has_the_tempo_of_the_first_and_both_names(tmp_path, clip):
    soundfile.write(tmp_path / "other.flac", noise_on(LoopGrid(bpm=96.0, bars=2)), 48_000)
    request = request_for("blend", with_source="other.flac", amount=0.3, bars=2)
    end, clips = run(tmp_path, request, clip.path, tmp_path / "other.flac")
    assert isinstance(end, Done), end
    recipe = read_recipe(tmp_path / clips[0].file)
    assert (recipe.grid.bpm, recipe.grid.bars) == (120.0, 2)
    assert (recipe.request.source, recipe.request.with_source) == (clip.id, "other.flac")
    assert recipe.model.licence == "for tests; that of the source"


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (request_for("vary"), "Model 'fake' cannot vary"),
        (request_for("melody"), "Model 'fake' cannot follow a melody"),
        (
            request_for("redo", redo_bars="9"),
            "The list of bars to redo is '9', but must be bars from 1",
        ),
        (request_for("retempo", meter="7/8"), "The source is in 4/4 and cannot become 7/8"),
        (request_for("retempo", seconds=2.0), "A one-shot cannot be made from a source"),
        (request_for("fly"), "The mode is 'fly', but must be continue"),
        (LoopRequest(model="fake", prompt="a", mode="vary"), "There is a mode but no source"),
        (request_for("blend"), "The mode 'blend' and a second source go together"),
        (request_for("retempo", renoise=0.5), "There is 'renoise' without the mode 'blend'"),
        (request_for("vary", blend_in="latents"), "There is 'blend_in' without the mode 'blend'"),
        (
            request_for("blend", with_source="b", blend_in="air"),
            "The place to blend in is 'air', but",
        ),
        (
            request_for("blend", with_source="b", renoise=2.0),
            "The share to generate again is 2.0, but must",
        ),
    ],
)
def test_an_invalid_request_is_refused_in_a_sentence(tmp_path, clip, request_, sentence):
    end, clips = run(tmp_path, request_, clip.path)
    assert isinstance(end, Failed)
    assert (end.code, end.message[: len(sentence)]) == (400, sentence)
    assert clips == []


@pytest.mark.parametrize("request_", [request_for("vary"), request_for("redo", redo_bars="9")])
def test_an_invalid_request_is_refused_before_loading_a_model(tmp_path, clip, request_):
    request = msgspec.structs.replace(request_, model="fake-big")
    events = events_of(job_of(tmp_path, request, clip.path))
    assert isinstance(events[-1], Failed)
    assert not [each for each in events if isinstance(each, Progress) and "loading" in each.stage]


@pytest.mark.parametrize("how", [{"blend_in": "latents"}, {"renoise": 0.3}])
def test_a_model_without_latents_cannot_blend_in_them(tmp_path, clip, other, how):
    request = request_for("blend", with_source="other.flac", bars=2, **how)
    end, clips = run(tmp_path, request, clip.path, other)
    assert end.message == (
        "Model 'fake' cannot blend in latents or re-noise: choose one that can, such as "
        "MusicLDM, or leave both out."
    )
    assert clips == []


def test_a_loop_made_from_a_foreign_sound_has_the_licences_of_both(tmp_path, other):
    request = request_for("redo", prompt="tone", redo_bars="1", bars=2)
    _, (made,) = run(tmp_path, request, other)
    recipe = read_recipe(tmp_path / made.file)
    assert recipe.model.id == "fake"
    assert recipe.model.licence == "for tests; that of the source"
    _, (again,) = run(tmp_path, request, tmp_path / made.file)
    assert read_recipe(tmp_path / again.file).model.licence == recipe.model.licence


def test_loops_of_different_meters_are_not_blended(tmp_path, clip):
    other = run(tmp_path, LoopRequest(prompt="b", model="fake", bars=4, meter="3/4"))[1][0]
    end, _ = run(tmp_path, request_for("blend", with_source="b"), clip.path, other.path)
    assert end.message == "The sources are in 4/4 and 3/4: blend two of one meter."


def test_a_blend_made_again_from_its_recipe_keeps_its_title(tmp_path, clip):
    other = run(tmp_path, LoopRequest(prompt="drone", model="fake", bars=4))[1][0]
    _, (both,) = run(tmp_path, request_for("blend", with_source="it"), clip.path, other.path)
    request = read_recipe(tmp_path / both.file).request
    assert (request.source, request.with_source, request.amount) == (clip.id, other.id, 0.5)
    _, (again,) = run(tmp_path, request, clip.path, other.path)
    assert again.title == both.title == "tone + drone"


def test_our_one_shots_cannot_be_sources(tmp_path):
    shot = run(tmp_path, LoopRequest(prompt="bell", model="fake", seconds=1.5))[1][0]
    end, _ = run(tmp_path, request_for("retempo", bpm=90.0), shot.path)
    assert end.message == (
        "The source 'it' is a one-shot, which has no bars: choose a loop as the source."
    )


def test_a_source_without_a_key_cannot_be_rekeyed(tmp_path, other):
    end, _ = run(tmp_path, request_for("rekey", key="Eb minor"), other)
    assert end.message.startswith(
        "No key was detected in 'it', so it cannot be transposed to Eb minor"
    )


def test_a_foreign_loop_has_its_stated_meter(tmp_path):
    loop = known_loop("funk", "drums", 4, key="A minor", meter="5/4", bars=2)
    soundfile.write(tmp_path / "five.wav", loop.audio, loop.grid.rate, subtype="PCM_24")
    request = request_for("redo", prompt="tone", redo_bars="2", meter="5/4")
    _, (made,) = run(tmp_path, request, tmp_path / "five.wav")
    assert read_recipe(tmp_path / made.file).grid == loop.grid
    old, new = (read_audio(tmp_path / name).audio for name in ("five.wav", made.file))
    np.testing.assert_array_equal(new[: len(old) // 2], old[: len(old) // 2])


def test_a_recipe_without_its_file_is_reported(tmp_path):
    end, _ = run(tmp_path, request_for("retempo", bpm=90.0))
    assert end.message.startswith("The source 'it' has no file here")


BLEND = request_for("blend", with_source="other.flac", bars=2)
HEARD_ONE = [
    "reading the source",
    "detecting the tempo",
    "detecting the bars",
    "cutting the source",
]
HEARD_TWO = ["reading the source", *HEARD_ONE[1:], "detecting the key"]


@pytest.fixture
def other(tmp_path):
    """An untagged file of two and a half bars, whose tempo and bars must be heard."""
    longer = noise_on(LoopGrid(bpm=96.0, bars=3))[:300_000]
    soundfile.write(tmp_path / "other.flac", longer, 48_000)
    return tmp_path / "other.flac"


def test_jobs_without_a_model_report_their_progress(tmp_path, clip, other):
    events = [
        e for e in events_of(job_of(tmp_path, BLEND, clip.path, other)) if isinstance(e, Progress)
    ]
    assert [stage for stage, _ in itertools.groupby(event.stage for event in events)] == [
        "reading the source",
        *HEARD_TWO[1:],
        "stretching",
        "stretching the second source",
        "blending",
        "measuring",
    ]
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.8


@pytest.mark.parametrize("stage", ["detecting the bars", "stretching", "blending", "measuring"])
def test_jobs_without_a_model_can_be_cancelled_between_any_two_steps(tmp_path, clip, other, stage):
    end, clips = run(tmp_path, BLEND, clip.path, other, cancel_at=stage)
    assert (end, clips) == (Cancelled("0"), [])


def test_a_take_from_a_source_can_be_cancelled_during_its_repair(tmp_path, other):
    request = request_for("redo", prompt="tone raw", redo_bars="1", bars=2)
    end, clips = run(tmp_path, request, other, cancel_at="take 1")
    assert (end, clips) == (Cancelled("0"), [])


def test_model_progress_continues_after_that_of_source_analysis(tmp_path, other):
    request = request_for("redo", prompt="tone", redo_bars="1", bars=2)
    events = [e for e in events_of(job_of(tmp_path, request, other)) if isinstance(e, Progress)]
    assert events[-1].stage == "take 1"
    assert [e.fraction for e in events] == sorted(e.fraction for e in events)
    assert events[-1].fraction > 0.15


def test_clips_made_by_craft_keep_the_name_and_role_of_their_source(tmp_path, clip):
    _, (moved,) = run(tmp_path, request_for("retempo", bpm=100.0), clip.path)
    recipe = read_recipe(tmp_path / moved.file)
    assert (recipe.title, recipe.role) == ("tone", "lead")
    other = run(tmp_path, LoopRequest(prompt="drone", model="fake", bars=4))[1][0]
    blend = request_for("blend", with_source="other")
    _, (both,) = run(tmp_path, blend, clip.path, other.path)
    assert both.title == "tone + drone"
    _, (named,) = run(tmp_path, request_for("retempo", bpm=90.0, prompt="slow tone"), clip.path)
    assert named.title == "slow tone"


def drums(bpm, bars):
    """Return a loop of drums, 48 kHz: (frames, 1)."""
    seconds = bars * 240 / bpm
    return groove(bpm, seconds + 1, 48_000, first_s=0.0)[: round(seconds * 48_000)]


def test_a_loop_tagged_at_half_the_requested_tempo_keeps_its_speed(tmp_path):
    source = tagged_file(tmp_path / "keys.wav", drums(174, 4), 48_000, 87.0, 8)
    _, (made,) = run(tmp_path, request_for("retempo", bpm=174.0), source)
    recipe = read_recipe(tmp_path / made.file)
    assert (recipe.grid.bpm, recipe.grid.bars, recipe.repairs.stretch) == (174.0, 4, 1.0)
    assert recipe.understood[1:3] == ("source: 87 BPM (acid tag) · 2 bars", "taken as 174 BPM")
    stated = request_for("retempo", bpm=174.0, source_bpm=87.0)
    _, (fast,) = run(tmp_path, stated, source)
    assert (fast.recipe.grid.bars, fast.recipe.repairs.stretch) == (2, 0.5)


def test_a_blend_resolves_tempo_octaves(tmp_path):
    one = tagged_file(tmp_path / "one.wav", drums(174, 4), 48_000, 174.0, 16)
    other = tagged_file(tmp_path / "two.wav", drums(174, 4)[::-1], 48_000, 87.0, 8)
    end, (made,) = run(tmp_path, request_for("blend", with_source="two", amount=1.0), one, other)
    assert isinstance(end, Done), end
    assert (made.recipe.grid.bpm, made.recipe.grid.bars) == (174.0, 4)
    blended, alone = read_audio(tmp_path / made.file).audio, read_audio(other).audio
    assert np.corrcoef(blended[:, 0], alone[:, 0])[0, 1] > 0.99  # the same sound, as fast as before


def test_the_plan_event_gives_the_origin_of_the_tempo(tmp_path):
    soundfile.write(tmp_path / "hard_165bpm_Am.wav", drums(165, 4)[:-1440], 48_000)
    _, (made,) = run(tmp_path, request_for("retempo", bpm=150.0), tmp_path / "hard_165bpm_Am.wav")
    understood = made.recipe.understood
    assert "source: 165 BPM (name) \u00b7 4 bars \u00b7 A minor (name)" in understood
    assert (made.recipe.key, made.recipe.grid.bars) == ("A minor", 4)
    assert "165bpm" not in made.file
    assert "150bpm" in made.file


def test_facts_stated_by_the_user_go_into_the_recipe(tmp_path):
    soundfile.write(tmp_path / "loop.wav", drums(120, 4), 48_000)
    request = request_for("retempo", bpm=100.0, source_bpm=60.0, source_key="Em", source_start=0.5)
    _, (made,) = run(tmp_path, request, tmp_path / "loop.wav")
    recipe = read_recipe(tmp_path / made.file)
    assert (recipe.request.source_bpm, recipe.request.source_key) == (60.0, "E minor")
    assert recipe.key == "E minor"
    assert recipe.repairs.stretch == pytest.approx(0.6)
    assert "source: 60 BPM (typed)" in " ".join(recipe.understood)


def test_half_a_bar_can_be_blended_with_whole_bars(tmp_path, clip):
    soundfile.write(tmp_path / "half_120bpm.wav", drums(120, 1)[:48_000], 48_000)
    half = tmp_path / "half_120bpm.wav"
    _, (alone,) = run(tmp_path, request_for("retempo", bpm=125.0), half)
    assert str(alone.recipe.grid.meter) == "2/4"
    for sources in ((clip.path, half), (half, clip.path)):
        end, (made,) = run(tmp_path, request_for("blend", with_source="b"), *sources)
        assert isinstance(end, Done), end
        assert (str(made.recipe.grid.meter), made.recipe.grid.bars) == ("4/4", 4)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"source_bpm": 1000.0}, "The tempo is 1000.0, but must be 20 to 400 BPM"),
        ({"source_meter": "x"}, "The meter is 'x', but must be written like 4/4"),
        ({"source_key": "Q"}, "The key is 'Q', but must be a note and a mode"),
        ({"source_bars": 0}, "The number of bars of the source is 0, but must be 1 to"),
        ({"source_start": -1.0}, "The start of the source in seconds is -1.0, but must be 0 to"),
        ({"source_start": 9.0}, "The first beat of 'it' is said to be at 9 s, but it lasts"),
    ],
)
def test_invalid_source_facts_are_refused_in_a_sentence(tmp_path, clip, fields, sentence):
    end, _ = run(tmp_path, request_for("retempo", bpm=90.0, **fields), clip.path)
    assert end.message[: len(sentence)] == sentence
