"""Suggests prompt text: earlier prompts and the words that sketch knows.

Nothing is learned and nothing leaves this machine: the words come from a table, the prompts from
the user's history.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

SHORTEST_PREFIX = 2
_SHORTEST_BEGINNING = 3
_MOST_PROMPTS = 2
_LONGEST_PHRASE = 3
_WORD = re.compile(r"[^\s,;.]+")


class Suggestion(NamedTuple):
    """The label of a suggestion, and the prompt that it results in."""

    shown: str
    text: str


class Suggester:
    """Suggests completions from known words and earlier prompts."""

    def __init__(self, words: Sequence[str], beginnings: Sequence[str]) -> None:
        """Create a suggester.

        Args:
            words: known words and phrases, in lower case, with spaces instead of hyphens.
            beginnings: suggestions for an empty prompt.
        """
        # Phrases of single letters ("d n b") are understood, but not worth suggesting.
        self._words = [w for w in words if min(map(len, w.split())) > 1]
        self._beginnings = list(beginnings)

    def suggest(self, text: str, history: Sequence[str], most: int = 5) -> list[Suggestion]:
        """Return at most `most` suggestions for a text with the cursor at its end."""
        if not text.strip():
            return [Suggestion(word, word) for word in self._beginnings[:most]]
        found = [*self._prompts(text, history), *self._completions(text, history)]
        return found[:most]

    def _prompts(self, text: str, history: Sequence[str]) -> list[Suggestion]:
        begun = text.lstrip().lower()
        if len(begun) < _SHORTEST_BEGINNING:
            return []
        fitting = [p for p in history if p.lower().startswith(begun) and len(p) > len(begun)]
        return [Suggestion(prompt, prompt) for prompt in fitting[:_MOST_PROMPTS]]

    def _completions(self, text: str, history: Sequence[str]) -> list[Suggestion]:
        """Complete the longest phrase at the end of the text that starts a known phrase."""
        words = list(_WORD.finditer(text))
        if not words or words[-1].end() < len(text.rstrip(" ")):
            return []
        for count in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
            start = words[-count].start()
            begun = text[start:].lower().replace("-", " ")
            found = self._beginning_with(begun, history) if "," not in begun else []
            if found:
                return [Suggestion(word, text[:start] + word) for word in found]
        return []

    def _beginning_with(self, begun: str, history: Sequence[str]) -> list[str]:
        if len(begun) < SHORTEST_PREFIX:
            return []
        found = [word for word in self._words if word.startswith(begun) and word != begun]
        used = " ".join(history).lower()
        # Words that were used before come first, then short ones.
        return sorted(found, key=lambda word: (word not in used, len(word), word))
