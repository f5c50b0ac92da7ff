"""The study of loops whose truth is in their names, on three files."""

import json

import pytest
import soundfile

from benchmarks.craft.takes import known_loop
from benchmarks.real_loops import main, study


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Drums and chords whose names are true, and drums whose name is not; one says nothing."""
    path = tmp_path_factory.mktemp("loops")
    drums = known_loop("house", "drums", 7_400_000, key="A minor", bars=2)
    chords = known_loop("house", "chords", 7_400_001, key="D minor", bars=2)
    tempo = f"{drums.grid.bpm:g}bpm"
    for name, loop in (
        (f"drums_{tempo}.flac", drums),
        (f"chords_{chords.grid.bpm:g}bpm_Dm.wav", chords),
        ("drums_97bpm.flac", drums),
        ("drums.flac", drums),
    ):
        soundfile.write(path / name, loop.audio, loop.grid.rate)
    return path


def test_what_names_say_is_the_truth_and_hidden_from_the_analysis(folder):
    figures = study(folder, None, 0)
    rows = figures["rows"]
    assert figures["files"] == 3
    assert rows["tempo within 1 %, %"] == (66.67, 3)
    assert rows["a loop is taken whole, %"] == (100.0, 2)
    assert rows["a loop begins on a downbeat, %"] == (100.0, 2)
    assert rows["key exact, %"][1] == 1
    assert rows["through MP3: tempo, or its octave, %"] == (100.0, 2)
    assert rows["cut anywhere: mistaken for a loop, %"] == (0.0, 2)
    assert sum(count for _, count in figures["tempo right by confidence"].values()) == 3


def test_the_study_can_be_limited_and_repeated(folder, capsys):
    printed = []
    for _ in range(2):
        assert main([str(folder), "--limit", "1", "--seed", "3", "--json"]) == 0
        figures = json.loads(capsys.readouterr().out)
        figures["rows"].pop("all of craft for 8 s of sound, s")
        printed.append(figures)
    assert printed[0] == printed[1]
    assert printed[0]["files"] == 1


def test_a_folder_without_truth_is_reported(tmp_path, capsys):
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"No file in {tmp_path} says its tempo in its name.\n"
