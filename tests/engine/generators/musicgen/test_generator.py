import math

import msgspec
import numpy as np
import pytest
import torch

from engine.craft.finish import finish
from engine.generators.interface import JobCancelled
from engine.generators.musicgen.chroma import melody_chroma
from engine.generators.musicgen.generator import DEFAULT_GUIDANCE
from engine.generators.musicgen.sampling import Sampling
from engine.loops.errors import LoopError
from engine.loops.request import MODEL_SETTINGS, LoopRequest
from engine.models.catalogue import built_in_catalogue
from engine.models.folders import folder_entry
from engine.models.trust import check_folder

REQUEST = LoopRequest(prompt="dusty drums", bars=1, bpm=140.0)


def takes_of(generator, request, seeds, report=lambda _fraction, _stage: None):
    return list(generator.generate(request, generator.plan(request).grid, seeds, report))


@pytest.mark.parametrize(("kind", "channels"), [("mono", 1), ("stereo", 2)])
def test_a_take_has_an_extra_bar_and_is_scored_by_the_model(generators, kind, channels):
    (take,) = takes_of(generators[kind], REQUEST, [7])
    bar_s = 4 * 60 / 140
    assert (take.rate, take.closed, take.exact) == (32_000, False, False)
    assert take.audio.shape[1] == channels
    assert 2 * bar_s < len(take.audio) / take.rate < 2 * bar_s + 0.5
    assert [start for start, _ in take.joins] == pytest.approx(
        [beat * 60 / 140 for beat in range(len(take.joins))]
    )
    assert len(take.joins) >= 5
    assert all(math.isfinite(surprisal) and surprisal > 0 for _, surprisal in take.joins)


def test_craft_makes_an_exact_loop_of_a_take(generators):
    grid = generators["mono"].plan(REQUEST).grid
    (take,) = takes_of(generators["mono"], REQUEST, [7])
    made = finish(take, 0, grid)
    assert made.audio.shape == (grid.frames, 2)
    assert not made.rejected


def test_a_one_shot_has_no_join(generators):
    (take,) = takes_of(generators["mono"], LoopRequest(prompt="bell", seconds=0.7), [7])
    assert take.joins == ()
    assert len(take.audio) / take.rate >= 0.7


def test_a_take_is_bit_identical_alone_and_in_a_batch(generators):
    for generator in generators.values():
        batch = takes_of(generator, REQUEST, [21, 22, 23, 24, 25])
        (alone,) = takes_of(generator, REQUEST, [22])
        assert [take.seed for take in batch] == [21, 22, 23, 24, 25]
        assert alone.audio.tobytes() == batch[1].audio.tobytes()
        assert batch[0].audio.tobytes() != batch[1].audio.tobytes()


def test_every_setting_changes_the_audio(generators):
    generator = generators["mono"]
    assert generator.settings <= set(MODEL_SETTINGS)
    (usual,) = takes_of(generator, REQUEST, [3])
    for setting in (
        {"guidance": 1.0},
        {"temperature": 0.3},
        {"top_k": 3},
        {"top_p": 0.3},
        {"draft": True},
        {"verbatim": True},
        {"key": "A minor"},
        {"prompt": "soft strings"},
        {"unconditional": True},
    ):
        (take,) = takes_of(generator, msgspec.structs.replace(REQUEST, **setting), [3])
        assert take.audio.shape == usual.audio.shape
        assert not np.array_equal(take.audio, usual.audio), setting


def test_each_token_is_reported_and_cancelling_stops_there(generators):
    reports = []
    (before,) = takes_of(generators["mono"], REQUEST, [1], lambda *report: reports.append(report))
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    assert len(reports) > 180  # 3.7 s at 50 tokens a second
    for number in (0, 1, 50):
        sent = []

        def cancel(*report, sent=sent, number=number):
            sent.append(report)
            if len(sent) > number:
                raise JobCancelled

        with pytest.raises(JobCancelled):
            takes_of(generators["mono"], REQUEST, [1], cancel)
        assert len(sent) == number + 1
    (after,) = takes_of(generators["mono"], REQUEST, [1])
    assert before.audio.tobytes() == after.audio.tobytes()


def no_report(_fraction, _stage):
    """Take no notice."""


