"""The project folder, with real child processes, real limits and real kills."""

import os
import random
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.loops.errors import LoopError
from engine.loops.project import Project
from tests.fakes.clips import clip_of, grid_of

ROOT = Path(__file__).resolve().parents[3]
CLIP = clip_of(grid_of(bars=1))


def parts_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.part"))


def start(code: str, *arguments: object) -> subprocess.Popen:
    """Start a child that runs `code` with our packages; its arguments are in `sys.argv`."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def child():
    """Call it as `start`; what still runs after the test is killed."""
    started = []

    def begin(code, *arguments):
        started.append(start(code, *arguments))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate(timeout=30)


@pytest.mark.parametrize("name", ["loops", "with spaces", "Trömmel für Élise", "טמבור 🥁", "-rf"])
def test_a_missing_project_folder_is_created(tmp_path, name):
    project = Project.open(tmp_path / name)
    path = project.write("a_128bpm_4bars_abcd2345.wav", CLIP)
    assert path == tmp_path / name / "a_128bpm_4bars_abcd2345.wav"
    assert path.read_bytes() == CLIP
    assert os.listdir(tmp_path / name) == [path.name]
    assert project.clip_ids() == {"abcd2345"}


def test_a_relative_folder_becomes_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Project.open(Path("loops")).folder == tmp_path / "loops"


def test_a_missing_parent_is_an_error(tmp_path):
    folder = tmp_path / "none" / "loops"
    with pytest.raises(LoopError) as caught:
        Project.open(folder)
    assert str(caught.value) == (
        f"Project folder {folder} has no parent folder: create it, or choose another place."
    )
    assert not folder.parent.exists()


def test_a_file_is_not_a_project_folder(tmp_path):
    file = tmp_path / "song.txt"
    file.write_text("la")
    for folder in (file, file / "loops"):
        with pytest.raises(LoopError) as caught:
            Project.open(folder)
        assert str(caught.value) == (
            f"Project folder {folder} is not a folder: choose another place."
        )
    assert file.read_text() == "la"


def test_the_home_of_an_unknown_user_is_an_error():
    with pytest.raises(LoopError, match=r"^Project folder ~nobody-at-all/x names an unknown user"):
        Project.open(Path("~nobody-at-all/x"))


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs Linux's /sys, read-only to all")
def test_an_unwritable_folder_is_an_error():
    with pytest.raises(LoopError) as caught:
        Project.open(Path("/sys/kernel"))
    assert "Project folder /sys/kernel " in str(caught.value)
    assert str(caught.value).endswith("choose another place.")


def test_an_existing_file_is_never_overwritten(tmp_path):
    project = Project.open(tmp_path)
    path = project.write("a.wav", b"first")
    with pytest.raises(LoopError) as caught:
        project.write("a.wav", b"second")
    assert str(caught.value) == (
        f"Project folder {tmp_path} already has a.wav: nothing was replaced."
    )
    assert path.read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["a.wav"]


def test_of_many_concurrent_writers_of_one_name_exactly_one_wins(tmp_path):
    project = Project.open(tmp_path)
    barrier = threading.Barrier(8)
    outcomes: list[object] = []

    def write(number):
        barrier.wait(30)
        try:
            project.write("a.wav", bytes([number]) * 100_000)
            outcomes.append(number)
        except LoopError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    winners = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert len(outcomes) == 8
    assert len(winners) == 1
    assert (tmp_path / "a.wav").read_bytes() == bytes(winners) * 100_000
    assert os.listdir(tmp_path) == ["a.wav"]


def test_rejected_takes_have_their_own_folder_and_their_ids_count(tmp_path):
    project = Project.open(tmp_path)
    path = project.write("a_4bars_abcd2345.wav", CLIP, into="rejected")
    assert path == tmp_path / "rejected" / "a_4bars_abcd2345.wav"
    assert project.clip_ids() == {"abcd2345"}
    assert project.new_id() != "abcd2345"


def test_a_file_in_place_of_the_rejected_folder_is_an_error(tmp_path):
    (tmp_path / "rejected").write_text("no folder")
    with pytest.raises(LoopError, match=r"has 'rejected', which is a file, not a folder"):
        Project.open(tmp_path)
    assert os.listdir(tmp_path) == ["rejected"]


WRITE_UNDER_A_LIMIT = """
import resource, sys
from pathlib import Path
from engine.loops.errors import LoopError
from engine.loops.project import Project
project = Project.open(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    project.write("a.wav", bytes(1_000_000))
except LoopError as error:
    print(error)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
def test_a_failing_disk_leaves_nothing_behind(tmp_path, child):
    said, _ = child(WRITE_UNDER_A_LIMIT, tmp_path).communicate(timeout=60)
    assert said == (
        f"Project folder {tmp_path} could not be written to (file too large): "
        "choose another place.\n"
    )
    assert os.listdir(tmp_path) == []


def mount_small_disk(folder: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a small disk")


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to mount a small disk")
def test_a_full_disk_leaves_nothing_behind_and_later_writes_succeed(tmp_path):
    mount_small_disk(tmp_path)
    try:
        project = Project.open(tmp_path)
        with pytest.raises(LoopError) as caught:
            project.write("a.wav", bytes(1_000_000))
        assert str(caught.value) == (
            f"Project folder {tmp_path} could not be written to (no space left on device): "
            "free some space or choose another place."
        )
        assert os.listdir(tmp_path) == []
        assert project.write("b.wav", bytes(100_000)).stat().st_size == 100_000
    finally:
        subprocess.run(["umount", tmp_path], check=True)


POLL = """
import os, struct, sys
from pathlib import Path
folder, seen, polls, partial = Path(sys.argv[1]), set(), 0, 0
print("polling", flush=True)
stopping = False
while not stopping or polls < 3_000:
    stopping = (folder / "stop").exists()  # looked for first, so that one more poll follows
    polls += 1
    for name in os.listdir(folder):
        if name.endswith(".wav") and name not in seen:
            try:
                with open(folder / name, "rb") as stream:
                    head, size = stream.read(8), stream.seek(0, 2)
                    stream.seek(max(0, size - 4))
                    end = stream.read()
            except FileNotFoundError:  # the test has removed it again
                continue
            seen.add(name)
            whole = len(head) == 8 and struct.unpack("<I", head[4:])[0] + 8 == size
            partial += not (whole and end == b"end.")
    if polls == 3_000:
        print("polled", flush=True)
print(polls, len(seen), partial, flush=True)
"""


def test_polling_the_folder_never_finds_a_partial_file(tmp_path, child):
    body = os.urandom(2_000_000)
    clip = b"RIFF" + struct.pack("<I", len(body) + 4) + body + b"end."
    project = Project.open(tmp_path)
    poller = child(POLL, tmp_path)
    assert poller.stdout.readline() == "polling\n"
    polled = threading.Event()
    threading.Thread(target=lambda: (poller.stdout.readline(), polled.set()), daemon=True).start()
    written = 0
    while written < 300 or (not polled.is_set() and written < 2_000):
        project.write(f"{written}.wav", clip)
        (tmp_path / f"{written - 20}.wav").unlink(missing_ok=True)
        written += 1
    assert polled.wait(60)
    (tmp_path / "stop").touch()
    said, _ = poller.communicate(timeout=60)
    polls, seen, partial = map(int, said.split())
    assert polls >= 3_000
    assert seen >= 20
    assert partial == 0


WRITE_FOR_EVER = """
import itertools, sys
from pathlib import Path
from engine.loops.project import Project
project = Project.open(Path(sys.argv[1]))
body = bytes(4_000_000)
print("writing", flush=True)
for number in itertools.count():
    project.write(f"{sys.argv[2]}-{number}.wav", body + b"end.")
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_writer_leaves_no_partial_clip_and_its_part_is_removed(tmp_path, child):
    dice = random.Random(9)
    parts_left = 0
    for number in range(12):
        writer = child(WRITE_FOR_EVER, tmp_path, number)
        assert writer.stdout.readline() == "writing\n"
        waited = threading.Event()
        waited.wait(dice.uniform(0.0, 0.03))
        writer.send_signal(signal.SIGKILL)
        writer.wait(30)
        parts_left += bool(parts_in(tmp_path))
        for clip in tmp_path.glob("*.wav"):
            assert clip.stat().st_size == 4_000_004
            clip.unlink()
        Project.open(tmp_path)
        assert parts_in(tmp_path) == []
    assert parts_left, "no kill ever hit a write: the test has shown nothing"


def test_leftovers_of_a_killed_process_are_removed_from_all_folders(tmp_path, child):
    writer = child(HOLD_PARTS, tmp_path)
    assert writer.stdout.readline() == "here\n"
    left = parts_in(tmp_path)
    assert {part.parent.relative_to(tmp_path).as_posix() for part in left} == {
        ".", ".loopwright", ".loopwright/peaks", "latents", "rejected",
    }  # fmt: skip
    Project.open(tmp_path)
    assert parts_in(tmp_path) == left, "the parts of a living process stay"
    writer.kill()
    writer.wait(30)
    Project.open(tmp_path)
    assert parts_in(tmp_path) == []


HOLD_PARTS = """
import contextlib, sys
from pathlib import Path
from engine.loops.files import Folder
with contextlib.ExitStack() as stack:
    for name in (".", "rejected", "latents", ".loopwright", ".loopwright/peaks"):
        (Path(sys.argv[1]) / name).mkdir(exist_ok=True)
        folder = stack.enter_context(Folder.open(Path(sys.argv[1]) / name))
        stack.enter_context(folder.creating("a.wav"))
    print("here", flush=True)
    input()
"""


@pytest.mark.parametrize(
    "name", [".lw-99999999999999999999-abcd2345.part", ".part", "lw-1-a.part", ".lw-x-y.part"]
)
def test_foreign_files_stay(tmp_path, name):
    (tmp_path / name).write_bytes(b"mine")
    os.utime(tmp_path / name, (1_000_000_000, 1_000_000_000))
    Project.open(tmp_path)
    assert (tmp_path / name).read_bytes() == b"mine"


def test_orphaned_latents_are_removed_and_others_stay(tmp_path):
    project = Project.open(tmp_path)
    project.write("a_4bars_abcd2345.wav", CLIP)
    project.write("b_4bars_bbcd2345.wav", CLIP, into="rejected")
    stays = ["a_4bars_abcd2345.npy", "b_4bars_bbcd2345.npy", "mine.npy", "c_4bars_cbcd2345.txt"]
    for name in [*stays, "c_4bars_cbcd2345.npy"]:
        project.write(name, b"latents", into="latents")
    Project.open(tmp_path)
    assert sorted(os.listdir(tmp_path / "latents")) == sorted(stays)


@pytest.mark.parametrize("name", ["rejected", "latents", ".loopwright", ".loopwright/peaks"])
@pytest.mark.skipif(os.name == "nt", reason="needs the right to make links")
def test_a_linked_subfolder_is_refused_and_its_target_is_untouched(tmp_path, name):
    outside, folder = tmp_path / "outside", tmp_path / "project"
    for each in (outside, folder, (folder / name).parent):
        each.mkdir(exist_ok=True)
    victims = [".lw-1-abcd2345.part", "a_4bars_abcd2345.npy"]
    for victim in victims:
        (outside / victim).write_bytes(b"mine")
        os.utime(outside / victim, (1_000_000_000, 1_000_000_000))
    (folder / name).symlink_to(outside)
    with pytest.raises(LoopError) as caught:
        Project.open(folder)
    assert str(caught.value) == (
        f"Project folder {folder} has {name!r}, which is a link, not a folder: "
        "remove it, or choose another place."
    )
    if "/" not in name:
        with pytest.raises(LoopError, match="which is a link, not a folder"):
            Project(folder).write("a_4bars_abcd2345.wav", CLIP, into=name)
    assert sorted(os.listdir(outside)) == sorted(victims)
    assert Project(folder).clip_ids() == set()


def test_an_impossible_path_is_reported(tmp_path):
    for text in (f"{tmp_path}/a\0b", f"{tmp_path}/\ud800"):
        with pytest.raises(LoopError, match="characters that no file name can have"):
            Project.open(Path(text))


def test_opening_a_project_leaves_nothing_in_it(tmp_path):
    Project.open(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_folder_replaced_by_a_file_is_an_error_without_a_traceback(tmp_path):
    project = Project.open(tmp_path / "loops")
    (tmp_path / "loops").rmdir()
    (tmp_path / "loops").write_text("a file")
    with pytest.raises(LoopError, match=r"is not a folder: choose another place\.$"):
        project.write("a.wav", CLIP)


def test_a_renamed_folder_is_not_recreated_under_its_old_name(tmp_path):
    project = Project.open(tmp_path / "loops")
    (tmp_path / "loops").rename(tmp_path / "renamed")
    for write in (
        lambda: project.write("a.wav", CLIP),
        lambda: project.write("a.wav", CLIP, into="rejected"),
        lambda: Project.open(tmp_path / "loops", create=False),
    ):
        with pytest.raises(LoopError) as caught:
            write()
        assert str(caught.value) == (
            f"Project folder {tmp_path / 'loops'} is gone: it was renamed, moved or deleted; "
            "open it where it is now."
        )
    assert os.listdir(tmp_path) == ["renamed"]


def test_without_hard_links_clips_are_still_complete_and_never_replaced(tmp_path, child):
    said, _ = child(WITHOUT_LINKS, tmp_path).communicate(timeout=60)
    assert said.splitlines() == ["first", "refused", "['a.wav']"]


WITHOUT_LINKS = """
import errno, os, sys
from pathlib import Path
def refuse(*_, **__):
    raise OSError(errno.EPERM, "Operation not permitted")
os.link = refuse  # as FAT and some network shares do
from engine.loops.errors import LoopError
from engine.loops.project import Project
folder = Path(sys.argv[1])
project = Project.open(folder)
print(project.write("a.wav", b"first").read_text())
try:
    project.write("a.wav", b"second")
except LoopError:
    print("refused")
print(os.listdir(folder))
"""
