"""Parts that a soundfont plays, with the real FluidSynth and a soundfont of one tone."""

import numpy as np
import pytest

from engine.generators.sketch import soundfont
from engine.generators.sketch.brief import read_brief
from engine.generators.sketch.generator import SketchGenerator
from engine.generators.sketch.patches import PATCHES
from engine.generators.sketch.score import Note, Stroke
from engine.generators.sketch.stage import Stage
from engine.generators.sketch.synth.kits import FAMILIES
from engine.loops.cancel import no_check
from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest
from tests.fakes.soundfont import soundfont_bytes


@pytest.fixture
def font(program, tmp_path):
    program("fluidsynth", "fluidsynth")
    path = tmp_path / "tone.sf2"
    path.write_bytes(soundfont_bytes(length_s=0.6, release_s=0.3))
    return path


def stage_of(prompt, **fields):
    brief = read_brief(LoopRequest(prompt=prompt, bpm=120.0, bars=1, seed=3, **fields), 3)
    return Stage(brief, brief.grid.frames, 3, no_check)


def test_every_sound_and_kit_has_a_program():
    assert set(soundfont.PROGRAMS) == set(PATCHES)
    assert set(soundfont.DRUM_PROGRAMS) <= set(FAMILIES)


@pytest.mark.parametrize("rate", (44_100, 96_000))
def test_notes_start_within_1_5_ms_of_their_frames(font, rate):
    stage = stage_of("house bass, straight, tight", rate=rate)
    notes = [Note(start, 0.2, 60, 0.8) for start in (0.0, 1.0, 1.75, 3.25)]
    sound = np.abs(soundfont.play_notes(stage, font, "bass", notes)).max(axis=0)
    placed = [played.frame for played in soundfont.played_notes(stage, "bass", notes)]
    assert sound.shape == (stage.frames,)
    for frame in placed[1:]:
        near = sound[frame - rate // 50 : frame + rate // 50]
        begins = np.argmax(near > 3 * near[: rate // 80].max()) - rate // 50
        assert abs(begins) <= 0.0015 * rate


def test_what_rings_on_after_the_end_is_heard_at_the_start(font):
    stage = stage_of("house bass, straight, tight")
    late = soundfont.play_notes(stage, font, "bass", [Note(3.9, 2.0, 60, 0.8)])
    early = soundfont.play_notes(stage, font, "bass", [Note(1.9, 2.0, 60, 0.8)])
    assert np.abs(late[:, :4_000]).max() > 0.01
    turned = np.roll(early, stage.frame(3.9) - stage.frame(1.9), axis=1)
    shift = np.argmax(np.abs(late).max(axis=0)) - np.argmax(np.abs(turned).max(axis=0))
    assert abs(shift) <= 0.0015 * stage.rate
    assert np.allclose(late, np.roll(turned, shift, axis=1), atol=1e-3)


def test_a_stroke_on_a_stroke_of_the_same_drum_is_heard(font):
    stage = stage_of("house drums")
    twice = [Stroke(0.0, "snare", 0.9), Stroke(0.25, "snare", 0.9), Stroke(0.25, "snare", 0.2)]
    sound = np.abs(soundfont.play_drums(stage, font, twice)).max(axis=0)
    second = stage.frame(0.25)
    assert sound[second : second + 2_000].max() > 1.5 * sound[second - 2_000 : second].max()


def test_the_same_request_sounds_the_same_and_a_texture_stays_as_it_is(font):
    sketch = SketchGenerator()
    request = LoopRequest(prompt="bass and rain texture", bars=1, seed=3)

    def taken():
        (take,) = sketch.generate(request, sketch.plan(request).grid, [3], lambda *_: None)
        return take.audio

    plain = taken()
    sketch.soundfont = font
    played = taken()
    assert played.shape == plain.shape
    assert not np.allclose(played, plain, atol=0.01)
    assert np.array_equal(played, taken())


def test_a_font_that_cannot_be_played_is_refused_in_a_sentence(font):
    font.write_bytes(font.read_bytes()[:400])
    sentence = r"FluidSynth cannot play tone\.sf2 \(.*\): choose another soundfont\."
    with pytest.raises(LoopError, match=sentence):
        soundfont.play_notes(stage_of("bass"), font, "bass", [Note(0.0, 1.0, 60, 0.8)])


def test_without_fluidsynth_a_sentence_says_so(font, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LoopError, match="FluidSynth, which plays soundfonts, is not installed"):
        soundfont.play_notes(stage_of("bass"), font, "bass", [Note(0.0, 1.0, 60, 0.8)])