def made_from(generator, request, grid, source):
    (take,) = generator.generate_from(request, grid, [5], [source], (), no_report)
    return take


def tone(hz, seconds, rate=48_000):
    wave = 0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def test_a_continuation_keeps_the_source_bit_for_bit_and_appends(generators):
    for generator in generators.values():
        request = msgspec.structs.replace(REQUEST, mode="continue", source="x", bars=2)
        grid = generator.plan(request).grid
        source = tone(220, float(grid.length_s) / 2)
        take = made_from(generator, request, grid, source)
        assert take.exact
        assert take.audio.shape == (grid.frames, 2)
        assert np.array_equal(take.audio[: len(source)], source)
        new = take.audio[len(source) :]
        assert np.abs(new).max() > 0.01
        step = np.abs(np.diff(take.audio, axis=0))
        assert step[len(source) - 1].max() <= 2 * np.percentile(step[len(source) :], 99)


def test_a_continuation_no_longer_than_its_source_is_only_the_new_part(generators):
    request = msgspec.structs.replace(REQUEST, mode="continue", source="x")
    grid = generators["mono"].plan(request).grid
    source = tone(220, float(grid.length_s))
    take = made_from(generators["mono"], request, grid, source)
    assert not take.exact
    assert len(take.audio) / take.rate == pytest.approx(2 * float(grid.length_s) + 0.3, abs=0.05)
    other = made_from(generators["mono"], request, grid, tone(523, float(grid.length_s)))
    assert not np.array_equal(take.audio, other.audio)


def test_different_melodies_differ_and_only_some_models_accept_them(generators):
    request = msgspec.structs.replace(REQUEST, mode="melody", source="x")
    grid = generators["melody"].plan(request).grid
    first, second = (
        made_from(generators["melody"], request, grid, tone(hz, float(grid.length_s)))
        for hz in (220, 330)
    )
    assert not np.array_equal(first.audio, second.audio)
    assert "melody" in generators["stereo melody"].modes
    assert generators["mono"].modes == {"continue"}


@pytest.mark.parametrize(("hz", "note"), [(261.63, 0), (440.0, 9), (392.0, 7), (1046.5, 0)])
def test_the_loudest_note_of_a_tone_is_detected(hz, note):
    heard = melody_chroma(torch.from_numpy(tone(hz, 2.0, 32_000)[:, 0]))
    assert heard.shape == (16, 12)
    assert heard.argmax(dim=1).tolist() == [note] * 16


def test_chroma_matches_an_independent_library():
    notes = (392.0, 493.9, 493.9, 329.6, 493.9, 493.9, 493.9, 220.0)
    sound = np.concatenate([tone(hz, 0.5, 32_000)[:, 0] for hz in notes])
    # The loudest by librosa 0.11 (it takes half a minute to compile itself): chroma_stft(y=sound,
    # sr=32_000, n_fft=16_384, hop_length=4_096, tuning=0, norm=None, pad_mode="reflect").
    theirs = [7] * 4 + [11] * 8 + [4] * 4 + [11] * 12 + [9] * 4
    assert melody_chroma(torch.from_numpy(sound)).argmax(dim=1).tolist() == theirs


def test_too_long_a_loop_is_refused(generators):
    with pytest.raises(LoopError, match="at most 300 s, not 600 s: ask for fewer bars"):
        generators["mono"].plan(LoopRequest(prompt="drums", bars=300, bpm=120.0))


@pytest.mark.parametrize("kind", ["mono", "stereo melody"])
def test_the_listed_settings_and_modes_exist(generators, musicgen_folders, kind):
    generator, entry = generators[kind], folder_entry("mine", check_folder(musicgen_folders[kind]))
    published = built_in_catalogue().entry("musicgen-small")
    assert entry.settings == published.settings
    defaults = {setting.name: setting.default for setting in entry.settings}
    assert set(defaults) == generator.settings
    assert set(entry.modes) == generator.modes
    usual = Sampling()
    assert float(defaults["guidance"]) == DEFAULT_GUIDANCE
    assert (float(defaults["temperature"]), int(defaults["top_k"]), float(defaults["top_p"])) == (
        usual.temperature, usual.top_k, usual.top_p,
    )  # fmt: skip
