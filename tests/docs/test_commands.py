"""Every `loopwright` command that stands in a code block of the docs is run, or said why not."""

import re
import shlex
from pathlib import Path

import pytest
import soundfile

from tests.cli.program import REAL, Program
from tests.fakes import checkpoints
from tests.fakes.checkpoints import write
from tests.fakes.tiny_checkpoints import write_musicldm

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FETCHED = ("download", "check", "remove")
"""Of a model that must be fetched; `tests/engine/models` does these against a hub of its own."""


def commands():
    """Yield the commands of all pages, each once, without comments."""
    found = {}
    for page in PAGES:
        for block in re.findall(
            r"^```(?:sh|console)?\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
        ):
            for line in block.splitlines():
                if line.startswith("loopwright"):
                    found.setdefault(line.partition("  #")[0].split(" # ")[0].strip(), page.name)
    return list(found)


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """What commands name: clips, loops without tags, a list, and folders to write to."""
    folder = tmp_path_factory.mktemp("clips")
    program = Program(folder, REAL)
    prompts = {"CLIP.wav": "dusty drums", "OTHER.wav": "warm pad"}
    made = {name: program.render(each, "--bars", "1").lines[0] for name, each in prompts.items()}
    untagged = {
        "break.wav": "break drums, 165 bpm, 2 bars",
        "riff.wav": "bass, 120 bpm, 2 bars, F# minor",
    }
    for name, prompt in untagged.items():
        soundfile.write(folder / name, *soundfile.read(program.render(prompt).lines[0]))
        made[name] = str(folder / name)
    (folder / "kit").mkdir()
    soundfile.write(folder / "kit" / "kick.wav", *soundfile.read(made["CLIP.wav"]))
    made["KIT"] = str(folder / "kit")
    made["PIANO.sf2"] = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
    made["HANDOVER"] = str(folder / "handover")
    (folder / "drums.csv").write_text("prompt,bars,bpm\ndrums,1,120\n", "utf-8")
    made |= {"drums.csv": str(folder / "drums.csv"), "PACKS": str(folder / "packs")}
    return made


@pytest.mark.parametrize("command", commands())
def test_a_documented_command_works(tmp_path, clips, command):
    words = [clips.get(word, word) for word in shlex.split(command)[1:]]
    program = Program(tmp_path, REAL)
    (program.home / "Music" / "Loopwright kits").mkdir(parents=True)
    (program.home / "Music" / "Loopwright kits" / "mine").symlink_to(clips["KIT"])
    if words[0] == "render" and "musicldm" in words:
        tiny = write_musicldm(tmp_path / "musicldm")
        words = [str(tiny) if word == "musicldm" else word for word in words]
    if "FOLDER" in words:
        folder = write(tmp_path / "mine", checkpoints.musicgen())
        words = [str(folder) if word == "FOLDER" else word for word in words]
    if words[0] == "bench":  # tests/cli/test_bench.py measures; here, the words are read
        words = [*words[: words.index(">") if ">" in words else None], "--list"]
    result = program.run(*words)
    if words[0] == "send":  # tests/cli/test_send.py has a bridge
        assert (result.code, "No bridge is running" in result.err) == (1, True)
        return
    if "ssh://box" in words:  # tests/cli/test_remote.py has a box
        assert (result.code, "box cannot be reached" in result.err) == (1, True)
        return
    if words[0] == "models" and words[1:2] and words[1] in FETCHED:
        assert result.code != 0  # It needs a confirmation first, or is not installed.
        assert words[2] in result.err
        assert "Traceback" not in result.err
        return
    assert result.code == 0, result.err
    assert result.out.strip()
    if words[0] == "render":
        assert all(Path(line).is_file() for line in result.lines)
    assert not program.engines_left()


def test_every_documented_command_is_found():
    assert len(commands()) >= 10
    assert "loopwright doctor" in commands()
