"""What all facts about a source add up to."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.loops.errors import LoopError
from engine.loops.file_facts import FileFacts
from engine.loops.file_tags import AcidTag, AppleLoopTag, FileTags, Marker
from engine.loops.key import Key
from engine.loops.source.facts import Fact, KnownFacts, Origin, SourceFacts, StatedFacts
from engine.loops.source.gather import (
    Detected,
    Placed,
    Silence,
    disagreements,
    facts_of_file,
    known_facts,
    settled_key,
    settled_meter,
    settled_time,
)
from engine.loops.source.length import HALF_BAR, Bars, Length, folded
from engine.loops.source.names import name_facts
from engine.loops.source.tags import tag_facts
from engine.loops.tempo import LoopGrid, Meter
from tests.fakes.clips import grid_of, recipe_of

RATE = 44_100
FOUR = Meter()


def acid(bpm, beats, **fields):
    tag = {"bpm": bpm, "beats": beats, "meter": "4/4", "one_shot": False, "root_note": None}
    return tag_facts(FileTags(acid=AcidTag(**tag | fields)), RATE)


def settled(known, bpm, bars, *, off_s=0.0, heard=None):
    """Return tempo and bars settled for a loop of `bars` of 4/4 at `bpm`, `off_s` longer."""
    length = Length(round((bars * 240 / bpm + off_s) * RATE), RATE)
    found = settled_time(known, length, Silence(), FOUR, heard)
    return found.bpm, found.bars and found.bars.bars


def stated(**fields):
    """Return what is known about a file of which only a person says anything."""
    file = FileFacts(
        path=Path("/a.wav"),
        format="WAV",
        rate=RATE,
        channels=1,
        bits="16",
        frames=1,
        tags=FileTags(),
    )
    return known_facts(StatedFacts(**fields), file)


def heard(bpm, certainty=0.55):
    return Detected(bpm, certainty)


def test_a_name_beats_a_detected_value():
    known = name_facts("rave_kick_180.wav")
    assert settled(known, 180, 4, heard=heard(90)) == (180, 4)
    assert settled(name_facts("shuffle_70bpm.wav"), 70, 4, heard=heard(105)) == (70, 4)
    assert settled(name_facts("loop_x_140.wav"), 140, 4, heard=heard(142.66)) == (140, 4)


def test_a_name_beats_a_tempo_however_certainly_it_is_detected():
    whole = Placed(180.0, Bars(180.0, 8, FOUR, 0.0))
    found = Detected(180.0, 0.99, whole)
    assert settled(name_facts("a_90bpm.wav"), 90, 4, heard=found) == (90, 4)


def test_a_number_in_a_name_that_contradicts_the_length_is_ignored():
    assert settled(name_facts("take 101 x.wav"), 124, 4, heard=Detected(124, 0.55)) != (101, 4)
    known = name_facts("take 101 x.wav")
    assert settled(known.joined(acid(124, 16)), 124, 4) == (124, 4)


def test_beats_and_length_beat_a_default_tempo():
    assert settled(acid(120, 8), 124, 2) == (124, 2)


def test_the_length_decides_between_two_numbers_in_a_name():
    assert settled(name_facts("label_90_drums_140.wav"), 140, 4, heard=heard(140)) == (140, 4)


@pytest.mark.parametrize("off_ms", [-60, -30, -15, -5, 1, 20])
def test_a_trimmed_break_is_whole_bars_at_its_round_tempo(off_ms):
    assert settled(name_facts("b_165bpm.wav"), 165, 1, off_s=off_ms / 1000) == (165, 1)


def test_a_rounded_tempo_gives_way_to_the_exact_one():
    assert settled(name_facts("b_140bpm.wav"), 139.5, 8) == (139.5, 8)


@pytest.mark.parametrize("bpm", [93, 128, 174, 87.5])
@pytest.mark.parametrize("bars", [1, 2, 4, 8, 16])
def test_round_tempos_stay_round(bpm, bars):
    length = Length(round(bars * 240 / bpm * RATE), RATE)
    assert length.bpm_of(Fraction(4 * bars)) == bpm


def test_bars_and_tempo_stated_together_may_be_a_sixteenth_off_or_have_a_tail():
    known = name_facts("break_78bpm_2bars.wav")
    assert settled(known, 78, 2, off_s=-15 / 78) == (78, 2)
    assert settled(acid(124, 8), 124, 2, off_s=1.3) == (124, 2)


@pytest.mark.parametrize(("bpm", "seconds"), [(128, 180), (120, 60), (96, 12.5), (100, 150)])
def test_a_stated_tempo_does_not_make_a_recording_a_loop(bpm, seconds):
    known = name_facts(f"song_{bpm}bpm.wav")
    found = settled_time(known, Length(round(seconds * RATE) // RATE * RATE, RATE), Silence(), FOUR)
    assert (found.bpm, found.bars) == (bpm, None)


def test_the_stated_length_of_a_file_does_not_apply_to_a_part_of_it():
    known = stated(bars=2, start_s=30.0).joined(name_facts("song_120bpm_64bars.wav"))
    part = known.from_second(20.0)
    assert [fact.value for fact in part.bars] == [2]
    assert (part.start_s.value, part.tempos) == (10.0, known.tempos)
    assert known.from_second(40.0).start_s is None


def test_half_a_bar_is_a_loop_of_half_a_bar():
    found = settled_time(
        name_facts("half_136bpm.wav"), Length(round(120 / 136 * RATE), RATE), Silence(), FOUR
    )
    assert (found.bars.bars, found.bars.meter) == (1, HALF_BAR)


def test_silence_at_the_ends_is_left_out_if_only_then_bars_are_whole():
    known = name_facts("loop_124bpm.wav")
    length = Length(round((4 * 240 / 124 + 0.5) * RATE), RATE)
    found = settled_time(known, length, Silence(lead_s=0.5), FOUR)
    assert (found.bars.bars, found.start_s) == (4, 0.5)
    found = settled_time(known, length, Silence(tail_s=0.7), FOUR)
    assert (found.bars.bars, found.start_s) == (4, 0.0)
    # What people play is a little longer than its bars at their tempo, here by 0.1 s.
    found = settled_time(known, length, Silence(tail_s=0.4), FOUR)
    assert (found.bars.bars, found.start_s) == (4, 0.0)


def test_silence_within_the_bars_stays():
    length = Length(round(4 * 240 / 124 * RATE), RATE)
    found = settled_time(name_facts("l_124bpm.wav"), length, Silence(0.3, 0.4), FOUR)
    assert (found.bars.bars, found.start_s) == (4, 0.0)


def test_values_stated_by_the_user_always_win():
    known = stated(bpm=87).joined(acid(174, 16)).joined(name_facts("x_174bpm_4bars.wav"))
    assert settled(known, 174, 4, heard=heard(174)) == (87, 2)
    assert settled(stated(bars=2).joined(acid(174, 16)), 174, 4) == (87, 2)


def test_facts_that_agree_confirm_each_other():
    def worth(known):
        length = Length(round(4 * 240 / 140 * RATE), RATE)
        return settled_time(known, length, Silence(), FOUR).worth

    name, tag = name_facts("loop_x_140_y.wav"), acid(140, 16)
    assert worth(name) < worth(tag) < worth(tag.joined(name)) <= 1


def test_bars_tempo_and_length_determine_a_meter():
    known = name_facts("clicks_60bpm_8bars.wav")
    assert settled_meter(known, Length(24 * RATE, RATE), FOUR).value == Meter(3, 4)
    assert settled_meter(known, Length(32 * RATE, RATE), FOUR).origin is Origin.ASSUMED


@pytest.mark.parametrize(
    ("grid", "target", "wanted"),
    [
        ((87, 2), 174, (174, 4)),
        ((174, 4), 87, (87, 2)),
        ((90, 4), 180, (180, 8)),
        ((90, 4), 120, (90, 4)),
        ((120, 4), 90, (120, 4)),
        ((60, 1), 150, (120, 2)),
        ((174, 3), 87, (174, 3)),
        ((100, 4), None, (100, 4)),
        ((150, 1), 74, (75, 1)),
    ],
)
def test_folding_by_octaves_keeps_the_length(grid, target, wanted):
    before = LoopGrid(bpm=grid[0], bars=grid[1])
    after = folded(before, target, stated=True)
    assert (after.bpm, after.bars) == wanted
    assert after.frames == before.frames


def test_a_detected_tempo_moves_to_the_nearest_octave():
    grid = LoopGrid(bpm=90, bars=4)
    assert folded(grid, 140, stated=False).bpm == 180
    assert folded(grid, 140, stated=True).bpm == 90
    assert folded(grid, 120, stated=False).bpm == 90


def test_a_key_with_its_mode_beats_one_without_and_agreement_counts():
    known = name_facts("x_140_Am.wav").joined(tag_facts(FileTags(id3={"initial_key": "C"}), RATE))
    assert str(settled_key(known).value) == "A minor"
    agreed = known.joined(name_facts("y_C_Major.wav"))
    assert str(settled_key(agreed).value) == "C major"
    assert settled_key(name_facts("x_140_A#.wav")) is None


def test_overruled_facts_are_reported():
    known = acid(120, 8).joined(name_facts("x_124bpm.wav"))
    found = Fact(124.0, Origin.NAME, 0.9)
    told = disagreements(known, SourceFacts(bpm=found))
    assert told == ("acid tag says 120 BPM",)


@pytest.mark.parametrize(
    "tags",
    [
        {"id3": {"bpm": "124", "initial_key": "Fm"}},
        {"info": {"IBPM": "124", "IKEY": "Fm"}},
        {"ixml": {"MusicalTempo": "124", "MusicalKey": "Fm"}},
        {"vorbis": {"bpm": " 124,0 ", "initial_key": "F minor"}},
    ],
)
def test_text_tags_are_read_under_any_name(tags):
    known = tag_facts(FileTags(**tags), RATE)
    assert [fact.value for fact in known.tempos] == [124.0]
    assert [str(fact.value) for fact in known.keys] == ["F minor"]


@pytest.mark.parametrize("text", ["0", "", "fast", "nan", "-3", "1e99", "9999", "\0"])
def test_an_impossible_tag_is_ignored(text):
    texts = {"IBPM": text, "IKEY": text, "MusicalBeats": text, "MusicalSignature": text}
    assert tag_facts(FileTags(info=texts), RATE) == KnownFacts()
    assert acid(None, 0, meter="0/0") == acid(0.0, 0, meter="") == KnownFacts()


def test_an_apple_loop_counts_its_beats():
    loop = AppleLoopTag(one_shot=False, beats=16, meter="4/4", root_note="D", scale="minor")
    known = tag_facts(FileTags(basc=loop), RATE)
    assert settled(known, 110, 4) == (110, 4)
    assert str(settled_key(known).value) == "D minor"


def test_a_reversed_meter_is_read():
    assert acid(124, 9, meter="4/3").meters[0].value == Meter(3, 4)


def test_a_marker_gives_the_first_beat():
    markers = (Marker(0, "Intro"), Marker(22_050, "Downbeat"))
    assert tag_facts(FileTags(markers=markers), RATE).start_s.value == 0.5


def test_facts_are_shown_in_one_line():

    facts = SourceFacts(
        bpm=Fact(140.0, Origin.NAME, 0.9),
        bars=Fact(4, Origin.NAME, 0.9),
        meter=Fact(FOUR, Origin.ASSUMED, 0.5),
        key=Fact(Key("A", "minor"), Origin.DETECTED, 0.5),
    )
    assert facts.described() == "140 BPM (name) \u00b7 4 bars \u00b7 A minor (detected, unsure)"


WORDS = [
    "140bpm",
    "_",
    " ",
    "-",
    "Am",
    "F#",
    "4bars",
    "0bars",
    "3-4",
    "99/64",
    "1e9",
    "BPM",
    "8A",
    "bpm0",
]


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=8).map("".join))
def test_no_name_or_tag_is_an_error(name):
    texts = {"IBPM": name, "IKEY": name, "MusicalBeats": name, "MusicalSignature": name}
    file = FileFacts(
        path=Path("/") / (name.replace("/", ":").replace("\0", "") or "a") / "x.wav",
        format="WAV", rate=RATE, channels=1, bits="16", frames=97_021, tags=FileTags(info=texts),
    )  # fmt: skip
    facts = facts_of_file(file)
    assert facts.described() is not None
    known = name_facts(name).joined(known_facts(StatedFacts(), file))
    length = Length(file.frames, RATE)
    for silence in (Silence(), Silence(0.02, 0.3)):
        found = settled_time(known, length, silence, settled_meter(known, length, FOUR).value)
        assert found is None or 20 <= found.bpm <= 400


def test_what_a_person_says_is_checked_as_in_a_request():
    assert StatedFacts(key="f#m", meter=" 3/4").checked() == StatedFacts(
        key="F# minor", meter="3/4"
    )
    with pytest.raises(LoopError, match="900"):
        StatedFacts(bpm=900.0).checked()


def test_a_recipe_settles_a_clip_that_nobody_changed():
    grid = grid_of()
    recipe = recipe_of(grid, key="D minor")
    acid_tag = AcidTag(bpm=64.0, beats=8, meter="4/4", one_shot=False, root_note=None)
    file = FileFacts(
        path=Path("/a.wav"), format="WAV", rate=grid.rate, channels=2, bits="24",
        frames=grid.frames, tags=FileTags(acid=acid_tag), recipe=recipe,
    )  # fmt: skip
    facts = facts_of_file(file)
    assert facts.described() == "128 BPM (recipe) · 4 bars · D minor (recipe)"
    assert facts.disagreements == ()
    corrected = facts_of_file(file, StatedFacts(bpm=64.0))
    assert corrected.described() == "64 BPM (typed) · 2 bars · D minor (recipe)"
