"""Controls the Models page: installed models, downloads, checks and removal."""

import contextlib

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton

from desktop.library.model_states import ModelStates
from desktop.library.page import ModelsPage
from desktop.library.rows import (
    CHECKING,
    DAMAGED,
    DOWNLOADING,
    MISSING,
    REMOVING,
    SCANNING,
    ModelRow,
    rows_there,
)
from desktop.library.store_thread import ADD, CHECK, StoreResult, StoreSnapshot, StoreThread
from desktop.library.take_times import TakeTimes
from desktop.state.notices import Notices
from desktop.state.settings import Settings
from desktop.widgets.main_thread import MainThread
from desktop.widgets.pages import Pages
from engine import protocol
from engine.client import Engine, restarting
from engine.entry_points import engine_elsewhere
from engine.errors import EngineDied
from engine.models.catalogue import built_in_catalogue
from engine.models.needs import Capacity
from engine.remote.place import parse_place

PAGE = "models"
_ANSWERS = protocol.Unloaded | protocol.Failed | protocol.Cancelled


class ModelsController(QObject):
    """Connects the model store and the engine's downloads with the page and the window."""

    models_changed = Signal(object)
    """All rows, after any of them changed."""
    model_chosen = Signal(str)
    """The id of the model that the user wants to use."""

    def __init__(
        self,
        pages: Pages,
        button: QAbstractButton,
        engine: Engine,
        notices: Notices,
        main_thread: MainThread,
        settings: Settings,
    ) -> None:
        """Add the page; `button` opens it and shows the progress of a download."""
        super().__init__(pages)
        self._pages = pages
        self._button = button
        self._engine = engine
        self._notices = notices
        self.states = ModelStates(built_in_catalogue().entries)
        self.states.on_change = self._show
        self._times = TakeTimes(settings.take_times)
        self.states.per_second = self._times.of
        self._capacity: Capacity | None = None
        self._listing = ""
        """The id of the answer with the models of another machine; empty for those of this one."""
        self._unloading: dict[str, str] = {}
        self._store = StoreThread(
            main_thread.wrap(self._on_store_snapshot),
            main_thread.wrap(self._on_check_progress),
            main_thread.wrap(self._on_store_result),
        )
        self.page = ModelsPage()
        pages.add(PAGE, "Models", self.page)
        pages.opened.connect(self._on_page_opened)
        button.clicked.connect(self.toggle_page)
        self.page.wanted.connect(self._do)
        self.page.folder_chosen.connect(self._store.add_folder)

    @property
    def busy(self) -> bool:
        """Whether a download is running or queued."""
        return self.states.downloads > 0

    def why_stay(self) -> str:
        """Return what to ask before the window closes; empty if nothing is going on."""
        going_on = "A download is in progress. It will resume next time."
        return going_on if self.busy else ""

    def start(self) -> None:
        """Scan the disk now, and whenever the window becomes active."""
        self._refresh()
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._on_state_changed)

    def close(self) -> None:
        """End the thread; a running check is cancelled."""
        self._store.close()

    def show(self) -> None:
        """Show the models that are known so far."""
        self._show(None)

    def toggle_page(self) -> None:
        """Open the Models page, or close it."""
        self._pages.toggle(PAGE)

    def offer(self, model_id: str) -> None:
        """Open the page at a model that is not downloaded."""
        if self._pages.page_id != PAGE:
            self._pages.toggle(PAGE)
        self.page.show_offer(model_id)

    def may_use(self, model_id: str) -> bool:
        """Return whether a model can be used; if not, say why and show its card.

        The engine reports unknown models, and those that are missing on another machine.
        """
        if engine_elsewhere() is not None:
            return True
        row = self.states.row(model_id)
        if row is None or row.usable or row.state == SCANNING:
            return True
        faults = {
            MISSING: "is not downloaded: download it here first",
            DAMAGED: "is damaged: repair it here first",
        }
        why = faults.get(
            row.state, f"is not ready ({row.state_text}): wait, or choose another model"
        )
        self._notices.warning(f"{row.entry.name} {why}.", topic="generate")
        self.offer(model_id)
        return False

    def on_event(self, event: protocol.Event) -> bool:
        """Handle an engine event; return whether it belongs to this window's downloads."""
        if (timed := self._times.on_event(event)) is not None:
            self.states.change(timed, per_second=self._times.of(timed))
        if isinstance(event, protocol.Ready) and (engine_elsewhere() or self._listing):
            self._refresh()
        elif isinstance(event, protocol.Models) and event.id == self._listing:
            self._show_found(StoreSnapshot(rows_there(event.models), None))
        event_id = event.id if isinstance(event, protocol.Reply) else ""
        if isinstance(event, _ANSWERS) and event_id in self._unloading:
            self._store.remove(self._unloading.pop(event_id))
            return True
        is_download = self.states.is_download(event_id)
        ended = self.states.on_event(event)
        if ended is not None:
            self._report_end(ended, event)
            self._refresh()
        return is_download

    def _report_end(self, model_id: str, event: protocol.Event) -> None:
        if isinstance(event, protocol.Done):
            self._notices.info(f"Downloaded and checked {model_id}.", topic=model_id)
        elif isinstance(event, protocol.Failed) and self._pages.page_id != PAGE:
            self._notices.error(event.message, detail=event.detail, topic=model_id)

    def _do(self, model_id: str, action: str) -> None:
        row = self.states.row(model_id)
        if row is not None:
            {
                "use": self._use,
                "download": self._download,
                "cancel": self._cancel,
                "check": self._check,
                "remove": self._remove,
            }[action](row)

    def _use(self, row: ModelRow) -> None:
        self._pages.go_home()
        self.model_chosen.emit(row.id)

    def _download(self, row: ModelRow) -> None:
        try:
            job_id = self._ask_to_download(row.id)
        except EngineDied as error:
            self._notices.error(str(error), topic=PAGE)
        else:
            self.states.begin_download(job_id, row.id)

    def _ask_to_download(self, model_id: str) -> str:
        return restarting(self._engine, lambda: self._engine.download(model_id))

    def _cancel(self, row: ModelRow) -> None:
        job_id = self.states.job_of(row.id)
        if job_id is None:
            self._store.cancel_check(row.id)
        else:
            self._engine.cancel(job_id)

    def _check(self, row: ModelRow) -> None:
        self.states.change(row.id, state=CHECKING, fraction=0.0, stage="", problem="")
        self._store.check(row.id)

    def _remove(self, row: ModelRow) -> None:
        self.states.change(row.id, state=REMOVING, problem="")
        # Unload it from the engine first: Windows does not delete files that are in use.
        try:
            self._unloading[self._engine.unload()] = row.id
        except EngineDied:
            self._store.remove(row.id)

    def _on_page_opened(self, page_id: str) -> None:
        if page_id == PAGE:
            self.page.add_button.setFocus()
            self._refresh()

    def _on_state_changed(self, state: Qt.ApplicationState) -> None:
        """Find changes by other programs, such as the command line, on activation."""
        if state == Qt.ApplicationState.ApplicationActive:
            self._refresh()

    def _refresh(self) -> None:
        """Find out which models there are where the engine is."""
        place = engine_elsewhere()
        self.page.show_place("" if place is None else parse_place(place).host)
        if place is None:
            self._listing = ""
            self._store.refresh()
        else:
            with contextlib.suppress(EngineDied):  # it is asked once it is ready
                self._listing = self._engine.list_models()

    def _on_store_snapshot(self, found: StoreSnapshot) -> None:
        if engine_elsewhere() is None:  # or else what was found here no longer matters
            self._show_found(found)

    def _show_found(self, found: StoreSnapshot) -> None:
        self._capacity = found.capacity
        self.states.update_rows(found.rows)
        self.page.show_rows(self.states.rows, self._capacity)

    def _on_check_progress(self, model_id: str, fraction: float) -> None:
        self.states.change(model_id, fraction=fraction)

    def _on_store_result(self, result: StoreResult) -> None:
        if result.what != ADD:
            problem = result.text if result.failed else ""
            state = DAMAGED if result.failed and result.what == CHECK else SCANNING
            self.states.settle(result.model_id, problem, state=state)
        if result.failed and result.what == ADD:
            self._notices.error(result.text, topic=PAGE)
        elif result.text and not result.failed:
            self._notices.info(result.text, topic=PAGE)

    def _show(self, model_id: str | None) -> None:
        rows = self.states.rows
        self._button.setText(button_text(rows))
        if model_id is None:
            self.page.show_rows(rows, self._capacity)
        elif (row := self.states.row(model_id)) is not None:
            self.page.show_row(row)
        self.models_changed.emit(rows)


def button_text(rows: list[ModelRow]) -> str:
    """Return the text of the Models button, with the progress of a download."""
    for row in rows:
        if row.state == DOWNLOADING:
            return f"Models {100 * row.fraction:.0f} %"
    return "Models"
