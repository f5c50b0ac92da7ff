"""Light parts stay light: what importing them loads, seen in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = ("torch", "diffusers", "transformers", "PySide6", "sounddevice")
FRONT = ("numpy", "scipy", "soundfile", "engine.generators", "engine.craft")


def modules_in(*folder: str) -> list[str]:
    """Return the names of the modules in a folder."""
    paths = sorted(ROOT.joinpath(*folder).glob("[!_]*.py"))
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]


LOOPS, PLAYBACK = modules_in("engine", "loops"), modules_in("playback")


def loaded_by(*modules: str) -> set[str]:
    """Return the names of all modules that are loaded when `modules` are imported."""
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


def test_importing_engine_and_loops_loads_no_model_window_or_sound_library():
    assert min(len(LOOPS), len(PLAYBACK)) >= 10
    loaded = loaded_by("engine.client", "engine.protocol", "engine.errors", *LOOPS, *PLAYBACK)
    assert loaded.isdisjoint(LIBRARIES)


@pytest.mark.parametrize(
    "module",
    ["engine.protocol", "engine.client", "engine.models.catalogue", "engine.client.prompt_words"],
)
def test_a_front_end_can_talk_to_the_engine_without_numpy(module):
    assert loaded_by(module).isdisjoint((*LIBRARIES, *FRONT))


def test_starting_the_command_line_loads_neither_numpy_nor_a_window():
    assert loaded_by("cli.main").isdisjoint((*LIBRARIES, *FRONT))


def test_starting_the_engine_loads_neither_numpy_nor_a_generator():
    assert loaded_by("engine.server.main").isdisjoint((*LIBRARIES, *FRONT))


def test_an_engine_starts_before_what_talks_to_it_is_imported():
    assert loaded_by("cli.program", "engine.log", "engine.spawn").isdisjoint(
        ("msgspec", "engine.protocol", "engine.client")
    )


def test_the_first_loop_does_not_wait_for_what_other_jobs_need():
    # scipy's import takes as long as making a loop.
    sketch = "engine.generators.sketch.generator"
    loaded = loaded_by("engine.server.main", "engine.server.worker", sketch)
    of_other_jobs = {"engine.craft.analysis", "engine.craft.repair", "engine.server.rework"}
    of_files = {"engine.loops.decoding", "zipfile", "importlib.metadata"}
    assert loaded.isdisjoint({*LIBRARIES, "scipy", *of_other_jobs, *of_files})
    assert "scipy" not in loaded_by(*modules_in("engine", "generators", "sketch"))


def test_engine_loops_imports_nothing_of_ours():
    ours = {
        name
        for name in loaded_by(*LOOPS)
        if name.split(".")[0] in ("engine", "desktop", "cli", "bridge")
    }
    assert ours == {"engine", "engine.loops", *LOOPS}
