"""Make the pictures of this folder: drives the real window with the real engine.

Usage: QT_QPA_PLATFORM=offscreen python docs/pictures/make.py [dark|light|empty|models|daw ...]
QT_SCALE_FACTOR=2 makes them twice as large. What is heard is pretended: pictures are silent.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QDeadlineTimer, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from bridge.osc.client import OscClient
from desktop.app.app import Desktop
from desktop.app.appearance import colours_of
from desktop.clips.rows import ClipRow
from desktop.state.settings import Settings
from desktop.theme.stylesheet import apply_theme
from desktop.transport.time_source import TimeSource
from playback.layer_voices import LayerMixer
from playback.mixer import BLOCK_FRAMES
from playback.pad_voices import PadMixer

HERE = Path(__file__).resolve().parent
PROMPTS = (
    "muted guitar chops, 84 bpm, D minor, 2 bars",
    "brushed hats, swung, 84 bpm, 2 bars",
    "tape string pad, slow, 84 bpm, D minor, 8 bars",
    "glass bell arpeggio, 84 bpm, D minor, 2 bars",
    "round sub bass, sparse, 84 bpm, D minor",
    "warm Rhodes chords, dusty, swing 58%, lazy, 84 bpm, D minor",
    "dusty lo-fi drums with swing, 84 bpm",
)
TAKES = {PROMPTS[5]: 3}
"""The prompts of which there is more than one take."""
TOTAL = sum(TAKES.get(prompt, 1) for prompt in PROMPTS)
LONGEST_WAIT_MS = 120_000


class SilentPlayer:
    """Plays nothing, and says that it does."""

    volume = 1.0
    metronome = lost = False
    device = ""
    playing: Path | None = None
    rate = 0

    def __init__(self) -> None:
        self.pads = PadMixer(BLOCK_FRAMES)
        self.layers = LayerMixer(BLOCK_FRAMES)

    def open(self, rate: int) -> int:
        """Pretend to open a device."""
        self.rate = rate
        return rate

    def frame_at(self, _monotonic_s: float) -> int:
        """Have no time."""
        return 0

    def take_strikes(self) -> None:
        """Let the pads that were struck sound."""
        self.pads.run_commands(0, None)
        self.pads.add_to(np.zeros((BLOCK_FRAMES, 2), dtype=np.float32), 0)

    def take_layers(self) -> bool:
        """Let the layers sound, if they are there; return whether they do."""
        self.layers.run_commands(0, None)
        self.layers.add_to(np.zeros((BLOCK_FRAMES, 2), dtype=np.float32), 0)
        return self.layers.is_on

    @property
    def layers_place(self) -> float | None:
        """Somewhere in the third bar."""
        return 2.31 if self.layers.is_on else None

    @property
    def sounding(self) -> Path | None:
        """What would be heard."""
        return self.playing

    @property
    def playhead(self) -> tuple[Path, float] | None:
        """Somewhere in what would be heard."""
        return None if self.playing is None else (self.playing, 0.31)

    def take_level(self) -> tuple[float, float]:
        """As loud as music is."""
        return (0.0, 0.0) if self.playing is None else (0.5, 0.42)

    def play(self, path: Path, **_how: object) -> None:
        """Pretend to play."""
        self.playing = path

    def choose_device(self, name: str) -> None:
        """Pretend to play elsewhere."""

    def stop(self) -> None:
        """Pretend to stop."""
        self.playing = None

    def close(self) -> None:
        """Have nothing to close."""


def wait_until(condition: Callable[[], bool]) -> None:
    """Let the window live until the condition holds."""
    loop, limit = QEventLoop(), QDeadlineTimer(LONGEST_WAIT_MS)
    timer = QTimer()
    timer.timeout.connect(lambda: (condition() or limit.hasExpired()) and loop.quit())
    timer.start(20)
    loop.exec()
    if limit.hasExpired():
        sys.exit("The window did not come so far: run again, and look at its messages.")


def wait_ms(milliseconds: int) -> None:
    """Let the window live for a while."""
    limit = QDeadlineTimer(milliseconds)
    wait_until(limit.hasExpired)


def make_clips(desktop: Desktop) -> None:
    """Make a small project, one clip after the other."""
    number = 0
    for prompt in PROMPTS:
        number += TAKES.get(prompt, 1)
        desktop.window.prompt_panel.takes.show_value(TAKES.get(prompt, 1))
        desktop.window.empty.example_clicked.emit(prompt)
        wait_until(
            lambda number=number: desktop.collection.total == number and not len(desktop.open_jobs)
        )


def take_picture(app: QApplication, theme: str, name: str, folder: Path) -> None:
    """Open the window, fill it where it shall be full, and save what it shows."""
    colours = colours_of(theme)
    apply_theme(app, colours)
    settings = Settings(theme=theme, bpm=84.0, key="D minor")
    player = SilentPlayer()
    desktop = Desktop(folder, settings, colours, make_player=lambda: player)
    desktop.start()
    wait_until(lambda: desktop.window.status.is_ready)
    if name != "empty":
        if not list(folder.glob("*.wav")):
            make_clips(desktop)
        wait_until(lambda: desktop.collection.total == TOTAL)
        wait_ms(500)  # until the recipes have been read
        desktop.window.clips.choose(next(row.id for row in best(desktop) if row.role == "chords"))
        star(desktop)
        desktop.window.transport.play_clicked.emit()
        wait_until(lambda: player.playing is not None)
        play_pads(desktop, player)
        play_layers(desktop, player)
        wait_ms(1_200)
    desktop.window.prompt_panel.prompt.clearFocus()
    wait_ms(300)
    if name == "models":
        show_models_page(desktop)
    if name == "daw":
        show_daw_page(desktop, folder)
    desktop.window.grab().save(str(HERE / f"{name}.png"))
    desktop.close()


def play_layers(desktop: Desktop, player: SilentPlayer) -> None:
    """Have four loops play together."""
    by_role = {row.role: row for row in best(desktop)}
    desktop.layers.add([by_role[role] for role in ("drums", "bass", "chords", "pad")])
    desktop.layers.toggle_play()
    wait_until(player.take_layers)


def show_daw_page(desktop: Desktop, folder: Path) -> None:
    """Open the DAW page, while somebody plays a Live that is followed and asks for a loop."""
    desktop.settings.daw_folders.update(live=str(folder / "Live"), reaper=str(folder / "REAPER"))
    for place in desktop.settings.daw_folders.values():
        Path(place).mkdir()
    desktop.window.transport.source.buttons[TimeSource.DAW].click()
    with OscClient("127.0.0.1", desktop.bridge.state.port) as live:
        live.send("/lw/register", ["live", 0])
        live.send("/lw/host/tempo", [84.0])
        live.send("/lw/host/meter", [4, 4])
        live.send("/lw/host/key", ["D minor"])
        live.send("/lw/generate", ["live-1", "tape string pad, slow", 0.0, 4])
        wait_until(lambda: desktop.collection.total > TOTAL)
        desktop.daw.page.toggle()
        page = desktop.daw.page.page
        wait_until(page.cards["live"].install.isVisible)
        page.install_clicked.emit("live")
        wait_until(page.cards["live"].test.isVisible)
        page.cards["live"].show_result("")
        page.connection.button.clearFocus()
        wait_ms(400)


def show_models_page(desktop: Desktop) -> None:
    """Open the page of models, at one that is offered with its licence and what it needs."""
    desktop.models.toggle_page()
    wait_until(lambda: desktop.models.states.row("musicldm").state == "not downloaded")
    desktop.models.page.show_offer("musicldm")
    wait_ms(200)


def play_pads(desktop: Desktop, player: SilentPlayer) -> None:
    """Put the clips on pads, and let two of them sound."""
    grid = desktop.window.pads.grid
    for place, row in zip((1, 5, 4, 6, 8, 2, 9), best(desktop), strict=True):
        desktop.pads.put_on(place, [row])
    for place in (5, 1):
        grid.struck.emit(place)
    wait_until(lambda: player.rate > 0)
    wait_ms(300)
    player.take_strikes()
    grid.chosen.emit(1)


def best(desktop: Desktop) -> list[ClipRow]:
    """Return the best take of each prompt, newest first."""
    shown = desktop.collection.shown
    return [row for row in shown if row.recipe is not None and row.recipe.rank == 1]


def star(desktop: Desktop) -> None:
    """Star the two newest clips, where they have no star."""
    for row in best(desktop)[:2]:
        if not row.mark.starred:
            desktop.window.clips.star_clicked.emit(row)


def main() -> None:
    """Make the pictures that were asked for, or all."""
    names = sys.argv[1:] or ["empty", "dark", "light", "models", "daw"]
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as place:
        os.environ["LOOPWRIGHT_MODELS"] = f"{place}/models"  # none but the built-in one is here
        for name in names:
            folder = Path(place) / ("empty" if name == "empty" else "late-tape-ep")
            folder.mkdir(exist_ok=True)
            theme = "light" if name == "light" else "dark"
            take_picture(app, theme, name, folder)


if __name__ == "__main__":
    main()
