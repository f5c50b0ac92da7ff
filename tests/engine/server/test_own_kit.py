"""Loops whose drums are one-shots from a folder of the musician's."""

import numpy as np
import pytest
import soundfile

from engine.craft.one_shots import voice_heard
from engine.loops.file_facts import read_recipe
from engine.loops.request import LoopRequest
from engine.protocol import Done, Render, TakeReady
from tests.fakes.soundfont import soundfont_bytes
from tests.fakes.worker import events_of

RATE = 44_100


def burst(low_hz, high_hz, length_s, seed=0):
    """Return noise between two frequencies that decays."""
    noise = np.random.default_rng(seed).normal(size=RATE)
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(RATE, 1 / RATE)
    spectrum[(hertz < low_hz) | (hertz > high_hz)] = 0
    sound = np.fft.irfft(spectrum) * np.exp(-np.arange(RATE) / RATE / length_s)
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def tone(hertz, length_s):
    time = np.arange(RATE) / RATE
    return (0.5 * np.sin(2 * np.pi * hertz * time) * np.exp(-time / length_s)).astype(np.float32)


SOUNDS = {
    "kick": tone(55, 0.1), "hat": burst(7_000, 18_000, 0.02), "openhat": burst(6_000, 18_000, 0.2),
    "snare": burst(200, 6_000, 0.08), "tom_mid": tone(180, 0.2), "crash": burst(5_000, 16_000, 0.6),
}  # fmt: skip


@pytest.fixture(autouse=True)
def kits(tmp_path, monkeypatch):
    """The folder of the musician's kits, which is not there yet."""
    monkeypatch.setenv("LOOPWRIGHT_KITS", str(tmp_path / "kits"))
    return tmp_path / "kits"


@pytest.fixture
def kit(tmp_path):
    """A folder with a few sounds, some of which only their folder or their sound tells."""
    folder = tmp_path / "my kit"
    (folder / "Hats" / "Closed").mkdir(parents=True)
    soundfile.write(folder / "kick 1.wav", SOUNDS["kick"], RATE)
    soundfile.write(folder / "sd.flac", np.stack([SOUNDS["snare"]] * 2, 1), RATE)
    soundfile.write(folder / "Hats" / "Closed" / "001.aiff", SOUNDS["hat"], RATE)
    soundfile.write(folder / "a.wav", SOUNDS["openhat"], RATE)
    (folder / "notes.txt").write_text("kick")
    (folder / "broken kick.wav").write_bytes(b"RIFF")
    (folder / "kick link.wav").symlink_to("/etc/passwd")
    return folder


def rendered(project, request, kit="", source=""):
    """Run one job, and return how it ended and the paths of its clips."""
    events = events_of(Render("0", request, str(project), str(source), kit_path=str(kit)))
    return events[-1], [event.clip.path for event in events if isinstance(event, TakeReady)]


DRUMS = LoopRequest(prompt="house drums", bars=1, seed=5)


@pytest.mark.parametrize("voice", SOUNDS)
def test_a_sound_without_a_name_is_sorted_by_ear(voice):
    assert voice_heard(SOUNDS[voice][:, None], RATE) == voice


def test_the_drums_are_the_musicians_own_and_the_recipe_says_so(tmp_path, kit):
    ended, (path,) = rendered(tmp_path, DRUMS, kit)
    assert isinstance(ended, Done)
    recipe = read_recipe(path)
    names = {sound.voice: sound.name for sound in recipe.request.kit}
    assert names == {
        "kick": "kick 1.wav",
        "snare": "sd.flac",
        "hat": "001.aiff",
        "openhat": "a.wav",
    }
    assert all(len(sound.sha256) == 64 for sound in recipe.request.kit)
    assert recipe.model.licence == "yours, without restriction; your own samples"
    assert str(kit) not in recipe.request.__repr__()
    _, (synthesised,) = rendered(tmp_path, DRUMS)
    ours, theirs = soundfile.read(path)[0], soundfile.read(synthesised)[0]
    assert ours.shape == theirs.shape
    assert not np.allclose(ours, theirs, atol=0.01)
    _, (drier,) = rendered(tmp_path, LoopRequest(prompt="kick drum, dry", bars=1, seed=5), kit)
    spectrum = np.abs(np.fft.rfft(soundfile.read(drier)[0].mean(axis=1)))
    hertz = np.fft.rfftfreq(len(soundfile.read(drier)[0]), 1 / 48_000)
    assert 50 < hertz[spectrum.argmax()] < 60


def test_a_loop_is_made_again_with_the_same_sounds_under_any_names(tmp_path, kit):
    _, (path,) = rendered(tmp_path, DRUMS, kit)
    request = read_recipe(path).request
    moved = tmp_path / "moved"
    moved.mkdir()
    for number, name in enumerate(("kick 1.wav", "sd.flac", "Hats/Closed/001.aiff", "a.wav")):
        (moved / f"{number}{(kit / name).suffix}").write_bytes((kit / name).read_bytes())
    _, (again,) = rendered(tmp_path, request, moved)
    assert np.array_equal(soundfile.read(path)[0], soundfile.read(again)[0])


def test_without_its_sounds_a_loop_says_which_are_missing(tmp_path, kit):
    _, (path,) = rendered(tmp_path, DRUMS, kit)
    request = read_recipe(path).request
    failed, _ = rendered(tmp_path, request)
    assert failed.code == 400
    assert failed.message == (
        "The loop is played with your own sounds, of which these are missing: kick 1.wav, sd.flac, "
        "001.aiff, a.wav: choose the folder that has them (--kit), or put it into "
        f"{tmp_path / 'kits'}."
    )
    (kit / "sd.flac").unlink()
    failed, _ = rendered(tmp_path, request, kit)
    assert "these are missing: sd.flac: they are not in" in failed.message


