"""A clip: one finished file in a project folder, as the rest of the program sees it."""

import re
import secrets
import unicodedata

import msgspec

from engine.loops.key import parse_key
from engine.loops.recipe import Recipe
from engine.loops.tempo import LoopGrid, format_bpm

_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
ID_LENGTH = 8
_FILE_NAME = re.compile(rf".*_([a-z2-7]{{{ID_LENGTH}}})\.wav", re.IGNORECASE)
_LONGEST_SLUG = 40


class Clip(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts of a clip in a project folder.

    `file` is relative to the project folder; `path` is absolute, and so is `latents`, which is
    None unless the latents of the take were kept.
    """

    id: str
    file: str
    path: str
    title: str
    frames: int
    latents: str | None = None
    recipe: Recipe


def new_clip_id() -> str:
    """Return a random clip id: 8 characters of base32."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(ID_LENGTH))


def in_ascii(text: str) -> str:
    """Return a text without accents and without any other characters outside ASCII."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def slug(title: str) -> str:
    """Return a title as lower-case ASCII words joined by hyphens; `loop` if none remain.

    Words that contain "bpm" are left out: the tempo that follows must be the only one.
    """
    words = [
        word for word in re.findall(r"[a-z0-9]+", in_ascii(title).lower()) if "bpm" not in word
    ]
    text = ""
    for word in words:
        if len(text) + 1 + len(word) > _LONGEST_SLUG:
            break
        text = f"{text}-{word}" if text else word
    return text or (words[0][:_LONGEST_SLUG] if words else "loop")


def file_name(title: str, grid: LoopGrid, key: str | None, clip_id: str) -> str:
    """Return the file name of a clip: `SLUG_128bpm_Am_4bars_ID.wav`.

    The number touches "bpm" and never starts the name, since that is where Ardour looks for a
    tempo. A one-shot has its length in seconds instead of tempo and bars; `key` is that of pitched
    sounds, and None for drums.
    """
    parsed = parse_key(key)
    mark = [parsed.file_mark] if parsed is not None else []
    if grid.is_loop:
        parts = [f"{format_bpm(grid.bpm)}bpm", *mark, f"{grid.bars}bars"]
    else:
        parts = [*mark, f"{grid.seconds:g}s"]
    return "_".join([slug(title), *parts, clip_id]) + ".wav"


def clip_id_of(name: str) -> str | None:
    """Return the id at the end of a clip's file name; None if it is not a clip's name."""
    match = _FILE_NAME.fullmatch(name)
    return None if match is None else match[1]
