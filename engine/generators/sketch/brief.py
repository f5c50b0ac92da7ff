"""From a request to a brief: what sketch will play, and which words decided it.

Flags win over words, and words over the style. What is still open is drawn from the seed, each
choice from its own random stream, so that adding one word changes nothing else.
"""

import dataclasses
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from engine.generators.sketch.lexicon import (
    AXES,
    FILLER,
    LEXICON,
    LONGEST_PHRASE_WORDS,
    Meaning,
)
from engine.generators.sketch.sections import SECTIONS, roles_in
from engine.generators.sketch.styles import DEFAULT_STYLE, STYLES, Style
from engine.generators.sketch.translations import in_english
from engine.loops.guide import Guide
from engine.loops.key import Key, key_of, parse_key
from engine.loops.prompt_reader import PromptFacts, read_prompt
from engine.loops.request import SKETCH_VERSIONS, LoopRequest
from engine.loops.tempo import LoopGrid, Meter

TONAL_ROLES = frozenset({"bass", "chords", "pad", "lead"})
_NEGATIONS = frozenset({"no", "without", "not", "minus", "except"})
_LOOSE_TOGETHER_MS = 2.0
"""How loosely a part is played at most that fits another."""
_LESS = frozenset(["less", "never", "avoid", "neither", "nor", "hardly", "nothing", "non"])
"""Words after which nothing unknown is read as something known."""
_WITHOUT_NEAREST = frozenset(["odd meter", "odd meters", "odd metre", "odd time"])
"""Unknown phrases whose single words mean something else: odd alone is near to eerie."""
_CLAUSE_END = re.compile(r"[,;.|/()]+")
_WORD = re.compile(r"[\w&]+(?:'\w+)?|[\U0001f000-\U0001ffff]+")


CHARACTER = frozenset(
    ["groove", "sound", "setting", "drum", "progression", "chords", "pad", "default tempo"]
)
"""The choices that make a loop recognisable: its groove, its sounds and its chords."""


@dataclasses.dataclass(frozen=True)
class Variation:
    """A seed that has the character of `base`, and everything else from `other`."""

    base: int
    other: int


Seed = int | Variation
NearWords = tuple[tuple[str, str], ...]


def stream(seed: Seed, *names: object) -> np.random.Generator:
    """Return the random stream of one choice of one seed."""
    label = zlib.crc32("/".join(map(str, names)).encode())
    if isinstance(seed, Variation):
        seed = seed.base if names[0] in CHARACTER else seed.other
    return np.random.default_rng((seed, label))


@dataclasses.dataclass(frozen=True)
class WordMeanings:
    """What the words of a prompt say, before anything is decided."""

    facts: PromptFacts
    meanings: tuple[Meaning, ...]
    refused: tuple[Meaning, ...]
    ignored: tuple[str, ...]
    near_words: NearWords = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Brief:
    """What sketch will play.

    Attributes:
        roles: the parts, of `lexicon.ROLES` without `mix`.
        role: the role of the whole: one of `lexicon.ROLES`.
        sounds: named sounds by role.
        voices: drum voices named one by one; `only_voices` if no kit or beat was named.
        without: roles, voices and sounds that were ruled out.
        axes: the sum of all adjectives, each -1..1, for every one of `lexicon.AXES`.
        guide: what the parts follow; None if they are on their own.
        level_db: how loud it is, relative to other loops.
        near_words: unknown words, and the known ones that they were read as.
        version: which sketch plays, of `engine.loops.request.SKETCH_VERSIONS`.
    """

    grid: LoopGrid
    key: Key | None
    style: Style
    roles: tuple[str, ...]
    role: str
    sounds: Mapping[str, tuple[str, ...]]
    kit: str
    voices: tuple[str, ...]
    only_voices: bool
    texture: str
    without: frozenset[str]
    axes: Mapping[str, float]
    understood: tuple[str, ...]
    ignored: tuple[str, ...]
    near_words: NearWords
    title: str
    version: int
    guide: Guide | None = None
    level_db: float = 0.0


