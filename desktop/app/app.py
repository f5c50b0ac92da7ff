"""Builds the window and all its controllers, and starts and closes them in order.

Only this module imports all features. A feature gets its widgets and callbacks from here.
"""

import logging
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer

from bridge.osc.addresses import DEFAULT_PORT
from bridge.osc.embedded import EmbeddedBridge
from bridge.osc.engine_events import EngineEvents
from desktop.app.appearance import switch_theme
from desktop.app.commands import Commands
from desktop.app.engine_controller import EngineController
from desktop.app.finding import Finding
from desktop.app.first_run import FirstRun
from desktop.app.hearing import find_clips, follow
from desktop.app.leaving import Leaving
from desktop.app.made import ShowMade
from desktop.app.model_choice import offer_models
from desktop.app.parts import MakeEngine, both, real_engine, real_player
from desktop.app.play_key import PlayKey
from desktop.app.problems import Problems
from desktop.app.stored import Stored, read_stored
from desktop.app.window import Window
from desktop.clips.collection import ClipCollection
from desktop.clips.controller import ClipsController, ClipWidgets
from desktop.clips.delegate import RowDelegate, TileDelegate
from desktop.clips.drag_out import DragOut
from desktop.clips.export_controller import ExportController
from desktop.clips.folder import FolderWatcher
from desktop.clips.items import ClipItems
from desktop.clips.mark_edits import MarkEdits
from desktop.clips.marks import Marks
from desktop.clips.part_files import PartFiles
from desktop.clips.peaks import PeakStore
from desktop.clips.rows import ClipRow
from desktop.clips.trash import TrashBin
from desktop.clips.verbs_controller import VerbsController
from desktop.clips.waveforms import WaveformLoader
from desktop.daw.controller import DawController
from desktop.daw.page_controller import DawPageController
from desktop.daw.send_controller import SendController
from desktop.layers.around import Around
from desktop.layers.controller import LayersController
from desktop.library.controller import ModelsController
from desktop.packs.controller import PacksController
from desktop.pads.controller import PadsController
from desktop.pads.edits import PadEdits
from desktop.pads.midi import MidiNotes
from desktop.pads.midi_controller import MidiController
from desktop.pads.recorder import Recorder
from desktop.pads.sampler import Sampler
from desktop.pads.store import PadStore
from desktop.prompt.generation import GenerationController
from desktop.prompt.job_items import JobItems
from desktop.prompt.open_jobs import OpenJobs
from desktop.prompt.sources import SourceController
from desktop.state.notices import Notices
from desktop.state.settings import Settings
from desktop.theme.colours import Colours
from desktop.transport.audition import Audition
from desktop.transport.early_listening import EarlyListening
from desktop.transport.hear_controller import HearController
from desktop.transport.shared_player import SharedPlayer
from desktop.transport.sound_controller import SoundController
from desktop.transport.time_controller import TimeController
from desktop.widgets.main_thread import MainThread
from desktop.widgets.project_writer import ProjectWriter
from engine.client import EngineExit
from engine.loops.precedence import SessionTime
from engine.models.catalogue import built_in_catalogue
from engine.protocol import Event
from playback.interface import Player

_log = logging.getLogger(__name__)
_UNSEEN_MS = 1_000
"""Start the rest after this time even if the window has not been painted: it may be minimised."""


