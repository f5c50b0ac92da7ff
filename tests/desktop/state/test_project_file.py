"""The file of a project under real faults: what cannot be read, is damaged, or is no file."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.clips.marks import Marks
from desktop.clips.rows import Mark
from desktop.pads.banks import Pad
from desktop.pads.store import PadStore
from desktop.state.project_file import FILE_NAME, ProjectFile
from engine.loops.errors import ProjectError

ROOT = Path(__file__).resolve().parents[3]
CLIP = "abcd2345"


@pytest.fixture
def path(tmp_path):
    return tmp_path / FILE_NAME


@pytest.fixture
def star(tmp_path):
    """Star a clip as a window does that opens the project now."""

    def star_(folder=tmp_path):
        marks = Marks(folder)
        marks.write({CLIP: Mark(title=marks.read().get(CLIP, Mark()).title, starred=True)})

    return star_


def test_a_star_set_in_one_window_keeps_the_title_set_in_another(tmp_path):
    one, other = Marks(tmp_path), Marks(tmp_path)
    assert one.read() == other.read() == {}
    one.write({CLIP: Mark(title="Küche")})
    other.write({CLIP: Mark(starred=True)})
    one.write({CLIP: Mark(title="Küche", tags=("dusty",))})
    assert Marks(tmp_path).read() == {CLIP: Mark(title="Küche", starred=True, tags=("dusty",))}
    other.write({CLIP: Mark()})
    assert Marks(tmp_path).read() == {CLIP: Mark(title="Küche", tags=("dusty",))}


def test_two_windows_can_change_different_fields_of_a_pad(tmp_path):
    one, other = PadStore(tmp_path), PadStore(tmp_path)
    one.write({0: Pad(clip=CLIP)})
    assert other.read()[0] == {0: Pad(clip=CLIP)}
    one.write({0: Pad(clip=CLIP, pan=-0.5)})
    other.write({0: Pad(clip=CLIP, level_db=-6.0)})
    assert PadStore(tmp_path).read()[0] == {0: Pad(clip=CLIP, pan=-0.5, level_db=-6.0)}


def test_fields_of_newer_versions_are_preserved(path, star):
    path.write_text(json.dumps({"clips": {CLIP: {"mood": 10**30}}, "songs": {"a": 10**30}}))
    star()
    assert json.loads(path.read_text()) == {
        "clips": {CLIP: {"mood": 10**30, "starred": True}}, "songs": {"a": 10**30},
    }  # fmt: skip


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"clips": 1e999}', b"[" * 100_000, bytes(100)],
    ids=lambda content: repr(content[:20]),
)  # fmt: skip
def test_each_damaged_file_is_set_aside_under_its_own_number(
    tmp_path, path, star, content, expect_log
):
    expect_log(f"WARNING desktop.state.project_file: {FILE_NAME} is damaged: set aside as")
    expect_log(f"WARNING desktop.state.project_file: {FILE_NAME} cannot be used")
    for _ in range(2):
        path.write_bytes(content)
        assert ProjectFile(tmp_path).problem() == (
            f"{path} is damaged, so marks and pads are missing: the next change sets it aside."
        )
        star()
    assert ProjectFile(tmp_path).problem() == ""
    assert Marks(tmp_path).read() == {CLIP: Mark(starred=True)}
    for number in (1, 2):
        assert (tmp_path / f"loopwright.damaged-{number}.json").read_bytes() == content


def test_damage_in_one_section_affects_no_other(tmp_path, path, star, expect_log):
    expect_log("is damaged: set aside as loopwright.damaged-1.json")
    expect_log("cannot be used")
    path.write_text('{"clips": {"a": 1e999}, "pads": {"A": {"1": {"clip": "abcd2345"}}}}')
    star()
    assert PadStore(tmp_path).read()[0] == {0: Pad(clip=CLIP)}
    assert Marks(tmp_path).read() == {CLIP: Mark(starred=True)}


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on open files")
def test_a_temporarily_unreadable_file_is_neither_renamed_nor_replaced(
    tmp_path, path, star, expect_log
):
    expect_log("cannot be used")
    Marks(tmp_path).write({f"clip{n:04}": Mark(title=f"Title {n}") for n in range(500)})
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = os.open(path, os.O_RDONLY)
    try:
        # As many as opening the folders takes, and one or more fewer than reading the file does.
        for more in (0, 1, 2, 3):
            resource.setrlimit(resource.RLIMIT_NOFILE, (taken + more, hard))
            with pytest.raises(ProjectError, match="too many open files"):
                star()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        os.close(taken)
    assert path.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == [".loopwright", FILE_NAME]
    star()
    assert len(Marks(tmp_path).read()) == 501


READ_ERRORS = """
import ctypes, os, sys
from pathlib import Path
from desktop.clips.marks import Marks
from desktop.clips.rows import Mark
project = Path(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
(project / "loopwright.json").touch()
# The first page of the memory of a process cannot be read: a real file with a real EIO.
if libc.mount(b"/proc/self/mem", os.fsencode(project / "loopwright.json"), None, 4096, None):
    sys.exit(77)
print(Marks(project).read())
try:
    Marks(project).write({"abcd2345": Mark(starred=True)})
except ValueError as error:
    print(error)
print(sorted(os.listdir(project)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a mount namespace")
def test_an_input_output_error_is_not_treated_as_damage(tmp_path, program):
    unshare = program("unshare", "util-linux")
    child = subprocess.run(
        [unshare, "--mount", sys.executable, "-c", READ_ERRORS, tmp_path],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if child.returncode in (1, 77) and not child.stdout:
        pytest.skip("needs the right to mount")
    assert child.stdout.splitlines() == [
        "{}",
        (
            f"Project folder {tmp_path} cannot store marks (input/output error): "
            "check the disk or the network, and try again."
        ),
        f"['.loopwright', '{FILE_NAME}']",
    ]


@pytest.mark.skipif(os.name == "nt", reason="needs named pipes and links")
@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_special_files_are_neither_read_nor_replaced(tmp_path, kind, expect_log):
    expect_log("cannot be used")
    project, victim = tmp_path / "project", tmp_path / "victim.json"
    project.mkdir()
    victim.write_text('{"clips": {"abcd2345": {"title": "mine"}}}')
    if kind == "pipe":
        os.mkfifo(project / FILE_NAME)
    else:
        (project / FILE_NAME).symlink_to(victim)
    assert Marks(project).read() == {}
    shown = "named pipe" if kind == "pipe" else "link"
    with pytest.raises(ProjectError) as caught:
        Marks(project).write({CLIP: Mark(starred=True)})
    assert str(caught.value) == (
        f"Project folder {project} cannot store marks ({FILE_NAME}: it is a {shown}, not a file): "
        "remove it, or choose another place."
    )
    assert ProjectFile(project).problem() == str(caught.value).replace(
        "cannot store marks", "cannot read its marks and pads"
    )
    assert victim.read_text() == '{"clips": {"abcd2345": {"title": "mine"}}}'


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_writes_follow_no_link_planted_for_any_process_number(tmp_path, star):
    project, victim = tmp_path / "project", tmp_path / "victim"
    project.mkdir()
    victim.write_text("mine")
    for number in range(1, 40_000):
        (project / f".{FILE_NAME}.{number}.part").symlink_to(victim)
    star(project)
    assert victim.read_text() == "mine"
    assert Marks(project).read() == {CLIP: Mark(starred=True)}


@pytest.mark.skipif(os.name == "nt", reason="needs links")
@pytest.mark.parametrize("name", [".loopwright", ".loopwright/lock"])
def test_a_lock_behind_a_link_is_refused(tmp_path, name):
    project, outside = tmp_path / "project", tmp_path / "outside"
    for folder in (outside, project, (project / name).parent):
        folder.mkdir(exist_ok=True)
    (project / name).symlink_to(outside / "lock" if "/" in name else outside)
    with pytest.raises(ProjectError, match=r"it is a link, not a f\w+\): remove it"):
        Marks(project).write({CLIP: Mark(starred=True)})
    assert os.listdir(outside) == []
    assert not (project / FILE_NAME).exists()
