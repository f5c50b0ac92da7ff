"""The real program in a real window, with a window manager and another program beside it."""

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

from desktop.state.settings import Settings, load_settings, save_settings
from engine.loops.errors import LoopError
from engine.loops.file_facts import read_recipe
from tests.fakes.clips import clip_of, grid_of

TARGET = Path(__file__).parents[1] / "fakes" / "drop_target.py"
PROGRAM = [sys.executable, "-P", "-m", "cli.main"]
LIMIT_S = 60
ROW = (500, 190)
"""The first row of the clip list, on its waveform, in the window."""


def lines_of(process) -> queue.Queue:
    lines = queue.Queue()
    threading.Thread(
        target=lambda: [lines.put(line) for line in process.stdout], daemon=True
    ).start()
    return lines


def drag(screen, window, target):
    """Drag from a row of the window to the middle of the target, as a hand does."""
    screen.do("mousemove", "--window", window, *ROW, "mousedown", 1)
    for step in range(1, 9):
        screen.do("mousemove", "--window", window, ROW[0] + 8 * step, ROW[1] + step)
    for step in range(4):
        screen.do("mousemove", "--window", target, 140 + 5 * step, 150)
    screen.do("mouseup", 1)


def test_a_clip_dragged_into_another_program_is_received_as_a_file(screen, tmp_path):
    project = tmp_path / "späti tapes"
    project.mkdir()
    clip = project / "warm-bass_128bpm_4bars_abcd2345.wav"
    clip.write_bytes(clip_of(grid_of()))
    settings = tmp_path / ".config" / "Loopwright" / "settings.json"
    save_settings(settings, Settings(project=str(project)))
    loopwright = screen.start(*PROGRAM, stdin=subprocess.DEVNULL)
    lines = lines_of(screen.start(sys.executable, str(TARGET), stdout=subprocess.PIPE, text=True))
    window = screen.place("Loopwright", 0, 30)
    target = screen.place("drop target", 1_600, 300)
    give_up_at = time.monotonic() + LIMIT_S
    dropped = None
    while dropped is None and time.monotonic() < give_up_at:
        drag(screen, window, target)  # again where the list was not there yet
        with contextlib.suppress(queue.Empty):
            dropped = json.loads(lines.get(timeout=2))
    assert dropped == {"files": [str(clip)], "actions": 1}  # 1 is to copy
    assert clip.exists()
    screen.do("windowfocus", "--sync", window, "key", "ctrl+q")
    assert loopwright.wait(LIMIT_S) == 0
    assert load_settings(settings).geometry


def test_a_key_varies_a_clip_and_the_variation_is_saved_in_the_project(screen, tmp_path):
    project = tmp_path / "tapes"
    project.mkdir()
    clip = project / "warm-bass_128bpm_4bars_abcd2345.wav"
    clip.write_bytes(clip_of(grid_of()))
    save_settings(
        tmp_path / ".config" / "Loopwright" / "settings.json", Settings(project=str(project))
    )
    loopwright = screen.start(*PROGRAM, stdin=subprocess.DEVNULL)
    window = screen.place("Loopwright", 0, 30)
    give_up_at = time.monotonic() + LIMIT_S
    made = None
    while made is None and time.monotonic() < give_up_at:
        # Again where the list, or the engine, was not there yet.
        screen.do("mousemove", "--window", window, *ROW, "click", 1)
        screen.do("windowfocus", "--sync", window, "key", "ctrl+shift+v")
        made = wait_for_another(project, clip)
    assert made is not None
    recipe = read_recipe(made)
    assert (recipe.request.mode, recipe.request.source) == ("vary", "abcd2345")
    assert recipe.grid == grid_of()
    screen.do("windowfocus", "--sync", window, "key", "ctrl+q")
    give_up_at = time.monotonic() + LIMIT_S
    while loopwright.poll() is None and time.monotonic() < give_up_at:
        with contextlib.suppress(subprocess.CalledProcessError):
            screen.do("key", "Return")  # where something is still on its way: close all the same
        time.sleep(0.5)
    assert loopwright.poll() == 0


def wait_for_another(project, clip, seconds=8):
    """Return a whole clip that is not this one, as soon as there is one."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        for path in project.glob("*.wav"):
            with contextlib.suppress(LoopError):
                if path != clip and read_recipe(path):
                    return path
        time.sleep(0.1)
    return None
