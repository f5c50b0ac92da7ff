"""Gathers what is known about a source, and settles what the facts add up to.

Each tempo that anyone states, or that follows from stated beats and the length, is worth the
certainty of all facts that agree with it, less if the source is not whole bars at that tempo; the
one that is worth most wins. What a person states always wins.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from fractions import Fraction

from engine.loops.file_facts import FileFacts
from engine.loops.key import Key, parse_key
from engine.loops.recipe import Recipe
from engine.loops.source.facts import (
    CERTAIN,
    Fact,
    KnownFacts,
    Origin,
    SourceFacts,
    StatedFacts,
    Value,
    together,
)
from engine.loops.source.length import USUAL_BARS, Bars, Length, bars_at
from engine.loops.source.names import folder_facts, name_facts
from engine.loops.source.tags import tag_facts
from engine.loops.tempo import HIGHEST_BPM, LOWEST_BPM, Meter, format_bpm

_RECIPE = 0.98
_SAME = 0.005
"""How far two tempos may be apart to be the same, as a share."""
_UNUSUAL_BARS, _NOT_WHOLE = 0.8, 0.4
"""What is left of a tempo's worth if the source has an unusual number of bars at it, or none."""
_CUT, _NOT_ROUND = 0.85, 0.6
"""The same if its bars are too short or too long, or if the tempo they give is not round."""
_CLEAR = 0.84
_DETECTED_WORTH = 0.55
_SLOWEST_GUESS = 80.0
_ODD_METERS = (Meter(3, 4), Meter(5, 4), Meter(6, 4), Meter(7, 8), Meter(7, 4), Meter(5, 8))
"""The meters whose bars are no octave of those of 4/4."""
_ROUND_BARS = 0.3
"""How certain it makes a tempo that the source is a usual number of bars at it, to the frame."""
_AS_GOOD_S, _TO_THE_FRAME_S = 0.01, 5e-5
_SILENCE_KEPT_S, _ENCODER_S = 0.005, 0.06
_FOLDERS = 2
"""How many of the folders around a file are read."""


@dataclasses.dataclass(frozen=True)
class Detected:
    """What was detected in the audio: a tempo, how certain it is, and the bars if it is whole."""

    bpm: float
    certainty: float
    whole: "Placed | None" = None


@dataclasses.dataclass(frozen=True)
class Silence:
    """How many seconds of silence a source begins and ends with."""

    lead_s: float = 0.0
    tail_s: float = 0.0


@dataclasses.dataclass(frozen=True)
class Placed:
    """A tempo, and where the whole bars are that a source has at it; None if it must be cut."""

    bpm: float
    bars: Bars | None = None
    start_s: float = 0.0
    facts: tuple[Fact[float], ...] = ()
    fit: float = 1.0

    @property
    def off_s(self) -> float:
        """How much longer the source is than its bars, negative if shorter."""
        return 0.0 if self.bars is None else self.bars.off_s

    @property
    def worth(self) -> float:
        """How much evidence there is for it, 0..1; what is detected counts less than it is certain.

        A double or half tempo is detected with certainty as well, so what is stated comes first.
        """
        facts = [
            dataclasses.replace(fact, certainty=min(fact.certainty, _DETECTED_WORTH))
            if fact.origin is Origin.DETECTED else fact
            for fact in self.facts
        ]  # fmt: skip
        return together(facts) * self.fit

    @property
    def is_clear(self) -> bool:
        """Whether the tempo need not be detected."""
        return self.is_stated or (self.bars is not None and self.worth >= _CLEAR)

    @property
    def is_stated(self) -> bool:
        """Whether a person says so."""
        return any(fact.origin is Origin.PERSON for fact in self.facts)


def known_facts(stated: StatedFacts, file: FileFacts) -> KnownFacts:
    """Return all facts about a source that are known without analysing its audio.

    Args:
        stated: what a person says, checked.
        file: what the file says; its name and those of the folders around it are read as well.
    """
    known = _stated_facts(stated)
    if file.recipe is not None:
        known = known.joined(_known_from(file.recipe))
    known = known.joined(tag_facts(file.tags, file.rate))
    folders = tuple(folder.name for folder in file.path.parents[:_FOLDERS] if folder.name)
    return known.joined(name_facts(file.path.name)).joined(folder_facts(folders))


