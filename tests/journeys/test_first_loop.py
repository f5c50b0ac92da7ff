"""A musician's first loop: render it, look at it, make it again."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
import soundfile

from tests.cli.program import REAL, Program

PROMPT = "dusty lo-fi drums with swing"


@pytest.fixture
def loopwright(tmp_path):
    with Program(tmp_path, REAL) as program:
        yield program
    assert program.leftovers() == []


@pytest.mark.slow
def test_a_prompt_becomes_a_tagged_wav_that_can_be_made_again(loopwright):
    rendered = loopwright.render(PROMPT, "--bars", "4", "--bpm", "84")
    assert rendered.code == 0
    assert rendered.err.startswith("understood: ")
    (path,) = map(Path, rendered.lines)
    assert path.parent == loopwright.project
    assert "_84bpm_" in path.name
    assert "_4bars_" in path.name

    audio, rate = soundfile.read(path, dtype="int32", always_2d=True)
    assert (len(audio), rate) == (round(Fraction(16 * 60, 84) * 48_000), 48_000)
    assert audio.shape[1] == 2
    assert abs(audio).max() > 2**31 // 100

    shown = json.loads(loopwright.run("inspect", str(path), "--json").out)
    assert shown["recipe"]["request"]["prompt"] == PROMPT
    assert shown["tags"]["acid"]["bpm"] == 84

    repeated = loopwright.run("again", str(path), "--project", str(loopwright.project))
    assert repeated.code == 0
    (second,) = map(Path, repeated.lines)
    assert second != path
    again, _ = soundfile.read(second, dtype="int32", always_2d=True)
    assert (again == audio).all()


@pytest.mark.slow
def test_each_take_of_an_open_request_can_be_made_again(loopwright):
    rendered = loopwright.render("lo-fi drums", "--takes", "2")
    assert rendered.code == 0
    for line in rendered.lines:
        repeated = loopwright.run("again", line, "--project", str(loopwright.project))
        assert repeated.code == 0
        before, _ = soundfile.read(line, dtype="int32")
        after, _ = soundfile.read(repeated.lines[0], dtype="int32")
        assert before.shape == after.shape
        assert (before == after).all()


def test_a_one_shot_and_other_formats_are_as_requested(loopwright):
    rendered = loopwright.render(
        "bright bell", "--seconds", "1.5", "--rate", "44100", "--bits", "32f", "--key", "Am"
    )
    assert rendered.code == 0
    info = soundfile.info(rendered.lines[0])
    assert (info.frames, info.samplerate, info.subtype) == (66_150, 44_100, "FLOAT")
    shown = json.loads(loopwright.run("inspect", rendered.lines[0], "--json").out)
    assert shown["tags"]["acid"]["one_shot"] is True
    assert shown["tags"]["smpl"]["loops"] == []
