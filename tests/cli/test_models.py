"""`loopwright models`: download, check and remove checkpoints of a hub on loopback."""

import json
import os
import signal

import pytest

from engine.models.catalogue import built_in_catalogue
from tests.fakes import checkpoints
from tests.fakes.checkpoints import weights_file, write
from tests.fakes.hub import REVISION, UNET, hub_with_musicldm

REPO = "ucsd-reach/musicldm"
LIMIT_S = 60
MODELS = len(built_in_catalogue().entries)


@pytest.fixture
def hub():
    with hub_with_musicldm(REPO) as hub:
        yield hub


@pytest.fixture
def where(loopwright, hub, tmp_path):
    """The options that make the program use the hub and a store of its own."""
    models = str(tmp_path / "models")
    return {
        "env": {**loopwright.environment, "HF_ENDPOINT": hub.address, "LOOPWRIGHT_MODELS": models}
    }


def state_of(loopwright, where, model="musicldm"):
    lines = loopwright.run("models", "list", "--json", **where).lines
    return next(facts["state"] for facts in map(json.loads, lines) if facts["id"] == model)


def test_a_model_can_be_listed_downloaded_checked_and_removed(loopwright, where):
    assert state_of(loopwright, where) == "not downloaded"
    got = loopwright.run("models", "download", "musicldm", "--yes", **where)
    assert (got.code, got.out) == (0, "")
    assert got.sentence == f"musicldm is ready: 2 MB, revision {REVISION[:12]}"
    assert state_of(loopwright, where) == "ready"
    checked = loopwright.run("models", "check", "musicldm", **where)
    assert (checked.code, checked.out) == (0, f"musicldm is intact, revision {REVISION[:12]}\n")
    removed = loopwright.run("models", "remove", "musicldm", **where)
    assert (removed.code, removed.out) == (0, "Removed musicldm and freed 2 MB\n")
    assert state_of(loopwright, where) == "not downloaded"


def test_a_mode_that_a_model_has_of_its_own_is_shown_once(loopwright, where):
    shown = loopwright.run("models", "info", "ace-step-turbo", **where).out
    assert "clip modes      vary, continue, redo\n" in shown
    assert "MIT: commercial use is allowed" in shown


def test_licence_size_memory_and_rate_are_shown_before_a_download(loopwright, where, hub):
    shown = loopwright.run("models", "info", "musicldm", **where).out
    for fact in ("CC-BY-NC-SA-4.0", "16000 Hz, mono", "~2.0 GB", "for 8 seconds, in float32", REPO):
        assert fact in shown
    refused = loopwright.run("models", "download", "musicldm", **where)
    assert refused.code == 2
    assert "CC-BY-NC-SA-4.0" in refused.err
    assert (
        refused.sentence
        == "The download needs your consent, and there is no terminal to ask on: add --yes."
    )
    assert hub.requests == []


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 130), (b"\n", 130)])
def test_a_terminal_user_is_asked_and_only_yes_accepts(loopwright, where, hub, answer, code):
    ours, theirs = os.openpty()
    os.write(ours, answer)
    result = loopwright.run("models", "download", "musicldm", stdin=theirs, **where)
    os.close(ours)
    os.close(theirs)
    assert result.code == code
    assert "Download it? [y/N]" in result.err
    assert bool(hub.requests) == (code == 0)


def test_ctrl_c_keeps_partial_files_and_the_next_download_resumes(loopwright, where, hub):
    hub.stalled[UNET] = 0
    process = loopwright.start("models", "download", "musicldm", "--yes", **where)
    assert hub.reached.wait(LIMIT_S)
    process.send_signal(signal.SIGINT)
    result = loopwright.end_of(process)
    assert result.code == 130
    assert result.sentence == "Cancelled. To resume, run 'loopwright models download musicldm'."
    hub.go_on.set()
    hub.requests.clear()
    assert loopwright.run("models", "download", "musicldm", "--yes", **where).code == 0
    assert UNET in hub.fetched()
    assert weights_file("vae") not in hub.fetched()


