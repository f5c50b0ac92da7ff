"""What the name of a file or folder says: `SL_85_keys_loop_Am`, `Cymatics - 140 BPM F# Min`.

Sample packs have conventions but no standard, so a name is read in the order of how certain its
words are: `140bpm` before a bare `140`, `F#min` before `F#`, a single letter only beside a tempo.
What was read is replaced by a mark, so that it is not read twice and so that later rules can see
what stood beside it.
"""

import re
from collections.abc import Iterator
from fractions import Fraction

from engine.loops.key import Key
from engine.loops.key_names import CJK, GERMAN, LABELLED, SYLLABLE, WITH_MODE, key_of_match
from engine.loops.source.facts import Fact, KnownFacts, Origin
from engine.loops.tempo import HIGHEST_BARS, HIGHEST_BPM, LOWEST_BPM, METER_DENOMINATORS, Meter

_EXPLICIT, _LIKELY, _BARE, _LISTED = 0.9, 0.75, 0.65, 0.45
"""How certain `140bpm`, `tempo 140`, `_140_` and a 140 after `loop` are."""
_KEY, _TONIC, _LETTER = 0.85, 0.65, 0.5
_FOLDER_SHARE = 0.85
"""A folder holds many files, so it is a little less certain than a name."""
_LOWEST_BARE, _HIGHEST_BARE = 60, 220
_TEMPO_MARK, _BARS_MARK, _OTHER_MARK = "\x01", "\x02", "\x03"

_NUMBER = r"(?<![\d.,#])(?<!\d-)(\d{2,3}(?:[.,]\d{1,4})?)"
_GAP = r"[\s_\-.=:]{0,3}"
_RANGE = re.compile(rf"(\d{{2,3}})\s?(?:-|to)\s?(\d{{2,3}}){_GAP}bpm", re.IGNORECASE)
_TEMPOS = (
    (re.compile(rf"{_NUMBER}{_GAP}(?:bpm|beats?{_GAP}per{_GAP}minute)", re.IGNORECASE), _EXPLICIT),
    (re.compile(rf"bpm{_GAP}{_NUMBER}(?![\d.])", re.IGNORECASE), _EXPLICIT),
    (re.compile(rf"(?:tempo{_GAP}|@{_GAP}){_NUMBER}(?![\d.])", re.IGNORECASE), _LIKELY),
)
_BARS = re.compile(
    rf"(?<![\d.])(\d{{1,3}}){_GAP}(?:bars?|measures?|takte?|mesures?|compases)(?![a-z])",
    re.IGNORECASE,
)
_HALF_BAR = re.compile(rf"half{_GAP}(?:a{_GAP})?bar(?![a-z])", re.IGNORECASE)
_BEATS = re.compile(
    r"(?<![\d.])(1|2|3|4|6|8|12|16|24|32|64)(?:[\s_-]?beats|beat)(?![a-z])", re.IGNORECASE
)
_METER = re.compile(
    r"(?<![\da-z.])((?:2|3|4|5|6|7)[-/\u2215\u2044]4|(?:3|5|6|7|9|11|12)[-/\u2215\u2044]8"
    r"|(?:5|7)_4|(?:5|6|7|9|12)_8)(?![\da-z.])",
    re.IGNORECASE,
)
_METER_WORD = re.compile(
    rf"(?<![\da-z])(\d{{1,2}})[-_/](4|8|16){_GAP}(?:time|meter|metre|sig)", re.IGNORECASE
)

_SEPARATORS = re.compile(r"(?:[\s_\-\[\](){},&+~=;!]|(?<!\d)\.|\.(?!\d))+")
_WHOLE_NUMBER = re.compile(r"[1-9]\d{1,2}(?:\.\d{1,2})?")


def _words(text: str) -> list[str]:
    return text.split()


_UNITS = frozenset(_words("hz khz k kbps kb ms db bit bits sec secs s st nd rd th percent pc"))
_NUMBERED = frozenset(
    _words(
        "juno sh cr dx mpc sp ms jx jp jupiter model route studio area vol volume part no nr "
        "pack kit set take tape cut track song preset bank patch page chapter series sk cs rz ddd "
        "dmx drx hr matrix mk version v seed id"
    )
)
"""Words before a number that names a machine, a volume or a place in a list."""
_LISTS = frozenset(_words("loop loops beat beats sample shot oneshot clip"))
_GLUED = re.compile(
    r"(?:dnb|d&b|house|techno|trap|dub|dubstep|breaks?|jungle|hiphop|drums?|loop|beat|edm|trance"
    r"|drill|garage|lofi)(\d{2,3})",
    re.IGNORECASE,
)

