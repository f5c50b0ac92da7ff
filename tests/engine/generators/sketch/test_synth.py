"""The synthesiser: no aliasing, and effects that know no seam."""

import dataclasses
import tracemalloc

import numpy as np
import pytest

from engine.generators.sketch.patches import PATCHES
from engine.generators.sketch.synth import circle as on
from engine.generators.sketch.synth.drum_models import Setting
from engine.generators.sketch.synth.drums import Hit, Ring
from engine.generators.sketch.synth.kits import FAMILIES, drawn_drum
from engine.generators.sketch.synth.padsynth import MovingPad, Pad
from engine.generators.sketch.synth.voice import Character, Strike, note_hz
from tests.engine.generators.sketch.study import loop as study_loop

RATE = 48_000


def _difference_db(low_rate, high_rate):
    """Return how much the sound at 96 kHz, every second frame taken, differs from 48 kHz."""
    both = min(low_rate.shape[-1], high_rate.shape[-1] // 2) - 600
    apart = high_rate[..., : 2 * both : 2] - low_rate[..., :both]
    return 20 * np.log10(np.abs(apart).max() / np.abs(low_rate).max() + 1e-12)


@pytest.mark.parametrize("midi", [28, 52, 76, 96])
@pytest.mark.parametrize(
    "name", [n for n, patch in PATCHES.items() if not isinstance(patch, Pad | MovingPad)]
)
def test_no_instrument_aliases(name, midi):
    # Nothing lies above 20 kHz at either rate, so every second frame at 96 kHz is what 48 kHz
    # ought to be; what folded over at 48 kHz would make the difference.
    character = Character(bright_octaves=0.5, drive=0.3)
    sounds = [
        PATCHES[name].render(Strike(note_hz(midi), rate // 5, 0.9), character, rate)
        for rate in (RATE, 2 * RATE)
    ]
    assert _difference_db(*sounds) < -60


def _drum(family, voice, seed=1):
    return drawn_drum(FAMILIES[family], voice, np.random.default_rng(seed), Setting())[0]


def _stroke(drum, velocity=0.9, chance=1, rate=RATE):
    return drum.strike(Hit(velocity, np.random.default_rng(chance), rate))


@pytest.mark.parametrize("voice", ["kick", "snare", "tom_low", "rim", "ride"])
def test_no_ringing_of_drums_aliases(voice):
    rings = [part for part in _drum("acoustic", voice).parts if isinstance(part, Ring)]
    for ring in rings:
        sounds = [ring.sound(Hit(0.9, np.random.default_rng(1), r)) for r in (RATE, 2 * RATE)]
        assert _difference_db(*sounds) < -60


def test_the_noise_of_a_drum_goes_with_the_drum():
    """A seed draws its own kit, so what an earlier loop's drums made is of no use later."""
    _stroke(_drum("acoustic", "crash", 0))
    tracemalloc.start()
    try:
        for seed in range(1, 5):
            _stroke(_drum("acoustic", "crash", seed))
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak > 1_000_000 > 10 * kept


@pytest.mark.parametrize("family", FAMILIES)
def test_every_drum_of_a_kit_sounds_and_ends(family):
    for voice in FAMILIES[family].voices:
        sound = _stroke(_drum(family, voice))
        assert sound.dtype == np.float32
        assert np.isfinite(sound).all()
        assert 0.05 < np.abs(sound).max() < 4
        assert len(sound) < 4 * RATE
        assert np.abs(sound[-1]) < 1e-6


@pytest.mark.parametrize("voice", ["kick", "snare", "hat", "ride", "clap"])
def test_no_two_strokes_are_alike(voice):
    drum = _drum("acoustic", voice)
    first, same, other = (_stroke(drum, chance=chance) for chance in (1, 1, 2))
    assert np.array_equal(first, same)
    both = min(len(first), len(other))
    assert np.abs(first[:both] - other[:both]).max() > 0.05 * np.abs(first).max()


def _centre_hz(sound):
    power = np.abs(np.fft.rfft(sound)) ** 2
    return np.average(np.fft.rfftfreq(len(sound), 1 / RATE), weights=power)


@pytest.mark.parametrize("voice", ["kick", "snare", "hat", "tom_mid", "conga_low"])
def test_a_harder_stroke_is_brighter(voice):
    brighter = 0
    for seed in range(6):
        drum = _drum("acoustic", voice, seed)
        soft, hard = (_stroke(drum, velocity) for velocity in (0.3, 1.0))
        brighter += _centre_hz(hard / np.abs(hard).max()) > _centre_hz(soft / np.abs(soft).max())
    assert brighter >= 5


def test_a_ghost_stroke_has_more_wires_and_no_crack():
    drum = _drum("acoustic", "snare")
    head, crack, wires = drum.parts[:3]
    ghost, accent = (
        [part.force.level(velocity) for part in (head, crack, wires)] for velocity in (0.3, 1.0)
    )
    assert ghost[1] == 0 < accent[1]
    assert ghost[2] / ghost[0] > 1.2 * accent[2] / accent[0]


def test_every_seed_has_its_own_kit():
    kits = [_centre_hz(_stroke(_drum("909", "snare", seed))) for seed in range(8)]
    assert np.std(np.log2(kits)) > 0.1


@pytest.mark.parametrize("hz", [997.0, 3011.0, 6007.0])
def test_the_soft_clipper_aliases_below_60_db(hz):
    frames = RATE
    wave = np.sin(2 * np.pi * hz * np.arange(frames) / RATE).astype(np.float32)
    clipped = on.soft_clip(np.stack([wave, wave]) * 0.4, 0.5)
    power = np.abs(np.fft.rfft(clipped[0])) ** 2
    alias = power.copy()
    for harmonic in range(1, int(24_000 / hz) + 1):
        alias[int(hz * harmonic)] = 0
    assert 10 * np.log10(alias.max() / power.max()) < -60
    assert power[int(3 * hz)] > 1e-6 * power.max(), "it should clip at all"


def _noise_loop(frames=30_011):
    rng = np.random.default_rng(3)
    loop = rng.standard_normal((2, frames)).astype(np.float32) * 0.1
    loop[:, 5000:5200] += 0.8
    return loop


EFFECTS = {
    "low pass": lambda x: on.low_pass(x, 900, RATE),
    "high pass": lambda x: on.high_pass(x, 60, RATE),
    "high shelf": lambda x: on.shelf(x, 2600, 5, RATE, high=True),
    "low shelf": lambda x: on.shelf(x, 220, -4, RATE, high=False),
    "echoes": lambda x: on.echoes(x, 7001, 0.5, 2800, RATE),
    "reverb": lambda x: on.reverb(x.shape[1], 2.0, RATE).around(x),
    "soft clip": lambda x: on.soft_clip(x, 0.6),
    "limiter": lambda x: on.limited(x, 0.3, RATE),
}


@pytest.mark.parametrize("effect", EFFECTS.values(), ids=EFFECTS)
def test_an_effect_on_the_circle_does_not_depend_on_the_starting_point(effect):
    loop = _noise_loop()
    turned = np.roll(loop, 12_345, axis=1)
    apart = np.abs(effect(turned) - np.roll(effect(loop), 12_345, axis=1)).max()
    assert apart < 2e-4 * np.abs(effect(loop)).max()


def test_the_compressor_has_no_seam_and_reduces_loud_parts():
    loop = _noise_loop(48_000)
    squeezed = on.compressed(loop, -20, 4, RATE)
    gain = squeezed / loop
    assert np.abs(gain[0, 0] - gain[0, -1]) < 0.01
    assert np.abs(squeezed[:, 5100:5200]).mean() < 0.8 * np.abs(loop[:, 5100:5200]).mean()


def test_the_shelves_reach_their_gain():
    impulse = np.zeros((2, RATE), np.float32)
    impulse[:, 0] = 1
    for high, place in ((True, 15_000), (False, 40)):
        bins = np.abs(np.fft.rfft(on.shelf(impulse, 1000, 6, RATE, high=high)[0]))
        assert 20 * np.log10(bins[place]) == pytest.approx(6, abs=0.3)
        assert 20 * np.log10(bins[40 if high else 15_000]) == pytest.approx(0, abs=0.3)


def test_a_sound_longer_than_the_loop_wraps_as_often_as_needed():
    circle = np.zeros((2, 10), np.float32)
    on.add_round(circle, 7, np.arange(25, dtype=np.float32), np.array([1, 2], np.float32))
    expected = np.zeros(10)
    for index in range(25):
        expected[(7 + index) % 10] += index
    np.testing.assert_allclose(circle, [expected, 2 * expected])


def test_noise_loops_without_a_step():
    loop = on.noise_round(48_000, RATE, lambda hz: np.exp(-((hz / 200) ** 2)), 4)
    steps = np.abs(np.diff(np.concatenate([loop, loop[:, :1]], axis=1), axis=1))
    assert steps[:, -1].max() <= np.percentile(steps, 99.9)


def test_a_soft_attack_is_slower_than_a_hard_one():
    strike = Strike(220, RATE // 2)
    patch = PATCHES["poly synth"]
    hard, soft = (
        patch.render(strike, dataclasses.replace(Character(), attack=a, ease_s=e), RATE)[0]
        for a, e in ((0.25, 0.0), (4.0, 0.02))
    )
    assert np.abs(hard[:960]).max() > 2 * np.abs(soft[:960]).max()


def test_loudness_is_that_of_bs_1770():
    pyloudnorm = pytest.importorskip("pyloudnorm")
    loop = _noise_loop(4 * RATE)
    loop[:, RATE : 2 * RATE] *= 0.1
    round_about = np.concatenate([loop, loop, loop], axis=1).T
    expected = pyloudnorm.Meter(RATE).integrated_loudness(round_about)
    assert on.loudness_db(loop, RATE) == pytest.approx(expected, abs=0.4)


def test_a_repeated_note_is_not_the_same_sound_twice():
    _, audio = study_loop("dry house bass", 4, bpm=120.0, bars=2)
    beats = audio[: 8 * RATE // 2].reshape(8, RATE // 2, 2)
    apart = [np.abs(beats[0] - beat).max() for beat in beats[1:]]
    assert min(apart) > 1e-3


def _blown(velocity=0.8, chance=0.0, name="brass"):
    strike = Strike(220.0, RATE // 2, velocity, chance=chance)
    return PATCHES[name].render(strike, Character(), RATE)


def test_a_horn_that_is_blown_harder_is_brighter():
    soft, hard = (np.abs(np.fft.rfft(_blown(force).mean(axis=0))) for force in (0.3, 1.0))
    at_2_khz = 2_000 * len(soft) * 2 // RATE // 2
    shares = [power[at_2_khz:].sum() / power.sum() for power in (soft, hard)]
    assert shares[1] > 1.3 * shares[0]


@pytest.mark.parametrize("name", ("brass", "flute", "saw lead", "acid bass", "poly synth"))
def test_the_same_note_sounds_different_in_each_of_its_turns(name):
    sounds = [_blown(chance=turn / 3, name=name) for turn in (0, 1, 2)]
    frames = min(sound.shape[-1] for sound in sounds)
    levels = [
        np.log10(np.abs(np.fft.rfft(np.atleast_2d(sound)[0, :frames]))[20:2_000] + 1e-3)
        for sound in sounds
    ]
    apart = [20 * np.abs(levels[turn] - levels[turn - 1]).mean() for turn in range(3)]
    assert min(apart) > 1
    assert np.array_equal(sounds[1], _blown(chance=1 / 3, name=name))  # and alike each time


def test_pads_move_and_are_narrower_than_independent_channels():
    strike = Strike(220.0, 3 * RATE)
    sound = PATCHES["warm pad"].render(strike, Character(), RATE)
    middle, side = sound.mean(axis=0), (sound[0] - sound[1]) / 2
    assert -6 < 10 * np.log10((side**2).mean() / (middle**2).mean()) < -0.8
    spectra = np.abs(np.fft.rfft(middle[: 3 * RATE].reshape(12, -1), axis=1))
    high = spectra[2:, 1500 // 4 :].sum(axis=1) / spectra[2:, :400].sum(axis=1)
    assert high.max() > 1.5 * high.min(), "it opens and closes"