def is_settled(recipe: Recipe | None, frames: int, known: KnownFacts) -> bool:
    """Return whether a recipe settles all facts about a source, so that none need be detected.

    Args:
        recipe: that of a clip of Loopwright's.
        frames: the length of the source's audio, which may have been cut since.
        known: what is known about the source; what a person states overrules the recipe.
    """
    return recipe is not None and recipe.grid.frames == frames and not known.is_stated


def recipe_facts(recipe: Recipe) -> SourceFacts:
    """Return the facts about a source that its recipe settles; none for a one-shot."""
    grid, key = recipe.grid, parse_key(recipe.key)
    if not grid.is_loop:
        return SourceFacts()
    return SourceFacts(
        bpm=Fact(grid.bpm, Origin.RECIPE, CERTAIN),
        meter=Fact(grid.meter, Origin.RECIPE, CERTAIN),
        bars=Fact(grid.bars, Origin.RECIPE, CERTAIN),
        key=None if key is None else Fact(key, Origin.RECIPE, CERTAIN),
    )


def _stated_facts(stated: StatedFacts) -> KnownFacts:
    key = parse_key(stated.key)
    meter = None if stated.meter is None else Meter.parse(stated.meter)
    return KnownFacts(
        tempos=_said(stated.bpm),
        meters=_said(meter),
        bars=_said(stated.bars),
        keys=_said(key),
        start_s=next(iter(_said(stated.start_s)), None),
    )


def _said(value: Value | None) -> tuple[Fact[Value], ...]:
    return () if value is None else (Fact(value, Origin.PERSON, CERTAIN),)


def _known_from(recipe: Recipe) -> KnownFacts:
    grid, key = recipe.grid, parse_key(recipe.key)
    if not grid.is_loop:
        return KnownFacts()
    return KnownFacts(
        tempos=(Fact(grid.bpm, Origin.RECIPE, _RECIPE),),
        meters=(Fact(grid.meter, Origin.RECIPE, _RECIPE),),
        bars=(Fact(grid.bars, Origin.RECIPE, _RECIPE),),
        keys=() if key is None else (Fact(key, Origin.RECIPE, _RECIPE),),
    )


def settled_meter(known: KnownFacts, length: Length, assumed: Meter) -> Fact[Meter]:
    """Return the meter of a source: the first that is stated, else the assumed one.

    Tempo, bars and length together state a meter, too: 8 bars of 24 s at 60 BPM are in 3/4.
    """
    if known.meters:
        return known.meters[0]
    for tempo in known.tempos:
        for bars in known.bars:
            quarters = length.seconds * tempo.value / 60 / bars.value
            for meter in _ODD_METERS:
                if abs(quarters / float(meter.bar_quarters) - 1) < _SAME:
                    return Fact(meter, Origin.LENGTH, min(tempo.certainty, bars.certainty))
    return Fact(assumed, Origin.ASSUMED, 0.5)


def settled_time(
    known: KnownFacts,
    length: Length,
    silence: Silence,
    meter: Meter,
    detected: Detected | None = None,
) -> Placed | None:
    """Return the tempo of a source, and its bars if it is whole; None if nobody states a tempo.

    Args:
        known: what is known about it.
        length: of all its audio.
        silence: at its ends; it is left out where only then the bars are whole.
        meter: its meter.
        detected: what was detected in its audio.
    """
    quarters = _stated_quarters(known, meter)
    cuts = list(parts_of(length, silence, known.start_s))
    found = [_placed(cuts, fact, meter, quarters) for fact in known.tempos]
    for bars in known.bars:
        found += _placed_by_length(cuts, bars, bars.value * meter.bar_quarters, meter)
    for counted in known.quarters:
        found += _placed_by_length(cuts, counted, counted.value, meter)
    if detected is not None:
        fact = Fact(detected.bpm, Origin.DETECTED, detected.certainty)
        if detected.whole is not None:
            found.append(dataclasses.replace(detected.whole, facts=(fact,)))
        elif quarters:
            found.append(_placed(cuts, fact, meter, quarters))
        else:
            found.append(Placed(detected.bpm, facts=(fact,), fit=_NOT_WHOLE))
    if not found:
        return None
    agreed = [_with_agreement(each, found) for each in found]
    return max(agreed, key=lambda each: (each.is_stated, each.worth))


