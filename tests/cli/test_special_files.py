"""Pipes, devices and links where a file is expected: a sentence, and nothing hangs."""

import os

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs named pipes and devices")


@pytest.mark.parametrize("command", [("inspect",), ("again",), ("render", "bass", "--source")])
@pytest.mark.parametrize("kind", ["named pipe", "device"])
def test_a_special_file_as_source_is_refused(loopwright, command, kind):
    path = loopwright.home / "loop.wav"
    if kind == "device":
        path.symlink_to("/dev/zero")
    else:
        os.mkfifo(path)
    more = [] if command == ("inspect",) else ["--project", loopwright.project]
    if command[0] == "render":
        more += ["--mode", "retempo", "--bpm", "100"]
    result = loopwright.run(*command, path, *more)
    assert result.code == (2 if command[0] == "render" else 1)
    assert result.out == ""
    assert result.sentence == f"{path} cannot be read as a clip: it is a {kind}, not a file."


def test_a_project_with_linked_folders_is_refused_before_anything_is_created(loopwright):
    outside = loopwright.home / "outside"
    outside.mkdir()
    loopwright.project.mkdir()
    (loopwright.project / "latents").symlink_to(outside)
    result = loopwright.render("bass")
    assert result.code == 1
    assert result.sentence == (
        f"Project folder {loopwright.project} has 'latents', which is a link, not a folder: "
        "remove it, or choose another place."
    )
    assert list(outside.iterdir()) == []
