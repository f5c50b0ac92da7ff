"""The prompt reader: which words of a prompt are tempo, meter, bars, key or a note value.

Every model needs these facts, since no model keeps a tempo or a key that is only in its text. What
a prompt says beyond them is for the model to read. The rules are in `prompt_grammar`.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator
from typing import Any

from engine.loops.errors import LoopError
from engine.loops.key import Key
from engine.loops.key_names import plain_text
from engine.loops.prompt_grammar import RULES, Kind, NoFact, Rule
from engine.loops.tempo import Meter, format_bpm


@dataclasses.dataclass(frozen=True)
class Span:
    """Words of a prompt, `prompt[start:end]`, that state one fact.

    `value` is a float for a tempo, a `Meter`, an int for bars, beats and note values (their
    denominator), a `Key`, the name of a tonic or a mode; None if it cannot be true: `900 bpm`.
    """

    kind: Kind
    start: int
    end: int
    text: str
    value: Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class PromptFacts:
    """What a prompt says of musical time and key.

    Attributes:
        bpm: quarter notes per minute.
        meter: the time signature.
        bars: the length.
        key: with its mode; major if only a tonic is named.
        mode: where a mode is named without a tonic.
        note_values: denominators, such as 16 for `1/16 hi-hats`.
        rest: the prompt without the words that state these facts; note values stay, since they
            say how something is played.
        words: the rest without note values, for readers of single words.
        refused: words that cannot be true, or contradict what was said before them.
        spans: all facts, in the order of the prompt.
    """

    bpm: float | None = None
    meter: Meter | None = None
    bars: int | None = None
    key: Key | None = None
    mode: str | None = None
    note_values: tuple[int, ...] = ()
    rest: str
    words: str = ""
    refused: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


def read_prompt(prompt: str) -> PromptFacts:
    """Find the facts in a prompt; of two that contradict each other, the first counts."""
    spans = tuple(sorted(_claims(prompt), key=lambda span: span.start))
    first: dict[Kind, Any] = {}
    for span in spans:
        if span.value is not None:
            first.setdefault(span.kind, span.value)
    key, mode = first.get(Kind.KEY), first.get(Kind.MODE)
    if key is None and Kind.TONIC in first:
        key = Key(first[Kind.TONIC], mode or "major")
    bars = first.get(Kind.BARS) or _bars_of_beats(first)
    return PromptFacts(
        bpm=first.get(Kind.TEMPO),
        meter=first.get(Kind.METER),
        bars=bars,
        key=key,
        mode=mode if key is None else None,
        note_values=tuple(s.value for s in spans if s.kind is Kind.NOTE_VALUE),
        rest=_rest(prompt, [span for span in spans if span.kind is not Kind.NOTE_VALUE]),
        words=_rest(prompt, spans),
        refused=tuple(_refused(spans, bars)),
        spans=spans,
    )


def _claims(prompt: str) -> list[Span]:
    """Return the spans that the rules claim, in the order of the rules."""
    plain, origins = plain_text(prompt)
    spans: list[Span] = []
    for rule in RULES:
        for match in rule.pattern.finditer(plain):
            if rule.unless_said and any(span.kind is rule.kind for span in spans):
                break
            try:
                value = _value(rule, match)
            except NoFact:
                continue
            start, end = origins[match.start()], origins[match.end()]
            spans.append(Span(rule.kind, start, end, prompt[start:end].strip(), value))
            # What is claimed is a comma to all later rules.
            plain = plain[: match.start()] + "," * len(match[0]) + plain[match.end() :]
    return spans


def _value(rule: Rule, match: re.Match[str]) -> object:
    try:
        return rule.read(match)
    except LoopError:
        return None


def _bars_of_beats(first: dict[Kind, Any]) -> int | None:
    """Return how many bars the beats of a prompt are; None if they are not whole bars."""
    bars, left = divmod(first.get(Kind.BEATS, 0), first.get(Kind.METER, Meter()).numerator)
    return bars if bars and not left else None


def _rest(prompt: str, spans: Iterable[Span]) -> str:
    """Return the prompt without some spans of it."""
    pieces, place = [], 0
    for span in spans:
        pieces += [prompt[place : span.start], " , "]
        place = span.end
    text = "".join([*pieces, prompt[place:]])
    return re.sub(r"\s*,[\s,]*", ", ", re.sub(r"\s+", " ", text)).strip(" ,;-")


def _refused(spans: tuple[Span, ...], bars: int | None) -> Iterator[str]:
    """Yield what cannot be true, and what contradicts something said before it."""
    said: dict[Kind, Any] = {}
    for span in spans:
        if span.value is None or (span.kind is Kind.BEATS and bars is None):
            yield span.text
        elif span.kind in (Kind.TEMPO, Kind.METER, Kind.BARS, Kind.KEY):
            before = said.setdefault(span.kind, span.value)
            if before != span.value:
                shown = format_bpm(before) if span.kind is Kind.TEMPO else before
                yield f"{span.text} (the {span.kind} is {shown})"
