import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.app.single_instance import SingleInstance, instance_name, runtime_folder, wake_other

ROOT = Path(__file__).resolve().parents[3]
SECOND_START = """
import sys
from desktop.app.single_instance import wake_other
print(wake_other(*sys.argv[1:]))
"""
STRANGER = """
import os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
os.setuid(65534)
server.listen()
print("listening", flush=True)
caller, _ = server.accept()
print(caller.recv(1000))
"""
FILE = "/tapes/secret-project_128bpm_4bars_abcd2345.wav"
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has pipes, not folders")


@pytest.fixture
def name(tmp_path, qapp):
    assert qapp
    return instance_name(str(tmp_path))


def start(name, *more):
    """Start a process that tries to wake the window, and prints whether it could."""
    return subprocess.Popen(
        [sys.executable, "-c", SECOND_START, name, *more],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


WAVE = "/tapes/späti/warm-bass_128bpm_4bars_abcd2345.wav"


@pytest.mark.parametrize("more", ([], [WAVE], [WAVE, "/tapes/späti"], ["", "/tapes"]))
def test_a_second_start_wakes_the_first(qtbot, name, more):
    woken = []
    first = SingleInstance(name, lambda *paths: woken.extend(paths))
    second = start(name, *more)
    qtbot.waitUntil(lambda: woken == [*more, "", ""][:2], timeout=20_000)
    assert second.communicate(timeout=20)[0].strip() == "True"
    first.close()


def test_the_first_start_finds_no_other_window(name):
    assert not wake_other(name)


def test_windows_with_other_settings_are_not_affected(tmp_path):
    assert instance_name(str(tmp_path)) != instance_name(str(tmp_path / "other"))


def test_after_the_first_has_closed_the_next_one_is_the_first(qtbot, name):
    woken = []
    first = SingleInstance(name, lambda file, _project: woken.append(file))
    second = start(name)
    qtbot.waitUntil(lambda: woken == [""], timeout=20_000)
    assert second.communicate(timeout=20)[0].strip() == "True"
    first.close()
    assert not wake_other(name)


@unix_only
def test_the_socket_is_in_a_private_folder(name, monkeypatch, tmp_path):
    assert Path(name).parent == runtime_folder()
    assert Path(name).parent.stat().st_mode & 0o077 == 0
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert runtime_folder() == tmp_path


@unix_only
@pytest.mark.parametrize("kind", ["open to all", "a link", "a file"])
def test_a_folder_prepared_by_others_is_not_used_and_the_window_opens(
    kind, monkeypatch, tmp_path, expect_log, qapp
):
    assert qapp
    folder = tmp_path / f"loopwright-{os.getuid()}"
    if kind == "open to all":
        folder.mkdir()
        folder.chmod(0o777)
    elif kind == "a link":
        (tmp_path / "theirs").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "theirs")
    else:
        folder.write_text("")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "missing"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    expect_log("folder for the window's socket")
    name = instance_name("settings.json")
    assert name == ""
    assert not wake_other(name, FILE)
    SingleInstance(name, lambda _file, _project: None).close()


@unix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="becomes another user")
def test_another_user_holding_the_socket_learns_nothing(tmp_path, expect_log, qapp):
    assert qapp
    place = str(tmp_path / "socket")
    expect_log("belongs to another user")
    with subprocess.Popen(
        [sys.executable, "-c", STRANGER, place], stdout=subprocess.PIPE, text=True
    ) as stranger:
        assert stranger.stdout.readline() == "listening\n"
        assert not wake_other(place, FILE)
        assert stranger.communicate(timeout=20)[0] == "b''\n"


@unix_only
def test_an_unresponsive_socket_does_not_prevent_opening_a_window(tmp_path, expect_log, qapp):
    assert qapp
    expect_log("does not answer: opening another window")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "socket"))
        silent.listen()
        assert not wake_other(str(tmp_path / "socket"))
