"""A musician's own drum sounds: which drum a file is, by its name, and how a recipe records it."""

import re
import unicodedata

import msgspec

from engine.loops.late_pattern import LatePattern

VOICES = (
    "kick", "snare", "clap", "rim", "hat", "openhat", "pedal", "ride", "crash", "tom_low",
    "tom_mid", "tom_high", "conga_low", "conga_high", "bongo", "shaker", "tambourine", "cowbell",
    "clave", "block", "triangle", "snap", "bell",
)  # fmt: skip
"""The drums that a kit may have."""
DRUM_ROLES = ("drums", "percussion")
"""The roles that one-shots play."""
NOTED_ROLES = (*DRUM_ROLES, "bass", "chords", "pad", "lead")
"""The roles that a soundfont plays."""
SOUNDFONT = "soundfont"
"""What a recipe has instead of a drum for a soundfont, which plays all parts that have notes."""
PERCUSSION = ("conga_high", "block", "bongo", "cowbell", "conga_low", "clave")
"""What sounds that are only called percussion play, in turn."""
_WORDS: tuple[tuple[str, str], ...] = (
    ("openhat", "open hat|hat open|openhat|open hh|hh open|open hihat|hihat open|ohh|oh|ophat|hho"),
    ("pedal", "pedal|foot hat|phh"),
    ("hat", "hat|hats|hihat|hi hat|hh|chh|ch|closed|hhc"),
    ("kick", "kick|kik|kck|bd|bassdrum|bass drum|kd|bdrum"),
    ("rim", "rim|rimshot|rs|sidestick|side stick|stick|xstick"),
    ("snare", "snare|snr|sn|sd|sdrum|brush"),
    ("clap", "clap|claps|cp|clp|handclap|hand clap"),
    ("snap", "snap|snaps|finger"),
    ("ride", "ride|rd|rid|cym ride"),
    ("crash", "crash|cr|crsh|cymbal|cym|splash|china"),
    ("tom_low", "low tom|tom low|lowtom|lt|floor tom|floor|tom 3|tom3|tom l"),
    ("tom_high", "high tom|hi tom|tom hi|tom high|hightom|hitom|ht|tom 1|tom1|tom h"),
    ("tom_mid", "tom|toms|mid tom|mt|tom 2|tom2"),
    ("conga_low", "low conga|conga low|conga lo|lo conga|tumba|lc"),
    ("conga_high", "conga|congas|high conga|conga hi|quinto|hc|mc"),
    ("bongo", "bongo|bongos|djembe|tabla|darbuka"),
    ("shaker", "shaker|shk|shake|maraca|maracas|cabasa|ma|egg"),
    ("tambourine", "tambourine|tamb|tam|tambo"),
    ("cowbell", "cowbell|cow bell|cow|cb|agogo"),
    ("clave", "clave|claves|cl"),
    ("block", "block|woodblock|wood block|wood|wb|temple"),
    ("triangle", "triangle|tri"),
    ("bell", "bell|bells"),
    ("openhat", "open"),
    ("percussion", "perc|percs|percussion|prc|fx|hit"),
)
"""Words for each drum; the first drum of which one is in a name is the one."""
_PATTERNS = tuple(
    (voice, LatePattern(rf"(?<![a-z])(?:{words})s?(?![a-z])")) for voice, words in _WORDS
)


class KitSound(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A sound of one's own that a loop was played with: its drum, its file name and its SHA-256.

    A soundfont has `SOUNDFONT` for the drum.
    """

    voice: str
    name: str
    sha256: str


def voice_named(path: str) -> str | None:
    """Return which drum a file is, by its name or else by the folders around it.

    Args:
        path: relative to the kit's folder, with `/` between its parts.

    Returns one of `VOICES`, `percussion`, or None if no word is known.
    """
    *folders, name = path.split("/")
    for text in (name.rpartition(".")[0] or name, *reversed(folders)):
        words = _words(text)
        for voice, pattern in _PATTERNS:
            if pattern.search(words):
                return voice
    return None


def _words(text: str) -> str:
    """Return the words of a name: `OpenHat_02` is `open hat 02`, `TR808` is `tr 808`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    split = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", plain)
    return re.sub(r"[^a-z0-9]+", " ", split.lower()).strip()
