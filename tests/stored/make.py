"""Store a small project of this version, for later versions to open: done once for each release.

Usage: python tests/stored/make.py
It makes tests/stored/VERSION: `project`, `settings.json`, and in `expected.json` what a later
version must still find. What lies there already is never changed: earlier versions are history.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from desktop.clips.marks import Marks
from desktop.clips.rows import Mark
from desktop.pads.banks import Pad
from desktop.pads.store import PadStore
from desktop.state.settings import Settings, save_settings
from engine.loops.file_facts import read_facts
from engine.version import VERSION
from playback.clocks import Quantize
from playback.pad_voices import Mode

HERE = Path(__file__).resolve().parent
SMALL = ("--bars", "1", "--meter", "2/4", "--rate", "44100", "--bits", "16")
SETTINGS = {
    "theme": "light", "volume": 0.5, "prompts": ["dusty drums", "späte Saiten"], "bpm": 93.5,
    "meter": "7/8", "key": "F# minor", "bars": 2, "takes": 3, "pad_keys": False,
    "vary_amount": 0.35, "clips_as": "grid",
}  # fmt: skip


def rendered(project: Path, *arguments: str) -> Path:
    """Render with the real program, and return the clip."""
    command = [sys.executable, "-P", "-m", "cli.main", "render", *arguments]
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [*command, "--project", str(project)], capture_output=True, text=True, check=True,
            env={**os.environ, "HOME": home},
        )  # fmt: skip
    return Path(done.stdout.strip())


def make_clips(project: Path) -> list[Path]:
    """Make a loop, a variation of it, and a one-shot."""
    drums = rendered(
        project, "dusty lo-fi drums with swing", *SMALL, "--bpm", "187.5", "--seed", "7"
    )
    varied = rendered(
        project, "", *SMALL, "--source", str(drums), "--mode", "vary", "--amount", "0.4",
        "--bpm", "187.5", "--seed", "8",
    )  # fmt: skip
    bell = rendered(
        project, "bright bell, späti", "--seconds", "0.5", "--key", "A minor", "--rate", "44100",
        "--bits", "24", "--seed", "9",
    )  # fmt: skip
    return [drums, varied, bell]


def facts_of(clip: Path) -> dict[str, object]:
    """Return the facts of a clip that must stay readable for ever."""
    recipe = read_facts(clip).recipe
    if recipe is None:
        raise SystemExit(f"{clip} has no recipe.")
    request, grid = recipe.request, recipe.grid
    return {
        "file": clip.name, "frames": grid.frames, "rate": grid.rate, "bpm": grid.bpm,
        "meter": str(grid.meter), "bars": grid.bars, "key": recipe.key, "role": recipe.role,
        "prompt": request.prompt, "seed": request.seed, "mode": request.mode,
        "source": request.source, "model": recipe.model.id, "program": recipe.program,
    }  # fmt: skip


def main() -> None:
    """Make the folder of this version."""
    folder = HERE / VERSION
    folder.mkdir()
    project = folder / "project"
    project.mkdir()
    clips = make_clips(project)
    ids = [clip.stem.rpartition("_")[2] for clip in clips]
    marks = {ids[0]: Mark(title="Küche", starred=True, tags=("dusty", "keep")),
             ids[2]: Mark(tags=("bell",))}  # fmt: skip
    Marks(project).write(marks)
    pads = {0: Pad(clip=ids[0], choke=2, level_db=-3.5), 17: Pad(clip=ids[2], mode=Mode.ONE_SHOT)}
    PadStore(project).write(pads, Quantize.BEAT)
    save_settings(folder / "settings.json", Settings(**SETTINGS))
    shutil.rmtree(project / ".loopwright")  # caches, and a lock that nobody holds
    expected = {
        "clips": [facts_of(clip) for clip in clips],
        "marks": msgspec.to_builtins(marks),
        "pads": msgspec.to_builtins({str(key): pad for key, pad in pads.items()}),
        "quantise": Quantize.BEAT.value,
        "settings": SETTINGS,
    }
    text = json.dumps(expected, indent=1, ensure_ascii=False)
    (folder / "expected.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
