"""What the window offers to whoever has just begun: models to get, and DAWs that were found.

The DAWs' folders are looked for on a thread, for they may lie on a slow disk. Nothing here needs a
network.
"""

from collections.abc import Callable

from bridge.daws.installation import DAWS
from bridge.daws.status import InstallState, daw_status
from desktop.app.empty_state import EmptyState
from desktop.state.settings import Settings
from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread


class FirstRun:
    """Fills the empty state."""

    def __init__(
        self,
        empty: EmptyState,
        settings: Settings,
        main_thread: MainThread,
        open_daw: Callable[[], None],
    ) -> None:
        self._empty = empty
        self._settings = settings
        self._found: list[str] = []
        self._background = Background("first-run", main_thread)
        empty.daw_clicked.connect(open_daw)
        empty.daw_closed.connect(self._close_offer)

    def start(self) -> None:
        """Look for DAWs; returns at once."""
        self._background.run(_daws_to_offer, self._show_found)

    def close(self) -> None:
        """Wait until the look has ended."""
        self._background.close()

    def _show_found(self, found: list[str]) -> None:
        self._found = [daw_id for daw_id in found if daw_id not in self._settings.daws_not_offered]
        self._empty.show_daws([DAWS[daw_id].name for daw_id in self._found])

    def _close_offer(self) -> None:
        self._settings.daws_not_offered = sorted({*self._settings.daws_not_offered, *self._found})
        self._show_found([])


def _daws_to_offer() -> list[str]:
    """Return the ids of the DAWs on this machine that have nothing of Loopwright in them."""
    absent = InstallState.NOT_INSTALLED
    return [daw_id for daw_id in DAWS if daw_status(daw_id).state is absent]
