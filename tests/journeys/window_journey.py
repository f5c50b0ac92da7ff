"""The whole way through the window, by mouse and keys, with pictures of what is seen.

Usage: poe journey FOLDER [WIDTH...]
       poe journey --docs

The first goes through windows of some widths (940, 1440 and 2560 pixels if none is given), and
writes pictures of each step, dark and light, into a folder. The second makes those in
docs/pictures. Both need Xvfb, xvfb-run and xdotool. The engine, the files and the other program
are real; the sound device is not.
"""

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from bridge.osc.client import OscClient
from desktop.app.app import Desktop
from desktop.app.appearance import colours_of
from desktop.layers.parts import part_named
from desktop.layers.play_button import PlayLayers
from desktop.state.settings import Settings
from desktop.theme.stylesheet import apply_theme
from playback.mixer import BLOCK_FRAMES
from tests.fakes.silent_player import SilentPlayer

WIDTHS = (940, 1440, 2560)
HEIGHT = 900
DOCS = Path(__file__).resolve().parents[2] / "docs" / "pictures"
DROP_TARGET = Path(__file__).resolve().parents[1] / "fakes" / "drop_target.py"
LIMIT_S = 30.0
LEFT = Qt.MouseButton.LeftButton
PROMPT = "warm Rhodes chords, 84 bpm, D minor, 2 bars"
DRUMS = "dusty lo-fi drums with swing, 84 bpm, 2 bars"


