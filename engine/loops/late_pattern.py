"""Regular expressions that are compiled when they are first used.

Compiling the ones that read prompts takes longer than most imports, and a program that is asked
for one loop needs few of them.
"""

import functools
import re
from collections.abc import Iterable, Iterator

Match = re.Match[str]


class LatePattern:
    """A regular expression, and what is in any text that it matches."""

    def __init__(
        self, text: str, flags: int = 0, *, with_digit: bool = False, words: Iterable[str] = ()
    ) -> None:
        """Remember it.

        Args:
            text: of the expression.
            flags: as for `re.compile`.
            with_digit: whether what it matches has a digit in it.
            words: one of these, in small letters, is in all that it matches, in any case.
        """
        self.text, self.flags = text, flags
        self._with_digit, self._words = with_digit, tuple(words)

    def finditer(self, text: str) -> Iterator[Match]:
        """Yield the matches in a text."""
        return self._compiled.finditer(text) if self._may_match(text) else iter(())

    def search(self, text: str) -> Match | None:
        """Return the first match in a text."""
        return next(self.finditer(text), None)

    def fullmatch(self, text: str) -> Match | None:
        """Return the match of a whole text."""
        return self._compiled.fullmatch(text)

    def sub(self, replacement: str, text: str) -> str:
        """Return a text with its matches replaced."""
        return self._compiled.sub(replacement, text)

    def _may_match(self, text: str) -> bool:
        if self._with_digit and not any(map(str.isdecimal, text)):
            return False
        small = text.lower()
        return not self._words or any(word in small for word in self._words)

    @functools.cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.text, self.flags)