def test_the_list_is_aligned_in_columns(loopwright, where):
    lines = loopwright.run("models", **where).lines
    assert len(lines) == MODELS
    states = [line.find("not downloaded") for line in lines[1:]]
    assert set(states) == {lines[0].find("ready")}


def test_musicgen_models_are_downloaded_and_checked_like_others(loopwright, where, hub):
    files = checkpoints.musicgen()
    hub.repos["facebook/musicgen-small"] = files | {"state_dict.bin": b"never fetched"}
    shown = loopwright.run("models", "info", "musicgen-small", **where).out
    for fact in ("CC-BY-NC-4.0: not for commercial use", "32000 Hz, mono", "~2.3 GB"):
        assert fact in shown
    got = loopwright.run("models", "download", "musicgen-small", "--yes", **where)
    assert got.code == 0
    assert sorted(hub.fetched()) == sorted(files)
    checked = loopwright.run("models", "check", "musicgen-small", **where)
    assert checked.out == f"musicgen-small is intact, revision {REVISION[:12]}\n"


def test_json_output_has_one_event_per_line(loopwright, where):
    result = loopwright.run("models", "download", "musicldm", "--yes", "--json", **where)
    events = [json.loads(line) for line in result.lines]
    assert (result.code, result.err) == (0, "")
    assert {event["type"] for event in events} == {"progress", "done"}
    assert events[-1]["type"] == "done"


def test_shared_files_are_stored_once_and_mentioned(loopwright, where, hub):
    hub.repos["cvssp/audioldm2"] = checkpoints.audioldm2()
    loopwright.run("models", "download", "musicldm", "--yes", **where)
    result = loopwright.run("models", "download", "audioldm2", "--yes", **where)
    assert result.code == 0
    assert result.sentence.endswith("of it is shared with musicldm and stored only once")


def test_a_failed_download_is_reported_with_exit_code_1(loopwright, where, hub):
    hub.status["api"] = 500
    result = loopwright.run("models", "download", "musicldm", "--yes", **where)
    assert (result.code, result.out) == (1, "")
    assert result.sentence.startswith("Model 'musicldm' could not be downloaded: ")
    assert "Traceback" not in result.err


def test_a_check_finds_a_flipped_byte(loopwright, where, tmp_path):
    loopwright.run("models", "download", "musicldm", "--yes", **where)
    path = tmp_path / "models" / "musicldm" / "checkpoint" / UNET
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    result = loopwright.run("models", "check", "musicldm", **where)
    assert result.code == 1
    assert result.sentence == (
        f"Model 'musicldm' is damaged: {UNET} has changed since it was downloaded; repair it with "
        "'loopwright models download musicldm'."
    )


def test_a_folder_can_be_checked_by_path(loopwright, tmp_path):
    folder = write(tmp_path / "mine", checkpoints.musicldm())
    good = loopwright.run("models", "check", str(folder))
    assert (good.code, good.err) == (0, "")
    assert good.out.startswith(f"{folder} can be used: musicldm")
    relative = loopwright.run("models", "check", "./mine", "--json", cwd=tmp_path)
    assert json.loads(relative.out)["folder"] == str(folder)
    (folder / "unet" / "pytorch_model.bin").write_bytes(b"x")
    bad = loopwright.run("models", "check", str(folder))
    assert (bad.code, bad.out) == (1, "")
    assert "unet/pytorch_model.bin" in bad.sentence


def test_rendering_with_a_folder_that_is_not_a_model_is_refused(loopwright, tmp_path):
    folder = write(tmp_path / "mine", checkpoints.musicldm() | {"evil.py": b""})
    result = loopwright.render("x", "--model", str(folder))
    assert result.code == 2
    assert result.sentence.startswith(f"Folder {folder} is not used as a model: evil.py")
    assert loopwright.clips() == []


