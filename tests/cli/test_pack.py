"""`loopwright pack`: a list becomes a pack, whatever interrupts it."""

import json
import signal

import pytest


@pytest.fixture
def program(loopwright_with_fakes, tmp_path):
    (tmp_path / "drums.csv").write_text("model,bars,prompt,count\nfake,1,tone,6\n", "utf-8")
    return loopwright_with_fakes


def arguments(tmp_path, *more):
    return ("pack", str(tmp_path / "drums.csv"), "--out", str(tmp_path / "packs"), *more)


def test_a_pack_is_made_once_and_zipped(program, tmp_path):
    first = program.run(*arguments(tmp_path, "--vendor", "Nord Audio", "--zip", "--engines", "2"))
    assert first.code == 0
    folder = tmp_path / "packs" / "NordAudio_Drums"
    names = [f"NAD_120_lead_tone_{number:02}.wav" for number in range(1, 7)]
    packed = str(folder.with_name("NordAudio_Drums.zip"))
    assert first.lines == [*(str(folder / "Leads" / name) for name in names), packed]
    assert first.sentence == f"6 of 6 loops are in {folder}."
    second = program.run(*arguments(tmp_path, "--vendor", "Nord Audio", "--json"))
    assert second.code == 0
    (end,) = map(json.loads, second.lines)
    assert end == {
        "type": "pack", "folder": str(folder), "zip": None,
        "loops": 6, "left_out": 0, "failed": 0, "missing": 0,
    }  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_pack_goes_on(program, tmp_path, number):
    with program.start(*arguments(tmp_path, "--engines", "1")) as process:
        process.stdout.readline()  # the first loop is delivered
        process.send_signal(number)
        program.end_of(process)
    if number == signal.SIGINT:
        assert process.returncode == 130
    folder = tmp_path / "packs" / "Loopwright_Drums"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.wav")
              if path.parent.name == "Leads"}  # fmt: skip
    assert before
    again = program.run(*arguments(tmp_path))
    assert again.code == 0
    assert again.sentence == f"6 of 6 loops are in {folder}."
    assert len(again.lines) == 6 - len(before)
    after = sorted(folder.rglob("*.wav"))
    assert [path.name for path in after] == [
        f"LD_120_lead_tone_{number:02}.wav" for number in range(1, 7)
    ]
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_failures_are_listed_and_cost_the_exit_code(program, tmp_path):
    with (tmp_path / "drums.csv").open("a", encoding="utf-8") as file:
        file.write("fake,1,fail,1\n")
    result = program.run(*arguments(tmp_path))
    assert result.code == 1
    assert "failed: 'fail': Model 'fake' failed" in result.err
    assert result.sentence.endswith("1 failed.")


@pytest.mark.parametrize(
    ("more", "code", "sentence"),
    [
        (["--engines", "0"], 2, "--engines is 0, but must be 1 to 64."),
        (["--takes", "99"], 1, "The number of takes is 99"),
        (["--takes", "x"], 2, "--takes"),
    ],
)
def test_a_wrong_option_is_one_sentence(program, tmp_path, more, code, sentence):
    result = program.run(*arguments(tmp_path, *more))
    assert (result.code, sentence in result.sentence) == (code, True), result.err


def test_a_missing_list_is_one_sentence(program, tmp_path):
    result = program.run("pack", str(tmp_path / "no.csv"), "--out", str(tmp_path))
    assert result.code == 1
    assert "'no.csv' cannot be read" in result.sentence