def disagreements(known: KnownFacts, settled: SourceFacts) -> tuple[str, ...]:
    """Return which facts were overruled, in words."""
    found = []
    if settled.bpm is not None:
        found += [
            f"{fact.source} says {format_bpm(fact.value)} BPM"
            for fact in known.tempos
            if not fact.doubtful and not _same(fact.value, settled.bpm.value)
        ]
    if settled.key is not None:
        found += [
            f"{fact.source} says {fact.value}"
            for fact in known.keys
            if (fact.value.pitch_class, fact.value.is_minor)
            != (settled.key.value.pitch_class, settled.key.value.is_minor)
        ]
    return tuple(dict.fromkeys(found))


def settled_facts(
    known: KnownFacts, placed: Placed, meter: Fact[Meter], key: Fact[Key] | None
) -> SourceFacts:
    """Return what the facts about a source add up to, and which of them were overruled."""
    first = placed.facts[0]
    certainty = together(placed.facts)
    bars = placed.bars
    start = Fact(placed.start_s, Origin.LENGTH, certainty) if placed.start_s else None
    settled = SourceFacts(
        bpm=Fact(placed.bpm, first.origin, certainty, first.detail),
        meter=meter
        if bars is None or bars.meter == meter.value
        else Fact(bars.meter, Origin.LENGTH, certainty),
        bars=None if bars is None else Fact(bars.bars, first.origin, certainty),
        key=key,
        start_s=known.start_s if known.is_start_stated else start,
    )
    return dataclasses.replace(settled, disagreements=disagreements(known, settled))


def facts_of_file(file: FileFacts, stated: StatedFacts | None = None) -> SourceFacts:
    """Return what is known about a source without analysing its audio.

    Where nobody states a tempo, its length may: a usual number of bars at a whole BPM.
    """
    known = known_facts(stated or StatedFacts(), file)
    if file.recipe is not None and is_settled(file.recipe, file.frames, known):
        return recipe_facts(file.recipe)
    length = Length(max(1, file.frames), file.rate)
    if known.start_s is not None and known.is_start_stated:
        length = length.without(known.start_s.value)
    meter = settled_meter(known, length, Meter())
    key = settled_key(known)
    placed = settled_time(known, length, Silence(), meter.value) or _guessed(length, meter.value)
    if placed is None:
        return SourceFacts(meter=meter, key=key, start_s=known.start_s)
    return settled_facts(known, placed, meter, key)


def _guessed(length: Length, meter: Meter) -> Placed | None:
    """Return the usual number of bars at a whole BPM that the length is, to the frame, if any."""
    for count in USUAL_BARS:
        bpm = length.bpm_of(count * meter.bar_quarters)
        if _SLOWEST_GUESS <= bpm < 2 * _SLOWEST_GUESS and bpm.is_integer():
            fact = Fact(bpm, Origin.LENGTH, _ROUND_BARS)
            return Placed(bpm, Bars(bpm, count, meter, 0.0), facts=(fact,))
    return None


def settled_key(known: KnownFacts) -> Fact[Key] | None:
    """Return the key that is stated with its mode; those that agree make each other certain."""
    best: Fact[Key] | None = None
    for fact in known.keys:
        notes = (fact.value.pitch_class, fact.value.mode)
        agreeing = [
            each for each in known.keys if (each.value.pitch_class, each.value.mode) == notes
        ]
        tonics = [each for each in known.tonics if each.value.pitch_class == notes[0]]
        certainty = together([*agreeing, *tonics])
        if best is None or (best.origin is not Origin.PERSON and certainty > best.certainty + 1e-9):
            best = Fact(fact.value, fact.origin, certainty, fact.detail)
    return best


