import numpy as np
import pytest

from engine.generators.interface import JobCancelled
from engine.generators.latent_diffusion.audioldm2 import AudioLdm2
from engine.generators.latent_diffusion.generator import LatentDiffusionGenerator
from engine.generators.latent_diffusion.musicldm import MusicLdm
from engine.generators.latent_diffusion.schedulers import (
    DEFAULT_SCHEDULER,
    DEFAULT_STEPS,
    SCHEDULERS,
)
from engine.loops.errors import LoopError
from engine.loops.recipe import ModelFacts
from engine.loops.request import MODEL_SETTINGS, LoopRequest
from engine.models.catalogue import built_in_catalogue
from engine.models.folders import folder_entry
from engine.models.trust import check_folder

FACTS = ModelFacts(id="tiny", name="Tiny", revision="1", licence="for tests")
REQUEST = LoopRequest(prompt="dusty drums", bars=1, bpm=400.0, steps=3)


@pytest.fixture(scope="module")
def generators(folders):
    return {
        name: LatentDiffusionGenerator(folder, FACTS, device="cpu", dtype="float32")
        for name, folder in folders.items()
    }


@pytest.fixture(params=["musicldm", "audioldm2"])
def generator(request, generators):
    return generators[request.param]


def takes_of(generator, request, seeds, report=lambda _fraction, _stage: None):
    return list(generator.generate(request, generator.plan(request).grid, seeds, report))


def test_a_loop_is_closed_at_the_models_rate_and_reports_its_excess(generator):
    (take,) = takes_of(generator, REQUEST, [7])
    exact = round(4 * 60 / 400 * 16_000)
    assert (take.rate, take.closed, take.exact, take.audio.shape[1]) == (16_000, True, False, 1)
    assert take.audio.dtype == np.float32
    assert len(take.audio) % (8 * 640) == 0
    assert len(take.audio) - take.remainder_frames == exact
    assert abs(take.remainder_frames) <= 4 * 640
    assert 0.001 < np.abs(take.audio).max() <= 1


def test_a_one_shot_has_its_exact_length_and_is_not_closed(generator):
    (take,) = takes_of(generator, LoopRequest(prompt="bell", seconds=0.7, steps=2), [7])
    assert (take.audio.shape, take.closed, take.remainder_frames) == ((11_200, 1), False, 0)


def test_a_take_is_bit_identical_alone_and_in_a_batch(generator):
    batch = takes_of(generator, REQUEST, [21, 22, 23])
    (alone,) = takes_of(generator, REQUEST, [22])
    assert [take.seed for take in batch] == [21, 22, 23]
    assert alone.audio.tobytes() == batch[1].audio.tobytes()
    assert batch[0].audio.tobytes() != batch[1].audio.tobytes()


@pytest.mark.parametrize("scheduler", ["ddim", "euler-ancestral", "dpm++-2m-sde"])
def test_a_seed_determines_all_the_noise(generator, scheduler):
    request = LoopRequest(prompt="pad", bars=1, bpm=400.0, steps=3, scheduler=scheduler)
    if scheduler == "ddim":
        request = LoopRequest(**{**vars_of(request), "eta": 1.0})
    first, second = takes_of(generator, request, [5, 5])
    assert first.audio.tobytes() == second.audio.tobytes()


def vars_of(request):
    return {name: getattr(request, name) for name in request.__struct_fields__}


def test_each_step_is_reported(generator):
    reports = []
    takes_of(generator, REQUEST, [1], lambda *report: reports.append(report))
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    assert sum(stage == "denoising" for _, stage in reports) >= 3
    assert {stage for _, stage in reports} == {"encoding the prompt", "denoising", "decoding"}


@pytest.mark.parametrize("number", [0, 1, 3, 6])
def test_cancelling_takes_effect_at_the_next_report_and_the_next_take_is_unaffected(
    generator, number
):
    (before,) = takes_of(generator, REQUEST, [4])
    reports = []

    def cancel(*report):
        reports.append(report)
        if len(reports) > number:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        takes_of(generator, REQUEST, [4], cancel)
    assert len(reports) == number + 1
    (after,) = takes_of(generator, REQUEST, [4])
    assert before.audio.tobytes() == after.audio.tobytes()


def test_several_takes_are_scored_against_the_prompt_and_a_single_one_is_not(generator):
    several = takes_of(generator, LoopRequest(**{**vars_of(REQUEST), "takes": 2}), [1, 2])
    assert all(-1 <= take.text_match <= 1 for take in several)
    assert takes_of(generator, REQUEST, [1])[0].text_match is None


def test_the_default_negative_prompt_can_be_replaced_or_removed(generator):
    def sound(**more):
        return takes_of(generator, LoopRequest(**{**vars_of(REQUEST), **more}), [3])[0].audio

    default = sound()
    assert np.array_equal(default, sound(negative="low quality, average quality"))
    assert not np.array_equal(default, sound(negative=""))
    assert not np.array_equal(default, sound(negative="hiss"))


def test_a_long_negative_prompt_is_used_completely(generator):
    def sound(negative):
        request = LoopRequest(prompt="a", negative=negative, bars=1, bpm=400.0, steps=2)
        return takes_of(generator, request, [3])[0].audio

    words = "low quality, noise, hum and a distant"
    assert not np.array_equal(sound(words + " dog"), sound(words + " cat"))


def test_the_prompt_sets_the_grid_and_flags_override_it(generator):
    plan = generator.plan(LoopRequest(prompt="house at 124 bpm in 3/4, 2 bars, A minor"))
    assert (plan.grid.bpm, str(plan.grid.meter), plan.grid.bars, plan.key) == (
        124.0, "3/4", 2, "A minor",
    )  # fmt: skip
    assert "house" in plan.title
    plan = generator.plan(LoopRequest(prompt="house at 124 bpm", bpm=90.0))
    assert plan.grid.bpm == 90.0
    plan = generator.plan(LoopRequest(prompt="house"))
    assert (plan.grid.bpm, plan.grid.bars, str(plan.grid.meter)) == (120.0, 4, "4/4")


