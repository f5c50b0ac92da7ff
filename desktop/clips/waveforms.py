"""Loads waveforms in the background, the newest request first."""

from collections import OrderedDict
from collections.abc import Callable

from desktop.clips.peaks import Peaks, PeakStore, ReadingStopped
from desktop.clips.rows import ClipRow
from engine.task_thread import TaskThread

MOST_KEPT = 1_000
_MOST_WAITING = 200
"""Older requests are dropped: their clips are no longer visible."""


class WaveformLoader:
    """Loads and caches the waveforms that the views need."""

    def __init__(self, store: PeakStore, on_ready: Callable[[str], None]) -> None:
        """Read from `store`; `on_ready` is called on the thread with the id of each loaded clip."""
        self._store = store
        self._on_ready = on_ready
        self._kept: OrderedDict[str, Peaks | None] = OrderedDict()
        self._thread = TaskThread("waveforms", newest_first=True, most_waiting=_MOST_WAITING)

    def of(self, row: ClipRow) -> Peaks | None:
        """Return a clip's waveform; None if it is not loaded yet, or cannot be read."""
        if row.id in self._kept:
            return self._kept[row.id]
        self._thread.run(lambda: self._load(row), key=row.id)
        return None

    def close(self) -> None:
        """Stop reading, in the middle of a file too."""
        self._thread.close()

    def _load(self, row: ClipRow) -> None:
        peaks: Peaks | None = None
        try:
            peaks = self._store.of(row.id, row.path, lambda: self._thread.closing)
        except ReadingStopped:
            return
        except (OSError, ValueError):
            peaks = None  # no waveform; playing the clip reports the error
        self._kept[row.id] = peaks
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        self._on_ready(row.id)
