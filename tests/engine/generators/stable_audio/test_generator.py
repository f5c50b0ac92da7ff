"""The generator: what it makes of a request, and of a source."""

import json
import shutil

import msgspec
import numpy as np
import pytest
import soundfile
import torch

from engine.craft.finish import finish
from engine.generators.canvas import Canvas
from engine.generators.stable_audio.generator import StableAudioGenerator
from engine.generators.stable_audio.prompt import worded
from engine.loops.audio_file import read_audio
from engine.loops.errors import OutOfRange
from engine.loops.file_facts import read_recipe
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid
from engine.models.catalogue import Catalogue, built_in_catalogue
from engine.models.families.stable_audio import STABLE_AUDIO_OPEN
from engine.models.folders import folder_entry
from engine.models.trust import check_folder
from engine.protocol import Done, Render, TakeReady
from tests.fakes.random_stable_audio import OPEN, open_models
from tests.fakes.worker import events_of

REQUEST = LoopRequest(prompt="warm pad", bars=1, bpm=120.0, steps=2)
GRID = LoopGrid(bpm=120.0, bars=2)


def no_report(_fraction, _stage):
    """Take no notice."""


def noise(grid, channels=2, seed=1):
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((grid.frames, channels))).astype(np.float32)


def take_of(generator, request, seed=3):
    (take,) = generator.generate(request, generator.plan(request).grid, [seed], no_report)
    return take


def made_from(generator, mode, sources, **asked):
    request = LoopRequest(
        **{"prompt": "warm pad", "source": "a", "mode": mode, "bars": 2, "bpm": 120.0, "steps": 2}
        | asked
    )
    grid = generator.plan(request).grid
    (take,) = generator.generate_from(request, grid, [3], sources, (), no_report)
    return take


def test_it_makes_stereo_loops_at_44_khz_that_craft_makes_exact(generator):
    take = take_of(generator, REQUEST)
    assert (take.rate, take.audio.shape[1], take.closed) == (44_100, 2, True)
    assert len(take.audio) == 22 * 4096  # 2 s are 21.5 latents
    grid = generator.plan(REQUEST).grid
    assert finish(take, 0, grid).audio.shape == (grid.frames, 2)


def assert_entry_matches(folder, generator):
    entry = folder_entry("mine", check_folder(folder))
    assert set(entry.modes) == generator.modes
    settings = {setting.name: setting for setting in entry.settings}
    assert set(settings) == generator.settings
    title = generator.plan(LoopRequest(prompt="pad")).understood[0]
    assert title == f"{settings['steps'].default} steps of {settings['scheduler'].default}"
    for name in settings["scheduler"].choices:
        generator.plan(LoopRequest(prompt="pad", scheduler=name))


def test_a_base_checkpoint_has_the_settings_that_its_folder_shows(
    tmp_path, stable_audio_folder, generator
):
    folder = shutil.copytree(stable_audio_folder, tmp_path / "base")
    schedule = folder / "scheduler" / "scheduler_config.json"
    told = json.loads(schedule.read_text()) | {"stochastic_sampling": False}
    schedule.write_text(json.dumps(told))
    base = StableAudioGenerator(folder, generator.facts, device="cpu", dtype="float32")
    assert_entry_matches(folder, base)
    shown = {each.name: each.default for each in folder_entry("x", check_folder(folder)).settings}
    assert shown["steps"] == "50"
    usual = take_of(base, REQUEST)
    guided = take_of(base, msgspec.structs.replace(REQUEST, guidance=float(shown["guidance"])))
    np.testing.assert_array_equal(usual.audio, guided.audio)
    without = take_of(base, msgspec.structs.replace(REQUEST, guidance=1.0))
    assert not np.array_equal(usual.audio, without.audio)


