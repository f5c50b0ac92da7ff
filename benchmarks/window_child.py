"""One measurement of the window in a fresh process: `python -m benchmarks.window_child WHAT`.

It prints JSON.

`launch`: prints a line when the window has been painted, and exits; `launch-beside-diffusers`
imports a pipeline of the diffusers library first, in the same process. `clips`: opens a project of
10,000 clips, until all are in the list and painted; `files`: shows the same folder with Qt's own
list of files. Both print seconds and the megabytes that the process then uses. `gap`: the 99th
percentile of the time between two ticks of the event loop, due every 5 ms, while the list of 10,000
clips scrolls and loops are made; `layers`: the same while eight layers play, which were stretched,
and how many blocks of 512 frames came later than the sound that was waiting lasts. On Linux without
a screen, the window is painted off screen. A thread stands in for the sound device.
"""

import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psutil

from cli.window import has_screen
from engine.entry_points import program_command
from engine.loops.clip import new_clip_id

CLIPS = 10_000
_TICK_MS, _FRAME_MS, _SCROLL_PX = 5, 16, 40
_WATCH_S = 10.0
_LIMIT_MS = 120_000


@contextmanager
def _full_project() -> Iterator[Path]:
    """Yield a folder of 10,000 clips: one loop of sketch under as many names."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "project"
        words = ["dusty drums", "--bars", "1", "--bpm", "200", "--project", str(folder)]
        command = [*program_command(), "render", *words]
        subprocess.run(command, check=True, capture_output=True)
        (loop,) = folder.glob("*.wav")
        stem = loop.stem.rpartition("_")[0]
        for _ in range(CLIPS - 1):
            os.link(loop, folder / f"{stem}_{new_clip_id()}.wav")
        yield folder


class _Opened:
    """The window, open on a project."""

    def __init__(self, project: Path) -> None:
        from PySide6.QtWidgets import QApplication

        from desktop.app.app import Desktop
        from desktop.app.appearance import colours_of
        from desktop.state.settings import Settings
        from desktop.theme.stylesheet import apply_palette, apply_style_sheet
        from desktop.widgets.main_thread import favour_main_thread

        self.app = QApplication(sys.argv[:1])
        favour_main_thread()
        colours = colours_of("dark")
        apply_palette(self.app, colours)
        self.desktop = Desktop(project, Settings(), colours, make_player=_player, bridge_port=0)
        self.desktop.window.resize(1440, 900)
        apply_style_sheet(self.app, colours)
        self.desktop.start()

    def run_until(self, is_done: Callable[[], bool]) -> None:
        """Run until a condition is true, or two minutes have passed."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop, look = QEventLoop(), QTimer()  # the application's own `quit` would close the window
        look.timeout.connect(lambda: loop.quit() if is_done() else None)
        look.start(1)
        QTimer.singleShot(_LIMIT_MS, loop, loop.quit)
        loop.exec()
        look.stop()


def _launch() -> None:
    with tempfile.TemporaryDirectory() as project:
        opened = _Opened(Path(project))
        opened.desktop.window.painted.connect(_print_figures)
        opened.desktop.window.painted.connect(opened.app.quit)
        opened.app.exec()
        opened.desktop.close()


def _launch_beside_diffusers() -> None:
    importlib.import_module("diffusers").AudioLDM2Pipeline  # noqa: B018 - the attribute triggers the import
    _launch()


def _clips() -> None:
    with _full_project() as project:
        begun = time.perf_counter()
        opened = _Opened(project)
        opened.run_until(lambda: opened.desktop.collection.total == CLIPS)
        opened.app.processEvents()
        _print_figures(seconds=time.perf_counter() - begun, megabytes=_megabytes())
        opened.desktop.close()


def _files() -> None:
    from PySide6.QtWidgets import QApplication, QFileSystemModel, QListView

    with _full_project() as project:
        begun = time.perf_counter()
        app = QApplication(sys.argv[:1])
        model, view = QFileSystemModel(), QListView()
        view.setModel(model)
        view.setRootIndex(model.setRootPath(str(project)))
        view.resize(1440, 900)
        view.show()
        while model.rowCount(view.rootIndex()) < CLIPS:
            app.processEvents()
        app.processEvents()
        _print_figures(seconds=time.perf_counter() - begun, megabytes=_megabytes())