class Desktop(QObject):
    """The window and everything behind it, from `start` to `close`."""

    window: Window
    audition: Audition
    sound: SoundController
    sources: SourceController
    models: ModelsController
    folder: FolderWatcher
    clips: ClipsController
    pads: PadsController
    layers: LayersController
    bridge: EmbeddedBridge
    daw: DawController

    def __init__(
        self,
        project: Path,
        settings: Settings,
        colours: Colours,
        *,
        make_engine: MakeEngine = real_engine,
        make_player: Callable[[], Player] | None = None,
        keep_settings: Callable[[Settings], None] = lambda _settings: None,
        bridge_port: int = DEFAULT_PORT,
        stated_engine: str = "",
    ) -> None:
        super().__init__()
        self.project = project
        self.settings = settings
        self._colours = colours
        self._keep_settings = keep_settings
        self._is_started = False
        self.notices = Notices()
        self._main_thread = MainThread(self)
        self._writer = ProjectWriter(self._main_thread)
        self._build_engine(make_engine)
        self._build_playback(make_player or (lambda: real_player(settings.device)))
        self._build_window()
        self._build_prompt()
        self._build_library()
        self._build_clips()
        self._build_pads()
        self._build_layers()
        self._build_daw(bridge_port)
        self._build_packs()
        self._build_place(stated_engine)
        self._connect()
        self.finding = Finding(self.window, self.collection)
        self.commands = Commands(self.window, colours, self.collection)
        self.window.add_actions(self._action_handlers())

    # The features. Callbacks that use a later one are called only after `start`.

    def _build_engine(self, make_engine: MakeEngine) -> None:
        self._make_engine = make_engine
        self._engine_events = EngineEvents()
        self._engine = make_engine(
            both(self._main_thread.wrap(self._on_event), self._engine_events.on_event),
            both(self._main_thread.wrap(self._on_engine_exit), self._engine_events.on_exit),
        )

    def _build_playback(self, make_player: Callable[[], Player]) -> None:
        self.audition = Audition(make_player, self._warn_of_sound, self.settings.device)
        self._listening = EarlyListening(self.audition)

    def _build_window(self) -> None:
        wrap = self._main_thread.wrap
        self.collection = ClipCollection()
        self.open_jobs = OpenJobs()
        self._job_items = JobItems(self.open_jobs, self)
        self._clip_items = ClipItems(self.collection, self)
        self._waveforms = WaveformLoader(PeakStore(self.project), wrap(self._on_waveform))
        drawing = (
            self._colours, self._waveforms.of, lambda: self.sound.playhead, self._session,
        )  # fmt: skip
        self.window = Window(
            self._colours, self.settings, built_in_catalogue().entries,
            self._clip_items, self._job_items,
            {"list": RowDelegate(*drawing), "grid": TileDelegate(*drawing)},
        )  # fmt: skip
        self._problems = Problems(self.window, self.notices)
        self.sound = SoundController(
            self.window.transport, self.window.status, self.audition, self.settings,
            self._main_thread,
        )  # fmt: skip

    def _build_prompt(self) -> None:
        window = self.window
        self._generation = GenerationController(
            self._engine, self.project, window.prompt_panel, window.transport, window.status,
            self.open_jobs, self.notices, self._main_thread,
        )  # fmt: skip
        self._made = ShowMade(window, self.collection, self._generation, self.notices)

    def _build_library(self) -> None:
        self.models = ModelsController(
            self.window.pages, self.window.transport.models_button, self._engine, self.notices,
            self._main_thread, self.settings,
        )  # fmt: skip

    def _build_clips(self) -> None:
        window, wrap = self.window, self._main_thread.wrap
        self._edits = MarkEdits(Marks(self.project), self.collection, self._writer, self.notices)
        self.folder = FolderWatcher(
            self.project, wrap(self._on_clips_found), wrap(self._on_clips_gone),
            wrap(self._on_folder_presence),
        )  # fmt: skip
        widgets = ClipWidgets(window.clips, window.detail, window.recipe)
        self.clips = ClipsController(
            widgets, self.collection, self._edits, self.audition, self._waveforms, self.notices,
            TrashBin(self._writer, self.folder.refresh), self._generation.fill_from,
        )  # fmt: skip
        self._verbs = VerbsController(
            widgets, window.prompt_panel, window.transport, self.collection, self._generation,
            self.notices, lambda: self.models.states.modes,
        )  # fmt: skip
        self._parts = PartFiles(self._engine, self.project)
        self._drags = DragOut(window.detail, self._parts, self.collection, self.notices)
        self.exporting = ExportController(
            window.clips, self._engine, self.project, self.settings, self.notices, self._main_thread
        )
        self.sources = SourceController(
            window.prompt_panel, self._engine, self.open_jobs, self._verbs.derive_context,
            self._generation.fill_from, self.notices, self._main_thread,
        )  # fmt: skip

    def _build_pads(self) -> None:
        window, wrap = self.window, self._main_thread.wrap
        self._sampler = Sampler(self.audition.player, self.audition.open, self._warn_of_sound)
        self.pads = PadsController(
            window.pads, window.clips, window.transport, self.collection,
            PadEdits(PadStore(self.project), self._writer, self.notices), self._sampler,
            Recorder(self._sampler, self.project, wrap(self._on_recorded), self._warn_of_sound),
            self.notices,
        )  # fmt: skip
        self.pads.peaks_of = self._waveforms.of
        notes = MidiNotes(self.pads.play_note)
        self._midi = MidiController(window.pads, notes, self.notices, self._main_thread)

    def _build_layers(self) -> None:
        window = self.window
        self._hear = HearController(
            self._engine, self.project, window.transport, window.hear, self.notices
        )
        find_clips(self._hear, self.collection, self._clip_items, window)
        around = Around(
            project=self.project, clips=window.clips, collection=self.collection,
            waveforms=self._waveforms, audition=self.audition, parts=self._parts, hear=self._hear,
            generation=self._generation, open_jobs=self.open_jobs, writer=self._writer,
            notices=self.notices, main_thread=self._main_thread,
            models=lambda: self._verbs.derive_context().models,
        )  # fmt: skip
        self.layers = LayersController(window.layers, around)
        self._play_key = PlayKey(self.audition, self.pads, self.layers, window.layers)

    def _build_daw(self, port: int) -> None:
        window, main_thread = self.window, self._main_thread
        self.bridge = EmbeddedBridge(
            self._engine, SharedPlayer(self.audition), self._engine_events, self.project,
            main_thread.wrap(lambda *job: self.daw.take_job(*job)),  # noqa: PLW0108 - made below
            port,
        )  # fmt: skip
        self.daw = DawController(
            window.status, self.bridge, self.open_jobs,
            TimeController(window.transport, self.bridge, self.notices, self.settings),
            DawPageController(window.pages, self.bridge, self.settings, main_thread),
            SendController(
                window.clips, window.detail, window.layers.side, self.bridge, self.notices,
                main_thread,
            ),
        )  # fmt: skip
        for part in (self.audition, self._sampler, self.layers.ensemble):
            part.next_bar_s = self.daw.time.next_bar_s
        self._first_run = FirstRun(window.empty, self.settings, main_thread, self.daw.page.toggle)

    def _build_packs(self) -> None:
        self.packs = PacksController(
            self.window.pages, self.settings, self.project,
            lambda on_event: self._make_engine(on_event, lambda _exit: None),
            self.notices, self._main_thread,
        )  # fmt: skip
        self.packs.said = self.window.status.show_pack
        self.packs.models = lambda: self.models.states.usable
        self.leaving = Leaving(
            self.window, self.project, self._writer, self._stored,
            (self.open_jobs.why_stay, self.models.why_stay, self.packs.why_stay),
            (self.window.detail.editing.settle, self.pads.save, self.layers.save),
        )  # fmt: skip

    def _build_place(self, stated_engine: str) -> None:
        self._place = EngineController(
            self.window, self.settings, self._engine, self.open_jobs, self.notices,
            self._main_thread, stated_engine,
        )  # fmt: skip

    def _connect(self) -> None:
        window, panel, warn = self.window, self.window.prompt_panel, self.notices.warning
        self._writer.late.connect(lambda: window.status.show_saving(late=True))
        self._writer.idle.connect(lambda: window.status.show_saving(late=False))
        window.file_dropped.connect(self.sources.take_dropped)
        window.transport.play_clicked.connect(lambda: self._play_key.press(self.clips.toggle_play))
        self.sound.pads_sound = lambda: self.pads.sound() or self.layers.is_on
        window.transport.refused.connect(lambda text: warn(text, topic="time"))
        window.transport.daw_button.clicked.connect(self.daw.page.toggle)
        window.transport.tap_clicked.connect(self.daw.time.tap)
        for changed in (window.transport.time_changed, window.transport.time_shown):
            changed.connect(window.clips.viewport().update)
        panel.advanced.refused.connect(lambda text: warn(text, topic="setting"))
        panel.generate_clicked.connect(self._generation.generate)
        window.detail.export_clicked.connect(self.exporting.open)
        window.queue.cancel_wanted.connect(self._generation.cancel)
        window.queue.listen_wanted.connect(self._listening.listen)
        window.empty.example_clicked.connect(self._generation.make_example)
        window.empty.models_clicked.connect(self.models.toggle_page)
        window.status.restart_clicked.connect(self._generation.restart_engine)
        for act in (self.sources.analysis.proceed, self._verbs.show_stems):
            self._job_items.modelReset.connect(act)
        self._generation.may_use = self.models.may_use
        self.sound.playhead_moved.connect(self._show_playhead)
        for part in (self.pads, self.layers):
            part.replaced.connect(self.clips.undoing.remember)
            part.moved.connect(self._show_place)
        window.clips.chosen.connect(self._play_key.note_chosen)
        follow(
            self._hear, self.audition, self.pads, self.layers, self._edits, self._drags,
            self.daw.sending, self.folder.refresh,
        )  # fmt: skip
        window.detail.layer_clicked.connect(lambda: self.layers.add_chosen(window.detail.row))
        self.layers.out.send_wanted.connect(self.daw.sending.send_files)
        offer_models(self.models, panel, window.transport)
        panel.model.currentIndexChanged.connect(self.layers.model_chosen)

    def _action_handlers(self) -> dict[str, Callable[[], None]]:
        window = self.window
        return {
            "generate": self._generation.generate,
            "play_or_stop": lambda: self._play_key.press(self.clips.play_or_stop),
            "tap_tempo": self.daw.time.tap,
            "use_as_source": self._use_as_source,
            "switch_form": window.switch_form,
            "search": window.search.setFocus,
            "write_prompt": window.write_prompt,
            "choose_project": self.leaving.choose_project,
            "open_daw": self.daw.page.toggle,
            "open_models": self.models.toggle_page,
            "switch_theme": self._switch_theme,
            "show_log": self._problems.show_log,
            "report_problem": self._problems.report,
            "hear_in_session": window.hear.toggle,
            "close_page": window.close_page,
            "close_window": self._close_window,
            **self.commands.action_handlers(),
            **self.clips.action_handlers(),
            **self.daw.sending.action_handlers(),
            **self.exporting.action_handlers(),
            **self._verbs.action_handlers(),
            **self.packs.action_handlers(),
            **self._place.action_handlers(),
            **self.pads.action_handlers(),
            **self.layers.action_handlers(),
            **self.sound.action_handlers(),
        }

    # Start and end.

    def start(self) -> None:
        """Show the window, and start the rest once it has been painted."""
        self.window.restore(self.settings)
        self.window.transport.show_folder(self.project.name, str(self.project))
        self.audition.volume = self.settings.volume
        self.notices.show_with(self._main_thread.wrap(self.window.notices.show_notice))
        self.window.prompt_panel.prompt.setFocus()
        self.window.show()
        self.window.painted.connect(self._start_the_rest)
        QTimer.singleShot(_UNSEEN_MS, self, self._start_the_rest)

    def _start_the_rest(self) -> None:
        if self._is_started:
            return
        self._is_started = True
        self._engine.start()
        self._read_project_file()
        self.pads.start(keys_everywhere=self.settings.pad_keys)
        self.layers.start()
        self._midi.start(on=self.settings.midi)
        self.daw.start()
        self.models.start()
        self._first_run.start()
        self.sound.start()

    def close(self) -> None:
        """Close everything in reverse order; files that are being written are finished.

        A part that fails, such as the settings on a full disk, is logged; the others still close.
        """
        self._is_started = True  # parts that have not started stay off
        steps = (
            self.sound.close, self._main_thread.close, self._remember, self.window.hide,
            self._problems.close, self.daw.close, self.models.close, self.packs.close,
            self._place.close, self._first_run.close, self.folder.close, self.sources.close,
            self.exporting.close, self._parts.close, self._generation.close, self._waveforms.close,
            self._midi.close, self.layers.close, self._hear.close, self.pads.close,
            self._writer.close, self.audition.close, self._engine.close, self.window.deleteLater,
        )  # fmt: skip
        for step in steps:
            try:
                step()
            except Exception:  # noqa: BLE001 - each part fails in its own way
                _log.warning("a part of the window was not closed properly", exc_info=True)

    def is_ready(self) -> bool:
        """Return whether the engine is ready."""
        return self.window.status.is_ready

    def come_forward(self) -> None:
        """Bring the window to the front, after the program was started again."""
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        self.window.raise_()
        self.window.activateWindow()

    # Events that concern several features.

    def _on_event(self, event: Event) -> None:
        makers = self._hear.fitted, self.exporting.parts, self._parts
        if any(maker.on_event(event) for maker in makers):
            return
        if not self.models.on_event(event):
            self._listening.on_event(event)
        if not self.sources.analysis.on_event(event):
            self._generation.on_event(event)
        self._made.show()

    def _on_engine_exit(self, ended: EngineExit) -> None:
        self._generation.on_engine_exit(ended)

    def _on_clips_found(self, rows: list[ClipRow]) -> None:
        self.collection.put(rows)
        self.pads.rows_changed()
        self.layers.rows_changed()
        self.finding.show_count()
        self._made.show()

    def _on_clips_gone(self, clip_ids: list[str]) -> None:
        self.clips.forget(clip_ids)
        self.pads.rows_changed()
        self.layers.rows_changed()
        self.finding.show_count()

    def _on_folder_presence(self, problem: str) -> None:
        """Report that the project folder has gone or come back; its clips stay in the list."""
        self._generation.project_problem = problem
        self.window.empty.show_missing(missing=bool(problem))
        if problem:
            self.notices.error(problem, topic="project")
        else:
            self.notices.info(f"Project folder {self.project} is there again.", topic="project")
            self._read_project_file()

    def _read_project_file(self) -> None:
        """Show what it holds, and then the clips."""
        read_stored(self.project, self._writer, self._stored, self.notices, self.folder.refresh)

    def _on_waveform(self, clip_id: str) -> None:
        row = self.collection.row(clip_id)
        peaks = None if row is None or row.damaged else self._waveforms.of(row)
        if row is not None and peaks is not None and peaks.damaged:
            self.collection.put([msgspec.structs.replace(row, damaged=True)])
        for part in (self.clips, self.layers, self.pads):
            part.show_again(clip_id)

    def _session(self) -> SessionTime:
        return self.window.transport.time

    def _show_playhead(self, clip_ids: set[str]) -> None:
        self.clips.show_playhead(clip_ids, self.sound.playhead)
        self._show_place()

    def _show_place(self) -> None:
        """Show the bar and beat of the clip that plays, or else of the layers or the pads."""
        clip = self.clips.place_in_bars(self.sound.playhead)
        place = clip or self.layers.place_in_bars or self.pads.place_in_bars
        self.window.transport.show_place(place)

    def _on_recorded(self, clip_id: str) -> None:
        self._made.expect_recording(clip_id)
        self.folder.refresh()

    def _warn_of_sound(self, text: str) -> None:
        self.notices.warning(text, topic="sound")

    @property
    def _stored(self) -> tuple[Stored, ...]:
        return self._edits, self.pads, self.layers

    # Actions of the window itself.

    def _use_as_source(self) -> None:
        row = self.window.clips.chosen_row()
        if row is not None:
            self.sources.use(row.path, row.recipe)

    def _switch_theme(self) -> None:
        self.settings.theme = switch_theme(self._colours)

    def _close_window(self) -> None:
        self.window.close()

    def _remember(self) -> None:
        self.window.keep(self.settings)
        self.settings.project = str(self.project)
        self.settings.midi = self._midi.wanted
        self._hear.keep(self.settings)
        self._keep_settings(self.settings)