def test_every_setting_changes_the_sound(generator, stable_audio_folder):
    assert_entry_matches(stable_audio_folder, generator)
    usual = take_of(generator, REQUEST)
    for setting in (
        {"steps": 3},
        {"scheduler": "euler"},
        {"guidance": 4.0},
        {"verbatim": True},
        {"prompt": "dry drums"},
        {"key": "A minor"},
    ):
        other = take_of(generator, msgspec.structs.replace(REQUEST, **setting))
        assert not np.array_equal(other.audio, usual.audio), setting
    guided = msgspec.structs.replace(REQUEST, guidance=4.0)
    other = msgspec.structs.replace(guided, negative="hiss")
    assert not np.array_equal(take_of(generator, guided).audio, take_of(generator, other).audio)
    kept = take_of(generator, msgspec.structs.replace(REQUEST, keep_latents=True))
    assert kept.latents.shape == (16, 22, 1)


def test_an_unknown_sampler_is_refused(generator):
    with pytest.raises(OutOfRange, match="must be one of ping-pong, euler"):
        generator.plan(LoopRequest(prompt="pad", scheduler="ddim"))


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (REQUEST, "warm pad, 1 bar, 120 BPM"),
        (LoopRequest(prompt="pad in A minor, 4 bars at 93.5 bpm"), None),
        (LoopRequest(prompt="bass", key="F# minor"), "bass, 4 bars, F# minor, 120 BPM"),
        (LoopRequest(prompt="bass", key="F# minor", verbatim=True), None),
        (LoopRequest(prompt="bell", seconds=1.0, key="C major"), None),
    ],
)
def test_bars_key_and_tempo_are_said_once(generator, request_, words):
    assert worded(request_, generator.plan(request_).grid) == (words or request_.prompt)


def test_a_variation_keeps_the_time_of_its_source(generator):
    source = noise(GRID)
    same = made_from(generator, "vary", [source], amount=0.0)
    assert (same.exact, same.closed, same.audio.shape) == (True, True, source.shape)
    coded = same.audio
    near, far = (
        np.abs(made_from(generator, "vary", [source], amount=amount).audio - coded).mean()
        for amount in (0.1, 0.9)
    )
    assert 0 < near < far


def test_a_stereo_source_stays_stereo(generator):
    source = noise(GRID)
    source[:, 1] *= 0.1
    taken = made_from(generator, "vary", [source], amount=0.0).audio
    assert not np.allclose(taken[:, 0], taken[:, 1])
    mono = made_from(generator, "vary", [noise(GRID, channels=1)], amount=0.0)
    assert mono.audio.shape == (GRID.frames, 2)


def test_a_blend_lies_between_its_sources(generator):
    sources = [noise(GRID, seed=seed) for seed in (1, 2)]
    blends = [
        made_from(generator, "blend", sources, with_source="b", blend_in="latents", amount=amount)
        for amount in (0.0, 0.5, 1.0)
    ]
    first, _, last = (blend.audio for blend in blends)
    coded = [made_from(generator, "vary", [source], amount=0.0).audio for source in sources]
    np.testing.assert_allclose(first, coded[0], atol=1e-5)
    np.testing.assert_allclose(last, coded[1], atol=1e-5)
    again = made_from(
        generator, "blend", sources, with_source="b", blend_in="latents", renoise=0.8, amount=0.5
    )
    assert np.abs(again.audio - blends[1].audio).max() > 1e-4


def test_redone_bars_hear_those_that_stay(generator):
    one = made_from(generator, "redo", [noise(GRID)], redo_bars="2")
    other = made_from(generator, "redo", [noise(GRID, seed=2)], redo_bars="2")
    assert (one.exact, one.audio.shape) == (True, (GRID.frames, 2))
    assert np.abs(one.audio - other.audio).max() > 1e-4


def test_a_continuation_is_the_source_and_what_follows(generator):
    source = noise(LoopGrid(bpm=120.0, bars=1))
    whole = made_from(generator, "continue", [source])
    assert (whole.exact, whole.closed, len(whole.audio)) == (True, True, GRID.frames)
    np.testing.assert_array_equal(whole.audio[: len(source)], source)
    following = made_from(generator, "continue", [source], bars=1)
    assert (following.exact, following.closed) == (False, False)
    assert len(following.audio) == 2 * len(source)  # a bar more, for craft to close it


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_a_canvas_gives_back_the_loop_that_was_laid_on_it(rate):
    grid = LoopGrid(bpm=97.31, bars=1, rate=rate)
    canvas = Canvas(grid, 44_100, 4096)
    time = np.arange(grid.frames) / grid.frames
    loop = np.stack([np.sin(2 * np.pi * cycles * time) for cycles in (330, 440)], axis=1)
    loop = (0.5 * loop).astype(np.float32)
    laid_out = canvas.laid_out(loop, 2)
    assert laid_out.shape == (2, canvas.latents * 4096)
    np.testing.assert_allclose(canvas.cut(laid_out), loop, atol=0.002)