_JOINED_KEY = re.compile(
    r"(?:(?P<letter>[A-G])(?P<accidental>[#b\u266f\u266d])?|(?P<low>[a-g])(?P<sign>[#b\u266f\u266d]))"
    r"(?P<mode>m|min|minor|maj|major|Min|Minor|Maj|Major|MIN|MAJ|MINOR|MAJOR|M|mi|mn|mj"
    r"|dor|phr|lyd|mix|loc|hmin)?(?:6|7|9|11|13|add9|sus2|sus4)?"
)
_SHARP_S = re.compile(r"(?P<letter>[ACDFG])s(?P<mode>m|min|maj|dor|phr|lyd|mix|loc|hmin)?")
_LOW_SHORT = re.compile(r"(?P<letter>[a-g])(?P<mode>m|min|maj)")
_MODES = {
    "m": "minor", "min": "minor", "minor": "minor", "mi": "minor", "mn": "minor",
    "maj": "major", "major": "major", "mj": "major", "dor": "dorian", "dorian": "dorian",
    "phr": "phrygian", "phrygian": "phrygian", "lyd": "lydian", "lydian": "lydian",
    "mix": "mixolydian", "mixolydian": "mixolydian", "loc": "locrian", "hmin": "harmonic minor",
}  # fmt: skip
_CAMELOT = re.compile(r"(?:1[0-2]|[1-9])[AB]")
_UNPITCHED = frozenset(
    _words(
        "drum drums kick kicks snare snares hat hats hihat hihats clap claps perc percussion break "
        "breaks breakbeat beat beats top tops cymbal ride shaker fx foley noise riser"
    )
)
_EXTENSION = re.compile(
    r"\.(?:wave?|aiff?|aifc|flac|ogg|oga|opus|mp3|caf|w64|rf64|au|snd|rx2|m4a)$", re.IGNORECASE
)


def name_facts(name: str, origin: Origin = Origin.NAME) -> KnownFacts:
    """Return what the name of a file says, or of one of its folders.

    Args:
        name: without its path; an extension is ignored.
        origin: `NAME` or `FOLDER`. Of a folder, a bare number or letter counts only if it is all of
            the name.
    """
    is_folder = origin is Origin.FOLDER
    share = _FOLDER_SHARE if is_folder else 1.0
    text = name if is_folder else _EXTENSION.sub("", name)
    text = text.replace("\u266f", "#").replace("\u266d", "b")
    text, tempos = _explicit_tempos(text)
    text, bars, quarters, meters = _lengths(text)
    text, keys = _spelt_keys(text)
    tokens = [token for token in _SEPARATORS.split(_marks_apart(text)) if token]
    if not tempos and (not is_folder or len(tokens) == 1):
        tokens, tempos = _bare_tempos(tokens)
    tonics: list[tuple[Key, float]] = []
    if not keys:
        keys, tonics = _short_keys(tokens, alone=is_folder)
    return KnownFacts(
        tempos=tuple(Fact(bpm, origin, share * sure) for bpm, sure in tempos),
        meters=tuple(Fact(meter, origin, share * _EXPLICIT) for meter in meters),
        quarters=tuple(Fact(each, origin, share * _EXPLICIT) for each in quarters),
        bars=tuple(Fact(count, origin, share * _EXPLICIT) for count in bars),
        keys=tuple(Fact(key, origin, share * sure) for key, sure in keys),
        tonics=tuple(Fact(key, origin, share * sure) for key, sure in tonics),
    )


def _explicit_tempos(text: str) -> tuple[str, list[tuple[float, float]]]:
    """Return the text with marks for its tempos, and those of which a word says what they are."""
    text = _RANGE.sub(_without_range, text)
    found: list[tuple[float, float]] = []
    for pattern, certainty in _TEMPOS:
        for match in pattern.finditer(text):
            bpm = float(match[1].replace(",", "."))
            if LOWEST_BPM <= bpm <= HIGHEST_BPM and bpm not in [each for each, _ in found]:
                found.append((bpm, certainty))
        text = pattern.sub(f" {_TEMPO_MARK} ", text)
    return text, found


def _without_range(match: re.Match[str]) -> str:
    """Return a mark for a range of tempos, which says nothing about a single file."""
    low, high = int(match[1]), int(match[2])
    return f" {_OTHER_MARK} " if _LOWEST_BARE <= low < high else match[0]


def _lengths(text: str) -> tuple[str, list[int], list[Fraction], list[Meter]]:
    """Return the text with marks, and its numbers of bars and of beats, and its meters."""
    meters = []
    for pattern in (_METER_WORD, _METER):
        for match in pattern.finditer(text):
            top, bottom = (int(part) for part in re.findall(r"\d+", match[0])[:2])
            if 1 <= top <= 32 and bottom in METER_DENOMINATORS:
                meters.append(Meter(top, bottom))
        text = pattern.sub(f" {_OTHER_MARK} ", text)
    quarters = [Fraction(int(match[1])) for match in _BEATS.finditer(text)]
    text = _BEATS.sub(f" {_BARS_MARK} ", text)
    if _HALF_BAR.search(text) and not quarters:
        bar = meters[0].bar_quarters if meters else Fraction(4)
        quarters.append(bar / 2)
    text = _HALF_BAR.sub(f" {_BARS_MARK} ", text)
    bars = [int(match[1]) for match in _BARS.finditer(text)]
    text = _BARS.sub(f" {_BARS_MARK} ", text)
    return text, [count for count in bars if 1 <= count <= HIGHEST_BARS], quarters, meters


