"""The pads of a project, stored in its file."""

import contextlib
from pathlib import Path
from typing import Any

import msgspec

from desktop.pads.banks import BANKS, EMPTY, PADS_IN_BANK, Pad
from desktop.state.project_file import ProjectFile, Section, change_entry
from playback.clocks import Quantize

_SECTION = "pads"


class PadStore:
    """The pads of one project as last read or written here; other programs may change the file."""

    def __init__(self, project: Path) -> None:
        self._file = ProjectFile(project)
        self._known: dict[int, Pad] = {}

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
        self._known = pads
        return {key: pad for key, pad in pads.items() if pad.clip}, line

    def write(self, pads: dict[int, Pad], line: Quantize | None = None) -> None:
        """Store pads by key, and the quantize of their starts; an empty pad is removed.

        Of a pad, the fields are stored that differ from those last read or written here.

        Raises:
            ProjectError: the folder cannot be written to.
        """

        def change(section: Section) -> None:
            if line is not None:
                section["quantise"] = line.value
            for key, pad in pads.items():
                number, place = divmod(key, PADS_IN_BANK)
                bank = section[BANKS[number]] = _entry(section, BANKS[number])
                if pad == EMPTY:
                    bank.pop(str(place + 1), None)
                else:
                    change_entry(bank, str(place + 1), self._known.get(key, EMPTY), pad)

        self._file.change(_SECTION, change, what="pads")
        self._known |= pads


def _entry(section: Section, name: str) -> dict[str, Any]:
    entry = section.get(name)
    return entry if isinstance(entry, dict) else {}