def test_a_missing_model_error_names_the_download_command(loopwright, where):
    result = loopwright.render("x", "--model", "musicldm", **where)
    assert result.code == 1
    assert result.sentence == (
        "Model 'musicldm' is not downloaded: get it with 'loopwright models download musicldm'."
    )


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("download",), 2, "'models download' needs a model ID"),
        (("download", "musicldn"), 2, "There is no model 'musicldn'; did you mean 'musicldm'?"),
        (("download", "sketch"), 0, "Model 'sketch' is built in: there is nothing to download."),
        (("remove", "sketch"), 1, "Model 'sketch' is built in: there is nothing to remove."),
        (("remove", "musicldm"), 1, "Model 'musicldm' is not downloaded"),
        (("check", "musicldm"), 1, "Model 'musicldm' is not downloaded"),
        (("check", "/nowhere"), 1, "Folder /nowhere is not used as a model: the folder does not "),
        (
            ("dwnload", "x"),
            2,
            "'dwnload' is not an action of 'loopwright models': did you mean 'download'?",
        ),
    ],
)
def test_impossible_requests_are_reported(loopwright, arguments, code, sentence):
    result = loopwright.run("models", *arguments)
    assert result.code == code
    assert result.out == ""
    assert result.sentence.startswith(sentence)


def test_the_doctor_reports_a_damaged_model(loopwright, where, tmp_path):
    home = tmp_path / "models" / "musicldm"
    home.mkdir(parents=True)
    (home / "manifest.json").write_text("{")
    result = loopwright.run("doctor", **where)
    assert result.code == 1
    assert "musicldm is damaged" in result.out
    assert "loopwright models download musicldm" in result.out


def test_a_flat_folder_can_be_checked_by_path(loopwright, tmp_path):
    folder = write(tmp_path / "mine", checkpoints.musicgen(melody=True))
    good = loopwright.run("models", "check", str(folder))
    assert (good.code, good.err) == (0, "")
    assert good.out.startswith(f"{folder} can be used: musicgen-melody, 0 M parameters; try ")
    (folder / "state_dict.bin").write_bytes(b"x")
    bad = loopwright.run("models", "check", str(folder))
    assert (bad.code, bad.out) == (1, "")
    assert bad.sentence == (
        f"Folder {folder} is not used as a model: state_dict.bin (.bin) may hold code or is not "
        "known: a checkpoint has .safetensors and .json."
    )


def test_a_user_folder_can_be_added_listed_shown_checked_and_removed(loopwright, where, tmp_path):
    folder = write(tmp_path / "My pads", checkpoints.musicgen())
    added = loopwright.run("models", "add", "My pads", cwd=tmp_path, **where)
    assert (added.code, added.out) == (0, f"{folder} is now the model my-pads\n")
    assert state_of(loopwright, where, "my-pads") == "ready"
    shown = loopwright.run("models", "info", "my-pads", **where).out
    for fact in (
        "32000 Hz, mono",
        str(folder),
        "guidance, temperature, top_k, top_p, draft, verbatim",
    ):
        assert fact in shown
    checked = loopwright.run("models", "check", "my-pads", **where)
    assert (checked.code, checked.out) == (0, "my-pads is intact\n")
    removed = loopwright.run("models", "remove", "my-pads", **where)
    assert removed.out == f"Removed my-pads from the list; its files stay in {folder}\n"
    assert len(loopwright.run("models", **where).lines) == MODELS
    assert (folder / "config.json").is_file()


def test_an_unusable_folder_is_listed_with_the_reason_and_can_be_removed(
    loopwright, where, tmp_path
):
    folder = write(tmp_path / "mine", checkpoints.musicldm())
    loopwright.run("models", "add", str(folder), **where)
    (folder / "evil.py").write_bytes(b"")
    lines = loopwright.run("models", "list", "--json", **where).lines
    facts = json.loads(lines[-1])
    assert (facts["id"], facts["state"], facts["installed"]) == ("mine", "damaged", False)
    assert "evil.py" in facts["problem"]
    assert "evil.py" in loopwright.run("models", "info", "mine", **where).sentence
    assert loopwright.run("models", "remove", "mine", **where).code == 0


