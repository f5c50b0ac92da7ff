"""The generator: what it makes of a request, and of a source."""

import dataclasses
import json
import shutil

import msgspec
import numpy as np
import pytest
import soundfile
import torch

from engine.craft.finish import finish
from engine.generators.ace_step.generator import AceStepGenerator
from engine.generators.ace_step.pipeline import PipelineRequest
from engine.generators.ace_step.tracks import USUAL_TRACKS, track_in, tracks_in
from engine.generators.ace_step.wording import Wording, told_bpm, wording
from engine.loops.audio_file import read_audio
from engine.loops.cancel import RepeatableReport
from engine.loops.errors import LoopError, OutOfRange
from engine.loops.file_facts import read_recipe
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid
from engine.models.catalogue import Catalogue, built_in_catalogue
from engine.models.folders import folder_entry
from engine.models.trust import check_folder
from engine.protocol import Done, Render, TakeReady
from tests.fakes.random_ace_step import FULL, ace_step_models
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


def test_a_short_loop_is_stereo_at_48_khz_and_craft_makes_it_exact(turbo):
    take = take_of(turbo, REQUEST)
    assert (take.rate, take.audio.shape, take.closed) == (48_000, (50 * 1920, 2), True)
    request = msgspec.structs.replace(REQUEST, bpm=93.4, bars=2, meter="3/4")
    grid = turbo.plan(request).grid
    take = take_of(turbo, request)
    # As long as at 93 BPM, to the nearest patch of two latents; craft makes it 93.4.
    assert abs(len(take.audio) - 6 * 60 / 93 * 48_000) <= 1920
    assert finish(take, 0, grid).audio.shape == (grid.frames, 2)


def test_a_one_shot_is_cut_from_the_least_that_the_model_makes(turbo):
    take = take_of(turbo, LoopRequest(prompt="bell", seconds=1.5, steps=2, keep_latents=True))
    assert (len(take.audio), take.closed, take.latents.shape[1]) == (72_000, False, 250)


def test_copies_of_a_loop_are_one_loop_and_hear_each_other(pipeline):
    told = Wording(caption="pad", seconds=10)
    asked = PipelineRequest(told=told, seeds=(1,), latents=20, copies=3, steps=2)
    report = RepeatableReport(no_report, "")
    made, alone = (
        pipeline.latents(each, report) for each in (asked, dataclasses.replace(asked, copies=1))
    )
    assert made.shape == alone.shape == (1, 4, 20)
    assert not torch.allclose(made, alone)


def test_a_turned_loop_sounds_like_the_loop_turned(pipeline):
    coder = pipeline.autoencoder
    latents = torch.randn(1, coder.width, 20, generator=torch.Generator().manual_seed(1))
    report = RepeatableReport(no_report, "")
    sound, turned = (
        pipeline.decode(each, closed=True, report=report, on_piece=None)
        for each in (latents, latents.roll(7, dims=2))
    )
    assert (turned - sound.roll(7 * coder.hop, dims=2)).abs().max() < 1e-5


@pytest.mark.parametrize(
    ("request_", "facts"),
    [
        (LoopRequest(prompt="pad", bpm=93.5, key="A minor"), (94, "A minor", 4)),
        (LoopRequest(prompt="pad in F# minor at 88 bpm", meter="6/8"), (88, "F# minor", 6)),
        (LoopRequest(prompt="pad", bpm=25.0, meter="7/8", key="D dorian"), (50, None, None)),
        (LoopRequest(prompt="pad", key="A minor", verbatim=True), (None, None, None)),
        (LoopRequest(prompt="pad", key="A minor", seconds=2.0), (None, None, None)),
    ],
)
def test_tempo_key_and_meter_are_said_as_far_as_the_model_knows_them(turbo, request_, facts):
    said = wording(request_, turbo.plan(request_).grid, 10)
    assert (said.bpm, said.key, said.beats) == facts
    assert told_bpm(400.0) == 200


def test_every_word_and_newline_of_what_is_said_is_as_the_model_was_trained():
    said = Wording(caption="warm pad", seconds=12.5, bpm=94, key="F# minor")
    assert said.text == (
        "# Instruction\nFill the audio semantic mask based on the given conditions:\n\n"
        "# Caption\nwarm pad\n\n# Metas\n- bpm: 94\n- timesignature: N/A\n- keyscale: F# minor\n"
        "- duration: 12 seconds\n<|endoftext|>\n"
    )
    assert said.sung == "# Languages\nunknown\n\n# Lyric\n[Instrumental]<|endoftext|>"
    sung = wording(
        LoopRequest(prompt="pad", transcription="oh my / la la", language="de"), GRID, 10
    )
    assert sung.sung == "# Languages\nde\n\n# Lyric\noh my\nla la<|endoftext|>"


