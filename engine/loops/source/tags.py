"""What the tags of a file say: `acid`, `basc`, ID3, the comments of FLAC and Ogg, INFO and iXML.

Tags differ in how much they are worth. Beats are counted by the person or program that cut a loop;
tempos are often left at a program's default, and keys are often the guess of a DJ program.
"""

import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from engine.loops.errors import LoopError
from engine.loops.file_tags import AcidTag, AppleLoopTag, FileTags, Marker
from engine.loops.key import Key, key_of, parse_key
from engine.loops.source.facts import Fact, KnownFacts, Origin, Value
from engine.loops.tempo import HIGHEST_BPM, LOWEST_BPM, Meter, checked_bpm

_BEATS, _TEMPO, _METER, _KEY, _ROOT, _START = 0.85, 0.8, 0.7, 0.75, 0.45, 0.65
_MOST_QUARTERS = 4096
_TEMPO_NAMES = frozenset({"bpm", "tbpm", "ibpm", "tempo", "musicaltempo"})
_KEY_NAMES = frozenset({"initial_key", "initialkey", "tkey", "ikey", "key", "musicalkey"})
_BEATS_NAMES = frozenset({"musicalbeats"})
_METER_NAMES = frozenset({"musicalsignature"})
_FIRST_BEAT = re.compile(
    r"(?:down ?beat|first beat|beat 1|bar 1|1\.1(?:\.1)?|loop start|beg(?:in)? ?loop)",
    re.IGNORECASE,
)


def tag_facts(tags: FileTags, rate: int) -> KnownFacts:
    """Return what the tags of a file say, at `rate` Hz."""
    known = KnownFacts()
    if tags.acid is not None:
        known = known.joined(_acid_facts(tags.acid))
    if tags.basc is not None:
        known = known.joined(_apple_facts(tags.basc))
    for texts, shown in (
        (tags.id3, "ID3"),
        (tags.vorbis, "comment"),
        (tags.info, "INFO"),
        (tags.ixml, "iXML"),
    ):
        known = known.joined(_text_facts(texts, shown))
    return known.joined(_marker_facts(tags.markers, rate))


def _acid_facts(acid: AcidTag) -> KnownFacts:
    root = acid.root_note
    return KnownFacts(
        tempos=tuple(_tempos(acid.bpm, "acid")),
        meters=tuple(_meters(acid.meter, "acid")),
        quarters=tuple(_quarters(acid.beats, "acid")),
        tonics=() if root is None else (_fact(key_of(root % 12, "major"), _ROOT, "acid"),),
    )


def _apple_facts(loop: AppleLoopTag) -> KnownFacts:
    """Return what an Apple Loop says; its beats are those of its meter."""
    meters = tuple(_meters(loop.meter, "Apple Loop"))
    beat = Fraction(4, meters[0].value.denominator if meters else 4)
    key = loop.root_note and f"{loop.root_note} {loop.scale}"
    has_mode = loop.scale in ("minor", "major")
    keys = tuple(_keys(key if has_mode else loop.root_note, "Apple Loop"))
    return KnownFacts(
        meters=meters,
        quarters=tuple(_quarters(loop.beats * beat, "Apple Loop")),
        keys=keys if has_mode else (),
        tonics=() if has_mode else keys,
    )


def _text_facts(texts: Mapping[str, str], shown: str) -> KnownFacts:
    known = KnownFacts()
    for name, value in texts.items():
        lower = name.lower()
        if lower in _TEMPO_NAMES:
            known = known.joined(KnownFacts(tempos=tuple(_tempos(value, shown))))
        elif lower in _KEY_NAMES:
            known = known.joined(KnownFacts(keys=tuple(_keys(value, shown))))
        elif lower in _BEATS_NAMES:
            known = known.joined(KnownFacts(quarters=tuple(_quarters(value, shown))))
        elif lower in _METER_NAMES:
            known = known.joined(KnownFacts(meters=tuple(_meters(value, shown))))
    return known


def _marker_facts(markers: tuple[Marker, ...], rate: int) -> KnownFacts:
    """Return where the first beat is, if a marker is named so and is not at the beginning."""
    for marker in markers:
        if marker.frame > 0 and _FIRST_BEAT.fullmatch(marker.label.strip()):
            return KnownFacts(start_s=Fact(marker.frame / rate, Origin.TAG, _START, "marker"))
    return KnownFacts()


def _fact(value: Value, certainty: float, shown: str) -> Fact[Value]:
    return Fact(value, Origin.TAG, certainty, shown)


def _tempos(value: object, shown: str) -> Iterator[Fact[float]]:
    bpm = _number(value)
    if bpm is not None and LOWEST_BPM <= bpm <= HIGHEST_BPM:
        yield _fact(checked_bpm(bpm), _TEMPO, shown)


def _quarters(value: object, shown: str) -> Iterator[Fact[Fraction]]:
    beats = _number(value)
    if beats is not None and 0 < beats <= _MOST_QUARTERS:
        yield _fact(Fraction(beats).limit_denominator(16), _BEATS, shown)


def _meters(value: object, shown: str) -> Iterator[Fact[Meter]]:
    """Yield a meter; some programs write numerator and denominator the other way round."""
    for text in (str(value), "/".join(reversed(str(value).split("/")))):
        try:
            yield _fact(Meter.parse(text), _METER, shown)
        except LoopError:
            continue
        return


def _keys(value: object, shown: str) -> Iterator[Fact[Key]]:
    try:
        key = parse_key(str(value)) if value else None
    except LoopError:
        return
    if key is not None:
        yield _fact(key, _KEY, shown)


def _number(value: object) -> float | None:
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
