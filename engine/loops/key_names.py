"""How musicians write keys, in several languages: `F-sharp minor`, `Fis-Moll`, `la mineur`, `f#m`.

All patterns match text as `plain_text` returns it: accents removed, `#` and `b` for typographic
accidentals. A pattern's match becomes a tonic and a mode by `key_of_match`.
"""

import re
import unicodedata

from engine.loops.late_pattern import LatePattern

_LETTER = r"a-z0-9\u0430-\u044f"
"""What a word is made of, so that kana and Chinese characters are boundaries: 120BPMの."""
START, END = rf"(?<![{_LETTER}])(?<![{_LETTER}]#)", rf"(?![{_LETTER}#'])"

MODE_WORDS = {
    "major": "major", "maj": "major", "ionian": "major", "dur": "major", "majeur": "major",
    "mayor": "major", "maggiore": "major", "maior": "major", "мажор": "major",
    "minor": "minor", "min": "minor", "aeolian": "minor", "moll": "minor", "mineur": "minor",
    "menor": "minor", "minore": "minor", "natural minor": "minor", "минор": "minor",
    "мажоре": "major", "миноре": "minor",
    "harmonic minor": "harmonic minor", "dorian": "dorian", "phrygian": "phrygian",
    "lydian": "lydian", "mixolydian": "mixolydian", "locrian": "locrian",
    "dorio": "dorian", "dorico": "dorian", "dorien": "dorian", "dorisch": "dorian",
    "frigio": "phrygian", "phrygien": "phrygian", "phrygisch": "phrygian",
    "lidio": "lydian", "lydien": "lydian", "lydisch": "lydian", "mixolidio": "mixolydian",
    "misolidio": "mixolydian", "mixolydien": "mixolydian", "mixolydisch": "mixolydian",
}  # fmt: skip
"""Words for modes that may stand by themselves as well as behind a tonic."""
_CJK_MODES = {
    "メジャー": "major", "マイナー": "minor", "長調": "major", "短調": "minor",
    "大调": "major", "小调": "minor", "大調": "major",
    "小調": "minor", "장조": "major", "단조": "minor", "메이저": "major", "마이너": "minor",
}  # fmt: skip
_SYLLABLES = {
    "do": "C", "ut": "C", "re": "D", "mi": "E", "fa": "F", "sol": "G", "la": "A", "si": "B",
    "до": "C", "ре": "D", "ми": "E", "фа": "F", "соль": "G", "ля": "A", "си": "B",
}  # fmt: skip
_NATIVE = dict(zip("ハニホヘトイロ다라마바사가나", "CDEFGAB" * 2, strict=True))
"""The letters of Japanese and Korean key names: イ短調, 다장조."""
_NATIVE_ACCIDENTALS = {"嬰": "#", "変": "b", "올림": "#", "내림": "b", "升": "#", "降": "b"}
_SHARP_WORDS = "sharp|diese|diesis|sostenido|sustenido|диез|#"
_FLAT_WORDS = "flat|bemol|bemolle|бемоль|b"
_GERMAN = {
    "as": "Ab", "es": "Eb", "b": "Bb", "h": "B", "his": "C",
    **{f"{letter}is": f"{letter.upper()}#" for letter in "cdefga"},
    **{f"{letter}es": f"{letter.upper()}b" for letter in "cdfg"},
}  # fmt: skip
_RESPELT = {"E#": "F", "B#": "C", "Cb": "B", "Fb": "E"}


def _any_of(words: "dict[str, str]") -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_MODES = _any_of(MODE_WORDS)
_ACCIDENTAL = rf"(?:[\s-]*(?P<accidental>{_SHARP_WORDS}|{_FLAT_WORDS}))?"
_KEY_OF = (
    r"(?:(?:in|auf|en)[\s]+)?(?:(?:the\s+)?(?:key|scale)\s*(?:of|is|in|:|=|-)?\s*"
    r"|tonart\s*:?\s*|tonalit[ae]\w*\s*(?:de|di|:)?\s*|tonalidad\s*(?:de|:)?\s*)?"
)
_NOT_AN_ARTICLE = r"(?!(?-i:a)\s(?:major|minor)\s+[a-z])"
"""A small `a` before a word with nothing to say that it is a key: a minor lift."""
_NOT_A_KEY = r"(?!\s+(?:key|mood|mode|feel|scale|third|detail)(?![a-z]))"

