"""Stores the pads in the project file: read at the start, written soon after each change.

Changes in quick succession, such as those of a drag, are written together, on a separate thread.
Changes that cannot be written are written with the next one, or at the end.
This is not a `Background`, because it waits for more changes before it writes.
"""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from desktop.pads.banks import BANKS, EMPTY, PADS_IN_BANK, Pad
from desktop.state.project_file import ProjectFile, Section
from engine.loops.errors import LoopError
from playback.clocks import Quantize

WRITE_AFTER_S = 0.4
_SECTION = "pads"


class PadStore:
    """The pads of one project, from `read` to `close`."""

    def __init__(self, project: Path, on_error: Callable[[str], None]) -> None:
        """Prepare; `on_error` is called on the thread with a sentence if writing fails."""
        self._file = ProjectFile(project)
        self._on_error = on_error
        self._changed = threading.Condition()
        self._pads: dict[int, Pad] = {}
        self._line: Quantize | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="kept-pads", daemon=True)
        self._thread.start()

    def read(self) -> tuple[dict[int, Pad], Quantize]:
        """Return all valid pads by key, and the quantize of their starts."""
        section = self._file.section(_SECTION)
        pads = {}
        for number, bank in enumerate(BANKS):
            for place, fields in _entry(section, bank).items():
                with contextlib.suppress(msgspec.ValidationError, ValueError):
                    if 1 <= int(place) <= PADS_IN_BANK:
                        pad = msgspec.convert(fields, Pad)
                        pads[number * PADS_IN_BANK + int(place) - 1] = pad
        try:
            line = Quantize(section.get("quantise", Quantize.BAR.value))
        except ValueError:
            line = Quantize.BAR
        return {key: pad for key, pad in pads.items() if pad.clip}, line

    def keep(self, key: int, pad: Pad) -> None:
        """Store a pad; an empty one is removed."""
        with self._changed:
            self._pads[key] = pad
            self._changed.notify()

    def keep_line(self, line: Quantize) -> None:
        """Store the quantize of pad starts."""
        with self._changed:
            self._line = line
            self._changed.notify()

    def close(self) -> None:
        """Write pending changes, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        late_pads: dict[int, Pad] = {}
        late_line: Quantize | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._is_changed())
                self._changed.wait_for(lambda: self._closing, timeout=WRITE_AFTER_S)
                pads, self._pads = {**late_pads, **self._pads}, {}
                line, self._line = self._line or late_line, None
                closing = self._closing
            is_written = not (pads or line) or self._write(pads, line)
            late_pads, late_line = ({}, None) if is_written else (pads, line)
            if closing:
                return

    def _is_changed(self) -> bool:
        return bool(self._pads) or self._line is not None

    def _write(self, pads: dict[int, Pad], line: Quantize | None) -> bool:
        """Write changes; return whether that worked."""

        def change(section: Section) -> None:
            if line is not None:
                section["quantise"] = line.value
            for key, pad in pads.items():
                number, place = divmod(key, PADS_IN_BANK)
                bank = section[BANKS[number]] = _entry(section, BANKS[number])
                if pad == EMPTY:
                    bank.pop(str(place + 1), None)
                else:
                    bank[str(place + 1)] = msgspec.to_builtins(pad)

        try:
            self._file.change(_SECTION, change, what="pads")
        except LoopError as error:
            self._on_error(str(error))
            return False
        return True


def _entry(section: Section, name: str) -> dict[str, Any]:
    entry = section.get(name)
    return entry if isinstance(entry, dict) else {}
