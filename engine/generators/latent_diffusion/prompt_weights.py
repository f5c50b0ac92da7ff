"""Weighted words in a prompt: `a (warm:1.4) pad`.

Only the notation: the effect of a weight is implemented where embeddings are computed.
"""

import dataclasses
import re

from engine.loops.errors import OutOfRange

HIGHEST_WEIGHT = 2.0
_WEIGHTED = re.compile(r"\(\s*([^():]*[^():\s])\s*:\s*([+-]?[0-9]{1,9}(?:\.[0-9]{1,9})?)\s*\)")


@dataclasses.dataclass(frozen=True)
class Span:
    """Characters `begin` to `end` of a text, and their weight, 0..2."""

    begin: int
    end: int
    weight: float


@dataclasses.dataclass(frozen=True)
class WeightedText:
    """A prompt without the weight notation.

    Attributes:
        text: the words alone.
        spans: the spans whose weight is not 1, in order; they do not overlap.
    """

    text: str
    spans: tuple[Span, ...] = ()

    def without(self, span: Span) -> str:
        """Return the text without the words of a span; empty if nothing else remains."""
        return " ".join((self.text[: span.begin] + self.text[span.end :]).split())


def read_weights(prompt: str) -> WeightedText:
    """Parse every `(words:1.4)`; all other parentheses are text.

    Raises:
        OutOfRange: a weight is not in 0 to 2.
    """
    text, spans, at = "", [], 0
    for match in _WEIGHTED.finditer(prompt):
        words, weight = match[1], float(match[2])
        if not 0 <= weight <= HIGHEST_WEIGHT:
            raise OutOfRange(f"The weight of {words[:40]!r}", weight, "0 to 2")
        text += prompt[at : match.start()]
        if weight != 1:
            spans.append(Span(len(text), len(text) + len(words), weight))
        text += words
        at = match.end()
    return WeightedText(text + prompt[at:], tuple(spans))
