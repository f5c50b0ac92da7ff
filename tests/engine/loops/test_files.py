"""Files that strangers prepared, with real links, pipes, devices and processes."""

import errno
import os
import resource
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.loops import files
from engine.loops.files import Folder, NotOrdinary
from engine.loops.owners import OLD_S, Owner, is_left_over, this_process

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs named pipes and links")


@pytest.fixture
def folder(tmp_path):
    with Folder.open(tmp_path) as opened:
        yield opened


def make_pipe(path):
    os.mkfifo(path)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def make_folder(path):
    path.mkdir()


def make_link_to_zeros(path):
    path.symlink_to("/dev/zero")


KINDS = {
    make_pipe: "a named pipe",
    make_socket: "a socket",
    make_folder: "a folder",
    make_link_to_zeros: "a device",
}


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_a_given_path_must_be_an_ordinary_file_and_nothing_hangs(tmp_path, make):
    path = tmp_path / "a.wav"
    make(path)
    for use in (files.reading, files.read):
        with pytest.raises(NotOrdinary) as caught:
            use(path)
        assert caught.value.strerror == f"it is {KINDS[make]}, not a file"


def test_a_given_path_may_be_a_link_to_an_ordinary_file(tmp_path):
    (tmp_path / "a").write_bytes(b"sound")
    (tmp_path / "b").symlink_to("a")
    assert files.read(tmp_path / "b") == b"sound"


@pytest.mark.parametrize("make", [*KINDS, make_folder], ids=lambda make: make.__name__)
def test_in_a_folder_only_ordinary_files_are_read_and_replaced(folder, make):
    make(folder.path / "a")
    with pytest.raises(NotOrdinary):
        folder.read("a")
    with pytest.raises(NotOrdinary), folder.locked("a"):
        pass
    if make is not make_link_to_zeros:
        with pytest.raises(NotOrdinary):
            folder.replace("a", b"new")
    assert os.listdir(folder.path) == ["a"]


@pytest.mark.hold(6)
def test_in_a_folder_links_are_never_followed(folder, tmp_path_factory):
    victim = tmp_path_factory.mktemp("outside") / "victim"
    victim.write_bytes(b"mine")
    for name in ("read", "lock", "create", "replace", "delete"):
        (folder.path / name).symlink_to(victim)
    with pytest.raises(NotOrdinary, match="it is a link, not a file"):
        folder.read("read")
    with pytest.raises(NotOrdinary), folder.locked("lock"):
        pass
    with pytest.raises(FileExistsError):
        folder.create("create", b"new")
    folder.replace("replace", b"new")
    folder.delete("delete")
    assert victim.read_bytes() == b"mine"
    assert (folder.path / "replace").read_bytes() == b"new"
    assert not (folder.path / "replace").is_symlink()
    assert not (folder.path / "delete").is_symlink()


@pytest.mark.hold(6)
@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "/etc/passwd", "a\0b", "\ud800"])
def test_names_cannot_leave_the_folder(folder, name):
    for use in (folder.read, folder.inside, folder.delete, lambda n: folder.replace(n, b"")):
        with pytest.raises(OSError) as caught:
            use(name)
        assert caught.value.errno == errno.EINVAL


def test_an_open_folder_stays_the_same_when_its_path_becomes_a_link(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    with folder.inside("latents", make=True) as latents:
        (folder.path / "latents").rename(folder.path / "moved")
        (folder.path / "latents").symlink_to(outside)
        latents.replace("a", b"new")
    assert os.listdir(outside) == []
    assert (folder.path / "moved" / "a").read_bytes() == b"new"


def test_a_failed_write_leaves_only_the_earlier_file(folder):
    folder.replace("a", b"old")
    code = (
        "import resource, sys\nfrom pathlib import Path\nfrom engine.loops import files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))\n"
        "try:\n    files.replace(Path(sys.argv[1]), bytes(5_000))\n"
        "except OSError as error:\n    print(files.reason_of(error))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, folder.path / "a"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    assert said == "file too large\n"
    assert folder.names() == ["a"]
    assert folder.read("a") == b"old"


def test_a_private_file_is_readable_only_by_its_user(folder):
    folder.replace("a", b"", files.PRIVATE)
    assert stat.S_IMODE((folder.path / "a").stat().st_mode) == 0o600


def test_damaged_files_are_set_aside_under_numbers_and_none_is_replaced(folder):
    for number in (1, 2, 3):
        folder.replace("a.json", bytes([number]))
        assert folder.set_aside("a.json") == f"a.damaged-{number}.json"
    assert sorted(folder.names()) == [f"a.damaged-{number}.json" for number in (1, 2, 3)]
    assert folder.read("a.damaged-1.json") == b"\1"


def test_a_file_too_large_for_memory_is_not_read(folder):
    with (folder.path / "a").open("wb") as stream:
        stream.truncate(2**40)
    with pytest.raises(OSError, match="it has more than 67,108,864 bytes"):
        folder.read("a")


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "free some space or choose another place"),
        (errno.EDQUOT, "free some space or choose another place"),
        (errno.EACCES, "change its permissions or choose another place"),
        (errno.EMFILE, "close other programs, and try again"),
        (errno.EIO, "check the disk or the network, and try again"),
        (errno.EROFS, "choose another place"),
        (errno.EFBIG, "choose another place"),
    ],
)
def test_the_advice_fits_the_error(number, advice):
    assert files.advice_on(OSError(number, os.strerror(number))) == advice


