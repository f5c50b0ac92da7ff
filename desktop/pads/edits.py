"""Writes changed pads to the project file."""

from desktop.pads.banks import Pad
from desktop.pads.store import PadStore
from desktop.state.notices import Notices
from desktop.widgets.project_writer import ProjectWriter
from playback.clocks import Quantize

WRITE_AFTER_S = 0.4


class PadEdits:
    """Writes pads soon after they change; quick changes, as during a drag, are written together.

    A change that cannot be written stays on its pad, since somebody may be playing it; writing is
    tried again with the next change and when the window closes.
    """

    def __init__(self, store: PadStore, writer: ProjectWriter, notices: Notices) -> None:
        self._store = store
        self._writer = writer
        self._notices = notices
        self._pads: dict[int, Pad] = {}
        self._line: Quantize | None = None

    def read(self) -> tuple[dict[int, Pad], Quantize]:
        """Return the stored pads by key, and the quantize of their starts; on any thread."""
        return self._store.read()

    def with_unsaved(self, pads: dict[int, Pad], line: Quantize) -> tuple[dict[int, Pad], Quantize]:
        """Return stored pads and their quantize with the changes that are not stored yet."""
        now = {key: pad for key, pad in (pads | self._pads).items() if pad.clip}
        return now, self._line or line

    def keep(self, key: int, pad: Pad) -> None:
        """Store a pad; an empty one is removed."""
        self._pads[key] = pad
        self._write(WRITE_AFTER_S)

    def keep_line(self, line: Quantize) -> None:
        """Store the quantize of pad starts."""
        self._line = line
        self._write(WRITE_AFTER_S)

    def save(self) -> None:
        """Write all unsaved changes now."""
        if self._pads or self._line is not None:
            self._write(0.0)

    def _write(self, after_s: float) -> None:
        pads, line = self._pads.copy(), self._line

        def forget() -> None:
            self._pads = {key: pad for key, pad in self._pads.items() if pads.get(key) != pad}
            if self._line is line:
                self._line = None

        self._writer.write(
            lambda: self._store.write(pads, line), forget, self._complain,
            key="pads", after_s=after_s,
        )  # fmt: skip

    def _complain(self, error: Exception) -> None:
        self._notices.error(str(error), topic="pads")
