"""The offer for new users to connect a DAW.

The search for DAWs runs on a thread, since their folders may be on a slow disk. Nothing here uses
the network.
"""

from collections.abc import Callable

from bridge.daws.installation import DAWS
from bridge.daws.status import InstallState, daw_status
from desktop.app.empty_state import EmptyState
from desktop.state.settings import Settings
from desktop.widgets.background import Background
from desktop.widgets.main_thread import MainThread


class FirstRun:
    """Fills the page for a project without clips."""

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
        """Start searching for DAWs; return at once."""
        self._background.run(_daws_to_offer, self._show_found)

    def close(self) -> None:
        """Wait for the search."""
        self._background.close()

    def _show_found(self, found: list[str]) -> None:
        self._found = [daw_id for daw_id in found if daw_id not in self._settings.daws_not_offered]
        self._empty.show_daws([DAWS[daw_id].name for daw_id in self._found])

    def _close_offer(self) -> None:
        self._settings.daws_not_offered = sorted({*self._settings.daws_not_offered, *self._found})
        self._show_found([])


def _daws_to_offer() -> list[str]:
    """Return the ids of the DAWs on this machine without Loopwright's files."""
    absent = InstallState.NOT_INSTALLED
    return [daw_id for daw_id in DAWS if daw_status(daw_id).state is absent]
