import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.loops.errors import OutOfRange
from engine.loops.key import MODE_STEPS, Key, key_of, parse_key

TONICS = [letter + accidental for letter in "CDEFGAB" for accidental in ("", "#", "b")]
keys = st.builds(Key, st.sampled_from(TONICS), st.sampled_from(sorted(MODE_STEPS)))


@pytest.mark.parametrize(
    ("text", "name", "mark"),
    [
        ("F# minor", "F# minor", "Fsm"),
        ("F#m", "F# minor", "Fsm"),
        ("f sharp minor", "F# minor", "Fsm"),
        ("F♯ Moll", "F# minor", "Fsm"),
        ("Gb", "Gb major", "Gb"),
        ("Ebmaj", "Eb major", "Eb"),
        ("E flat major", "Eb major", "Eb"),
        ("E♭", "Eb major", "Eb"),
        ("D dorian", "D dorian", "Ddor"),
        ("d_dorian", "D dorian", "Ddor"),
        ("A minor", "A minor", "Am"),
        ("Am", "A minor", "Am"),
        ("AM", "A major", "A"),
        ("bb", "Bb major", "Bb"),
        ("B", "B major", "B"),
        ("bm", "B minor", "Bm"),
        ("C harmonic minor", "C harmonic minor", "Chmin"),
        ("G mixolydian", "G mixolydian", "Gmix"),
        ("Cb", "Cb major", "Cb"),
    ],
)
def test_keys_are_parsed_as_musicians_write_them(text, name, mark):
    key = Key.parse(text)
    assert str(key) == name
    assert key.file_mark == mark


@given(keys)
def test_a_formatted_key_is_parsed_back(key):
    assert Key.parse(str(key)) == key


@given(keys)
def test_a_key_in_a_file_name_is_short_ascii_without_a_sharp_sign(key):
    assert key.file_mark.isascii()
    assert key.file_mark.isalnum()
    assert len(key.short_name) <= 3


@pytest.mark.parametrize(
    "text", ["H minor", "F##", "minor", "C blue", "7", "A minor A", "C\0", "😀"]
)
def test_invalid_keys_are_refused_in_one_sentence(text):
    with pytest.raises(OutOfRange, match=r"^The key is '.*', but must be a note and a mode such"):
        Key.parse(text)


@pytest.mark.parametrize("text", [None, "", "  ", "\t"])
def test_empty_text_is_no_key(text):
    assert parse_key(text) is None


@given(st.text())
def test_any_text_is_a_key_or_is_refused(text):
    try:
        key = parse_key(text)
    except OutOfRange:
        return
    assert key is None or 0 <= key.pitch_class <= 11


@pytest.mark.parametrize(
    ("tonic", "pitch_class"), [("C", 0), ("B#", 0), ("Cb", 11), ("F#", 6), ("Gb", 6), ("A", 9)]
)
def test_spellings_of_one_note_are_one_pitch(tonic, pitch_class):
    assert Key(tonic, "minor").pitch_class == pitch_class


@given(st.integers(0, 11), st.sampled_from(sorted(MODE_STEPS)))
def test_the_usual_spelling_of_a_pitch_is_that_pitch(pitch_class, mode):
    key = key_of(pitch_class, mode)
    assert key.pitch_class == pitch_class
    assert key.mode == mode
    assert Key.parse(str(key)) == key


def test_scales_have_seven_rising_steps_within_the_octave():
    for steps in MODE_STEPS.values():
        assert len(steps) == 7
        assert steps[0] == 0
        assert list(steps) == sorted(set(steps))
        assert steps[-1] < 12
