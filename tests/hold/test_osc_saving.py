"""What DAWs and scripts are told over OSC when a loop cannot be saved, and where it is then."""

import contextlib
import os

import pytest

from engine.loops.file_facts import read_facts
from tests.bridge.osc_client import TestClient, failed
from tests.cli.program import WITH_FAKES, Program, running_bridge

NO_DISK = "Windows has no small disks to mount"
GENERATE, TWO_TAKES = "/lw/generate", (120.0, 1, "", 7, "sketch", 2)


@pytest.mark.hold(9)
@pytest.mark.skipif(os.name == "nt", reason=NO_DISK)
def test_what_cannot_be_saved_is_told_in_one_sentence_and_kept(small_disk, tmp_path, hold):
    disk, told = small_disk(2**22), []
    filler = disk / "filler"
    with Program(tmp_path, WITH_FAKES) as program:
        program.project = disk / "project"
        program.project.mkdir()
        with running_bridge(program) as (_, port), TestClient(port) as client:
            client.send(GENERATE, "during", "dusty drums", *TWO_TAKES)
            client.until("/lw/progress", "during")
            fill(filler)
            told.append(failure(client, "during"))
            kept = sorted(program.home.rglob("*.wav"))
            told.append(refusal(client, "before"))
            filler.unlink()
            program.project.rename(disk / "away")
            told.append(refusal(client, "gone"))
            (disk / "away").rename(program.project)
            client.send(GENERATE, "again", "dusty drums", *TWO_TAKES)
            clip = client.until("/lw/done", GENERATE, "again").arguments[2]
    assert "no space left on device" in told[0]
    assert f"2 takes were saved in {kept[0].parent} instead; seed 7 makes them again." in told[0]
    assert sorted(read_facts(path).recipe.take for path in kept) == [0, 1]
    assert "of free space, but the takes need" in told[1]
    assert str(program.project) in told[2]
    assert len(program.clips()) == 2
    assert any(path.stem.endswith(clip) for path in program.clips())
    assert not list(disk.rglob("*.part"))
    hold.figure(9, f"{len(told)} jobs over OSC that could not be saved: one sentence, takes kept")


def fill(filler):
    with contextlib.suppress(OSError), filler.open("wb", 0) as stream:
        while stream.write(bytes(2**16)):
            pass


def refusal(client, request_id):
    client.send(GENERATE, request_id, "dusty drums", *TWO_TAKES)
    return failure(client, request_id)


def failure(client, request_id):
    """Return the sentence of a failure."""
    answer = client.until("/lw/fail", GENERATE, request_id)
    return failed(answer, GENERATE, request_id, 500)