def test_the_plan_says_that_tempo_is_ignored_and_that_only_ddim_has_eta(generator):
    plan = generator.plan(LoopRequest(prompt="house", eta=0.5))
    assert plan.ignored[-2] == "tempo and key: this model does not follow them"
    assert plan.ignored[-1] == "eta: used by ddim only, not by dpm++-2m"
    plan = generator.plan(LoopRequest(prompt="house", eta=0.5, scheduler="ddim"))
    assert not any("eta" in phrase for phrase in plan.ignored)


def test_the_listed_settings_are_those_that_have_an_effect(generators):
    common = {"steps", "guidance", "scheduler", "eta", "draft"}
    common |= {"toward", "toward_amount", "keep_latents"}
    assert generators["musicldm"].settings == common
    assert generators["audioldm2"].settings == common | {"max_new_tokens"}
    assert generators["speech"].settings == common | {"max_new_tokens", "transcription"}
    assert generators["speech"].settings <= set(MODEL_SETTINGS)


def test_a_loop_too_long_for_one_pass_is_refused(generator):
    with pytest.raises(LoopError, match="at most 60 s in one pass, not 120 s: ask for fewer bars"):
        generator.plan(LoopRequest(prompt="drums", bars=60, bpm=120.0))


def test_a_speech_model_requires_and_speaks_a_transcription(generators):
    speaker = generators["speech"]
    with pytest.raises(LoopError, match="'tiny' is a speech model: enter a transcription"):
        speaker.plan(LoopRequest(prompt="a man speaks"))
    sounds = [
        takes_of(
            speaker,
            LoopRequest(prompt="a man speaks", seconds=0.6, steps=2, transcription=words),
            [1],
        )[0].audio
        for words in ("good day", "good night")
    ]
    assert not np.array_equal(*sounds)


def test_an_empty_prompt_plays_anything(generator):
    request = LoopRequest(prompt="", unconditional=True, bars=1, bpm=400.0, steps=2)
    assert generator.plan(request).title == "untitled"
    (take,) = takes_of(generator, request, [1])
    assert np.abs(take.audio).max() > 0.001


def test_prompt_weights_take_effect_and_are_absent_from_title_and_facts(generator):
    weighted = LoopRequest(
        **{**vars_of(REQUEST), "prompt": "(dusty:1.8) drums at 140 (bpm:1.1)", "bpm": None}
    )
    plan = generator.plan(weighted)
    assert (plan.grid.bpm, plan.title) == (140.0, "dusty drums")
    (take,) = takes_of(
        generator, LoopRequest(**{**vars_of(REQUEST), "prompt": "(dusty:1.8) drums"}), [7]
    )
    assert take.audio.tobytes() != takes_of(generator, REQUEST, [7])[0].audio.tobytes()


@pytest.mark.parametrize("field", ["prompt", "negative", "toward"])
def test_a_weight_out_of_range_is_refused_before_generating(generator, field):
    request = LoopRequest(**{**vars_of(REQUEST), field: "a (loud:9) bell"})
    with pytest.raises(LoopError, match=r"^The weight of 'loud' is 9\.0, but must be 0 to 2\.$"):
        generator.plan(request)


def test_a_blend_is_reported_and_defaults_to_halfway(generator):
    def sound(**more):
        return takes_of(generator, LoopRequest(**{**vars_of(REQUEST), **more}), [3])[0].audio

    blend = LoopRequest(**{**vars_of(REQUEST), "toward": "a soft (pad:1.2)"})
    assert "50% of the way to a soft pad" in generator.plan(blend).understood
    half = sound(toward="a soft pad")
    assert np.array_equal(half, sound(toward="a soft pad", toward_amount=0.5))
    assert not np.array_equal(half, sound(toward="a soft pad", toward_amount=0.9))


def test_requested_latents_come_with_a_take_and_match_its_audio(generator):
    keeping = LoopRequest(**{**vars_of(REQUEST), "keep_latents": True})
    (take,) = takes_of(generator, keeping, [7])
    (plain,) = takes_of(generator, REQUEST, [7])
    assert take.audio.tobytes() == plain.audio.tobytes()
    assert plain.latents is None
    assert take.latents.dtype == np.float32
    assert take.latents.shape[1] * 640 == len(take.audio)
    assert take.latents.ndim == 3


@pytest.mark.parametrize(
    ("name", "model_id"),
    [("musicldm", "musicldm"), ("audioldm2", "audioldm2"), ("speech", "audioldm2-ljspeech")],
)
def test_the_catalogue_lists_the_generators_settings(generators, name, model_id):
    settings = {setting.name: setting for setting in built_in_catalogue().entry(model_id).settings}
    family = MusicLdm if name == "musicldm" else AudioLdm2
    assert set(settings) == generators[name].settings
    assert float(settings["guidance"].default) == family.guidance
    assert settings["steps"].default == str(DEFAULT_STEPS)
    assert set(settings["scheduler"].choices) == set(SCHEDULERS)
    assert settings["scheduler"].default == DEFAULT_SCHEDULER


@pytest.mark.parametrize("name", ["musicldm", "audioldm2", "speech"])
def test_a_folder_reports_the_same_settings(generators, folders, name):
    entry = folder_entry(name, check_folder(folders[name]))
    assert {setting.name for setting in entry.settings} == generators[name].settings
    assert set(entry.modes) == set(generators[name].modes)
