"""Packs made by real engine processes: whole, resumed after any interruption, at one loudness."""

import csv
import functools
import json
import sys
import threading
import zipfile
from pathlib import Path

import pytest
import soundfile

from engine.client import EngineClient
from engine.loops.errors import LoopError, OutOfRange
from engine.loops.file_facts import read_facts
from engine.packs.journal import JOURNAL, WORK_FOLDER
from engine.packs.maker import PackMaker, Plan
from engine.packs.manifest import write_zip
from engine.packs.pack_list import PackList, read_pack_list
from tests.fakes.front_end import FAKE_ENGINE, engine_fails

FAKE = functools.partial(EngineClient, command=FAKE_ENGINE)


@pytest.fixture
def make(tmp_path):
    """Make a pack of a CSV list, and return its summary and the states that were shown."""

    def made(rows, engine=FAKE, show=None, **plan):
        path = tmp_path / "list.csv"
        path.write_text("model,bars,bpm,prompt,seeds\n" + "\n".join(rows), "utf-8")
        pack = PackList(read_pack_list(path).entries, "Nord Audio", "Tapes")
        states = []
        maker = PackMaker(Plan(pack=pack, out=tmp_path, **plan), engine, states.append)
        if show is not None:
            maker = PackMaker(
                Plan(pack=pack, out=tmp_path, **plan), engine,
                lambda state: (states.append(state), show(maker, state)),
            )  # fmt: skip
        return maker.run(), states

    return made


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.wav"))


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files(folder)}


