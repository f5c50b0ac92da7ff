"""What the window offers to whoever has just begun: models to get, and DAWs that were found.

The DAWs' folders are looked for on a thread, for they may lie on a slow disk. Nothing here needs a
network.
"""

import threading
from collections.abc import Callable

from bridge.daws.installation import DAWS
from bridge.daws.status import Presence, look_at
from desktop.app.empty_state import EmptyState
from desktop.state.settings import Settings

Later = Callable[[Callable[..., None]], Callable[..., None]]


class FirstRun:
    """Fills the empty state."""

    def __init__(
        self, empty: EmptyState, settings: Settings, later: Later, open_daw: Callable[[], None]
    ) -> None:
        """Prepare; `later` makes a function that is called on the window's thread."""
        self._empty = empty
        self._settings = settings
        self._found: list[str] = []
        self._show = later(self._show_found)
        self._thread = threading.Thread(target=self._look, name="first-run", daemon=True)
        empty.daw_clicked.connect(open_daw)
        empty.daw_closed.connect(self._close_offer)

    def start(self) -> None:
        """Look for DAWs; returns at once."""
        self._thread.start()

    def close(self) -> None:
        """Wait until the look has ended."""
        if self._thread.is_alive():
            self._thread.join()

    def _look(self) -> None:
        self._show([daw_id for daw_id in DAWS if look_at(daw_id).presence is Presence.ABSENT])

    def _show_found(self, found: list[str]) -> None:
        self._found = [daw_id for daw_id in found if daw_id not in self._settings.daws_not_offered]
        self._empty.show_daws([DAWS[daw_id].name for daw_id in self._found])

    def _close_offer(self) -> None:
        self._settings.daws_not_offered = sorted({*self._settings.daws_not_offered, *self._found})
        self._show_found([])
