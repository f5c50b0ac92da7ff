"""Wires the window: what there is, in which order it starts, and in which order it ends."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from bridge.osc.addresses import DEFAULT_PORT
from bridge.osc.embedded import EmbeddedBridge
from bridge.osc.engine_events import EngineEvents
from desktop.app.first_run import FirstRun
from desktop.app.window import Window
from desktop.clips.collection import ClipCollection
from desktop.clips.controller import ClipsController
from desktop.clips.delegate import RowDelegate, TileDelegate
from desktop.clips.folder import FolderWatcher
from desktop.clips.items import ClipItems
from desktop.clips.marks import Marks
from desktop.clips.peaks import PeakStore
from desktop.clips.rows import ClipRow
from desktop.clips.verbs_controller import VerbsController
from desktop.clips.waveforms import WaveformLoader
from desktop.daw.controller import DawController
from desktop.library.controller import ModelsController
from desktop.pads.controller import PadsController
from desktop.pads.midi import MidiNotes
from desktop.pads.midi_controller import MidiController
from desktop.pads.recorder import Recorder
from desktop.pads.sampler import Sampler
from desktop.pads.store import PadStore
from desktop.prompt.generation import GenerationController
from desktop.prompt.job_board import JobBoard
from desktop.prompt.job_items import JobItems
from desktop.prompt.sources import SourceController
from desktop.state.notices import Notices
from desktop.state.settings import Settings
from desktop.theme.colours import DARK, LIGHT, Colours
from desktop.theme.stylesheet import apply_theme
from desktop.transport.audition import Audition
from desktop.transport.early_listening import EarlyListening
from desktop.transport.session_time import TapTempo
from desktop.transport.shared_player import SharedPlayer
from desktop.transport.sound_controller import SoundController
from desktop.widgets.main_thread import MainThread
from engine.client import EngineClient, EngineExit
from engine.loops.request import LoopRequest
from engine.models.catalogue import built_in_catalogue
from engine.protocol import Event
from playback.interface import Player

_UNSEEN_MS = 1_000
"""A window that was not painted until then is minimised: the rest does not wait for it."""

MakeEngine = Callable[[Callable[[Event], None], Callable[[EngineExit], None]], EngineClient]


def _real_engine(
    on_event: Callable[[Event], None], on_exit: Callable[[EngineExit], None]
) -> EngineClient:
    return EngineClient(on_event, on_exit=on_exit)


def _real_player(device: str) -> Player:
    from playback.player import Player as DevicePlayer

    return DevicePlayer(device)


class Desktop(QObject):
    """One window with all that it needs, from `start` to `close`."""

    def __init__(
        self,
        project: Path,
        settings: Settings,
        colours: Colours,
        *,
        make_engine: MakeEngine = _real_engine,
        make_player: Callable[[], Player] | None = None,
        keep_settings: Callable[[Settings], None] = lambda _settings: None,
        bridge_port: int = DEFAULT_PORT,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.project = project
        self._is_started = False
        self.next_project: Path | None = None
        """Where to go on after closing, when another project folder was chosen."""
        self._keep_settings = keep_settings
        self._colours = colours
        self.notices = Notices()
        self._crossing = MainThread(self)
        later = self._crossing.wrap
        self.shelf = ClipCollection()
        self.board = JobBoard()
        self._items = ClipItems(self.shelf, self)
        self._job_items = JobItems(self.board, self)
        self._marks = Marks(project)
        self._waveforms = WaveformLoader(PeakStore(project), later(self._show_again))
        self.audition = Audition(
            make_player or (lambda: _real_player(settings.device)),
            self._warn,
            settings.device,
        )
        drawn = (colours, self._waveforms.of, self._heard)
        delegates = {"list": RowDelegate(*drawn), "grid": TileDelegate(*drawn)}
        events = EngineEvents()
        self._engine = make_engine(
            both(later(self._on_event), events.on_event),
            both(later(self._on_engine_exit), events.on_exit),
        )
        shared = SharedPlayer(self.audition)
        self.bridge = EmbeddedBridge(
            self._engine, shared, events, project, later(self._take_job), bridge_port
        )
        self.folder = FolderWatcher(project, later(self._take_rows), later(self._lose_rows))
        self.window = Window(
            colours, settings, built_in_catalogue().entries, self._items, self._job_items,
            delegates,
        )  # fmt: skip
        self._listening = EarlyListening(self.audition)
        self._generation = GenerationController(
            self._engine, project, self.window, self.board, self.notices
        )
        self._browsing = ClipsController(
            self.window, self.shelf, self._items, self._marks, self.audition, self._waveforms,
            self.notices, self.folder.look,
        )  # fmt: skip
        self.models = ModelsController(self.window, self._engine, self.notices, later)
        self._reworking = VerbsController(
            self.window, self.shelf, self._generation, self.notices, lambda: self.models.board.modes
        )
        sampler = Sampler(self.audition.player, self.audition.open, self._warn)
        self.pads = PadsController(
            self.window, self.shelf, PadStore(project, self._warn), sampler,
            Recorder(sampler, project, self._tell_recorded), self.notices,
            self._browsing.undoing,
        )  # fmt: skip
        notes = MidiNotes(self.pads.play_note)
        self._midi = MidiController(self.window.pads, notes, self.notices, later)
        self.daw = DawController(
            self.window, self.bridge, self.board, self.notices, settings, later
        )
        self._first_run = FirstRun(self.window.empty, settings, later, self.daw.page.toggle)
        self.audition.next_bar_s = sampler.next_bar_s = self.daw.time.next_bar_s
        self._dropping = SourceController(
            self.window, self._browsing, self._reworking.derive_context, self.notices, later
        )
        self._sound = SoundController(self.window, self._items, self.audition, settings, later)
        self._tap = TapTempo()
        self._connect()

    def start(self) -> None:
        """Show the window, and start the rest once it has been painted."""
        self.window.restore_places(self.settings)
        self.window.prompt_panel.restore(self.settings)
        self.window.transport.show_folder(self.project.name, str(self.project))
        self.audition.volume = self.settings.volume
        self.notices.show_with(self._crossing.wrap(self.window.notices.show_notice))
        self.window.prompt_panel.prompt.setFocus()
        self.window.show()
        self.window.painted.connect(self._start_the_rest)
        QTimer.singleShot(_UNSEEN_MS, self, self._start_the_rest)

    def is_ready(self) -> bool:
        """Return whether the engine is."""
        return self.window.status.is_ready

    def come_forward(self) -> None:
        """Bring the window to the front, as somebody has started the program again."""
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        self.window.raise_()
        self.window.activateWindow()

    def close(self) -> None:
        """End everything, in the opposite order; what is made is whole or not there."""
        self._is_started = True  # what has not begun yet does not begin now
        self._sound.close()
        self._crossing.close()
        self._remember()
        self.window.hide()
        self.daw.close()
        self.models.close()
        self._first_run.close()
        self.folder.close()
        self._dropping.close()
        self._waveforms.close()
        self._midi.close()
        self.pads.close()
        self.audition.close()
        self._engine.close()
        self.window.deleteLater()

    def _start_the_rest(self) -> None:
        if self._is_started:
            return
        self._is_started = True
        self._engine.start()
        for clip_id, mark in self._marks.read().items():
            self.shelf.expect_mark(clip_id, mark)
        self.folder.start()
        self.pads.start(keys_everywhere=self.settings.pad_keys)
        self._midi.start(on=self.settings.midi)
        self.daw.start()
        self.models.start()
        self._first_run.start()
        self._sound.start()

    def _connect(self) -> None:
        window, generation, browsing = self.window, self._generation, self._browsing
        window.closing = self._may_close
        window.transport.play_clicked.connect(browsing.toggle_play)
        window.transport.refused.connect(lambda text: self.notices.warning(text, topic="time"))
        window.transport.folder_clicked.connect(self._choose_project)
        window.prompt_panel.advanced.refused.connect(
            lambda text: self.notices.warning(text, topic="setting")
        )
        generation.may_use = self.models.may_use
        window.prompt_panel.generate_clicked.connect(generation.generate)
        window.queue.cancel_wanted.connect(generation.cancel)
        window.queue.listen_wanted.connect(self._listening.listen)
        window.empty.example_clicked.connect(generation.make_example)
        window.empty.models_clicked.connect(self.models.toggle_page)
        window.status.restart_clicked.connect(generation.restart_engine)
        window.search.textChanged.connect(self._search)
        window.order.currentTextChanged.connect(self.shelf.order_by)
        window.clips.chosen.connect(browsing.show)
        window.clips.play_clicked.connect(browsing.toggle)
        window.clips.doubleClicked.connect(lambda _index: browsing.toggle_play())
        window.clips.star_clicked.connect(browsing.toggle_star)
        window.clips.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        window.clips.customContextMenuRequested.connect(browsing.open_menu)
        window.detail.again_clicked.connect(browsing.again)
        window.detail.folder_clicked.connect(browsing.show_in_folder)
        window.detail.play_clicked.connect(browsing.toggle_play)
        window.detail.waveform.bars_settled.connect(browsing.play_bars)
        window.add_actions(self._action_handlers())

    def _action_handlers(self) -> dict[str, Callable[[], None]]:
        window, browsing = self.window, self._browsing
        return {
            "generate": self._generation.generate,
            "play_or_stop": browsing.play_or_stop,
            "tap_tempo": self._tap_tempo,
            "toggle_star": browsing.toggle_star,
            "rename": browsing.rename,
            "edit_tags": browsing.edit_tags,
            "again": browsing.again,
            "use_as_source": lambda: self._dropping.use_clip(window.clips.chosen_row()),
            "show_in_folder": browsing.show_in_folder,
            "delete_clips": browsing.delete_clips,
            "undo": browsing.undoing.undo,
            "switch_form": window.grid.toggle,
            "search": window.search.setFocus,
            "write_prompt": window.prompt_panel.prompt.setFocus,
            "choose_project": self._choose_project,
            "send_to_daw": self.daw.send_chosen,
            "open_daw": self.daw.page.toggle,
            "open_models": self.models.toggle_page,
            "switch_theme": self._switch_theme,
            "close_page": self._close_page,
            "close_window": self._close_window,
            **self._reworking.action_handlers(),
            **self.pads.action_handlers(),
            **self._sound.action_handlers(),
        }

    # These are called later, when the parts that they speak to have been made.

    def _tell_recorded(self, title: str) -> None:
        self.notices.info(f"{title} is in the list.", topic="recording")
        self.folder.look()

    def _warn(self, text: str) -> None:
        self.notices.warning(text, topic="sound")

    def _show_again(self, clip_id: str) -> None:
        self._browsing.show_again(clip_id)

    def _heard(self) -> tuple[str, float] | None:
        return self._sound.heard

    def _on_event(self, event: Event) -> None:
        if not self.models.on_event(event):
            self._listening.on_event(event)
        self._generation.on_event(event)
        self._choose_made()

    def _take_job(self, job_id: str, request: LoopRequest, asker: str) -> None:
        self.daw.take_job(job_id, request, asker)

    def _on_engine_exit(self, ended: EngineExit) -> None:
        self._generation.on_engine_exit(ended)

    def _take_rows(self, rows: list[ClipRow]) -> None:
        self.shelf.put(rows)
        self.pads.rows_changed()
        self._count()
        self._choose_made()

    def _choose_made(self) -> None:
        """Choose the clip that was made last, as soon as both its job and its row are there."""
        made = self._generation.made
        if made is not None and self.shelf.row(made) is not None:
            self._generation.made = None
            self.window.clips.choose(made)

    def _lose_rows(self, clip_ids: list[str]) -> None:
        self.shelf.remove(clip_ids)
        self.pads.rows_changed()
        self._count()
        shown = self.window.detail.row
        if shown is not None and self.shelf.row(shown.id) is None:
            self.window.detail.show_row(None, None)
            self.window.recipe.show_recipe(None)

    def _count(self) -> None:
        total, shown = self.shelf.total, len(self.shelf)
        clips = "1 clip" if total == 1 else f"{total:,} clips"
        self.window.status.clips.setText(clips if shown == total else f"{shown:,} of {clips}")
        self.window.show_clips(total=total)

    def _search(self, text: str) -> None:
        self.shelf.search(text)
        self._count()

    def _tap_tempo(self) -> None:
        bpm = self._tap.tap(time.monotonic())
        if bpm is not None:
            transport = self.window.transport
            transport.time.bpm = bpm
            transport.show_time(transport.time)

    def _switch_theme(self) -> None:
        dark = self._colours.ground == DARK.ground
        self.settings.theme = "light" if dark else "dark"
        self._colours.become(LIGHT if dark else DARK)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, self._colours)

    def _close_page(self) -> None:
        waveform = self.window.detail.waveform
        if self.window.pages.go_home():
            return
        if waveform.bars is not None:
            waveform.let_go()
        else:
            self.window.notices.hide()

    def _close_window(self) -> None:
        self.window.close()

    def _choose_project(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self.window, "Choose the project folder", str(self.project)
        )
        if chosen and Path(chosen) != self.project:
            self.next_project = Path(chosen)
            self.window.close()

    def _may_close(self) -> bool:
        """Ask once where closing would end work that runs."""
        if len(self.board):
            question = "Loops are still being made. Close, and leave them unmade?"
        elif self.models.busy:
            question = "A model is being downloaded. Close, and go on from there another time?"
        else:
            return True
        answer = QMessageBox.question(self.window, "Loopwright", question)
        return bool(answer == QMessageBox.StandardButton.Yes)

    def _remember(self) -> None:
        window, settings = self.window, self.settings
        window.keep_places(settings)
        settings.project = str(self.project)
        window.prompt_panel.keep(settings)
        settings.vary_amount = window.detail.vary_amount
        settings.blend_amount = window.detail.blend_menu.amount
        settings.pad_keys = window.pads.keys.isChecked()
        settings.midi = self._midi.wanted
        session = window.transport.time
        settings.bpm, settings.meter = session.bpm, session.meter
        settings.key, settings.bars = session.key, session.bars
        self._keep_settings(settings)


def both(first: Callable[[Any], None], second: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a function that tells two."""

    def tell(news: Any) -> None:
        first(news)
        second(news)

    return tell


def colours_of(theme: str) -> Colours:
    """Return the colours of a theme; `system` is what the system has at the moment."""
    if theme == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return (LIGHT if scheme is Qt.ColorScheme.Light else DARK).copy()
    return (LIGHT if theme == "light" else DARK).copy()
