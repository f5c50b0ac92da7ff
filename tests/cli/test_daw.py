"""`loopwright daw` as a process: it installs its files, and touches no others."""

import json
import subprocess

import pytest

from tests.bridge.osc_client import TestClient
from tests.cli.program import running_bridge


def files_in(folder) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def reaper(tmp_path):
    """REAPER's resource folder, with files of other people in it."""
    folder = tmp_path / "REAPER"
    (folder / "Scripts").mkdir(parents=True)
    (folder / "OSC").mkdir()
    (folder / "Scripts" / "mine.lua").write_text("mine")
    (folder / "OSC" / "Default.ReaperOSC").write_text("mine")
    (folder / "reaper-kb.ini").write_text("mine")
    return folder


def test_uninstalling_removes_what_the_receiving_script_left(loopwright, reaper):
    before = files_in(reaper)
    loopwright.run("daw", "install", "reaper", "--to", str(reaper))
    (reaper / "Scripts" / "Loopwright" / "inbox.alive").write_text("1")
    loopwright.run("daw", "uninstall", "reaper", "--to", str(reaper))
    assert files_in(reaper) == before
    assert not (reaper / "Scripts" / "Loopwright").exists()


@pytest.mark.parametrize("daw", ("reaper", "live"))
def test_uninstalling_removes_what_was_installed_and_nothing_else(loopwright, reaper, daw):
    before = files_in(reaper)
    installed = loopwright.run("daw", "install", daw, "--to", str(reaper))
    assert installed.code == 0
    assert "1. " in installed.err
    assert "2. " in installed.err
    now = files_in(reaper)
    assert {name: now[name] for name in before} == before
    written = {str(reaper / name) for name in now if name not in before}
    assert set(installed.lines) == {name for name in written if not name.endswith("installed.json")}
    again = loopwright.run("daw", "install", daw, "--to", str(reaper))
    assert (again.code, files_in(reaper)) == (0, now)
    assert loopwright.run("daw", "uninstall", daw, "--to", str(reaper)).code == 0
    assert files_in(reaper) == before
    assert not (reaper / "Loopwright").exists()
    assert not (reaper / "Scripts" / "Loopwright").exists()


def test_the_default_folder_of_reaper_is_found(loopwright):
    place = loopwright.home / ".config" / "REAPER"
    place.mkdir(parents=True)
    assert loopwright.run("daw", "install", "reaper").code == 0
    assert (place / "OSC" / "Loopwright.ReaperOSC").is_file()


def test_an_update_removes_obsolete_files(loopwright, reaper):
    loopwright.run("daw", "install", "reaper", "--to", str(reaper))
    own = reaper / "Scripts" / "Loopwright"
    facts = json.loads((own / "installed.json").read_text())
    facts["files"]["Scripts/Loopwright/old.lua"] = ""
    facts["files"]["../outside.lua"] = ""
    (own / "installed.json").write_text(json.dumps(facts))
    (own / "old.lua").write_text("of an earlier version")
    (reaper.parent / "outside.lua").write_text("mine")
    assert loopwright.run("daw", "install", "reaper", "--to", str(reaper)).code == 0
    assert not (own / "old.lua").exists()
    assert (reaper.parent / "outside.lua").exists()


def test_foreign_files_are_never_replaced(loopwright, reaper):
    (reaper / "OSC" / "Loopwright.ReaperOSC").write_text("mine")
    before = files_in(reaper)
    result = loopwright.run("daw", "install", "reaper", "--to", str(reaper))
    assert result.code == 1
    assert "was not installed by Loopwright: move it away" in result.sentence
    assert files_in(reaper) == before


def test_a_missing_daw_is_reported(loopwright, tmp_path):
    result = loopwright.run("daw", "install", "reaper", "--to", str(tmp_path / "none"))
    assert result.code == 1
    assert result.sentence.endswith("start REAPER once, or give its folder with --to.")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    (
        (
            ("instal", "reaper"),
            "'instal' is not an action of 'loopwright daw': did you mean 'install'?",
        ),
        (
            ("relay",),
            "'daw relay' needs --inbox with the folder of receive.lua, which starts the relay.",
        ),
        (
            ("relay", "--inbox", "/none"),
            "'daw relay' needs --inbox with the folder of receive.lua,",
        ),
        (("install",), "'daw install' needs a DAW: choose one of reaper, live."),
        (
            ("install", "raper"),
            "Loopwright does not support the DAW 'raper': did you mean 'reaper'?",
        ),
    ),
)
def test_usage_errors_are_reported(loopwright, arguments, sentence):
    result = loopwright.run("daw", *arguments)
    assert result.code == 2
    assert result.sentence.startswith(sentence)


def test_the_status_shows_installations_and_connections(loopwright, reaper):
    before = loopwright.run("daw", "status", "--to", str(reaper), "--port", "1")
    assert before.code == 0
    assert [line.split()[0] for line in before.lines] == ["REAPER", "Live", "bridge"]
    for daw, line in zip(("reaper", "live"), before.lines, strict=False):
        assert f"run 'loopwright daw install {daw} --to {reaper}'" in line
    assert "not running; to start it, run 'loopwright bridge'" in before.lines[2]
    loopwright.run("daw", "install", "live", "--to", str(reaper))
    loopwright.run("daw", "install", "reaper", "--to", str(reaper))
    with (
        running_bridge(loopwright) as (_, port),
        TestClient(port) as client,
        TestClient(port) as other,
    ):
        client.ask("/lw/register", "live", 0)
        other.send("/lw/host/beat", "3.1.00")
        assert other.ask("/lw/get", "host").arguments == ("host", "reaper")
        other.send_bytes(b"no message")
        after = loopwright.run("daw", "status", "--to", str(reaper), "--port", str(port))
    for line in after.lines[:2]:
        assert line.endswith(f"in {reaper}; connected")
    assert after.lines[2].endswith(
        "registered clients: live; messages without effect (lost, malformed or refused): 1"
    )


def test_reaper_can_start_the_program_named_in_its_config(loopwright, reaper, program):
    lua = program("lua5.4", "lua5.4")
    loopwright.run("daw", "install", "reaper", "--to", str(reaper), "--project", '/tmp/a "b"')
    config = reaper / "Scripts" / "Loopwright" / "config.lua"
    code = f"c = dofile('{config}'); for _, w in ipairs(c.program) do print(w) end print(c.project)"
    lines = subprocess.run(
        [lua, "-e", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert lines.pop() == '/tmp/a "b"'
    shown = subprocess.run([*lines, "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("loopwright ")