class _Device(threading.Thread):
    """Stands in for a sound device that has four blocks in store; counts those that are late."""

    active, latency, late = True, 4 * 512 / 48_000, 0

    def __init__(self, callback: Callable[..., None], rate: int) -> None:
        super().__init__(daemon=True)
        self._callback, self._block_s = callback, 512 / rate
        self._out = np.empty((512, 2), np.float32)

    def run(self) -> None:
        """Ask for a block whenever one has been played."""
        due_s = time.perf_counter()
        while self.active:
            self._callback(self._out, 512, None, None)
            due_s += self._block_s
            wait_s = due_s - time.perf_counter()
            if wait_s < -4 * self._block_s:
                type(self).late += 1
                due_s -= wait_s
            time.sleep(max(wait_s, 0.0))

    def close(self, *, ignore_errors: bool = False) -> None:
        """Stop asking."""
        self.active = not ignore_errors


def _player() -> Any:
    from playback.player import Player

    class Paced(Player):
        """A player on that device."""

        def _open(self, rate: int) -> None:
            if self.rate != rate:
                self._rate = rate
                self._stream = _Device(self._callback, rate)
                self._stream.start()

    return Paced()


def _layers() -> None:
    _gap(layers=8)


def _play_layers(opened: _Opened, count: int) -> None:
    """Have layers play at another tempo than that of their loop."""
    desktop = opened.desktop
    session = msgspec.structs.replace(desktop.window.transport.time, bpm=180.0)
    desktop.window.transport.show_time(session)
    opened.run_until(lambda: desktop.collection.row_at(0).recipe is not None)
    desktop.layers.add([desktop.collection.row_at(0)] * count)
    opened.run_until(lambda: desktop.layers.ensemble.has_loops)
    desktop.layers.toggle_play()
    opened.run_until(lambda: desktop.layers.ensemble.place is not None)


def _gap(layers: int = 0) -> None:
    from PySide6.QtCore import Qt, QTimer

    with _full_project() as project:
        opened = _Opened(project)
        desktop = opened.desktop
        opened.run_until(lambda: desktop.collection.total == CLIPS and desktop.is_ready())
        if layers:
            _play_layers(opened, layers)
        ticks: list[float] = []
        tick, frame = QTimer(), QTimer()
        tick.setTimerType(Qt.TimerType.PreciseTimer)
        tick.timeout.connect(lambda: ticks.append(time.perf_counter()))
        frame.timeout.connect(lambda: _scroll_and_generate(opened))
        tick.start(_TICK_MS)
        frame.start(_FRAME_MS)
        end = time.perf_counter() + _WATCH_S
        opened.run_until(lambda: time.perf_counter() > end)
        desktop.close()
    gaps = [(later - earlier) * 1000 for earlier, later in pairwise(ticks)]
    _print_figures(milliseconds=statistics.quantiles(gaps, n=100)[98], late=_Device.late)


def _scroll_and_generate(opened: _Opened) -> None:
    """Scroll one frame further, wrapping at the end, and keep the engine busy."""
    window = opened.desktop.window
    bar = window.clips.verticalScrollBar()
    bar.setValue(bar.value() + _SCROLL_PX if bar.value() < bar.maximum() else 0)
    if not len(opened.desktop.open_jobs):
        window.prompt_panel.prompt.setPlainText("dusty lo-fi drums, 8 bars")
        window.prompt_panel.generate_clicked.emit()


def _megabytes() -> float:
    return float(psutil.Process().memory_info().rss / 1e6)


def _print_figures(**figures: float) -> None:
    sys.stdout.write(f"{json.dumps(figures)}\n")
    sys.stdout.flush()


_MEASUREMENTS: dict[str, Callable[[], None]] = {
    "launch": _launch,
    "launch-beside-diffusers": _launch_beside_diffusers,
    "clips": _clips,
    "files": _files,
    "gap": _gap,
    "layers": _layers,
}

if __name__ == "__main__":
    if not has_screen():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    _MEASUREMENTS[sys.argv[1]]()