def test_a_pack_has_files_manifests_and_nothing_else(make):
    summary, states = make(["fake,1,120,tone,1-4", "fake,1,90,other,7"], engines=2)
    folder = summary.folder
    assert folder.name == "NordAudio_Tapes"
    names = [f"Leads/NAT_120_lead_tone_{number:02}.wav" for number in range(1, 5)]
    assert files(folder) == [*names, "Leads/NAT_90_lead_other_01.wav"]
    assert sorted(path.name for path in (folder / WORK_FOLDER).iterdir()) == [JOURNAL, "lock"]
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert [each["file"] for each in manifest["loops"]] == [
        each.delivered.file for each in states if each.delivered and each.delivered.file
    ]
    with (folder / "manifest.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [row["file"] for row in rows] == [each["file"] for each in manifest["loops"]]
    assert rows[0]["commercial_use"] == "False"
    assert manifest["loops"][0]["recipe"]["request"]["seed"] == 1


def test_loops_come_in_the_order_of_the_list_with_any_number_of_engines(make, tmp_path):
    rows = ["sketch,1,120,house drums,1-2", "fake,1,120,tone,1-4"]
    one, _ = make(rows, engines=1)
    first = {name: soundfile.read(one.folder / name)[0].tobytes() for name in files(one.folder)}
    one.folder.rename(tmp_path / "first")
    two, states = make(rows, engines=2)
    second = {name: soundfile.read(two.folder / name)[0].tobytes() for name in files(two.folder)}
    assert first == second
    assert [state.done for state in states] == [0, 1, 2, 3, 4, 5, 6]


def test_all_loops_have_one_loudness_and_their_tags(make):
    summary, _ = make(["sketch,1,120,soft warm pad,1", "sketch,1,120,hard techno drums,1"])
    for loop in json.loads((summary.folder / "manifest.json").read_text("utf-8"))["loops"]:
        facts = read_facts(summary.folder / loop["file"])
        assert loop["lufs"] == pytest.approx(-16.0, abs=0.5)
        assert facts.recipe.scores.true_peak_db < 0
        assert facts.recipe.grid.bpm == 120.0
        assert facts.recipe.repairs is None or facts.recipe.repairs.gain_db


def test_the_same_loop_is_not_there_twice(make):
    summary, _ = make(["fake,1,120,tone,1", "fake,1,120,other,1", "fake,1,90,tone,1"])
    manifest = json.loads((summary.folder / "manifest.json").read_text("utf-8"))
    assert summary.state.made == 2
    (left_out,) = manifest["left_out"]
    assert left_out["reason"] == f"a near-duplicate of {manifest['loops'][0]['file']}"


def test_the_best_of_several_takes_is_delivered(make):
    summary, _ = make(["sketch,1,120,house drums,4"], takes=3)
    assert summary.state.made == 1
    (name,) = files(summary.folder)
    recipe = read_facts(summary.folder / name).recipe
    assert (recipe.rank, recipe.asked_takes, recipe.asked_seed) == (1, 3, 4)


def test_a_failed_loop_costs_itself_and_is_tried_again(make):
    rows = ["fake,1,120,fail,1", "fake,1,120,tone,1", "no-such,1,120,tone,1"]
    summary, _ = make(rows)
    assert (summary.state.made, summary.state.failed) == (1, 2)
    assert [prompt for prompt, _ in summary.failures] == ["fail", "tone"]
    assert "no-such" in summary.failures[1][1]
    again, _ = make(rows)
    assert (again.state.made, again.state.failed) == (1, 2)


def test_rejected_takes_are_left_out(make):
    summary, _ = make(["fake,1,120,silent,1", "fake,1,120,tone,1"])
    assert (summary.state.made, summary.state.left_out) == (1, 1)


def test_the_same_failure_thrice_ends_it(make):
    summary, _ = make(["fake,1,120,tone,1", "no-such,1,120,tone,1-50"])
    assert summary.stopped.startswith("3 loops in a row failed. There is no model 'no-such'")
    assert summary.state.failed == 3


@engine_fails
def test_a_loop_that_kills_the_engine_costs_itself(make):
    summary, _ = make(["fake,1,120,die,1", "fake,1,120,tone,1"])
    assert (summary.state.made, summary.state.failed) == (1, 1)


def test_a_cancelled_pack_goes_on_where_it_was(make):
    rows = ["fake,1,120,tone,1-9"]

    def cancel_after_two(maker, state):
        if state.made == 2:
            maker.cancel()

    first, _ = make(rows, show=cancel_after_two, engines=2)
    assert first.cancelled
    before = contents(first.folder)
    assert len(before) == first.state.made < 9
    second, states = make(rows)
    after = contents(second.folder)
    assert len(after) == 9
    assert {name: after[name] for name in before} == before
    assert states[0].done == len(before)


def test_a_pack_can_be_paused(make):
    paused = threading.Event()

    def pause_after_one(maker, state):
        if state.done == 1 and not paused.is_set():
            paused.set()
            maker.pause()
            threading.Timer(0.3, maker.resume).start()

    summary, states = make(["fake,1,120,tone,1-6"], show=pause_after_one)
    assert paused.is_set()
    assert summary.state.made == 6
    assert [state.done for state in states] == list(range(7))


def test_a_line_without_its_file_and_half_a_line_are_made_again(make):
    rows = ["fake,1,120,tone,1", "fake,1,90,tone,2"]
    summary, _ = make(rows)
    journal = summary.folder / WORK_FOLDER / JOURNAL
    first, second = filter(None, journal.read_bytes().splitlines())
    journal.write_bytes(first + b"\n" + second[:100])
    (summary.folder / json.loads(first)["file"]).unlink()
    kept = files(summary.folder)
    again, states = make(rows)
    assert states[0].done == 0
    # The file whose line was damaged belongs to nobody, so it stays.
    assert set(kept) < set(files(again.folder))
    _, states = make(rows)
    assert states[0].done == 2


def test_a_longer_list_adds_to_the_pack(make):
    first, _ = make(["fake,1,120,tone,1"])
    before = contents(first.folder)
    second, _ = make(["fake,1,60,tone,9", "fake,1,120,tone,1"])
    after = contents(second.folder)
    assert len(after) == 2
    assert before.items() < after.items()
    manifest = json.loads((second.folder / "manifest.json").read_text("utf-8"))
    assert [each["bpm"] for each in manifest["loops"]] == [60.0, 120.0]


def test_two_programs_cannot_make_one_pack(make):
    refused = []

    def second(maker, _state):
        if not refused:
            with pytest.raises(LoopError, match="is being made by another program") as raised:
                PackMaker(maker._plan, FAKE).run()
            refused.append(raised)

    make(["fake,1,120,tone,1"], show=second)
    assert refused


@pytest.mark.parametrize("where", ["Leads", WORK_FOLDER])
@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_in_the_pack_leads_nowhere(make, tmp_path, where):
    (tmp_path / "NordAudio_Tapes").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "NordAudio_Tapes" / where).symlink_to(tmp_path / "elsewhere")
    if where == WORK_FOLDER:
        with pytest.raises(LoopError, match="NordAudio_Tapes"):
            make(["fake,1,120,tone,1"])
    else:
        assert "NordAudio_Tapes" in make(["fake,1,120,tone,1"])[0].stopped
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("takes", [0, 17])
def test_the_number_of_takes_has_a_range(make, takes):
    with pytest.raises(OutOfRange, match="number of takes"):
        make(["fake,1,120,tone,1"], takes=takes)


def test_the_zip_file_has_the_pack_and_replaces_nothing(make):
    summary, _ = make(["fake,1,120,tone,1"])
    calls = []
    packed = write_zip(summary.folder, lambda done, total: calls.append((done, total)))
    with zipfile.ZipFile(packed) as opened:
        assert opened.testzip() is None
        assert sorted(opened.namelist()) == [
            "NordAudio_Tapes/Leads/NAT_120_lead_tone_01.wav",
            "NordAudio_Tapes/manifest.csv",
            "NordAudio_Tapes/manifest.json",
        ]
    assert calls == [(0, 3), (1, 3), (2, 3)]
    assert write_zip(summary.folder, lambda *_: None).name == "NordAudio_Tapes-2.zip"