def test_the_sounds_of_a_loop_are_found_in_the_kits_of_the_musicians_own(tmp_path, kit, kits):
    _, (path,) = rendered(tmp_path, DRUMS, kit)
    kits.mkdir()
    kit.rename(kits / "mine")
    (kits / "other").mkdir()
    soundfile.write(kits / "other" / "kick 1.wav", SOUNDS["tom_mid"], RATE)
    _, (again,) = rendered(tmp_path, read_recipe(path).request)
    assert np.array_equal(soundfile.read(path)[0], soundfile.read(again)[0])


def test_only_new_drums_are_played_with_a_kit(tmp_path, kit):
    _, (bass,) = rendered(tmp_path, LoopRequest(prompt="sub bass", bars=1, seed=5), kit)
    _, (drums,) = rendered(tmp_path, DRUMS)
    vary = LoopRequest(mode="vary", source="a", seed=1)
    _, (varied,) = rendered(tmp_path, vary, kit, drums)
    for path in (bass, varied):
        recipe = read_recipe(path)
        assert (recipe.request.kit, recipe.model.licence) == ((), "yours, without restriction")


@pytest.fixture
def font(program, tmp_path):
    program("fluidsynth", "fluidsynth")
    path = tmp_path / "tone.sf2"
    path.write_bytes(soundfont_bytes(length_s=0.3))
    return path


def test_a_soundfont_plays_the_parts_and_the_recipe_says_which(tmp_path, kits, font):
    bass = LoopRequest(prompt="house bass", bars=1, seed=5)
    _, (path,) = rendered(tmp_path, bass, font)
    recipe = read_recipe(path)
    (recorded,) = recipe.request.kit
    assert (recorded.voice, recorded.name) == ("soundfont", "tone.sf2")
    assert recipe.model.licence == "yours, without restriction; the soundfont tone.sf2"
    failed, _ = rendered(tmp_path, recipe.request)
    assert failed.message == (
        "The loop is played with the soundfont tone.sf2, which is missing: choose it (--kit), or "
        f"put it into {kits}."
    )
    kits.mkdir()
    font.rename(kits / "renamed.SF2")
    (kits / "tone.sf2").write_bytes(soundfont_bytes(length_s=0.2))
    _, (again,) = rendered(tmp_path, recipe.request)
    assert np.array_equal(soundfile.read(path)[0], soundfile.read(again)[0])
    _, (rain,) = rendered(tmp_path, LoopRequest(prompt="rain", bars=1, seed=5), kits / "tone.sf2")
    assert read_recipe(rain).request.kit == ()


def test_a_file_that_is_no_soundfont_is_refused(tmp_path):
    for data in (b"", b"RIFF\0\0\0\0WAVE"):
        (tmp_path / "a.sf2").write_bytes(data)
        failed, _ = rendered(tmp_path, DRUMS, tmp_path / "a.sf2")
        assert failed.message.endswith("a.sf2 is not a soundfont: choose an SF2 or SF3 file.")
    failed, _ = rendered(tmp_path, DRUMS, tmp_path / "none.sf2")
    assert failed.message.endswith(
        "none.sf2 cannot be read (no such file or directory): choose another."
    )


def test_a_variation_and_its_stems_keep_the_kit(tmp_path, kit):
    _, (path,) = rendered(tmp_path, DRUMS, kit)
    vary = LoopRequest(mode="vary", source="a", seed=1)
    failed, _ = rendered(tmp_path, vary, source=path)
    assert "your own sounds" in failed.message
    _, (varied,) = rendered(tmp_path, vary, kit, path)
    assert read_recipe(varied).request.kit == read_recipe(path).request.kit
    _, (stem,) = rendered(tmp_path, LoopRequest(mode="stems", source="a"), kit, varied)
    assert read_recipe(stem).model.licence.endswith("your own samples")


def test_the_seed_draws_among_several_sounds_and_percussion_is_dealt_out(tmp_path, kit):
    for number in range(4):
        sound = tone(60 + number, 0.1)
        soundfile.write(kit / f"kick {number + 2}.wav", sound, RATE)
        soundfile.write(kit / f"perc {number}.wav", tone(400 + 90 * number, 0.05), RATE)
    drawn = set()
    for seed in range(8):
        request = LoopRequest(prompt="house drums", bars=1, seed=seed)
        sounds = read_recipe(rendered(tmp_path, request, kit)[1][0]).request.kit
        drawn |= {sound.name for sound in sounds if sound.voice == "kick"}
    assert len(drawn) > 1
    dealt = {sound.voice: sound.name for sound in sounds if sound.name.startswith("perc")}
    assert dealt == {
        "conga_high": "perc 0.wav", "block": "perc 1.wav", "bongo": "perc 2.wav",
        "cowbell": "perc 3.wav",
    }  # fmt: skip


def test_a_kit_that_cannot_be_used_is_refused_in_a_sentence(tmp_path, kit):
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder, sentence in (
        (empty, "has no sounds"),
        (tmp_path / "none", "is neither a folder nor"),
    ):
        failed, _ = rendered(tmp_path, DRUMS, folder)
        assert failed.code == 400
        assert sentence in failed.message
    failed, _ = rendered(tmp_path, LoopRequest(prompt="tone", model="fake", bars=1), kit)
    assert failed.message == ("Model 'fake' plays no drum kit: leave the kit out, or use sketch.")
