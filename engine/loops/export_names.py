"""The names of exported files, by a pattern such as `{title}_{tempo}_{key}_{length}`.

A part of the pattern that a clip does not have, such as the key of drums, is left out together
with what separates it.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Self

import msgspec

from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.recipe import Recipe
from engine.loops.tempo import format_bpm

PARTS = {
    "name": "as the file is named in the project",
    "title": "the title",
    "tempo": "84bpm",
    "key": "Dm",
    "length": "4bars, or the seconds of a one-shot",
    "meter": "7-8",
    "role": "drums, bass, ...",
    "take": "take2",
    "number": "1, 2, ... in the order of the clips",
    "model": "the model that made it",
    "date": "the day that it was made on",
    "id": "the eight characters at the end of the file's name",
}
"""What may stand in braces in a pattern, and what it becomes."""
KEEP_NAMES = "{name}"
DEFAULT_NAMES = "{title}_{tempo}_{key}_{length}"
"""What reads well to musicians, and tells programs the tempo."""
_LONGEST_NAME_BYTES = 200
_PART = re.compile(r"\{([^{}]*)\}")
_SEPARATORS = r" _.,\-"
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What a pattern can name of a clip; what is not known is empty."""

    name: str
    title: str = ""
    tempo: str = ""
    key: str = ""
    length: str = ""
    meter: str = ""
    role: str = ""
    take: str = ""
    model: str = ""
    date: str = ""
    id: str = ""

    @classmethod
    def of(cls, stem: str, recipe: Recipe | None, title: str = "") -> Self:
        """Return what is known of a clip.

        Args:
            stem: the name of its file, without suffix.
            recipe: its recipe; None if it has none.
            title: one to use instead of its own.
        """
        if recipe is None:
            return cls(name=stem, title=title or stem)
        grid, key = recipe.grid, parse_key(recipe.pitched_key)
        return cls(
            name=stem,
            title=title or recipe.title,
            tempo=f"{format_bpm(grid.bpm)}bpm" if grid.is_loop else "",
            key="" if key is None else key.file_mark,
            length=f"{grid.bars}bars" if grid.is_loop else f"{grid.seconds:g}s",
            meter=str(grid.meter).replace("/", "-") if grid.is_loop else "",
            role=recipe.role or "",
            take=f"take{recipe.take + 1}",
            model=recipe.model.id,
            date=recipe.created[:10],
            id=recipe.clip_id,
        )


def check_pattern(pattern: str) -> None:
    """Check that a pattern names only what there is.

    Raises:
        LoopError: it does not, or has a brace alone.
    """
    unknown = next((name for name in _PART.findall(pattern) if name not in PARTS), None)
    if unknown is not None:
        raise LoopError(f"{{{unknown[:40]}}} is no part of a name: use {_listed()}.")
    if any(brace in _PART.sub("", pattern) for brace in "{}"):
        raise LoopError(f"The names {pattern[:80]!r} have a brace alone: write {{title}}.")


def file_names(clips: Sequence[Named], pattern: str, suffixes: Sequence[str]) -> list[str]:
    """Return the name of each file, all different, also where capitals do not count.

    Args:
        clips: what can be named of each.
        pattern: such as `{title}_{tempo}`.
        suffixes: of each file, such as `.wav`.

    Raises:
        LoopError: see `check_pattern`.
    """
    check_pattern(pattern)
    digits = len(str(len(clips)))
    taken: set[str] = set()
    names = []
    for number, (clip, suffix) in enumerate(zip(clips, suffixes, strict=True), 1):
        stem = _stem(clip, pattern, f"{number:0{digits}}")
        name, again = f"{stem}{suffix}", 1
        while name.lower() in taken:
            again += 1
            name = f"{stem} {again}{suffix}"
        taken.add(name.lower())
        names.append(name)
    return names


def _stem(clip: Named, pattern: str, number: str) -> str:
    """Return the name of one file without suffix; every system can have it."""
    texts = {name: getattr(clip, name) for name in PARTS if name != "number"} | {"number": number}
    filled = _PART.sub(lambda found: str(texts[found[1]]) or "\0", pattern)
    # What is empty goes with the separators before it, or after it at the beginning.
    filled = re.sub(rf"^\0[{_SEPARATORS}]*|[{_SEPARATORS}]*\0", "", filled)
    plain = _FORBIDDEN.sub("-", unicodedata.normalize("NFC", filled)).strip(" .")
    while len(plain.encode()) > _LONGEST_NAME_BYTES:
        plain = plain[:-1].rstrip(" .")
    if not plain:
        return "loop"
    return f"_{plain}" if _RESERVED.match(plain) else plain


def _listed() -> str:
    names = [f"{{{name}}}" for name in PARTS]
    return f"{', '.join(names[:-1])} or {names[-1]}"
