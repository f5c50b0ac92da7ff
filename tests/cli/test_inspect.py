"""`loopwright inspect` on any audio file."""

import json
import math
import os
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.program import run
from engine.loops.riff import list_bytes, riff_bytes
from tests.cli.program import WITH_FAKES, Program
from tests.fakes.clips import tagged_file


@pytest.fixture
def foreign_wav(tmp_path):
    """A WAV file without any tags, written by Python's own module."""
    path = tmp_path / "foreign.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 22_050, 0, "NONE", ""))
        file.writeframes(bytes(2 * 11_025))
    return path


@pytest.fixture
def clip(loopwright_with_fakes):
    result = loopwright_with_fakes.render(
        "tone", "--model", "fake", "--bpm", "93.5", "--meter", "7/8", "--bars", "2",
        "--key", "F#m", "--seed", "7", "--steps", "20",
    )  # fmt: skip
    return Path(result.lines[0])


def listing(text: str) -> dict[str, str]:
    """Read the two columns of a listing."""
    rows = (line.strip().partition("  ") for line in text.splitlines())
    return {name.strip(): value.strip() for name, _, value in rows if value}


def test_a_clip_shows_its_format_tags_and_recipe(loopwright, clip):
    result = loopwright.run("inspect", str(clip))
    shown = listing(result.out)
    assert (result.code, result.err) == (0, "")
    assert shown["file"] == str(clip)
    assert shown["format"] == "WAV · 48000 Hz · 24 bit · stereo"
    assert shown["length"].endswith(f"{7 * 60 / 93.5:.3f} s")
    assert shown["acid"] == "loop · 93.5 bpm · 7/8 · 7 beats"
    assert shown["root note"] == "F#"
    assert shown["markers"] == "14"
    assert shown["prompt"] == "tone"
    assert shown["plays"] == "93.5 bpm · 7/8 · 2 bars · F# minor"
    assert shown["seed"] == "7 (requested: 7)"
    assert shown["take"] == "1 of 1, rank 1"
    assert shown["settings"] == "steps 20"
    assert shown["clip"] == clip.stem.rpartition("_")[2]


def test_the_columns_of_a_list_are_aligned(loopwright, clip):
    lines = loopwright.run("inspect", str(clip)).out.splitlines()
    recipe = lines[lines.index("recipe") + 1 :]
    column = len("  understood  ")
    assert all(line[column - 2 : column] == "  " and line[column] != " " for line in recipe)


def test_json_is_one_object_with_the_same_facts(loopwright, clip):
    result = loopwright.run("inspect", str(clip), "--json")
    assert len(result.lines) == 1
    shown = json.loads(result.out)
    assert shown["file"] == str(clip)
    assert (shown["rate"], shown["bits"], shown["channels"]) == (48_000, "24", 2)
    assert shown["frames"] == round(7 * 60 / 93.5 * 48_000)
    assert shown["recipe"]["request"]["seed"] == 7
    assert shown["tags"]["acid"]["bpm"] == 93.5


def test_a_file_of_another_program_is_shown_as_far_as_possible(loopwright, foreign_wav):
    result = loopwright.run("inspect", str(foreign_wav))
    assert result.code == 0
    assert listing(result.out)["format"] == "WAV · 22050 Hz · 16 bit · mono"
    assert result.lines[-1] == "no recipe: Loopwright did not make this file"
    shown = json.loads(loopwright.run("inspect", str(foreign_wav), "--json").out)
    assert (shown["recipe"], shown["tags"]) == (None, {})


def test_facts_of_a_source_are_shown_with_their_origins(loopwright, tmp_path):
    silence = np.zeros((round(4 * 240 / 124 * 48_000), 1), np.float32)
    path = tagged_file(tmp_path / "keys_124bpm_Am.wav", silence, 48_000, 120.0, 16)
    result = loopwright.run("inspect", str(path))
    shown = listing(result.out)
    assert (result.code, result.err) == (0, "")
    assert shown["known"] == "124 BPM (name) · 4 bars · A minor (name)"
    assert shown["but"] == "acid tag says 120 BPM"
    source = json.loads(loopwright.run("inspect", "--json", str(path)).out)["source"]
    assert source["bpm"]["value"] == 124.0
    assert source["bpm"]["certainty"] > 0.95
    assert (source["bars"]["value"], source["key"]["value"]) == (4, "A minor")
    assert source["disagreements"] == ["acid tag says 120 BPM"]


def test_control_characters_in_a_file_never_reach_the_terminal(loopwright, tmp_path):
    info = list_bytes(
        b"INFO", [(b"INAM", b"nice\x1b]0;title\x07 \x1b[31mtrap\0"), (b"I\x1bXX", b"b\0")]
    )
    fmt = struct.pack("<HHIIHH", 1, 1, 48_000, 96_000, 2, 16)
    path = tmp_path / "hostile.wav"
    path.write_bytes(riff_bytes(b"WAVE", [(b"fmt ", fmt), (b"data", bytes(8)), (b"LIST", info)]))
    result = loopwright.run("inspect", str(path))
    assert result.code == 0
    assert "nice" in result.out
    assert not {"\x1b", "\x07"} & set(result.out)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    (
        ("text.wav", b"no audio at all", "it is not an audio file"),
        ("empty.wav", b"", "it is not an audio file"),
        ("head.wav", b"RIFF\x04\0\0\0WAVE", "it has no format or no audio"),
        ("cut.wav", b"RIFF\xff\0\0\0WAVEfmt \xff\0\0\0", "it has no format or no audio"),
        ("missing.wav", None, "no such file or directory"),
    ),
)
def test_a_file_without_audio_is_reported(loopwright, tmp_path, name, content, reason):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    for flags in ((), ("--json",)):
        result = loopwright.run("inspect", str(path), *flags)
        assert (result.code, result.out) == (1, "")
        assert result.err == f"{path} cannot be read as a clip: {reason}.\n"


def test_a_folder_is_reported(loopwright, tmp_path):
    result = loopwright.run("inspect", str(tmp_path))
    assert result.code == 1
    assert result.err.startswith(f"{tmp_path} cannot be read as a clip: ")
    assert result.err.count("\n") == 1


def test_an_undecodable_file_name_is_shown_as_it_is(loopwright, foreign_wav):
    path = bytes(foreign_wav.parent) + b"/\xff\xfe.wav"
    os.rename(foreign_wav, path)  # noqa: PTH104 - pathlib takes no bytes
    process = loopwright.start("inspect", path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert b"file    " + path in out
    as_json = loopwright.run("inspect", path, "--json")
    assert json.loads(as_json.out)["frames"] == 11_025


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_clip_is_listed_or_reported(damaged, capfd, data):
    whole, path = damaged
    position = data.draw(st.integers(0, len(whole) - 1))
    piece = data.draw(st.binary(max_size=8))
    path.write_bytes(whole[:position] + piece + whole[position + len(piece) :])
    for flags in ((), ("--json",)):
        assert run(["inspect", str(path), *flags]) in (0, 1)
        captured = capfd.readouterr()
        assert "which is a bug" not in captured.err
        assert not captured.err or captured.err.count("\n") == 1
        if flags and captured.out:
            assert math.isfinite(json.loads(captured.out)["frames"])


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """A short clip with all its tags, as bytes, and a path for its damaged copy."""
    program = Program(tmp_path_factory.mktemp("damaged"), WITH_FAKES)
    result = program.render("tone", "--model", "fake", "--bpm", "400", "--meter", "1/32")
    clip = Path(result.lines[0])
    return clip.read_bytes(), clip.with_name("damaged.wav")