def assert_entry_matches(folder, generator):
    entry = folder_entry("mine", check_folder(folder))
    assert set(entry.modes) == generator.modes
    settings = {setting.name: setting for setting in entry.settings}
    assert set(settings) == generator.settings
    title = generator.plan(LoopRequest(prompt="pad")).understood[0]
    assert title == f"{settings['steps'].default} steps"


def test_every_setting_changes_the_sound(base, base_folder, turbo, turbo_folder):
    assert_entry_matches(turbo_folder, turbo)
    assert_entry_matches(base_folder, base)
    usual = take_of(base, REQUEST)
    for setting in (
        {"steps": 3},
        {"guidance": 1.0},
        {"verbatim": True},
        {"prompt": "dry drums"},
        {"key": "A minor"},
        {"transcription": "la la"},
        {"transcription": "la la", "language": "ja"},
    ):
        other = take_of(base, msgspec.structs.replace(REQUEST, **setting))
        assert not np.array_equal(other.audio, usual.audio), setting


def test_a_language_that_the_model_does_not_sing_is_refused(turbo):
    with pytest.raises(OutOfRange, match="must be one of ar az bg"):
        turbo.plan(LoopRequest(prompt="pad", language="klingon"))


def test_a_variation_keeps_the_time_of_its_source_and_less_of_its_sound_by_amount(turbo):
    source = noise(GRID)
    near, far = (made_from(turbo, "vary", [source], amount=amount) for amount in (0.2, 0.9))
    assert (near.exact, near.closed, near.audio.shape) == (True, True, source.shape)
    assert np.abs(far.audio - near.audio).max() > 1e-4


def test_a_continuation_is_the_source_and_what_follows(turbo):
    source = noise(LoopGrid(bpm=120.0, bars=1))
    whole = made_from(turbo, "continue", [source])
    assert (whole.exact, whole.closed, len(whole.audio)) == (True, True, GRID.frames)
    np.testing.assert_array_equal(whole.audio[: len(source)], source)
    following = made_from(turbo, "continue", [source], bars=1)
    assert (following.exact, following.closed) == (False, False)
    assert len(following.audio) == 2 * len(source)  # a bar more, for craft to close it


@pytest.mark.parametrize(
    ("prompt", "track", "role"),
    [
        ("a bass line for this loop", "bass", "bass"),
        ("bass drum", "drums", "drums"),
        ("warm Rhodes", "keyboard", "chords"),
        ("soft backing vocals", "backing_vocals", None),
        ("lead", "synth", "lead"),
        ("something blue", None, None),
    ],
)
def test_a_prompt_names_a_track(base, prompt, track, role):
    found = track_in(prompt)
    assert (found and found.name) == track
    request = LoopRequest(prompt=prompt, mode="accompany", source="a")
    assert base.plan(request).role == role


@pytest.mark.parametrize(
    ("prompt", "tracks"),
    [
        ("dry drums, bass and warm Rhodes", ("drums", "bass", "keyboard")),
        ("strings + backing vocals", ("strings", "backing_vocals")),
        ("everything else", ()),
        ("soul accompaniment", ()),
        ("drum and bass", None),
        ("drum & bass lead", None),
        ("warm, soft pad", None),
        ("bass drum", None),
        ("drums and breaks", None),
        ("guitar, slow", None),
    ],
)
def test_a_prompt_lists_tracks_that_are_played_together(base, prompt, tracks):
    assert tracks_in(prompt) == tracks
    request = LoopRequest(prompt=prompt, mode="accompany", source="a")
    assert (base.plan(request).role == "mix") == (tracks is not None)


def test_the_base_model_plays_along_and_takes_a_loop_apart(base, turbo):
    source = noise(GRID)
    part = made_from(base, "accompany", [source], prompt="bass")
    assert (part.exact, part.closed, part.audio.shape) == (True, True, source.shape)
    several = made_from(base, "accompany", [source], prompt="bass and drums")
    assert (several.exact, several.closed, several.audio.shape) == (True, True, source.shape)
    assert not np.array_equal(several.audio, part.audio)
    request = LoopRequest(source="a", mode="stems", bars=2, bpm=120.0, steps=1, guidance=1.0)
    takes = list(base.generate_from(request, GRID, [3], [source], (), no_report))
    assert [take.part for take in takes] == list(USUAL_TRACKS)
    assert not np.array_equal(takes[0].audio, takes[1].audio)
    with pytest.raises(LoopError, match="knows no track 'kazoo': choose one of"):
        base.plan(LoopRequest(source="a", mode="stems", stem="kazoo"))
    assert not {"accompany", "stems"} & turbo.modes