def test_a_mask_covers_the_bars_to_redo_and_all_their_repetitions():
    grid = LoopGrid(bpm=120.0, bars=4)
    canvas = Canvas(grid, 44_100, 4096)
    mask = canvas.mask([(0.75, 1.0)])
    bar = 88_200
    begin = canvas.begin + 3 * bar
    assert not mask[begin // 4096 : (begin + bar) // 4096].any()
    assert mask[canvas.begin // 4096 + 1 : begin // 4096].all()
    assert not mask[: canvas.begin // 4096].any()  # the last bar comes before the first


def test_a_folder_is_a_model_like_any_other(tmp_path, stable_audio_folder):
    request = LoopRequest(prompt="warm pad", model="mine", bars=1, bpm=120.0, steps=2, seed=5)
    entry = folder_entry("mine", check_folder(stable_audio_folder))
    assert (entry.sample_rate, entry.channels, entry.family) == (44_100, 2, "stable-audio-3")
    request = msgspec.structs.replace(request, model=str(stable_audio_folder))
    events = events_of(Render("0", request, str(tmp_path)), models=Catalogue([]))
    assert isinstance(events[-1], Done), events[-1]
    (clip,) = [event.clip for event in events if isinstance(event, TakeReady)]
    assert soundfile.info(tmp_path / clip.file).channels == 2
    assert clip.frames == LoopGrid(bpm=120.0, bars=1).frames
    assert read_recipe(tmp_path / clip.file).request.steps == 2
    redo = LoopRequest(
        prompt="dry drums", model=str(stable_audio_folder), source=clip.id, mode="redo",
        redo_bars="1", bars=2, steps=2,
    )  # fmt: skip
    events = events_of(Render("1", redo, str(tmp_path), clip.path, ""), models=Catalogue([]))
    assert isinstance(events[-1], Done), events[-1]
    (redone,) = [event.clip for event in events if isinstance(event, TakeReady)]
    old, new = (read_audio(tmp_path / each.file).audio for each in (clip, redone))
    np.testing.assert_array_equal(new[len(old) :], old)


def test_stable_audio_open_makes_and_varies_loops(open_generator, open_folder):
    assert_entry_matches(open_folder, open_generator)
    take = take_of(open_generator, REQUEST)
    assert (take.rate, take.audio.shape, take.closed) == (44_100, (43 * 2048, 2), True)
    guided = msgspec.structs.replace(REQUEST, guidance=1.0)
    assert not np.array_equal(take_of(open_generator, guided).audio, take.audio)
    source = noise(LoopGrid(bpm=120.0, bars=1))
    same, near, far = (
        made_from(open_generator, "vary", [source], amount=amount, bars=1)
        for amount in (0.0, 0.1, 0.9)
    )
    assert (same.exact, same.audio.shape) == (True, source.shape)
    assert 0 < np.abs(near.audio - same.audio).mean() < np.abs(far.audio - same.audio).mean()
    assert open_generator.modes == {"vary", "blend"}


def test_what_may_be_done_with_a_clip_is_said_with_its_revenue_limit():
    entry = built_in_catalogue().entry("stable-audio-open")
    assert entry.commercial_use
    assert "less than 1 million US dollars of revenue" in entry.licence
    assert (entry.family, entry.sample_rate, entry.channels) == (STABLE_AUDIO_OPEN.id, 44_100, 2)
    with torch.device("meta"):  # full size, without memory for the weights
        parts = open_models(OPEN).values()
    weights = sum(weight.numel() for part in parts for weight in part.parameters())
    assert entry.size_bytes == pytest.approx(4 * weights, rel=0.01)
