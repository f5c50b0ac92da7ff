"""Loads waveforms on a thread, the newest request first.

This is not a `Background`, which would run the oldest request first.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

from desktop.clips.peaks import Peaks, PeakStore
from desktop.clips.rows import ClipRow

MOST_KEPT = 1_000
_MOST_WAITING = 200


class WaveformLoader:
    """Loads and caches the waveforms that the views need."""

    def __init__(self, store: PeakStore, on_ready: Callable[[str], None]) -> None:
        """Read from `store`; `on_ready` is called on the thread with the id of each loaded clip."""
        self._store = store
        self._on_ready = on_ready
        self._kept: OrderedDict[str, Peaks | None] = OrderedDict()
        self._wanted: OrderedDict[str, ClipRow] = OrderedDict()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="waveforms", daemon=True)
        self._thread.start()

    def of(self, row: ClipRow) -> Peaks | None:
        """Return a clip's waveform; None if it is not loaded yet, or cannot be read."""
        if row.id in self._kept:
            return self._kept[row.id]
        with self._changed:
            self._wanted[row.id] = row
            self._wanted.move_to_end(row.id)
            while len(self._wanted) > _MOST_WAITING:  # no longer visible
                self._wanted.popitem(last=False)
            self._changed.notify()
        return None

    def close(self) -> None:
        """Stop reading; `on_ready` is not called afterwards."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while (row := self._next()) is not None:
            peaks: Peaks | None = None
            try:
                peaks = self._store.of(row.id, row.path)
            except (OSError, ValueError):
                peaks = None  # no waveform; playing the clip reports the error
            self._kept[row.id] = peaks
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            if not self._closed:
                self._on_ready(row.id)

    def _next(self) -> ClipRow | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._wanted)
            if self._closed:
                return None
            return self._wanted.popitem(last=True)[1]