WITH_MODE = LatePattern(
    rf"{START}{_KEY_OF}{_NOT_AN_ARTICLE}(?P<letter>[a-g]){_ACCIDENTAL}[\s-]*(?P<mode>{_MODES})"
    rf"{END}{_NOT_A_KEY}",
    re.IGNORECASE,
    words=MODE_WORDS,
)
GERMAN = LatePattern(
    rf"{START}{_KEY_OF}(?P<german>[a-h](?:is|es|s)?)[\s-]*(?P<mode>dur|moll){END}",
    re.IGNORECASE,
    words=("dur", "moll"),
)
SYLLABLE = LatePattern(
    rf"{START}{_KEY_OF}(?P<syllable>{_any_of(_SYLLABLES)}){_ACCIDENTAL}[\s-]*(?P<mode>{_MODES}){END}",
    re.IGNORECASE,
    words=MODE_WORDS,
)
CJK = LatePattern(
    rf"{START}(?P<native_accidental>{_any_of(_NATIVE_ACCIDENTALS)})?(?:(?P<letter>[a-g])"
    rf"(?P<accidental>[#b])?|(?P<native>[{''.join(_NATIVE)}]))\s*(?P<mode>{_any_of(_CJK_MODES)})",
    re.IGNORECASE,
    words=_CJK_MODES,
)
CAMELOT = LatePattern(
    rf"{START}(?:(?:[Cc]amelot|[Kk]ey)\s*:?\s*)?(?P<camelot>1[0-2]|[1-9])(?P<side>[AB]){END}",
    with_digit=True,
)
SHORT = LatePattern(rf"{START}(?:in\s+)?(?P<letter>[A-G])(?P<accidental>[#b])?(?P<mode>m){END}")
"""`F#m`, `Am`; small letters only with an accidental or after `key`, as am, em and fm are words."""
SMALL_SHORT = LatePattern(
    rf"{START}(?:(?P<letter>[a-g])(?P<accidental>[#b])(?P<mode>m)|in\s+(?P<small>[a-g])m){END}",
    re.IGNORECASE,
)
LABELLED = LatePattern(
    rf"{START}(?:key|tonart|tonalit[ae]|tonalidad)\s*(?:of|is|:|=|-|de|di)?\s*(?P<letter>[a-g])"
    rf"{_ACCIDENTAL}{END}",
    re.IGNORECASE,
    words=("key", "tonart", "tonalit", "tonalidad"),
)
LABELLED_SHORT = LatePattern(
    rf"{START}key\s*(?:of|is|:|=|-)?\s*(?P<letter>[A-Ga-g])(?P<accidental>[#b])?(?P<mode>m|M){END}"
)
TONIC = LatePattern(
    rf"{START}in\s+(?:the\s+key\s+of\s+)?(?P<letter>[A-G])(?:[\s-]*(?P<accidental>sharp|flat|[#b]))?{END}"
)
KEYS = (GERMAN, WITH_MODE, SYLLABLE, CJK, CAMELOT, SMALL_SHORT, SHORT, LABELLED_SHORT)
"""Keys with their mode, in the order in which they are tried."""
TONICS = (LABELLED, TONIC)
"""Tonics alone: a mode elsewhere completes them."""
MODE_ALONE = LatePattern(
    rf"{START}(?:in\s+(?:a\s+)?)?(?P<mode>{_MODES})(?:\s+(?:key|mode|scale|tonality))?{END}",
    re.IGNORECASE,
    words=MODE_WORDS,
)
_CAMELOT_MINOR = ("Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "Db")
_CAMELOT_MAJOR = ("B", "F#", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E")


def plain_text(text: str) -> tuple[str, list[int]]:
    """Return text without accents and in ordinary digits, and where each character came from.

    The second has an entry for each character of the first, and one for its end.
    """
    plain: list[str] = []
    origins: list[int] = []
    for place, character in enumerate(text):
        for each in _plain_characters(character):
            plain.append(each)
            origins.append(place)
    return "".join(plain), [*origins, len(text)]


def _plain_characters(character: str) -> str:
    replaced = _REPLACED.get(character)
    if replaced is not None:
        return replaced
    composed = unicodedata.normalize("NFKC", character)
    parts = unicodedata.normalize("NFD", composed)
    # Only letters of Europe lose their marks: those of kana are other sounds.
    if parts[:1] < "\u0530":
        composed = "".join(each for each in parts if not unicodedata.combining(each))
    return composed


_REPLACED = {
    "♯": "#", "♭": "b",
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    "_": " ", "\u2019": "'", "\u2018": "'", "\u2044": "/", "\u2215": "/",
}  # fmt: skip


def key_of_match(match: "re.Match[str]") -> tuple[str, str]:
    """Return tonic and mode of a match of one of `KEYS` or `TONICS`: `("F#", "minor")`."""
    found = {name: text for name, text in match.groupdict().items() if text is not None}
    if "camelot" in found:
        minor = found["side"].lower() == "a"
        tonics = _CAMELOT_MINOR if minor else _CAMELOT_MAJOR
        return tonics[int(found["camelot"]) - 1], "minor" if minor else "major"
    if "small" in found:
        return found["small"].upper(), "minor"
    tonic = _tonic(found)
    word = found.get("mode", "")
    if word in ("m", "M"):
        return tonic, "minor" if word == "m" else "major"
    return tonic, MODE_WORDS.get(word.lower()) or _CJK_MODES.get(word) or "major"


def _tonic(found: "dict[str, str]") -> str:
    if "german" in found:
        name = found["german"].lower()
        return _GERMAN.get(name, name.upper())
    native = _NATIVE_ACCIDENTALS.get(found.get("native_accidental", ""), "")
    if "native" in found:
        return _NATIVE[found["native"]] + native
    letter = (
        _SYLLABLES[found["syllable"].lower()] if "syllable" in found else found["letter"].upper()
    )
    word = found.get("accidental", "").lower() or native
    accidental = "" if not word else "#" if word in _SHARP_WORDS.split("|") else "b"
    return _RESPELT.get(letter + accidental, letter + accidental)
