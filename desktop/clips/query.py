"""The query of the search field, such as "drums 80-90 starred"."""

import dataclasses
import re
from typing import Self

from desktop.clips.rows import ClipRow

_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*[-–]\s*(\d+(?:\.\d+)?)(?:\s*bpm)?")
_TEMPO = re.compile(r"(\d+(?:\.\d+)?)\s*bpm")


@dataclasses.dataclass(frozen=True)
class Query:
    """All conditions must hold; words are searched in title, model, role, key and tags."""

    words: tuple[str, ...] = ()
    bpm_range: tuple[float, float] | None = None
    starred: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a query; every text is valid."""
        rest, bpm_range = text.lower(), None
        if found := _RANGE.search(rest):
            bpm_range = (float(found[1]), float(found[2]))
        elif found := _TEMPO.search(rest):
            bpm_range = (float(found[1]) - 0.5, float(found[1]) + 0.5)
        if found:
            rest = rest[: found.start()] + " " + rest[found.end() :]
        words = rest.split()
        starred = "starred" in words
        return cls(tuple(word for word in words if word != "starred"), bpm_range, starred)

    def matches(self, row: ClipRow) -> bool:
        """Return whether a row matches."""
        if self.starred and not row.mark.starred:
            return False
        if self.bpm_range is not None:
            low, high = self.bpm_range
            if row.bpm is None or not low <= row.bpm <= high:
                return False
        if not self.words:
            return True
        text = " ".join((row.shown_title, row.model, row.role or "", row.key, *row.mark.tags))
        lowered = text.lower()
        return all(word in lowered for word in self.words)