HOLD = """
import sys
from pathlib import Path
from engine.loops.files import Folder, temporary_folder
with Folder.open(Path(sys.argv[1])) as folder, folder.creating("a"):
    print(temporary_folder("loopwright-test-"), flush=True)
    input()
"""


def held(place, *before):
    """Start a process that has a part and a temporary folder in a place."""
    return subprocess.Popen(
        [*before, sys.executable, "-c", HOLD, place],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"TMPDIR": str(place)},
    )  # fmt: skip


def test_partial_files_and_temporary_folders_are_removed_with_their_owner(folder, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(folder.path))
    with held(folder.path) as writer:
        made = Path(writer.stdout.readline().strip())
        (made / "left").write_bytes(b"by a library")
        assert len(folder.names()) == 2
        folder.sweep()
        own = files.temporary_folder("loopwright-test-")
        assert len(folder.names()) == 3, "what a living process has stays"
        writer.kill()
    folder.sweep()
    files.temporary_folder("loopwright-test-")
    assert not made.exists()
    assert own.exists()
    assert not any(name.endswith(".part") for name in folder.names())


@pytest.mark.skipif(sys.platform != "linux", reason="needs namespaces")
@pytest.mark.parametrize("apart", ["--uts", "--pid"])
def test_partial_files_of_another_machine_are_removed_only_when_old(folder, program, apart):
    """A machine with another name, or with other process numbers, such as a container."""
    unshare = program("unshare", "util-linux")
    if subprocess.run([unshare, apart, "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs the right to make namespaces")
    before = [unshare, "--uts", "sh", "-c", 'hostname other; exec "$@"', "sh"]
    if apart == "--pid":
        before = [unshare, "--pid", "--fork", "--kill-child", "--mount-proc"]
    with held(folder.path, *before) as writer:
        writer.stdout.readline()
        folder.sweep()
        (part,) = (path for path in folder.path.glob(".*") if path.is_file())
        writer.kill()
        writer.wait(30)  # before its standard input is closed, at which its child would clean up
    folder.sweep()
    assert part.exists()
    old_s = time.time() - OLD_S - 60
    os.utime(part, (old_s, old_s))
    folder.sweep()
    assert not part.exists()


def test_a_reused_process_number_is_not_taken_for_the_owner():
    mine, now_s = this_process(), time.time()
    assert Owner.parse(str(mine)) == mine
    assert Owner.parse("12.34.56.78") is None
    assert not is_left_over(mine, now_s)
    assert is_left_over(mine._replace(start=mine.start + 1), now_s)
    assert not is_left_over(mine._replace(start=0), now_s), "a system that does not tell"


def test_nothing_from_before_a_reboot_is_kept():
    earlier = this_process()._replace(boot="01234567")
    assert is_left_over(earlier, time.time() - OLD_S + 3_600) is (uptime_s() < OLD_S - 3_600 - 60)
    assert not is_left_over(earlier, time.time()), "a clone of this machine writes right now"


def uptime_s():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@pytest.mark.skipif(sys.platform != "linux", reason="needs zombies")
def test_a_killed_unreaped_process_has_ended(folder):
    with held(folder.path) as writer:
        writer.stdout.readline()
        writer.kill()
        os.waitid(os.P_PID, writer.pid, os.WEXITED | os.WNOWAIT)
        folder.sweep()
        assert not any(name.endswith(".part") for name in folder.names())


@pytest.mark.parametrize("name", [".lw-{}-abcd2345", ".loopwright.json.{}", "settings.json.{}"])
def test_old_partial_files_of_version_0_1_0_are_removed(folder, name):
    part = folder.path / f"{name.format(os.getpid())}.part"
    part.write_bytes(b"half")
    folder.sweep()
    assert part.exists()
    os.utime(part, (1_000_000_000, 1_000_000_000))
    folder.sweep()
    assert not part.exists()


def test_without_free_file_handles_a_file_is_read_completely_or_not_at_all(folder):
    folder.replace("a", b"all")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = os.open(folder.path / "a", os.O_RDONLY)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (taken, hard))
        with pytest.raises(OSError) as caught:
            folder.read("a")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        os.close(taken)
    assert caught.value.errno == errno.EMFILE
    assert folder.read("a") == b"all"
