"""`loopwright doctor`: it reports what works, and never fails itself."""

import importlib.metadata
import importlib.util
import json
import sys
import zipfile
from pathlib import Path

import pytest

from cli.doctor import device_check
from tests.fakes.libraries import installed_in

ROOT = Path(__file__).resolve().parents[2]


def checks(result) -> dict[str, dict]:
    lines = [json.loads(line) for line in result.lines]
    assert [line["type"] for line in lines] == ["check"] * (len(lines) - 1) + ["summary"]
    return {line.get("name", "summary"): line for line in lines}


def test_a_fresh_home_has_no_problems(loopwright):
    result = loopwright.run("doctor", "--json")
    found = checks(result)
    assert (result.code, result.err) == (0, "")
    assert found["summary"]["ok"] is True
    assert found["engine"]["state"] == found["project"]["state"] == "ok"
    assert "will be created" in found["project"]["found"]
    assert {"program", "engine", "system", "libraries", "device", "model", "disk"} <= set(found)
    assert {"sound", "REAPER", "Live", "bridge"} <= set(found)
    for name in ("torch", "openvino"):
        if importlib.util.find_spec(name) is not None:
            assert f"{name} {importlib.metadata.version(name)}" in found["libraries"]["found"]
    assert "not found on this machine" in found["REAPER"]["found"]
    assert "not running" in found["bridge"]["found"]
    assert {found[name]["state"] for name in ("REAPER", "Live", "bridge")} == {"note"}
    # PulseAudio's library creates a folder of its own when sound devices are listed.
    left = {path.relative_to(loopwright.home).as_posix() for path in loopwright.home.glob("*/*")}
    assert left <= {".config/pulse"}


def test_the_text_output_has_one_line_per_check(loopwright):
    result = loopwright.run("doctor")
    assert result.code == 0
    assert all(line.split()[0] in ("ok", "note") for line in result.lines if line[0] != " ")


@pytest.mark.parametrize("place", ("Music", "Music/Loopwright"))
def test_a_project_folder_that_is_a_file_is_a_problem_with_advice(loopwright, place):
    path = loopwright.home / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("a file")
    result = loopwright.run("doctor", "--json")
    project = checks(result)["project"]
    assert result.code == 1
    assert project["state"] == "problem"
    assert "--project" in project["advice"]
    assert checks(result)["summary"]["ok"] is False


def test_an_engine_that_cannot_start_is_a_problem(loopwright, tmp_path):
    # The engine creates its working folder in TMPDIR.
    environment = {**loopwright.environment, "TMPDIR": str(tmp_path / "a" / "b")}
    result = loopwright.run("doctor", "--json", env=environment)
    assert "Traceback" not in result.err
    assert checks(result)["engine"]["state"] in ("ok", "problem")


def test_an_outdated_library_is_a_problem_with_the_command_that_fixes_it(loopwright, tmp_path):
    path = installed_in(tmp_path / "old", torch="2.9.1")
    result = loopwright.run("doctor", "--json", env={**loopwright.environment, "PYTHONPATH": path})
    libraries = checks(result)["libraries"]
    assert (result.code, libraries["state"]) == (1, "problem")
    assert "torch 2.9.1" in libraries["found"]
    assert "pip install -U" in libraries["advice"]


@pytest.mark.parametrize(
    ("facts", "state", "found", "advice"),
    (
        ({"torch_build": "cpu"}, "ok", "CPU only; torch is built for the", ""),
        ({"torch_build": "metal", "apple_gpu": True}, "ok", "Apple GPU; torch is built for", ""),
        (
            {"torch_build": "cuda", "nvidia_cards": ["NVIDIA T4", "NVIDIA L4"]},
            "ok", "NVIDIA T4, NVIDIA L4; torch is built for CUDA", "",
        ),
        (
            {"torch_build": "cpu", "nvidia_cards": ["NVIDIA T4"]},
            "note", "NVIDIA T4; torch is built for the CPU and cannot use it", "--torch cuda",
        ),
        ({"torch_build": "cuda"}, "note", "there is no working NVIDIA driver", "--torch cpu"),
        (
            {"torch_build": None},
            "ok", "torch is not installed, and 'sketch' does not need it", "--torch cpu",
        ),
        (
            {"torch_build": None, "nvidia_cards": ["NVIDIA T4"]},
            "ok", "NVIDIA T4; torch is not installed", "--torch cuda",
        ),
    ),
)  # fmt: skip
def test_it_shows_the_processors_and_how_to_switch(facts, state, found, advice):
    check = device_check(facts)
    assert (check.name, check.state) == ("device", state)
    assert found in check.found
    assert advice in check.advice
    assert bool(check.advice) == bool(advice)