def _spelt_keys(text: str) -> tuple[str, list[tuple[Key, float]]]:
    """Return the text with marks, and the keys that are spelt out, in any language."""
    plain = re.sub(r"[_()\[\]]", " ", text)
    found = []
    for pattern in (GERMAN, WITH_MODE, SYLLABLE, CJK, LABELLED):
        found += [(Key(*key_of_match(match)), _KEY) for match in pattern.finditer(plain)]
        plain = pattern.sub(f" {_OTHER_MARK} ", plain)
    return (plain if found else text), found


def _marks_apart(text: str) -> str:
    """Return the text with spaces inside of words that were joined, such as `128Am`."""
    return re.sub(r"(?<![\d#])(\d{2,3})(?=[A-G](?:#|b)?(?:m|min|maj)(?![a-z]))", r"\1 ", text)


def _bare_tempos(tokens: list[str]) -> tuple[list[str], list[tuple[float, float]]]:
    """Return the tokens with marks, and the numbers that may be tempos."""
    marked, found = list(tokens), []
    for place, token in enumerate(tokens):
        before = tokens[place - 1].lower() if place else ""
        after = tokens[place + 1].lower() if place + 1 < len(tokens) else ""
        glued = _GLUED.fullmatch(token)
        digits = glued[1] if glued else token
        if not _WHOLE_NUMBER.fullmatch(digits) or after in _UNITS or before in _NUMBERED:
            continue
        if not _LOWEST_BARE <= float(digits) <= _HIGHEST_BARE:
            continue
        last = place == len(tokens) - 1
        counted = place == 0 and float(digits) < 100  # 76_snare.wav
        listed = glued is not None or counted or (before in _LISTS and last)
        found.append((float(digits), _LISTED if listed else _BARE))
        marked[place] = _TEMPO_MARK
    if len(found) > 1:  # At most one of them is right.
        found = [(bpm, certainty * 0.7) for bpm, certainty in found]
    return marked, found


_Keys = list[tuple[Key, float]]


def _short_keys(tokens: list[str], *, alone: bool) -> tuple[_Keys, _Keys]:
    """Return the keys of single words, and the tonics without a mode.

    Args:
        tokens: the words of the name; a tempo is a mark.
        alone: whether a tonic counts only if it is the whole name.
    """
    keys: _Keys = []
    tonics: _Keys = []
    unpitched = not _UNPITCHED.isdisjoint(token.lower() for token in tokens)
    for place, word in enumerate(tokens):
        beside = _TEMPO_MARK in (tokens[place - 1 : place] + tokens[place + 1 : place + 2])
        last = place == len(tokens) - 1
        only = len(tokens) == 1
        for key, certainty, has_mode in _readings(word, beside=beside, last=last, only=only):
            if has_mode:
                keys.append((key, certainty))
            elif not unpitched and (only or not alone):
                tonics.append((key, certainty))
    return keys, tonics


def _readings(
    word: str, *, beside: bool, last: bool, only: bool
) -> Iterator[tuple[Key, float, bool]]:
    """Yield the key in a word, how certain it is, and whether its mode is known."""
    if match := _JOINED_KEY.fullmatch(word) or _SHARP_S.fullmatch(word):
        yield from _joined_reading(word, match.groupdict(), alone=beside or only)
    elif match := _LOW_SHORT.fullmatch(word):
        # am, em and fm are words, too, so that they count beside a tempo or at the end.
        if match["mode"] != "m" or last or (beside and word != "fm"):
            yield Key(match["letter"].upper(), _MODES[match["mode"]]), _KEY, True
    elif _CAMELOT.fullmatch(word) and beside:
        yield Key.parse(word), _TONIC, True


def _joined_reading(
    word: str, parts: dict[str, str | None], *, alone: bool
) -> Iterator[tuple[Key, float, bool]]:
    tonic = (parts["letter"] or parts.get("low") or "").upper()
    sign = (parts.get("accidental") or parts.get("sign") or "") if "low" in parts else "#"
    mode = parts["mode"] or ""
    # FM is a synthesis, AM and PM are hours, and ebm is electronic body music.
    if (mode == "M" and not sign) or word == "ebm":
        return
    name = "major" if mode == "M" else _MODES.get(mode.lower())
    if name is not None:
        yield Key(tonic + sign, name), _KEY, True
    elif not mode and not word[-1].isdigit():
        if sign:
            yield Key(tonic + sign, "major"), _TONIC, False
        elif alone:
            yield Key(tonic, "major"), _LETTER, False


def folder_facts(folders: tuple[str, ...]) -> KnownFacts:
    """Return what the names of folders say, the nearest first."""
    known = KnownFacts()
    for folder in folders:
        known = known.joined(name_facts(folder, Origin.FOLDER))
    return known
