"""`loopwright inspect` on any audio file."""

import contextlib
import json
import math
import os
import re
import signal
import struct
import wave
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.program import run
from engine.loops.riff import list_bytes, riff_bytes
from tests.cli.program import REAL, WITH_FAKES, Program
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


class Library(NamedTuple):
    """A folder of loops, and what inspect prints of it."""

    folder: Path
    table: str
    objects: list[dict]
    codes: list[int]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """One bar of drums in several formats, and files that cannot be read or analysed."""
    folder = tmp_path_factory.mktemp("library")
    program = Program(tmp_path_factory.mktemp("program"), REAL)
    asked = ("--bpm", "122", "--bars", "1", "--seed", "1")
    made = program.render("house drums", *asked)
    audio, rate = soundfile.read(made.lines[0])
    for suffix in ("wav", "flac", "aiff", "mp3", "ogg"):
        soundfile.write(folder / f"beat.{suffix}", audio, rate)
    (folder / "more" / ".hidden").mkdir(parents=True)
    for name in ("more/beat_124bpm_Am.flac", "more/.hidden/beat.flac"):
        soundfile.write(folder / name, audio, rate)
    soundfile.write(folder / "silent.wav", 0 * audio, rate)
    (folder / "broken.wav").write_bytes(b"no audio")
    (folder / "notes.txt").write_text("no sound file")
    table = program.run("inspect", str(folder))
    as_json = program.run("inspect", str(folder), "--json")
    assert table.err == as_json.err == ""
    objects = [json.loads(line) for line in as_json.lines]
    return Library(folder, table.out, objects, [table.code, as_json.code])


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
    assert shown["taken as"] == "124 BPM (name) · 4 bars · A minor (name)"
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


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff", "mp3", "ogg"])
def test_detected_values_are_shown_for_every_format(library, suffix):
    shown = next(file for file in library.objects if file["file"].endswith(f"beat.{suffix}"))
    assert shown["format"].lower().startswith(suffix[:3])
    assert shown["detected"]["tempos"][0]["bpm"] == pytest.approx(122, rel=0.005)
    assert shown["detected"]["tempos"][0]["confidence"] > 0.5
    assert shown["detected"]["bars"] == 1
    assert -40 < shown["detected"]["loudness_lufs"] < -5
    assert -30 < shown["detected"]["true_peak_db"] < 1
    assert shown["detected"]["seam"] < 5
    assert shown["source"]["bpm"]["origin"] == "detected"


def test_facts_in_the_name_are_shown_beside_detected_values(library):
    shown = next(file for file in library.objects if file["file"].endswith("beat_124bpm_Am.flac"))
    assert (shown["source"]["bpm"]["value"], shown["source"]["bpm"]["origin"]) == (124.0, "name")
    assert shown["source"]["key"]["value"] == "A minor"
    assert shown["detected"]["tempos"][0]["bpm"] == pytest.approx(122, rel=0.005)


def test_a_folder_is_an_aligned_table_sorted_by_name(library):
    head, *rows = library.table.splitlines()
    column = head.index("file")
    assert all(row[column - 2 : column] == "  " and row[column] != " " for row in rows)
    names = [row[column:].partition(":")[0] for row in rows]
    assert names == sorted(names)
    assert len(names) == len(library.objects) == 8
    assert rows[0].split()[0] == "122"
    assert names[-2] == str(Path("more", "beat_124bpm_Am.flac"))
    assert rows[-2].split()[:4] == ["124", "90", "%", "1"]


def test_an_unreadable_file_has_a_row_and_does_not_stop_the_others(library):
    row = next(row for row in library.table.splitlines() if "broken.wav" in row)
    assert row.endswith("  broken.wav: cannot be read as a clip: it is not an audio file.")
    silent = next(row for row in library.table.splitlines() if "silent.wav" in row)
    assert silent.endswith("silent.wav: cannot be read as a clip: it is silent or not finite.")
    assert library.codes == [1, 1]
    assert library.objects[5]["problems"] == [
        f"{library.folder / 'broken.wav'} cannot be read as a clip: it is not an audio file."
    ]


def test_a_single_file_shows_detected_values(loopwright, library):
    shown = listing(loopwright.run("inspect", str(library.folder / "beat.ogg")).out)
    assert re.fullmatch(r"122 BPM \(\d+ % sure\)", shown["tempo"])
    assert re.fullmatch(r"-\d+\.\d LUFS", shown["loudness"])
    assert re.fullmatch(r"-?\d+\.\d dBTP", shown["true peak"])
    assert shown["taken as"] == "122 BPM (detected) · 1 bar"


def test_with_tags_no_audio_is_analysed(loopwright, library):
    result = loopwright.run("inspect", str(library.folder / "beat.ogg"), "--json", "--tags")
    assert json.loads(result.out)["detected"] is None


@pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")
def test_ctrl_c_ends_a_table_after_a_complete_row(loopwright, library):
    process = loopwright.start("inspect", str(library.folder))
    head, first = process.stdout.readline(), process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert re.fullmatch(rb"Cancelled after \d of 8 files\.\n", err)
    assert first.startswith(b" " * 8)
    assert head.endswith(b"file\n")
    assert not rest or rest.endswith(b"\n")


def test_progress_is_shown_on_a_terminal_alone(loopwright, library):
    termios = pytest.importorskip("termios")
    terminal, stderr = os.openpty()
    termios.tcsetwinsize(stderr, (24, 80))
    process = loopwright.start("inspect", str(library.folder), stderr=stderr)
    os.close(stderr)
    shown = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while piece := os.read(terminal, 65_536):
            shown += piece
    os.close(terminal)
    result = loopwright.end_of(process)
    assert (result.code, result.out) == (1, library.table)
    assert b"1 of 8: beat.aiff" in shown


def test_an_empty_name_is_a_usage_error(loopwright):
    result = loopwright.run("inspect", "")
    assert (result.code, result.err) == (2, "FILE is empty: give an audio file, or a folder.\n")


def test_a_folder_without_audio_is_reported(loopwright, tmp_path):
    result = loopwright.run("inspect", str(tmp_path))
    assert result.code == 1
    assert result.err.startswith(f"No audio files are in {tmp_path}: ")
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
    for flags in (("--tags",), ("--tags", "--json")):
        assert run(["inspect", str(path), *flags]) in (0, 1)
        captured = capfd.readouterr()
        assert "which is a bug" not in captured.err
        assert not captured.err or captured.err.count("\n") == 1
        if "--json" in flags and captured.out:
            assert math.isfinite(json.loads(captured.out)["frames"])


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """A short clip with all its tags, as bytes, and a path for its damaged copy."""
    program = Program(tmp_path_factory.mktemp("damaged"), WITH_FAKES)
    result = program.render("tone", "--model", "fake", "--bpm", "400", "--meter", "1/32")
    clip = Path(result.lines[0])
    return clip.read_bytes(), clip.with_name("damaged.wav")
