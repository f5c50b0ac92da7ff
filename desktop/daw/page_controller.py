"""Controls the DAW page: installs, tests, starts and stops the bridge, shows its messages.

Work that may block, such as reading folders on a slow disk, runs on a thread.
"""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from bridge.daws.installation import DAWS, LIVE, REAPER, InstallationFailed
from bridge.daws.status import DawStatus, daw_status, install, uninstall
from bridge.osc.embedded import BridgeKind, EmbeddedBridge
from bridge.osc.hosts import FRESH_S, HostView
from desktop.daw.page import DawPage
from desktop.daw.traffic_items import TrafficItems
from desktop.daw.words import (
    ConnectionTest,
    clients_text,
    connection_of,
    connection_text,
    last_seen,
    programs,
    state_text,
)
from desktop.state.settings import Settings
from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread
from desktop.widgets.pages import Pages

PAGE_ID = "daw"


class DawPageController:
    """Creates the page when it is first opened, and updates it while it is visible."""

    def __init__(
        self,
        pages: Pages,
        bridge: EmbeddedBridge,
        settings: Settings,
        main_thread: MainThread,
    ) -> None:
        self._pages = pages
        self._bridge = bridge
        self._settings = settings
        self._background = Background("daw-page", main_thread)
        self._items = TrafficItems(pages)
        self._page: DawPage | None = None
        self._statuses: dict[str, DawStatus] = {}
        self._tests: dict[str, ConnectionTest] = {}

    @property
    def page(self) -> DawPage:
        """The page; created on first use."""
        if self._page is None:
            self._page = self._made()
        return self._page

    def toggle(self) -> None:
        """Open the page, or close it if it is open."""
        page = self.page
        self._pages.toggle(PAGE_ID)
        if self._pages.page_id == PAGE_ID:
            page.connection.button.setFocus()
            for daw_id in DAWS:
                self._in_background(daw_id, lambda: "")
            self.refresh(self._bridge.view())

    def refresh(self, view: HostView) -> None:
        """Show the current state, if the page is visible."""
        if self._page is None or not self._page.isVisible():
            return
        self._show_bridge(self._page, view)
        now_s = time.monotonic()
        for daw_id in self._statuses:
            self._show_connection(self._page, daw_id, view, now_s)
        traffic = self._page.traffic
        if not traffic.is_paused:
            self._items.names = view.names
            self._items.take(self._bridge.traffic.since(self._items.last_number))
            traffic.follow()

    def close(self) -> None:
        """Wait for the running task."""
        self._background.close()

    def _made(self) -> DawPage:
        page = DawPage((LIVE, REAPER), self._items)
        page.bridge_clicked.connect(self._start_or_stop)
        page.install_clicked.connect(self._install)
        page.uninstall_clicked.connect(self._uninstall)
        page.folder_clicked.connect(self._choose_folder)
        page.test_clicked.connect(self._test)
        page.traffic.clear_clicked.connect(self._bridge.traffic.clear)
        self._pages.add(PAGE_ID, "Your DAW", page)
        return page

    def _show_bridge(self, page: DawPage, view: HostView) -> None:
        state = self._bridge.state
        facts = state.reason or state_text(state, len(programs(view)))
        if state.kind == BridgeKind.SERVING:
            facts = (
                f"for when something is wrong · 127.0.0.1, port {state.port} · "
                f"{clients_text(programs(view))}"
            )
            if view.dropped:
                facts += f" · {view.dropped:,} without effect"
        page.messages.facts.setText(facts)
        page.connection.show_state(connection_of(state, view, time.monotonic()))
        page.connection.show_bridge(runs=state.kind == BridgeKind.SERVING)

    def _show_connection(self, page: DawPage, daw_id: str, view: HostView, now_s: float) -> None:
        last_seen_s = last_seen(daw_id, view)
        connected = last_seen_s is not None and now_s - last_seen_s < FRESH_S
        page.cards[daw_id].show_connection(connection_text(last_seen_s, now_s), connected=connected)
        test = self._tests.get(daw_id)
        if test is not None:
            page.cards[daw_id].show_result(test.poll(view, now_s))
            if test.is_over:
                del self._tests[daw_id]

    def _start_or_stop(self) -> None:
        if self._bridge.state.kind == BridgeKind.SERVING:
            self._background.run(self._bridge.stop)  # it may block while a preview opens
        else:
            self._bridge.start()
        self.refresh(self._bridge.view())

    def _test(self, daw_id: str) -> None:
        if self._bridge.state.kind != BridgeKind.SERVING:
            self.page.cards[daw_id].show_result("Choose Open to DAWs first.")
            return
        self._tests[daw_id] = ConnectionTest(DAWS[daw_id], time.monotonic())
        self.refresh(self._bridge.view())

    def _choose_folder(self, daw_id: str) -> None:
        name = "Live's Remote Scripts folder" if daw_id == LIVE.id else "REAPER's resource folder"
        chosen = QFileDialog.getExistingDirectory(self._page, f"Choose {name}")
        if chosen:
            self._settings.daw_folders[daw_id] = chosen
            self._in_background(daw_id, lambda: "")

    def _install(self, daw_id: str) -> None:
        status, port, project = (
            self._statuses[daw_id],
            self._bridge.state.port,
            self._bridge.project,
        )

        def act() -> str:
            if status.folder is None:
                return ""
            files = install(daw_id, status.folder, port, project)
            return f"Wrote {len(files)} files to {status.folder}."

        self._in_background(daw_id, act)

    def _uninstall(self, daw_id: str) -> None:
        folder = self._statuses[daw_id].folder

        def act() -> str:
            if folder is None:
                return ""
            return f"Removed {uninstall(daw_id, folder)} files from {folder}."

        self._in_background(daw_id, act)

    def _in_background(self, daw_id: str, act: Callable[[], str]) -> None:
        """Run an action on a DAW's folder, then read the state of the folder."""
        chosen = self._settings.daw_folders.get(daw_id)
        to = Path(chosen) if chosen else None

        def task() -> tuple[DawStatus, str]:
            try:
                sentence = act()
            except InstallationFailed as error:
                sentence = str(error)
            return daw_status(daw_id, to), sentence

        self._background.run(task, self._show_done)

    def _show_done(self, done: tuple[DawStatus, str]) -> None:
        status, sentence = done
        card = self.page.cards[status.daw.id]
        self._statuses[status.daw.id] = status
        card.show_status(status)
        card.show_result(sentence)
        self._show_connection(self.page, status.daw.id, self._bridge.view(), time.monotonic())