def test_a_folder_is_a_model_like_any_other(tmp_path, turbo_folder):
    entry = folder_entry("mine", check_folder(turbo_folder))
    assert (entry.sample_rate, entry.channels, entry.family) == (48_000, 2, "ace-step")
    request = LoopRequest(
        prompt="warm pad", model=str(turbo_folder), bars=1, bpm=120.0, steps=2, seed=5
    )
    events = events_of(Render("0", request, str(tmp_path)), models=Catalogue([]))
    assert isinstance(events[-1], Done), events[-1]
    (clip,) = [event.clip for event in events if isinstance(event, TakeReady)]
    assert soundfile.info(tmp_path / clip.file).channels == 2
    assert clip.frames == LoopGrid(bpm=120.0, bars=1).frames
    assert read_recipe(tmp_path / clip.file).request.steps == 2
    redo = LoopRequest(
        prompt="dry drums", model=str(turbo_folder), source=clip.id, mode="redo",
        redo_bars="1", bars=2, steps=2,
    )  # fmt: skip
    events = events_of(Render("1", redo, str(tmp_path), clip.path, ""), models=Catalogue([]))
    assert isinstance(events[-1], Done), events[-1]
    (redone,) = [event.clip for event in events if isinstance(event, TakeReady)]
    old, new = (read_audio(tmp_path / each.file).audio for each in (clip, redone))
    np.testing.assert_array_equal(new[len(old) :], old)


def test_a_checkpoint_of_the_sft_kind_has_no_parts_and_stems(tmp_path, base_folder, base):
    folder = shutil.copytree(base_folder, tmp_path / "sft")
    config = folder / "transformer" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"model_version": "sft"}))
    sft = AceStepGenerator(folder, base.facts, device="cpu", dtype="float32")
    assert_entry_matches(folder, sft)
    assert sft.modes == base.modes - {"accompany", "stems"}
    assert sft.settings == base.settings


def test_a_folder_may_have_the_tokenizer_beside_the_text_encoder_too(tmp_path, turbo_folder):
    folder = shutil.copytree(turbo_folder, tmp_path / "mine")
    for file in (folder / "tokenizer").iterdir():
        shutil.copy(file, folder / "text_encoder")
    for part in ("tokenizer", "text_encoder"):
        config = folder / part / "tokenizer_config.json"
        told = json.loads(config.read_text()) | {"chat_template": "{{ message }}" * 400}
        config.write_text(json.dumps(told))
    assert check_folder(folder).family == "ace-step"


def test_a_part_that_fits_and_a_stem_are_clips_of_their_own(tmp_path, base_folder):
    drums = tmp_path / "drums_120bpm_1bars.wav"
    soundfile.write(drums, noise(LoopGrid(bpm=120.0, bars=1)), 48_000)
    for asked, role in (
        ({"mode": "accompany"}, "bass"),
        ({"mode": "stems", "stem": "bass"}, "bass"),
    ):
        request = LoopRequest(
            prompt="bass", model=str(base_folder), source="a", steps=1, source_bpm=120.0,
            source_bars=1, **asked,
        )  # fmt: skip
        events = events_of(Render("0", request, str(tmp_path), str(drums)), models=Catalogue([]))
        assert isinstance(events[-1], Done), events[-1]
        (clip,) = [event.clip for event in events if isinstance(event, TakeReady)]
        assert (clip.frames, read_recipe(tmp_path / clip.file).role) == (96_000, role)


def test_the_catalogue_says_that_its_loops_may_be_sold_and_how_large_it_is():
    entries = [entry for entry in built_in_catalogue().entries if entry.family == "ace-step"]
    assert all(entry.commercial_use and entry.licence.startswith("MIT") for entry in entries)
    with torch.device("meta"):  # full size, without memory for the weights
        parts = ace_step_models(FULL, "turbo").values()
    weights = sum(weight.numel() for part in parts for weight in part.parameters())
    turbo = built_in_catalogue().entry("ace-step-turbo")
    assert turbo.size_bytes == pytest.approx(2 * weights, rel=0.01)
