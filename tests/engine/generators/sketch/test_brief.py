"""What sketch reads in a prompt."""

import pytest

from engine.generators.sketch.brief import read_brief, read_words
from engine.generators.sketch.generator import SketchGenerator
from engine.generators.sketch.lexicon import AXES, LEXICON, ROLES
from engine.generators.sketch.patches import PATCHES
from engine.generators.sketch.styles import STYLES
from engine.generators.sketch.synth.kits import FAMILIES
from engine.generators.sketch.texture import TEXTURES
from engine.generators.sketch.translations import FILLER_WORD, TRANSLATED, in_english
from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest


def brief(prompt, seed=5, **fields):
    return read_brief(LoopRequest(prompt=prompt, **fields), seed)


@pytest.mark.parametrize(
    ("prompt", "role"),
    [
        ("dusty lo-fi drums with swing", "drums"),
        ("warm Rhodes chords, 90 bpm, D minor", "chords"),
        ("acid 303", "bass"),
        ("bell arpeggio in C minor", "lead"),
        ("choir-like pad", "pad"),
        ("afrobeat congas and shaker", "percussion"),
        ("vinyl crackle texture", "texture"),
        ("drum and bass", "mix"),
        ("drums and bass", "mix"),
        ("full mix jazz", "mix"),
        ("piano arpeggio", "lead"),
        ("808 bass", "bass"),
        ("808 kick", "drums"),
        ("purple elephants", "mix"),
    ],
)
def test_the_role_follows_the_words(prompt, role):
    assert brief(prompt).role == role


@pytest.mark.parametrize(
    ("prompt", "english"),
    [
        ("batería reggaetón sucia, sin voz", "drums dancehall dirty, no vocals"),
        ("bateria suja, sem baixo", "drums dirty, no bass"),
        ("basse chaude, sans caisse claire", "bass warm, no snare"),
        ("Dunkles Klavier mit Bass, ohne Schlagzeug", "dark piano with bass, no drums"),
        ("chitarra triste, senza batteria", "guitar sad, no drums"),
    ],
)
def test_common_words_of_other_languages_are_read_as_the_english_ones(prompt, english):
    found, meant = read_words(prompt), read_words(english)
    assert (found.meanings, found.refused) == (meant.meanings, meant.refused)
    assert found.ignored == ()


def test_every_translation_leads_to_a_word_that_is_known():
    assert set(TRANSLATED) <= {*LEXICON, FILLER_WORD, "no"}
    assert {in_english(word) for words in TRANSLATED.values() for word in words.split(", ")} <= set(
        TRANSLATED
    )


@pytest.mark.parametrize("style", STYLES)
def test_every_style_is_recognised_by_its_name(style):
    understood = brief(f"{style} drums")
    assert understood.style is STYLES[style]
    assert style in understood.understood
    low, high = STYLES[style].bpm
    assert low <= understood.grid.bpm <= high


def test_every_word_of_the_lexicon_refers_to_something_that_exists():
    for word, meaning in LEXICON.items():
        assert word == word.lower()
        assert meaning.style is None or meaning.style in STYLES
        assert meaning.role is None or meaning.role in ROLES
        assert meaning.sound is None or meaning.sound in PATCHES
        assert meaning.kit is None or meaning.kit in FAMILIES
        assert meaning.texture is None or meaning.texture in TEXTURES
        assert all(voice in FAMILIES["909"].voices for voice in meaning.voices)
        assert all(axis in AXES and -1 <= amount <= 1 for axis, amount in meaning.axes)
        assert read_words(word).meanings, f"{word!r} is not understood as it is written"


def test_flags_override_words():
    said = "techno bass at 140 bpm in C minor in 3/4, 8 bars"
    told = brief(said, bpm=93.5, key="Eb", meter="7/8", bars=2)
    assert told.grid.bpm == 93.5
    assert str(told.key) == "Eb major"
    assert str(told.grid.meter) == "7/8"
    assert told.grid.bars == 2


def test_words_override_the_style():
    told = brief("house chords at 93.5 bpm in F# dorian in 6/8, two bars")
    assert (told.grid.bpm, str(told.key), str(told.grid.meter)) == (93.5, "F# dorian", "6/8")
    assert told.grid.bars == 2


def test_only_words_that_are_not_understood_are_listed_as_ignored():
    told = SketchGenerator().plan(
        LoopRequest(prompt="purple house drums with elephants 🐘 at 999 bpm", seed=1)
    )
    assert set(told.ignored) == {"purple", "elephants", "🐘", "at 999 bpm"}
    assert {"house", "drums"} <= set(told.understood)


def test_a_second_style_is_listed_as_ignored():
    assert "techno" in brief("jazz techno").ignored


@pytest.mark.parametrize("prompt", ["house drums without hats", "house drums, no hi-hats"])
def test_excluded_parts_are_not_played(prompt):
    assert {"hat", "openhat"} <= brief(prompt).without


def test_the_negative_prompt_excludes_parts_and_reverses_adjectives():
    told = brief("house full mix", negative="lead, bright, zebra")
    assert "lead" not in told.roles
    assert told.axes["bright"] == -1
    assert "not zebra" in told.ignored


def test_named_drums_are_played_alone_unless_a_beat_is_requested():
    assert brief("busy hi-hats").only_voices
    assert not brief("house beat with cowbell").only_voices


def test_adjectives_add_up_within_limits():
    assert brief("bright brilliant shiny pad").axes["bright"] == 1
    assert brief("bright dark organ").axes["bright"] == 0


def test_stating_the_key_changes_only_the_key():
    free, said = brief("house chords", seed=9), brief("house chords", seed=9, key="A minor")
    assert free.grid == said.grid
    assert str(said.key) == "A minor"


def test_drums_have_no_key_and_a_drone_has_one():
    assert brief("techno drums").key is None
    assert brief("dark drone texture").key is not None


@pytest.mark.parametrize("prompt", ["slow", "fast"])
def test_slow_and_fast_change_the_tempo(prompt):
    low, high = STYLES["house"].bpm
    bpm = brief(f"{prompt} house drums").grid.bpm
    assert bpm < low if prompt == "slow" else bpm > high


def test_a_loop_that_would_last_too_long_is_refused():
    with pytest.raises(LoopError, match="ask for fewer bars"):
        brief("ambient drums", bars=1024)


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("acid techno", "techno"), ("acid house", "house"), ("future bass", "dubstep"),
        ("glitch hop", "hip-hop"), ("bass house", "house"), ("trap soul", "r&b"),
        ("lo-fi house", "house"), ("synth pop", "synthwave"), ("electro swing", "electro"),
    ],
)  # fmt: skip
def test_a_genre_of_two_words_does_not_name_an_instrument(prompt, style):
    found = brief(prompt)
    assert (found.style.name, found.role) == (style, "mix")
    assert found.ignored == ()


def test_a_voice_both_requested_and_excluded_is_named():
    found = brief("four on the floor, no kick")
    assert "kick" in found.without
    assert found.ignored == ("kick (ruled out)",)
    assert "kick" not in found.understood


def test_a_note_value_sets_the_density_and_is_not_ignored():
    dense, sparse = brief("acid bassline, 1/16 notes"), brief("acid bassline, 1/4 notes")
    assert dense.axes["dense"] > sparse.axes["dense"]
    assert "1/16 notes" in dense.understood
    assert dense.ignored == ()