def read_words(
    prompt: str, negative: str | None = None, near_words: NearWords | None = None
) -> WordMeanings:
    """Read the words of a prompt and of a negative prompt.

    Args:
        prompt: what to play.
        negative: what not to play.
        near_words: how unknown words of the prompt are read; None: as the nearest known ones.
    """
    facts = read_prompt(prompt)
    meanings: list[Meaning] = [_note_value(value) for value in dict.fromkeys(facts.note_values)]
    refused: list[Meaning] = []
    ignored: list[str] = list(facts.refused)
    for phrase, negated in _phrases(facts.words):
        if phrase in LEXICON:
            (refused if negated else meanings).append(LEXICON[phrase])
        elif phrase not in FILLER and phrase not in _NEGATIONS:
            ignored.append(phrase)
    if near_words is None:
        near_words = tuple(near for run in _unknown(facts.words) for near in _near_words(run))
    near_words = tuple(near for near in near_words if near[1] in LEXICON)
    for unknown, known in near_words:
        near = dataclasses.replace(LEXICON[known], shown=f"{unknown} ≈ {known}")
        meanings.append(near)
        ignored = [word for word in ignored if word not in unknown.split()]
    ruled_out = _ruled_out(meanings, refused)
    ignored += [f"{meaning.shown} (ruled out)" for meaning in ruled_out]
    meanings = [meaning for meaning in meanings if meaning not in ruled_out]
    styles = [meaning.style for meaning in meanings if meaning.style]
    ignored += [style for style in styles[1:] if style != styles[0]]
    for phrase, _ in _phrases(negative or ""):
        if phrase in LEXICON:
            refused.append(LEXICON[phrase])
        elif phrase not in FILLER:
            ignored.append(f"not {phrase}")
    return WordMeanings(
        facts, tuple(meanings), tuple(refused), tuple(dict.fromkeys(ignored)), near_words
    )


def _note_value(denominator: int) -> Meaning:
    """Return how dense a note value makes the playing: 1/16 more than 1/4."""
    dense = {4: -0.4, 16: 0.3, 32: 0.6, 64: 0.6}.get(denominator, 0.0)
    return Meaning(f"1/{denominator} notes", axes=(("dense", dense),))


def _ruled_out(meanings: Iterable[Meaning], refused: Iterable[Meaning]) -> list[Meaning]:
    """Return the voices that a prompt requests and excludes: four on the floor, no kick."""
    without = {voice for meaning in refused for voice in meaning.voices}
    return [each for each in meanings if each.voices and without.issuperset(each.voices)]