def test_a_packaged_program_says_how_to_get_another_torch(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    check = device_check({"torch_build": "cpu", "nvidia_cards": ["NVIDIA T4"]})
    assert check.advice.startswith("to switch: this program includes its own torch; ")
    assert "--torch cuda" in check.advice
    assert str(ROOT) not in check.advice


def test_an_nvidia_card_that_torch_cannot_use_is_noticed(loopwright, tmp_path):
    driver = tmp_path / "bin" / "nvidia-smi"
    driver.parent.mkdir()
    driver.write_text("#!/bin/sh\necho NVIDIA T4\n")
    driver.chmod(0o755)
    path = f"{driver.parent}:{loopwright.environment['PATH']}"
    result = loopwright.run("doctor", "--json", env={**loopwright.environment, "PATH": path})
    assert checks(result)["device"]["found"].startswith("NVIDIA T4; torch is built for ")


SETTINGS = {
    "version": 2,
    "settings": {
        "project": "HOME/Music/Loopwright",
        "prompts": ["violet harmonium"],
        "theme": "light",
        "model_settings": {"musicldm": {"steps": 20, "scheduler": "ddim", "toward": "violet"}},
    },
}


@pytest.fixture
def used(loopwright):
    """The program with a home that has a loop and settings."""
    settings = loopwright.home / ".config" / "Loopwright" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(SETTINGS).replace("HOME", str(loopwright.home)))
    assert loopwright.render("violet harmonium", "--bars", "1").code == 0
    return loopwright


def test_a_bundle_contains_and_lists_checks_settings_and_logs(used, tmp_path):
    path = tmp_path / "report.zip"
    result = used.run("doctor", "--bundle", str(path))
    assert (result.code, result.err) == (0, "")
    with zipfile.ZipFile(path) as bundle:
        texts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert set(texts) == {"checks.json", "settings.json", "logs/cli.log", "logs/engine.log"}
    assert [line.split()[0] for line in result.lines[:-1]] == list(texts)
    assert result.lines[-1] == f"Wrote these files to {path}. Check them before you send it."
    assert {"program", "engine", "sound"} <= {c["name"] for c in json.loads(texts["checks.json"])}
    kept = json.loads(texts["settings.json"])["settings"]
    assert kept == {
        "project": "~/Music/Loopwright",
        "prompts": "1 left out",
        "theme": "light",
        "model_settings": {"musicldm": {"steps": 20, "scheduler": "ddim", "toward": "left out"}},
    }
    everything = "".join(texts.values())
    assert "violet" not in everything
    assert str(used.home) not in everything
    assert [each.name for each in tmp_path.glob("*.part")] == []


def test_a_bundle_says_which_logs_quote_prompts(used, tmp_path):
    path = tmp_path / "report.zip"
    result = used.run("doctor", "--debug", "--json", "--bundle", str(path))
    *files, last = [json.loads(line) for line in result.lines]
    assert last == {"type": "bundle", "path": str(path)}
    about = {file["name"]: file["about"] for file in files}
    assert about["logs/cli.log"] == "a log with --debug: contains prompts and file names"


@pytest.mark.parametrize("content", ("{half", "[]", '{"version": 2, "settings": 7}'))
def test_damaged_settings_do_not_stop_a_bundle(loopwright, tmp_path, content):
    settings = loopwright.home / ".config" / "Loopwright" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(content)
    assert loopwright.run("doctor", "--bundle", str(tmp_path / "r.zip")).code == 0
    with zipfile.ZipFile(tmp_path / "r.zip") as bundle:
        assert json.loads(bundle.read("settings.json")).startswith("cannot be read: ")


def test_a_bundle_never_overwrites_a_file(loopwright, tmp_path):
    path = tmp_path / "mine.zip"
    path.write_bytes(b"mine")
    result = loopwright.run("doctor", "--bundle", str(path))
    assert (result.code, path.read_bytes()) == (2, b"mine")
    assert result.err == f"{path} already exists: choose another name.\n"


def test_a_missing_bundle_folder_is_reported(loopwright, tmp_path):
    folder = tmp_path / "missing"
    result = loopwright.run("doctor", "--bundle", str(folder / "r.zip"))
    assert result.code == 2
    assert result.err == f"{folder} is not a folder: create it, or choose another path.\n"


def test_an_unwritable_bundle_is_reported(loopwright):
    result = loopwright.run("doctor", "--bundle", "/proc/report.zip")
    assert result.code == 1
    assert result.err.startswith("Cannot write /proc/report.zip (")
