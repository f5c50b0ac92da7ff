"""Regular expressions that are compiled when they are first used.

Compiling the ones that read prompts takes longer than most imports, and a program that is asked
for one loop needs few of them.
"""

import functools
import re
from collections.abc import Iterator

Match = re.Match[str]


class LatePattern:
    """A regular expression, and whether what it matches has a digit in it."""

    def __init__(self, text: str, flags: int = 0, *, with_digit: bool = False) -> None:
        """Remember it: text that has no digit is not searched for a pattern `with_digit`."""
        self._text, self._flags, self._with_digit = text, flags, with_digit

    def finditer(self, text: str) -> Iterator[Match]:
        """Yield the matches in a text."""
        if self._with_digit and not any(map(str.isdecimal, text)):
            return iter(())
        return self._compiled.finditer(text)

    def search(self, text: str) -> Match | None:
        """Return the first match in a text."""
        return next(self.finditer(text), None)

    def fullmatch(self, text: str) -> Match | None:
        """Return the match of a whole text."""
        return self._compiled.fullmatch(text)

    def sub(self, replacement: str, text: str) -> str:
        """Return a text with its matches replaced."""
        return self._compiled.sub(replacement, text)

    @functools.cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._text, self._flags)
