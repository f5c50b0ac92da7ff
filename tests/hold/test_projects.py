"""Paths and project folders of strangers: nothing outside of a project is written or told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.osc.messages import build
from tests.bridge.osc_client import TestClient
from tests.cli.program import running_bridge
from tests.fakes.clips import clip_of, grid_of
from tests.hold.strangers import SECRET

VISITOR = Path(__file__).with_name("visitor.py")
PIECES = (
    "..", ".", "", "/", "//", "\\", "..\\..", "C:", "C:\\", "\\\\host\\share", "file://", "~",
    "~root", "$HOME", "%USERPROFILE%", "con", "NUL", "aux.wav", "\0", "\n", "\u202e", "\ud7ff",
    "%2e%2e%2f", "\u2025", "\uff0e\uff0e", "a" * 300, "etc/passwd", "outside", "victim", "*", "?",
    "|", "album", "/proc/self/root", "/dev/stdin", ";id", "`id`", " ", "abcd2345", ".loopwright",
)  # fmt: skip


def outside_folder(place: Path) -> dict[str, bytes]:
    """Make what must stay as it is; return its files and their contents."""
    place.mkdir()
    (place / "victim").write_bytes(b"mine")
    (place / "loopwright.json").write_text(f'{{"clips": {{"a": {{"title": "{SECRET}"}}}}}}')
    (place / "secret_4bars_zzzz2345.wav").write_bytes(clip_of(grid_of(bars=1), title=SECRET))
    return contents(place)


def contents(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*.*")} | {
        "victim": (place / "victim").read_bytes(),
        "all": "\n".join(sorted(path.name for path in place.rglob("*"))).encode(),
    }


@pytest.mark.hold(6)
@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes, devices and links")
def test_hostile_project_folders_lead_nowhere_and_do_not_block(tmp_path, hold):
    count, outside = hold.count(25, 200), tmp_path / "outside"
    before = outside_folder(outside)
    (tmp_path / "projects").mkdir()
    result = subprocess.run(
        [sys.executable, VISITOR, tmp_path / "projects", outside, str(hold.seed), str(count)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    faults = [json.loads(line) for line in result.stdout.splitlines()]
    hold.figure(
        6, f"{count} hostile project folders: {len(faults)} faults, nothing outside changed"
    )
    assert result.returncode == 0, result.stderr[-3_000:]
    assert faults == []
    assert contents(outside) == before


def hostile_path(dice) -> str:
    pieces = [dice.choice(PIECES) for _ in range(dice.randint(1, 5))]
    return dice.choice(("/", "\\", "")).join(pieces)


@pytest.mark.hold(6)
def test_no_path_of_an_osc_message_is_used(loopwright, tmp_path, hold):
    count, dice = hold.count(500, 5_000), hold.dice()
    before = outside_folder(tmp_path / "outside")
    loopwright.project.mkdir()
    (loopwright.project / "link").symlink_to(tmp_path / "outside")
    answers = 0
    with running_bridge(loopwright) as (_, port), TestClient(port) as client:
        for number in range(count):
            path = hostile_path(dice)
            client.send_bytes(padded_build(*asked_with(path, number)))
            if number % 20 == 19:
                answers += settled(client)
        answers += settled(client)
    hold.figure(
        6, f"{count:,} hostile paths over OSC: {answers:,} answers, nothing outside changed"
    )
    assert contents(tmp_path / "outside") == before
    assert loopwright.clips() == []


def asked_with(path: str, number: int) -> tuple:
    """Return a message that names a path where a name or an id is expected."""
    return (
        ("/lw/set", "project", path),
        ("/lw/set", "model", path),
        ("/lw/clip/path", path),
        ("/lw/vary", f"v{number}", path, 0.5),
        ("/lw/clip/insert", f"i{number}", path, "reaper:cursor"),
        ("/lw/preview/play", path, 1, 0),
        ("/lw/generate", f"g{number}", "drums", 120.0, 1, "", 1, path + "/x"),
        ("/lw/blend", f"b{number}", path, path, 0.5, "mix"),
    )[number % 8]


def padded_build(*message) -> bytes:
    """Return a message that may be answered at length, as those of clients with a lease."""
    from bridge.osc.messages import padded

    return padded(build(*message))


def settled(client: TestClient) -> int:
    """Return how many answers came; none of them may be a success."""
    answers = client.all_before_pong()
    good = [each for each in answers if each.address not in ("/lw/fail", "/lw/value")]
    assert good == []
    assert [each for each in answers if SECRET in str(each)] == []
    return len(answers)
