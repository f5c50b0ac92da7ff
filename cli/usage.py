"""Exit codes, usage errors, and suggestions for misspelt words."""

import importlib
from collections.abc import Iterable

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_CANCELLED = 130

_MOST_SHOWN = 60
_MOST_LISTED = 8


class UsageError(Exception):
    """The command line is wrong; the message is a sentence that says how to fix it."""


def quoted(text: str) -> str:
    """Return text in quotes, cut to a length that fits a sentence."""
    return repr(text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 3]}...")


def hint(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return `did you mean '...'?` for the nearest known word, else the list of known words.

    Args:
        word: what the user wrote.
        known: what the user may have meant.
        otherwise: returned if no word is near and the known words are too many to list.
    """
    words = list(known)
    difflib = importlib.import_module("difflib")  # only misspellings pay for this import
    nearest: list[str] = difflib.get_close_matches(word[:_MOST_SHOWN], words, n=1, cutoff=0.5)
    if nearest:
        return f"did you mean {nearest[0]!r}?"
    if otherwise and len(words) > _MOST_LISTED:
        return otherwise
    return f"choose one of {', '.join(words)}."