def _stated_quarters(known: KnownFacts, meter: Meter) -> tuple[Fraction, ...]:
    bars = [fact.value * meter.bar_quarters for fact in known.bars]
    return tuple(dict.fromkeys([*bars, *(fact.value for fact in known.quarters)]))


def parts_of(
    length: Length, silence: Silence, start: Fact[float] | None = None
) -> Iterator[tuple[float, Length]]:
    """Yield where a loop may begin and how long it then is: all of the audio first.

    Args:
        length: of the audio.
        silence: at its ends.
        start: where the first beat is said to be.
    """
    yield 0.0, length
    if start is not None and start.origin is not Origin.PERSON:
        yield start.value, length.without(start.value)
    has_lead, has_tail = (each > _SILENCE_KEPT_S for each in (silence.lead_s, silence.tail_s))
    if has_lead:
        yield silence.lead_s, length.without(silence.lead_s)
    if has_tail:
        # What an encoder puts in front is short; a longer silence may be a rest.
        starts = [silence.lead_s, 0.0] if has_lead else [0.0]
        for start_s in starts if silence.lead_s <= _ENCODER_S else reversed(starts):
            yield start_s, length.without(start_s, silence.tail_s)


def _placed(
    cuts: list[tuple[float, Length]],
    fact: Fact[float],
    meter: Meter,
    quarters: tuple[Fraction, ...],
) -> Placed:
    """Return where the bars are at a tempo: where the fewest milliseconds are off.

    Of all the audio and a part of it that fit equally well, it is all.
    """
    found = []
    for start_s, part in cuts:
        bars = bars_at(part, fact.value, meter, quarters)
        if bars is not None:
            fit = (1.0 if bars.usual else _UNUSUAL_BARS) * (1.0 if bars.trimmed else _CUT)
            found.append(Placed(_exact(part, bars), bars, start_s, (fact,), fit))
    if not found:
        return Placed(fact.value, None, 0.0, (fact,), _NOT_WHOLE)
    return min(found, key=lambda each: round(abs(each.off_s) / _AS_GOOD_S))


def _exact(length: Length, bars: Bars) -> float:
    """Return the tempo of bars; a stated one may be rounded: 140 for 139.5."""
    written = length.bpm_of(bars.quarters)
    near = abs(written - bars.bpm) <= 0.6 and round(written, 1) == written
    return written if near else bars.bpm


def _placed_by_length(
    cuts: list[tuple[float, Length]],
    fact: Fact[int] | Fact[Fraction],
    quarters: Fraction,
    meter: Meter,
) -> Iterator[Placed]:
    """Yield the tempo that follows from a stated number of bars or quarter notes."""
    round_ones = [cut for cut in cuts if cut[1].is_round(quarters)]
    start_s, part = (round_ones or cuts)[0]
    bpm = part.bpm_of(quarters)
    if not LOWEST_BPM <= bpm <= HIGHEST_BPM:
        return
    if (bars := bars_at(part, bpm, meter, (quarters,))) is not None:
        tempo = Fact(bpm, fact.origin, fact.certainty, fact.detail)
        yield Placed(bpm, bars, start_s, (tempo,), 1.0 if round_ones else _NOT_ROUND)


def _with_agreement(placed: Placed, others: Iterable[Placed]) -> Placed:
    """Return a tempo with all facts that agree with it, the length among them."""
    facts = [fact for each in others if _same(each.bpm, placed.bpm) for fact in each.facts]
    bars = placed.bars
    if (
        bars is not None
        and bars.usual
        and abs(bars.off_s) < _TO_THE_FRAME_S
        and placed.bpm.is_integer()
    ):
        facts.append(Fact(placed.bpm, Origin.LENGTH, _ROUND_BARS))
    ordered = [*placed.facts, *(fact for fact in facts if fact not in placed.facts)]
    return dataclasses.replace(placed, facts=tuple(ordered))


def _same(one: float, other: float) -> bool:
    return abs(one / other - 1) < _SAME
