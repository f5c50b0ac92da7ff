"""Disks that are full, read-only, gone, slow or broken: no partial file, nothing old is lost."""

import contextlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.clips.marks import Marks
from desktop.clips.rows import Mark
from desktop.state.settings import Settings, load_settings, save_settings
from engine.loops.errors import LoopError
from engine.loops.file_facts import read_facts
from engine.loops.library import Library
from engine.loops.project import Project
from tests.fakes.clips import clip_of, grid_of
from tests.fakes.waiting import until

FAULTY_DISK = Path(__file__).with_name("faulty_disk.py")
OLD, NEW = Mark(title="old"), Mark(title="new", tags=("x" * 50_000,))
CLIP = clip_of(grid_of("1/32", bars=1, bpm=400.0))
NO_DISK = "Windows has no small disks to mount"


class Disk:
    """A folder on a disk that faults are done to, and what must survive there."""

    def __init__(self, place: Path) -> None:
        self.project = place / "project"
        self.settings = place / "settings.json"
        self.project.mkdir()
        save_settings(self.settings, Settings(prompts=["old"]))
        Marks(self.project).write({"abcd2345": OLD})
        self.kept = Project.open(self.project).write("kept_4bars_abcd2345.wav", CLIP)

    def write_all(self) -> list[str]:
        """Write a clip, a mark and the settings; return the sentences of what failed."""
        sentences = []

        def write_clip():
            Project.open(self.project, create=False).write("new_4bars_bcde2345.wav", CLIP)

        def write_mark():
            Marks(self.project).write({"abcd2345": NEW})

        def write_settings():
            save_settings(self.settings, Settings(prompts=["new" * 20_000]))

        for write in (write_clip, write_mark, write_settings):
            try:
                write()
            except (LoopError, OSError) as error:
                sentences.append(str(error))
        return sentences

    def check(self) -> None:
        """Fail unless each file is the old or the new one, and there is no other."""
        assert Marks(self.project).read()["abcd2345"] in (OLD, NEW)
        (prompt,) = load_settings(self.settings, report=pytest.fail).prompts
        assert prompt in ("old", "new" * 20_000)
        for clip_id in Library(self.project).ids():
            assert read_facts(Library(self.project).path(clip_id)).recipe is not None
        assert self.kept.read_bytes() == CLIP
        Project.open(self.project)
        assert [path.name for path in self.project.rglob("*.part")] == []


@pytest.mark.hold(9)
@pytest.mark.skipif(os.name == "nt", reason=NO_DISK)
@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_a_full_disk_keeps_its_files(small_disk, hold, fault):
    times, told = hold.count(3, 50), 0
    disk = Disk(place := small_disk(2**20))
    for _ in range(times):
        if fault == "read-only":
            subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        else:
            with contextlib.suppress(OSError), (place / "filler").open("wb", 0) as filler:
                while filler.write(bytes(4_096)) == 4_096:
                    pass
        sentences = disk.write_all()
        told += len(sentences)
        assert all("Traceback" not in each for each in sentences)
        if fault == "read-only":
            subprocess.run(["mount", "-o", "remount,rw", place], check=True)
        (place / "filler").unlink(missing_ok=True)
        disk.check()
        assert len(sentences) == 3
    hold.figure(
        9,
        f"a disk {fault} {times} times: {told} writes failed, nothing partial or lost",
    )


@pytest.mark.hold(9)
@pytest.mark.skipif(os.name == "nt", reason=NO_DISK)
def test_a_missing_folder_is_not_recreated(tmp_path, hold):
    times = hold.count(3, 50)
    disk = Disk(tmp_path)
    for _ in range(times):
        disk.project.rename(tmp_path / "away")
        sentences = disk.write_all()
        assert len(sentences) == 2  # the settings are elsewhere
        assert not disk.project.exists()
        (tmp_path / "away").rename(disk.project)
        disk.check()
    hold.figure(
        9, f"a project folder missing {times} times: reported, not created again, then found again"
    )


FAULTS = {
    "errors while writing": "write EIO",
    "errors while syncing": "fsync EIO",
    "errors while syncing folders": "fsyncdir EIO",
    "errors while opening": "open EIO",
    "errors while creating": "create EIO",
    "errors while renaming": "rename EIO\nlink EIO",
    "errors while reading": "read EIO",
    "errors while looking": "getattr EIO",
    "errors while listing": "readdir EIO",
    "no quota": "write EDQUOT",
    "a stale network": "open ESTALE",
}
FORGIVEN = {
    "no hard links": "link EPERM",
    "no sync of folders": "fsyncdir EINVAL",
    "slow writes": "write 0.05",
    "slow syncs": "fsync 0.1",
    "upper case is lower case, no hard links": "names fold\nlink EPERM",
}


@pytest.fixture
def faulty(tmp_path):
    """A file system of ours, and the file that says what it does."""
    if importlib.util.find_spec("mfusepy") is None:
        pytest.skip("needs mfusepy: pip install '.[hold]'")
    if not os.access("/dev/fuse", os.W_OK) or os.geteuid():
        pytest.skip("needs /dev/fuse, and root to mount with it")
    folder, mount, control = (tmp_path / name for name in ("folder", "mount", "control"))
    folder.mkdir()
    mount.mkdir()
    control.touch()
    process = subprocess.Popen(
        [sys.executable, FAULTY_DISK, folder, mount, control], stderr=subprocess.PIPE
    )
    try:
        until(lambda: mount.is_mount() or process.poll() is not None)
        if process.poll() is not None:
            pytest.skip(f"cannot mount: {process.stderr.read().decode().strip()[-100:]}")
        yield mount, control
    finally:
        control.write_text("")
        if process.poll() is None:
            subprocess.run(["umount", mount], check=True)
        process.wait(20)
        process.stderr.close()


@pytest.mark.hold(9)
@pytest.mark.expects_log("cannot be used")
def test_a_disk_with_errors_keeps_its_files(faulty, hold):
    mount, control = faulty
    disk = Disk(mount)
    times, told = hold.count(1, 10), 0
    for _ in range(times):
        for fault in FAULTS.values():
            control.write_text(fault)
            sentences = disk.write_all()
            Marks(disk.project).read()
            control.write_text("")
            told += len(sentences)
            assert sentences, fault
            disk.check()
    count = times * len(FAULTS)
    hold.figure(
        9,
        f"{count} faults of a FUSE disk: {told} writes failed, nothing partial or lost",
    )


@pytest.mark.hold(9)
def test_slow_disks_and_simple_file_systems_are_supported(faulty, hold):
    mount, control = faulty
    disk = Disk(mount)
    for kind in FORGIVEN.values():
        control.write_text(kind)
        assert disk.write_all() == []
        with pytest.raises(LoopError, match="already has"):
            Project.open(disk.project).write("NEW_4bars_bcde2345.wav".lower(), CLIP)
        control.write_text("")
        disk.check()
        (disk.project / "new_4bars_bcde2345.wav").unlink()
    hold.figure(9, f"written to disks with {', '.join(FORGIVEN)}")