class PacedPlayer(SilentPlayer):
    """Plays nobody anything, but pads and layers in real time."""

    def __init__(self) -> None:
        super().__init__()
        self._begun_s = time.monotonic()
        self._timer = QTimer()
        self._timer.timeout.connect(self._fill)
        self._timer.start(10)
        self.fraction = 0.31
        self.level = (0.5, 0.42)

    def close(self) -> None:
        self._timer.stop()
        super().close()

    def _fill(self) -> None:
        if self.rate:
            due = round((time.monotonic() - self._begun_s) * self.rate) - self.mixer.frames_done
            if due > self.rate:  # it was opened only now
                self._begun_s += due / self.rate
            elif due >= BLOCK_FRAMES:
                self.render(due // BLOCK_FRAMES)


class Journey:
    """A window of some width on an empty project, and the hands of its user."""

    def __init__(self, app: QApplication, place: Path, width: int, pictures: Path | None) -> None:
        self._app = app
        self._pictures = pictures
        self.project = place / "late-tape-ep"
        self.project.mkdir()
        self.width = width
        colours = colours_of("dark")
        apply_theme(app, colours)
        self.player = PacedPlayer()
        daws = {name: str(place / name) for name in ("live", "reaper")}
        for folder in daws.values():
            Path(folder).mkdir()
        settings = Settings(theme="dark", bpm=84.0, key="D minor", daw_folders=daws)
        self.desktop = Desktop(
            self.project, settings, colours, make_player=lambda: self.player, bridge_port=0
        )
        self.window = self.desktop.window
        self.window.setGeometry(0, 0, width, HEIGHT)
        self.desktop.start()
        self.window.setGeometry(0, 0, width, HEIGHT)
        self.window.activateWindow()
        self.until(self.desktop.is_ready, "the engine is ready")
        self.pause(0.3)

    # What hands and eyes do.

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Let the window live until a condition holds."""
        end = time.monotonic() + LIMIT_S
        while not condition():
            if time.monotonic() > end:
                self.grab("stuck", "dark")
                raise AssertionError(f"after {LIMIT_S:g} s it is not so that {what}")
            QTest.qWait(10)

    def pause(self, seconds: float) -> None:
        """Let the window live for a while."""
        QTest.qWait(round(seconds * 1_000))

    def press(self, keys: str, on: QWidget | None = None) -> None:
        """Press a shortcut."""
        QTest.keySequence(on or self.window, QKeySequence(keys))
        QTest.qWait(20)

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click on a widget once it has its place."""
        self.until(widget.isVisible, f"{widget.accessibleName() or type(widget).__name__} is seen")
        QTest.qWait(20)
        QTest.mouseClick(widget, LEFT, Qt.KeyboardModifier.NoModifier, at or widget.rect().center())
        QTest.qWait(20)

    def type(self, widget: QWidget, text: str) -> None:
        """Type into a widget that is clicked first."""
        self.click(widget)
        self.press("Ctrl+A", widget)
        QTest.keyClicks(widget, text)

    def picture(self, name: str) -> None:
        """Store what is seen, dark and light."""
        if self._pictures is None:
            return
        QTest.qWait(150)
        self.grab(name, "dark")
        self.press("Ctrl+Shift+L")
        QTest.qWait(80)
        self.grab(name, "light")
        self.press("Ctrl+Shift+L")
        QTest.qWait(80)

    def grab(self, name: str, theme: str) -> None:
        """Store what is seen as it is."""
        if self._pictures is not None:
            self.window.grab().save(str(self._pictures / f"{self.width}-{name}-{theme}.png"))

    def command(self, words: str) -> None:
        """Carry out a command by its name."""
        self.press("Ctrl+K")
        palette = self.desktop.commands.palette
        self.until(palette.isVisible, "the list of commands is open")
        QTest.keyClicks(palette.field, words)
        QTest.keyClick(palette.field, Qt.Key.Key_Return)
        QTest.qWait(20)

    @property
    def total(self) -> int:
        """How many loops the project has."""
        return self.desktop.collection.total

    def made(self, count: int, what: str) -> None:
        """Wait for the last of so many loops."""
        self.until(lambda: self.total == count and not len(self.desktop.open_jobs), what)

    def ask(self, prompt: str, count: int) -> None:
        """Ask for a loop, and wait for the takes."""
        self.type(self.window.prompt_panel.prompt, prompt)
        self.press("Ctrl+Return")
        self.made(count, f"there is {prompt!r}")
        self.press("Esc")
        self.window.clips.setFocus()

    # The stations.

    def go(self) -> None:
        """Go the whole way."""
        for station in (
            self.first_run, self.takes, self.vary, self.layers, self.drag_out, self.pads,
            self.record, self.search, self.export, self.pages,
        ):  # fmt: skip
            station()

    def first_run(self) -> None:
        """Look at the empty project."""
        self.picture("1-first-run")

    def takes(self) -> None:
        """Ask for three takes, play the best, and compare it with another."""
        takes = self.window.prompt_panel.takes
        takes.setFocus()
        for _ in range(2):
            QTest.keyClick(takes, Qt.Key.Key_Up)
        self.ask(PROMPT, 3)
        self.press("Space")
        self.until(lambda: self.player.playing, "a take plays")
        best = self.player.playing
        self.press("B")
        self.until(lambda: self.player.playing != best, "the other take plays")
        self.picture("2-takes")
        for _ in range(2):
            QTest.keyClick(takes, Qt.Key.Key_Down)

    def vary(self) -> None:
        """Make a variation of the chosen take."""
        self.window.clips.setFocus()
        self.press("Ctrl+Shift+V")
        self.made(4, "there is a variation")

    def layers(self) -> None:
        """Put two loops into Layers, have a bass made that fits, and let all play."""
        lanes = self.desktop.layers.lanes
        self.window.clips.setFocus()
        self.press("L")
        self.ask(DRUMS, 5)
        self.press("L")
        self.until(lambda: len(lanes.filled()) == 2, "two loops are layers")
        self.command(f"Add {part_named('bass')}")
        self.made(6, "there is a bass")
        self.until(lambda: len(lanes.filled()) == 3, "the bass is a layer")
        buttons = self.window.layers.findChildren(PlayLayers)
        self.click(next(button for button in buttons if button.isVisible()))
        self.until(lambda: self.player.layers.is_on, "the layers play")
        self.picture("3-layers")

    def drag_out(self) -> None:
        """Drag the stems of the chosen loop into another program."""
        self.window.clips.setFocus()
        handle = self.window.detail.out.stems
        self.until(handle.isEnabled, "the loop has stems")
        dropped = dragged(self, handle)
        assert dropped
        assert all(Path(file).is_file() for file in dropped), dropped

    def pads(self) -> None:
        """Put a loop on a pad, and strike it."""
        self.window.clips.setFocus()
        self.press("Ctrl+P")
        if self.width < 1_180:
            self.click(self.window.sides.buttons["pads"])
        self.window.clips.setFocus()
        self.press("1")
        self.until(self.desktop.pads.sound, "the pad sounds")
        self.picture("4-pads")

    def record(self) -> None:
        """Record a bar of pads."""
        before = self.total
        self.press("F9")
        self.pause(4.0)
        self.press("F9")
        self.until(lambda: self.total == before + 1, "the recording is in the list")
        self.press("Ctrl+.")
        if self.width < 1_180:
            self.click(self.window.sides.buttons["ask"])

    def search(self) -> None:
        """Find what is in D minor."""
        self.press("Ctrl+F")
        QTest.keyClicks(self.window.search, "D minor")
        self.until(lambda: "shown: Dm" in self.window.status.clips.text(), "it says what it found")
        self.picture("5-search")
        self.press("Ctrl+A", self.window.search)
        QTest.keyClick(self.window.search, Qt.Key.Key_Delete)

    def export(self) -> None:
        """Export the chosen loop."""
        self.window.clips.setFocus()
        QTest.keyClick(self.window.clips, Qt.Key.Key_Down)
        self.press("Ctrl+E")
        sheet = self.desktop.exporting.sheet
        self.until(sheet.isVisible, "the panel of the export is open")
        self._app.processEvents()
        self.grab("6-export", "dark")
        QTest.keyClick(sheet.names, Qt.Key.Key_Return)
        exports = self.project / "exports"
        self.until(lambda: list(exports.glob("*.wav")), "there is an exported file")
        self.until(lambda: not sheet.isVisible(), "the panel is closed")

    def pages(self) -> None:
        """Look at each page; a DAW is connected meanwhile."""
        self.press("Ctrl+M")
        states = self.desktop.models.states
        self.until(lambda: states.row("musicldm").state == "not downloaded", "models are known")
        self.picture("7-models")
        with OscClient("127.0.0.1", self.desktop.bridge.state.port) as live:
            live.send("/lw/register", ["live", 0])
            live.send("/lw/host/tempo", [84.0])
            live.send("/lw/host/meter", [4, 4])
            live.send("/lw/host/key", ["D minor"])
            self.press("Ctrl+D")
            page = self.desktop.daw.page.page
            self.until(lambda: page.connection.property("live"), "the page shows the connection")
            page.connection.button.clearFocus()
            self.picture("8-daw")
        self.press("Ctrl+Shift+E")
        self.picture("9-pack")
        self.press("Esc")
        self.press("?")
        self._app.processEvents()
        self.grab("10-shortcuts", "dark")
        self.press("Esc", self.desktop.commands.shortcuts)

    def close(self) -> None:
        """Close the window."""
        self.desktop.close()


def dragged(journey: Journey, handle: QWidget) -> list[str]:
    """Drag from a widget into a window of another program; return the files that it was given."""
    command = [sys.executable, str(DROP_TARGET)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as target:
        try:
            lines: queue.Queue[str] = queue.Queue()
            threading.Thread(target=_read, args=(target, lines), daemon=True).start()
            number = _window_of(journey, "drop target")
            start = handle.mapToGlobal(handle.rect().center())
            x, y = journey.width + 20, 300
            _xdotool("windowmove", number, x, y)
            pull = ("mousemove", start.x(), start.y(), "mousedown", 1, "sleep", 0.2)
            moves = [part for step in range(1, 9)
                     for part in ("mousemove", start.x() + 8 * step, start.y() + step)]  # fmt: skip
            hold = ("sleep", 4)  # stems are made now
            over = [
                part
                for step in range(4)
                for part in ("mousemove", x + 140 + 5 * step, y + 150, "sleep", 0.2)
            ]
            arguments = (*pull, *moves, *hold, *over, "mouseup", 1)
            threading.Thread(target=_xdotool, args=arguments, daemon=True).start()
            journey.until(lambda: not lines.empty(), "the other program was given the files")
            files: list[str] = json.loads(lines.get())["files"]
            return files
        finally:
            target.terminate()


def _read(target: "subprocess.Popen[str]", lines: "queue.Queue[str]") -> None:
    for line in target.stdout or ():
        lines.put(line)


def _window_of(journey: Journey, title: str) -> str:
    found: list[str] = []

    def is_there() -> bool:
        result = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", f"^{title}$"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        found[:] = result.stdout.split()
        return bool(found)

    journey.until(is_there, f"there is a window {title}")
    return found[-1]


def _xdotool(*arguments: object) -> None:
    subprocess.run(["xdotool", *map(str, arguments)], check=True)


def walk(app: QApplication, width: int, pictures: Path | None) -> None:
    """Go the whole way in a window of a width, and store pictures of it in a folder, if any."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["LOOPWRIGHT_MODELS"] = f"{place}/models"  # none but the built-in one is here
        journey = Journey(app, Path(place), width, pictures)
        try:
            journey.go()
        finally:
            journey.close()


_IN_DOCS = {
    "empty": "1-first-run-dark", "dark": "3-layers-dark", "light": "3-layers-light",
    "models": "7-models-dark", "daw": "8-daw-dark",
}  # fmt: skip
"""The pictures of docs/pictures, by the steps of the way at 1440 pixels."""


def main() -> None:
    """Go the way that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="for the pictures; without, none")
    parser.add_argument("widths", nargs="*", type=int)
    parser.add_argument("--docs", action="store_true", help="make the pictures of docs/pictures")
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    if options.docs:
        with tempfile.TemporaryDirectory() as made:
            walk(app, 1440, Path(made))
            for name, step in _IN_DOCS.items():
                (DOCS / f"{name}.png").write_bytes((Path(made) / f"1440-{step}.png").read_bytes())
        return
    if options.folder is not None:
        options.folder.mkdir(parents=True, exist_ok=True)
    for width in options.widths or ([1440] if options.folder is None else WIDTHS):
        begun = time.monotonic()
        walk(app, width, options.folder)
        sys.stdout.write(f"{width}: {time.monotonic() - begun:.1f} s\n")


if __name__ == "__main__":
    main()