def test_a_folder_can_be_shown_by_path_before_and_after_it_is_added(loopwright, where, tmp_path):
    folder = write(tmp_path / "My pads", checkpoints.musicgen())
    before = loopwright.run("models", "info", "./My pads", "--json", cwd=tmp_path, **where)
    facts = json.loads(before.out)
    assert (facts["id"], facts["family"], facts["folder"]) == ("my-pads", "musicgen", str(folder))
    assert (facts["state"], facts["installed"]) == ("not added", False)
    table = loopwright.run("models", "info", str(folder), **where).out
    assert str(folder) in table
    assert "not added" in table
    assert len(loopwright.run("models", **where).lines) == MODELS
    loopwright.run("models", "add", str(folder), **where)
    after = loopwright.run("models", "info", "./My pads", "--json", cwd=tmp_path, **where)
    facts = json.loads(after.out)
    assert (facts["id"], facts["state"]) == ("my-pads", "ready")


def test_a_folder_named_like_a_model_gets_another_id(loopwright, where, tmp_path):
    folder = write(tmp_path / "musicgen-small", checkpoints.musicgen())
    shown = loopwright.run("models", "info", str(folder), "--json", **where)
    facts = json.loads(shown.out)
    assert (facts["id"], facts["state"]) == ("musicgen-small-2", "not added")


def test_a_refused_folder_is_not_added(loopwright, where, tmp_path):
    result = loopwright.run("models", "add", str(tmp_path), **where)
    assert (result.code, result.out) == (1, "")
    assert result.sentence.startswith(f"Folder {tmp_path} is not used as a model: ")


@pytest.mark.parametrize("words", [("info", "--json", "sketch"), ("info", "sketch", "--json")])
def test_options_may_precede_the_name(loopwright, words):
    result = loopwright.run("models", *words)
    assert (result.code, json.loads(result.out)["id"]) == (0, "sketch")


def test_a_folder_with_pickled_weights_is_converted_into_a_copy(loopwright, where, tmp_path):
    folder = write(tmp_path / "cloned", checkpoints.musicgen() | {"pytorch_model.bin": b"pickle"})
    refused = loopwright.run("models", "check", str(folder), **where)
    assert "pytorch_model.bin can hold code: make a converted copy with" in refused.sentence
    result = loopwright.run("models", "convert", str(folder), **where)
    target = f"{folder}-safetensors"
    assert (result.code, result.lines[0].partition(" can be used")[0]) == (0, target)
    assert loopwright.run("models", "check", target, **where).code == 0
    again = loopwright.run("models", "convert", str(folder), **where)
    assert (again.code, again.sentence) == (2, f"{target} exists: choose a new folder with --to.")
    assert loopwright.run("models", "check", "sketch", "--to", target, **where).code == 2


def test_a_refused_checkpoint_has_a_report_to_send(loopwright, where, tmp_path):
    files = checkpoints.musicldm()
    config = json.loads(files["vae/config.json"]) | {"new_key": "a value"}
    folder = write(tmp_path / "new", files | {"vae/config.json": json.dumps(config).encode()})
    result = loopwright.run("models", "check", str(folder), **where)
    assert (result.code, result.out) == (1, "")
    *report, sentence = result.err.splitlines()
    assert [" ".join(line.split()) for line in report[1:]] == [
        "file vae/config.json",
        "key new_key",
        "value 'a value'",
        "admit engine/models/families: add 'new_key' to the keys of its class",
    ]
    assert sentence.endswith("known keys; 'loopwright models check' prints a report to send.")
    config = json.loads(files["vae/config.json"]) | {"auto_map": "a value"}
    (folder / "vae/config.json").write_text(json.dumps(config))
    assert "admit" not in loopwright.run("models", "check", str(folder), **where).err
