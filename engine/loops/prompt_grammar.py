"""The grammar of musical facts in a prompt: one rule for each way in which people write one.

The rules are tried in order, and what one has claimed no later rule can. All patterns match text as
`key_names.plain_text` returns it. Numbers may be ranges, which mean their middle, or words in
English, German, French, Spanish and Italian.
"""

import dataclasses
import enum
import re
from collections.abc import Callable

from engine.loops import key_names
from engine.loops.errors import LoopError
from engine.loops.key import Key
from engine.loops.key_names import END, START
from engine.loops.late_pattern import LatePattern, Match
from engine.loops.tempo import HIGHEST_BARS, METER_DENOMINATORS, Meter, checked_bpm


class Kind(enum.StrEnum):
    """What some words of a prompt say."""

    NOTE_VALUE = "note value"
    TEMPO = "tempo"
    METER = "meter"
    BARS = "bars"
    BEATS = "beats"
    KEY = "key"
    TONIC = "tonic"
    MODE = "mode"


class NoFact(Exception):
    """Words that match a rule but mean something else: a `24/7`, the number of a synthesiser."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """One way to write one kind of fact.

    Attributes:
        kind: of the fact.
        pattern: matches the words.
        read: from the match to the value; raises `LoopError` for a value that cannot be, and
            `NoFact` where the words mean something else.
        unless_said: whether it counts only where nothing else has said this kind.
    """

    kind: Kind
    pattern: LatePattern
    read: Callable[[Match], object]
    unless_said: bool = False


_NUMBER = r"\d{1,5}(?:[.,]\d{1,6})?"
_RANGE = (
    rf"(?P<low>{_NUMBER})(?:(?:\s+(?:to|and|bis|a)\s+|\s*(?:-|~|\.\.|/)\s*)(?P<high>{_NUMBER}))?"
)
_PER_MINUTE = (
    r"(?:b\.?\s?p\.?\s?m(?![a-z])\.?"
    r"|beats?\s*(?:(?:per|an?|the)\s+|/\s*)min(?:ute)?s?(?![a-z])"
    r"|schlage?\s+pro\s+minute|battements?\s+(?:par|a\s+la)\s+minute"
    r"|battiti\s+al\s+minuto|(?:pulsaciones|golpes|batidas)\s+por\s+minuto"
    r"|ударов\s+в\s+минуту|拍\s*/\s*分)"
)
_NOT_A_UNIT = (
    r"(?!\s*(?:%|k?hz|kbps|kb|mb|ms|db|s\b|secs?\b|seconds|st\b|nd\b|rd\b|th\b|cents?\b|bits?\b"
    r"|x\b))"
)
_LOWEST_BARE, _HIGHEST_BARE = 40, 220
_MOST_BEATS = 64
_NUMBERS = {
    1: "one single ein eine einen un une uno una", 2: "two zwei deux dos due",
    3: "three drei trois tres tre", 4: "four vier quatre cuatro quattro",
    5: "five funf cinq cinco cinque", 6: "six sechs seis sei", 7: "seven sieben sept siete sette",
    8: "eight acht huit ocho otto", 9: "nine neun neuf nueve nove", 10: "ten zehn dix diez dieci",
    12: "twelve zwolf douze doce dodici", 16: "sixteen sechzehn seize dieciseis sedici",
    24: "twenty-four", 32: "thirty-two",
}  # fmt: skip
_NUMBER_OF = {word: number for number, words in _NUMBERS.items() for word in words.split()}
_COUNT = rf"(?:{_RANGE}|(?P<word>{'|'.join(sorted(_NUMBER_OF, key=len, reverse=True))}))"
_BARS = (
    r"(?:bars?|measures?|mesures?|takte?n?|compas(?:es)?|compassos?|battut[ae]|такт(?:а|ов)?"
    r"|小節|小节|마디)"
)
_PLAYED = (
    r"(?:notes?|noten|notas|(?:hi-?\s?)?hats?|delays?|echo(?:es)?|arps?|arpeggi\w*|rolls?|triplets?"
    r"|grid|swing|shuffle|bass(?:lines?)?|plucks?|stabs?|gate[ds]?|pulses?|sequence\w*|kicks?|snares?"
    r"|shakers?|rides?|claps?|steps?|feel|rhythms?|lfo|offset|strums?)"
)
_GENRES = (
    r"(?:house|techno|trance|hardstyle|hardcore|gabber|edm|electro|dnb|d\s?&\s?b|drum\s?(?:and|n|&)\s?"
    r"bass|jungle|breaks?|breakbeat|dubstep|dub|trap|drill|phonk|grime|garage|ukg|hip\s?-?hop|boom\s?bap"
    r"|lo-?\s?fi|ambient|downtempo|synthwave|disco|funk|soul|r&b|reggaeton|reggae|rock|metal|punk|jazz"
    r"|afro\w*|amapiano|footwork|juke|rave|dancehall|ska|dembow|kuduro|baile\s?funk|acid|minimal|deep|tech|liquid|beats?|loops?|drums?)"
)
_MACHINES = (
    r"(?:juno|jupiter|sh|jx|jd|dx|tr|tb|cr|cs|ms|mpc|sp|tx|ob|mc|vp|rs|mks|route|highway|area|studio"
    r"|room|summer|class|anni|anos|annees|jahre|decada|version|take|part|vol|volume|number|no|nr|track|preset|patch)"
)


_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_ONES = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_SPELT = (
    rf"(?:(?P<hundreds>one|two|a)\s+hundred(?:\s+and)?)?\s*(?P<tens>{'|'.join(_TENS)})?"
    rf"(?:[\s-]*(?P<ones>{'|'.join(sorted(_ONES, key=len, reverse=True))}))?"
)
"""A tempo in English words: one hundred and twenty."""


def _pattern(text: str, *words: str) -> LatePattern:
    return LatePattern(text, re.IGNORECASE, words=words)


def _numeric(text: str) -> LatePattern:
    return LatePattern(text, re.IGNORECASE, with_digit=True)


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _middle(match: Match) -> float:
    low = _number(match["low"])
    return low if match["high"] is None else (low + _number(match["high"])) / 2


def _tempo(match: Match) -> float:
    return checked_bpm(round(_middle(match), 4))


def _spelt_tempo(match: Match) -> float:
    said = {name: (text or "").lower() for name, text in match.groupdict().items()}
    hundreds = {"one": 100, "a": 100, "two": 200}.get(said["hundreds"], 0)
    bpm = hundreds + _TENS.get(said["tens"], 0) + _ONES.get(said["ones"], 0)
    if not bpm:
        raise NoFact  # beats per minute, of nothing
    return checked_bpm(bpm)


def _bare_tempo(match: Match) -> float:
    """Read a number without a unit, which is a tempo only where it is an ordinary one."""
    bpm = _number(match["low"])
    if not _LOWEST_BARE <= bpm <= _HIGHEST_BARE:
        raise NoFact
    if re.search(rf"(?<![a-z]){_MACHINES}[\s-]*$", match.string[: match.start()], re.IGNORECASE):
        raise NoFact
    return bpm


def _bars(match: Match) -> int:
    word = match["word"]
    bars = _NUMBER_OF[word.lower()] if word else _middle(match)
    is_part = word is None and match["high"] is None and bars % 1
    if is_part or not 1 <= bars <= HIGHEST_BARS:
        raise LoopError(f"{match[0]} is not a length in bars")
    return int(bars)


def _beats(match: Match) -> int:
    if not match["word"] and _middle(match) > _MOST_BEATS:
        raise NoFact  # 808 beats
    return _bars(match)


def _meter_in_words(match: Match) -> Meter:
    word = (match["lower"] or match["spaced"]).lower()
    lower = {"quarter": 4, "four": 4, "eight": 8, "sixteen": 16}[word]
    return Meter(_NUMBER_OF[match["upper"].lower()], lower)


def _meter(match: Match) -> Meter:
    if int(match["lower"]) not in METER_DENOMINATORS and int(match["upper"]) > 16:
        raise NoFact  # 24/7, 50/50
    return Meter.parse(f"{match['upper']}/{match['lower']}")


def _key(match: Match) -> Key:
    return Key(*key_names.key_of_match(match))


def _tonic(match: Match) -> str:
    return key_names.key_of_match(match)[0]


def _mode(match: Match) -> str:
    return key_names.MODE_WORDS[match["mode"].lower()]


def _note_value(match: Match) -> int:
    names = {"quarter": 4, "eighth": 8, "sixteenth": 16, "4th": 4, "8th": 8, "16th": 16, "32nd": 32}
    return names[match["name"].lower()] if match["name"] else int(match["lower"] or match["dotted"])


_FRACTION = r"(?P<upper>\d{1,2})\s?/\s?(?P<lower>\d{1,2})"
RULES = (
    Rule(
        Kind.METER,
        _numeric(rf"{START}(?:in\s+)?{_FRACTION}[\s-]*(?:time(?:\s+signature)?|met(?:er|re)|signature"
                 rf"|takt|mesure|compas){END}"),
        _meter,
    ),
    Rule(
        Kind.METER,
        _pattern(
            rf"{START}(?:in\s+)?(?P<upper>{'|'.join(_NUMBER_OF)})(?:-(?P<lower>four|eight|sixteen)"
            rf"(?![\s-]*{_BARS}|[\s-]*beats?)|\s(?P<spaced>four|eight|quarter|sixteen)s?"
            rf"(?=\s+(?:time|met(?:er|re)|groove|feel|beat|ballad|swing|shuffle))){END}"
            rf"(?:\s+(?:time|met(?:er|re)))?",
            "four", "eight", "quarter", "sixteen",
        ),
        _meter_in_words,
    ),
    Rule(Kind.METER, _numeric(r"(?P<lower>\d{1,2})分の(?P<upper>\d{1,2})拍子"), _meter),
    Rule(
        Kind.NOTE_VALUE,
        _pattern(rf"{START}(?:(?:dotted|triplet|straight)\s+)?(?:1\s?/\s?(?P<lower>4|8|16|32|64)"
                 rf"(?:th|nd|t|d)?s?{END}|3\s?/\s?(?P<dotted>8|16)(?=[\s-]+{_PLAYED}{END})"
                 rf"|(?P<name>quarter|eighth|sixteenth|4th|8th|16th|32nd)s?(?=[\s-]+{_PLAYED}{END}))",
                 "/", "quarter", "eighth", "sixteenth", "4th", "8th", "16th", "32nd"),
        _note_value,
    ),
    Rule(
        Kind.TEMPO,
        _numeric(rf"{START}(?:(?:at|around|about|approx\.?|between|tempo:?)\s*|@\s*)?{_RANGE}"
                 rf"[\s-]*{_PER_MINUTE}"),
        _tempo,
    ),
    Rule(
        Kind.TEMPO,
        _numeric(rf"{START}(?:bpm|tempo|speed|mm|m\.m\.)\s*(?:of|is|at|=|:|@)?\s*{_RANGE}{END}"
                 rf"{_NOT_A_UNIT}"),
        _tempo,
    ),
    Rule(Kind.TEMPO, _numeric(rf"(?:テンポ|템포|速度)\s*[:=]?\s*{_RANGE}"), _tempo),
    Rule(Kind.TEMPO, _numeric(rf"每分[钟鐘]\s*{_RANGE}\s*拍"), _tempo),
    Rule(Kind.TEMPO, _pattern(rf"{START}(?:at\s+)?{_SPELT}[\s-]+{_PER_MINUTE}"), _spelt_tempo),
    Rule(Kind.TEMPO, _numeric(rf"[♩♪q]\s*=\s*{_RANGE}{END}"), _tempo),
    Rule(
        Kind.BARS,
        _pattern(rf"{START}(?:for\s+)?{_COUNT}[\s-]*{_BARS}(?:[\s-]+(?:loop|long))?(?![a-z])",
                 "bar", "measure", "mesure", "takt", "compas", "battut", "такт", "小節", "小节",
                 "마디"),
        _bars,
    ),
    Rule(Kind.BARS, _pattern(rf"{START}bars?\s*[:=]\s*{_COUNT}{END}", "bar"), _bars),
    Rule(
        Kind.BEATS,
        _pattern(rf"{START}{_COUNT}[\s-]+beats?(?:[\s-]+(?:loop|long))?{END}", "beat"),
        _beats,
    ),
    Rule(Kind.METER, _numeric(rf"{START}(?:in\s+)?{_FRACTION}{END}(?!\s*/)"), _meter),
    *(Rule(Kind.KEY, pattern, _key) for pattern in key_names.KEYS),
    *(Rule(Kind.TONIC, pattern, _tonic) for pattern in key_names.TONICS),
    Rule(Kind.MODE, key_names.MODE_ALONE, _mode),
    Rule(
        Kind.TEMPO,
        _numeric(rf"(?:{START}at\s+|@\s*)(?P<low>\d{{2,3}}(?:[.,]\d{{1,4}})?){END}(?![.,]\d)"
                 rf"{_NOT_A_UNIT}"),
        _bare_tempo,
        unless_said=True,
    ),
    Rule(
        Kind.TEMPO,
        _numeric(rf"{START}{_GENRES}\s+(?P<low>1\d\d|[6-9]\d)(?:\.\d{{1,2}})?{END}{_NOT_A_UNIT}"),
        _bare_tempo,
        unless_said=True,
    ),
    Rule(
        Kind.TEMPO,
        _numeric(rf"(?<![\d.,/-])(?<!\d\s){START}(?P<low>1\d\d|[6-9]\d)(?:\.\d{{1,2}})?{END}"
                 rf"{_NOT_A_UNIT}"
                 rf"(?=\s*(?:[,;)]|$)|\s+(?:w/|{_GENRES}{END}))"),
        _bare_tempo,
        unless_said=True,
    ),
)  # fmt: skip
