"""The ReaScripts in a real Lua, with a recorder for REAPER's API and a real bridge."""

import json
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bridge.daws import reaper
from bridge.osc.addresses import TABLE
from tests.bridge.osc_client import PATIENCE_S, TestClient
from tests.fakes.clips import BASS_PART, CLIP_ID, DRUM_PART, clip_of, grid_of

SCRIPTS = Path(reaper.__file__).parent / "Loopwright"
FAKE = Path(__file__).with_name("fake_reaper.lua")
ROOT = Path(__file__).resolve().parents[4]


def lua(value) -> str:
    """Write a value as Lua."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {lua(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ", ".join(map(lua, value)) + "}"
    return str(value) if isinstance(value, Code) else json.dumps(value, ensure_ascii=False)


class Code(str):
    """Lua code that is written verbatim."""

    __slots__ = ()


@pytest.fixture
def run_script(program, bridge, tmp_path_factory):
    """A function that runs a script in a project and returns its calls of REAPER's API."""
    interpreter = program("lua5.4", "lua5.4")
    folder = tmp_path_factory.mktemp("REAPER")
    scripts = folder / "Scripts" / "Loopwright"
    shutil.copytree(SCRIPTS, scripts)
    command = [sys.executable, "-P", "-m", "cli.main"]
    config = {"program": command, "port": bridge.port, "project": str(bridge.folder)}
    (scripts / "config.lua").write_text(f"return {lua(config)}")

    def run(name, **project):
        setup = {
            "tempo": 120, "numerator": 4, "denominator": 4, "selection": [0, 0], "cursor": 0,
            "resource_path": str(folder),
        }  # fmt: skip
        (folder / "setup.lua").write_text(f"return {lua(setup | project)}", "utf-8")
        done = subprocess.run(
            [interpreter, str(FAKE), str(scripts / f"{name}.lua"), str(folder / "setup.lua")],
            capture_output=True, text=True, timeout=100, check=False, cwd=ROOT,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert not list(folder.glob("*.json"))
        return [line.split("\t") for line in done.stdout.splitlines()]

    run.folder = folder
    return run


def values(calls, name) -> list[float]:
    return [float(call[-1]) for call in calls if call[0] == name]


def test_the_newest_clip_is_inserted_at_the_cursor_at_the_projects_exact_tempo(bridge, run_script):
    # REAPER counts eighths here: 187 of them a minute are 93.5 quarter notes.
    path = bridge.write_clip(bpm=128.0, meter="7/8")
    calls = run_script("insert_newest", tempo=187, numerator=7, denominator=8, cursor=2.5)
    wanted_s = 3.5 * 60 / 93.5
    clip_s = round(3.5 * 60 / 128 * 48_000) / 48_000
    assert ["source", "1", "1", str(path)] in calls
    assert values(calls, "D_POSITION") == [2.5]
    assert values(calls, "D_LENGTH") == pytest.approx([wanted_s], abs=1e-9)
    assert values(calls, "D_PLAYRATE") == pytest.approx([clip_s / wanted_s], abs=1e-9)
    assert values(calls, "B_LOOPSRC") == values(calls, "B_PPITCH") == [1]
    assert values(calls, "cursor") == pytest.approx([2.5 + wanted_s])


def test_clips_of_equal_length_become_takes_of_one_item(bridge, run_script):
    for number, clip_id in enumerate(("aaaaaaaa", "bbbbbbbb", "cccccccc")):
        bridge.write_clip(clip_id, bpm=100.0 + number)
    calls = run_script("fill_takes", inputs="2", tempo=100)
    assert [call[:3] for call in calls if call[0] == "source"] == [
        ["source", "1", "1"], ["source", "1", "2"],
    ]  # fmt: skip
    assert values(calls, "D_LENGTH") == [2.4]


def test_without_clips_a_message_is_shown(run_script):
    sentence = "The project has no clips yet: generate one first."
    assert run_script("insert_newest") == [["message", sentence]]


def answer_jobs(bridge, **grid):
    """Make a clip of each request, as an engine would, on a thread."""

    def work():
        while not bridge.engine.requests:
            if ended.wait(0.01):
                return
        bridge.write_clip(**grid)
        bridge.run_job(bars=1, **grid)

    ended = threading.Event()
    thread = threading.Thread(target=work)
    thread.start()
    return ended, thread


def test_a_loop_is_generated_for_the_time_selection(bridge, run_script):
    ended, thread = answer_jobs(bridge, bpm=93.5, meter="7/8")
    bar_s = 3.5 * 60 / 93.5
    try:
        calls = run_script(
            "generate", tempo=187, numerator=7, denominator=8, selection=[bar_s, 4 * bar_s],
            notes="Song one\nKey: F# minor\n", inputs='dusty "lo-fi" drums, soft|3|F# minor|2',
            stop_when=Code("function(items) return items[1] end"),
        )  # fmt: skip
    finally:
        ended.set()
        thread.join()
    assert calls[0][2:] == [
        "Prompt,Bars,Key,Takes,extrawidth=200,separator=|", "|3|F# minor|1",
    ]  # fmt: skip
    (request,) = bridge.engine.requests
    assert request.prompt == "dusty 'lo-fi' drums, soft"
    assert (request.bpm, request.bars, request.meter) == (93.5, 3, "7/8")
    assert (request.key, request.takes) == ("F# minor", 2)
    assert values(calls, "D_POSITION") == pytest.approx([bar_s])
    assert values(calls, "D_LENGTH") == pytest.approx([bar_s])
    assert values(calls, "D_PLAYRATE") == pytest.approx([1], abs=1e-4)


def test_a_refused_request_is_shown(run_script):
    stop = Code("(function() local n = 0; return function() n = n + 1; return n > 1e7 end end)()")
    calls = run_script("generate", inputs="|4||1", stop_when=stop)
    assert calls[-1][0] == "message"
    assert calls[-1][1].startswith("The prompt is empty")


def test_cancelling_the_dialog_requests_nothing(bridge, run_script):
    assert [call[0] for call in run_script("generate")] == ["inputs"]
    assert bridge.engine.requests == []


def test_finished_clips_are_imported_one_after_another(bridge, run_script, tmp_path_factory):
    old = bridge.folder / f"old_90bpm_1bars_{CLIP_ID}.wav"
    old.write_bytes(clip_of(grid_of(bars=1, bpm=90.0)))
    held = tmp_path_factory.mktemp("held")
    for clip_id, bars in (("bbbbbbbb", 1), ("aaaaaaaa", 3)):
        name = f"bass_93.5bpm_Am_{bars}bars_{clip_id}.wav"
        (held / name).write_bytes(clip_of(grid_of(bars=bars, bpm=93.5)))
    move = f"os.execute('mv {held}/*.wav {bridge.folder}/')"
    stop = Code(f"function(items) if not moved then moved = {move} end return items[2] end")
    calls = run_script("watch", cursor=1.0, stop_when=stop)
    sources = [Path(call[3]).name for call in calls if call[0] == "source"]
    assert sources == ["bass_93.5bpm_Am_1bars_bbbbbbbb.wav", "bass_93.5bpm_Am_3bars_aaaaaaaa.wav"]
    assert values(calls, "D_LENGTH") == [2.0, 6.0]
    assert values(calls, "D_POSITION") == [1.0, 3.0]


def run_receiving(bridge, run_script, ask):
    """Run receive.lua while `ask` talks to the bridge; return its calls of REAPER's API."""
    calls = []
    stop = Code(f"function() return io.open('{run_script.folder}/stop') ~= nil end")
    thread = threading.Thread(
        target=lambda: calls.extend(run_script("receive", cursor=1.0, stop_when=stop))
    )
    thread.start()
    try:
        with TestClient(bridge.port) as client:
            give_up_at = time.monotonic() + PATIENCE_S
            while client.ask("/lw/get", "clients").arguments[1] != "reaper":
                assert time.monotonic() < give_up_at
            ask(client)
            (run_script.folder / "stop").touch()
            while client.ask("/lw/get", "clients").arguments[1] == "reaper":
                assert time.monotonic() < give_up_at  # the relay exits by itself
    finally:
        (run_script.folder / "stop").touch()
        thread.join()
    return calls


def test_clips_sent_to_the_cursor_are_inserted_one_after_another(bridge, run_script):
    paths = bridge.write_clip(bpm=93.5), bridge.write_clip("bcde2345", bpm=128.0)

    def ask(client):
        for number, clip_id in enumerate((CLIP_ID, "bcde2345")):
            client.send("/lw/clip/insert", f"i{number}", clip_id, "reaper:cursor")
            assert client.until("/lw/done").arguments == ("/lw/clip/insert", f"i{number}")

    calls = run_receiving(bridge, run_script, ask)
    assert [call[3] for call in calls if call[0] == "source"] == [str(path) for path in paths]
    assert values(calls, "D_POSITION") == [1.0, 3.0]
    assert values(calls, "D_LENGTH") == [2.0, 2.0]
    assert values(calls, "cursor") == [3.0, 5.0]
    assert not list(run_script.folder.rglob("inbox.*"))


def test_notes_sent_to_the_cursor_become_midi_items(bridge, run_script):
    bridge.write_clip(bpm=93.5)

    def insert(client, number, *parts):
        client.send("/lw/midi/insert", f"m{number}", CLIP_ID, "reaper:cursor")
        client.all_before_pong()
        bridge.write_midi(*parts, number=number, bpm=93.5)
        return client.until("/lw/done", "/lw/midi/insert", f"m{number}")

    calls = run_receiving(
        bridge, run_script,
        lambda client: (insert(client, 1, BASS_PART), insert(client, 2, DRUM_PART, BASS_PART)),
    )  # fmt: skip
    items = [call[1:] for call in calls if call[0] == "midi item"]
    assert items == [["0", "1", "3"], ["1", "3", "5"], ["2", "3", "5"]]
    names = [[call[1], call[3]] for call in calls if call[0] == "track"]
    assert names == [["1", "drums"], ["2", "bass"]]
    notes = [call[1:] for call in calls if call[0] == "note"]
    bass = [["0", "36", "102", "0", "480"], ["0", "43", "51", "2160", "2880"]]
    drums = [["9", "36", "127", "0", "240"], ["9", "38", "114", "960", "1200"]]
    assert notes == [
        [str(item), *note] for item, part in ((1, bass), (2, drums), (3, bass)) for note in part
    ]
    assert values(calls, "B_LOOPSRC") == [1, 1, 1]
    assert values(calls, "cursor") == [3.0, 5.0]


def test_the_reason_for_a_failed_insert_is_returned(bridge, run_script):
    path = bridge.write_clip()

    def ask(client):
        path.write_bytes(path.read_bytes()[:20_000])  # its recipe is complete, its audio is cut
        client.send("/lw/clip/insert", "i", CLIP_ID, "reaper:cursor")
        answer = client.until("/lw/fail").arguments
        assert answer[:3] in (("/lw/clip/insert", "i", 409), ("/lw/clip/insert", "i", 500))

    run_receiving(bridge, run_script, ask)


def test_every_address_in_the_pattern_file_exists():
    text = (SCRIPTS.parent / "Loopwright.ReaperOSC").read_text("ascii")
    patterns = re.findall(r"^[A-Z_]+ [a-z](/\S+)$", text, re.MULTILINE)
    assert len(patterns) == 7
    assert set(patterns) - {"/action/str"} <= set(TABLE)