def _phrases(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the longest known phrases of a text in English, else single words; and if negated."""
    for clause in _CLAUSE_END.split(text.replace("-", " ").replace("'n'", "n").lower()):
        words = _WORD.findall(clause)
        negated, place = False, 0
        while place < len(words):
            written = _longest(words[place:])
            phrase = in_english(written)
            yield phrase, negated
            place += len(written.split())
            if phrase in _NEGATIONS:
                negated = True
            elif phrase not in FILLER:
                negated = False


def _unknown(text: str) -> Iterator[list[str]]:
    """Yield the unknown words that stand together in a clause, up to a known word or a negation.

    What follows a negation is left out: "not lonely" must not become sad.
    """
    for clause in _CLAUSE_END.split(text):
        run: list[str] = []
        for phrase, negated in _phrases(clause):
            if _negates(phrase):
                break
            if phrase in LEXICON or phrase in _WITHOUT_NEAREST:
                yield run
                run = []
            elif phrase not in FILLER and not negated:
                run.append(phrase)
        yield run


def _negates(word: str) -> bool:
    return word in _NEGATIONS or word in _LESS or word.endswith("n't")


def _near_words(run: list[str]) -> Iterator[tuple[str, str]]:
    if run:
        # Here, since most prompts have no unknown word.
        from engine.generators.sketch.nearness import near_words

        yield from near_words(run)


def _longest(words: list[str]) -> str:
    for count in range(min(LONGEST_PHRASE_WORDS, len(words)), 0, -1):
        phrase = " ".join(words[:count])
        if phrase in LEXICON or phrase in _WITHOUT_NEAREST or in_english(phrase) != phrase:
            return phrase
    return words[0]


def read_brief(request: LoopRequest, seed: int) -> Brief:
    """Decide everything that the words and flags of a request leave open.

    Of a request for a part of a song, it is the brief of that part.

    Raises:
        LoopError: the loop would be too long, see `LoopGrid.checked`.
    """
    brief = _whole_brief(request, seed)
    if not request.parts:
        return brief
    name = request.parts[0]
    section = SECTIONS[name]
    roles = roles_in(section, brief.roles)
    dense = float(np.clip(brief.axes["dense"] + section.dense, -1, 1))
    return dataclasses.replace(
        brief,
        roles=roles,
        role=roles[0] if len(roles) == 1 else "mix",
        without=brief.without | section.without,
        axes={**brief.axes, "dense": dense},
        understood=(name, *brief.understood),
        title=f"{name} of {brief.title}",
        level_db=section.level_db,
    )


def _whole_brief(request: LoopRequest, seed: int) -> Brief:
    words = read_words(request.prompt, request.negative, request.near_words)
    axes = _axes(words)
    if request.guide is not None:
        axes |= dict.fromkeys(("swing", "late", "triplet"), 0.0)  # these are the groove's
    style = _style(words, seed, request.guide)
    without = frozenset(_names(words.refused))
    roles, role = _roles(words, style, without)
    grid = _grid(request, words, style, axes, seed)
    texture = next((m.texture for m in words.meanings if m.texture), style.texture)
    tonal = bool(TONAL_ROLES.intersection(roles)) or texture in ("drone", "grains")
    key = _key(request, words, style, axes, seed) if tonal else _requested_key(request, words)
    understood = _understood(words, style, role)
    return Brief(
        grid=grid, key=key, style=style, roles=roles, role=role,
        sounds=_sounds(words, roles),
        kit=next((m.kit for m in words.meanings if m.kit), style.kit),
        voices=_voices(words),
        only_voices=not any(m.role in ("drums", "percussion", "mix") for m in words.meanings),
        texture=texture,
        without=without, axes=axes, understood=understood, ignored=words.ignored,
        near_words=words.near_words,
        title=words.facts.rest or request.prompt or "sketch",
        version=request.sketch_version or SKETCH_VERSIONS[-1],
        guide=request.guide,
    )  # fmt: skip


def _names(meanings: Iterable[Meaning]) -> Iterator[str]:
    for meaning in meanings:
        yield from meaning.voices
        yield from (name for name in (meaning.role, meaning.sound, meaning.texture) if name)


def _axes(words: WordMeanings) -> dict[str, float]:
    axes = dict.fromkeys(AXES, 0.0)
    for sign, meanings in ((1, words.meanings), (-1, words.refused)):
        for meaning in meanings:
            for axis, amount in meaning.axes:
                axes[axis] += sign * amount
    return {axis: float(np.clip(amount, -1, 1)) for axis, amount in axes.items()}


def _style(words: WordMeanings, seed: int, guide: Guide | None) -> Style:
    """Return the style that the words name, or else that of what it fits, in its groove."""
    names = [meaning.style for meaning in words.meanings if meaning.style]
    if guide is not None and guide.style in STYLES:
        names.append(guide.style)
    if names:
        style = STYLES[names[0]]
        if guide is None:
            return style
        # The groove has the swing and the lateness of what is there.
        tight = min(style.loose_ms, _LOOSE_TOGETHER_MS)
        return dataclasses.replace(style, swing=0.5, late_ms=0.0, loose_ms=tight)
    bpm = int(stream(seed, "default tempo").integers(*DEFAULT_STYLE.bpm))
    return dataclasses.replace(DEFAULT_STYLE, bpm=(bpm, bpm))


def _roles(
    words: WordMeanings, style: Style, without: frozenset[str]
) -> tuple[tuple[str, ...], str]:
    """Return the parts to play and the role of the whole."""
    named = list(dict.fromkeys(m.role for m in words.meanings if m.role))
    for meaning in words.meanings:
        tonal = TONAL_ROLES.intersection(named)
        # The sound of a genre, such as that of acid techno, is not a part to play alone.
        if meaning.sound_role and not tonal and not meaning.style:
            named.append(meaning.sound_role)
        elif meaning.texture in ("riser", "drone") and not named:
            named.append("texture")
    voices = [voice for m in words.meanings for voice in m.voices]
    if voices and not {"drums", "percussion", "mix"}.intersection(named):
        hand = {"conga_low", "conga_high", "bongo", "shaker", "tambourine", "cowbell", "block"}
        named.append("percussion" if hand.issuperset(voices) else "drums")
    if not named and any(m.kit for m in words.meanings):
        named.append("drums")
    if not named and any(m.texture for m in words.meanings):
        named.append("texture")
    if not named or "mix" in named:
        named = [*style.layers, *(role for role in named if role != "mix")]
    roles = tuple(role for role in dict.fromkeys(named) if role not in without)
    roles = roles or tuple(named[:1])
    return roles, roles[0] if len(roles) == 1 else "mix"


def _sounds(words: WordMeanings, roles: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Give each named sound to its own role, or to the requested tonal role."""
    sounds: dict[str, tuple[str, ...]] = {}
    for meaning in words.meanings:
        if meaning.sound is None or meaning.sound_role is None:
            continue
        role = meaning.sound_role
        if role not in roles:
            role = next((r for r in ("chords", "lead", "pad", "bass") if r in roles), role)
        sounds[role] = (*sounds.get(role, ()), meaning.sound)
    return sounds


def _voices(words: WordMeanings) -> tuple[str, ...]:
    return tuple(dict.fromkeys(voice for m in words.meanings for voice in m.voices))


def _grid(
    request: LoopRequest, words: WordMeanings, style: Style, axes: Mapping[str, float], seed: int
) -> LoopGrid:
    low, high = style.bpm
    if axes["pace"] < 0:
        low, high = round(low * (1 + 0.18 * axes["pace"])), low
    elif axes["pace"] > 0:
        low, high = high, round(high * (1 + 0.15 * axes["pace"]))
    drawn = float(stream(seed, "tempo").integers(low, high + 1))
    meter = Meter.parse(request.meter) if request.meter else words.facts.meter or Meter()
    return LoopGrid(
        bpm=request.bpm or words.facts.bpm or drawn,
        meter=meter,
        bars=0 if request.seconds is not None else request.bars or words.facts.bars or 4,
        rate=request.rate,
        seconds=request.seconds,
    ).checked()


def _requested_key(request: LoopRequest, words: WordMeanings) -> Key | None:
    return parse_key(request.key) or words.facts.key


def _key(
    request: LoopRequest,
    words: WordMeanings,
    style: Style,
    axes: Mapping[str, float],
    seed: int,
) -> Key:
    requested = _requested_key(request, words)
    if requested is not None:
        return requested
    mode = words.facts.mode
    if mode is None:
        modes = list(style.modes)
        if axes["happy"] > 0.3:
            modes = [m for m in modes if m in ("major", "lydian", "mixolydian")] or ["major"]
        elif axes["happy"] < -0.3:
            modes = [m for m in modes if m not in ("major", "lydian", "mixolydian")] or ["minor"]
        weights = 0.5 ** np.arange(len(modes))
        mode = str(stream(seed, "mode").choice(modes, p=weights / weights.sum()))
    return key_of(int(stream(seed, "tonic").integers(12)), mode)


def _understood(words: WordMeanings, style: Style, role: str) -> tuple[str, ...]:
    shown = [meaning.shown for meaning in words.meanings]
    if role == "mix" and not any(meaning.role or meaning.sound for meaning in words.meanings):
        shown.append("full mix")
    elif role not in ("mix", *shown):
        shown.append(role)
    if style.name and style.name not in shown and not any(style.name in s for s in shown):
        shown.append(style.name)
    shown += [f"not {meaning.shown}" for meaning in words.refused]
    return tuple(dict.fromkeys(shown))
