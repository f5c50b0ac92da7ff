"""How clips belong together: the takes of a request, and what was made from them.

A clip's recipe names its request, its take and its source, so that nothing else needs to be stored.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Self

import msgspec

from desktop.clips.rows import ClipRow
from desktop.widgets.numbers import signed
from engine.loops.clip import clip_id_of
from engine.loops.edits import Edits
from engine.loops.key import parse_key
from engine.loops.recipe import Recipe
from engine.loops.request import LoopRequest, SourceMode
from engine.loops.tempo import format_bpm

_MOST_STEPS = 100
"""Longer chains of sources are cut, and so is a loop in a damaged project."""

Find = Callable[[str], ClipRow | None]


class Group(msgspec.Struct, frozen=True):
    """Clips that belong together, in order: takes by rank, then versions by age.

    Each is followed by its stems.
    """

    id: str
    rows: tuple[ClipRow, ...]

    @classmethod
    def of(cls, group: str, rows: Iterable[ClipRow]) -> Self:
        """Return the group of some clips, in order."""
        loops: list[ClipRow] = []
        stems: dict[str, list[ClipRow]] = {}
        for row in sorted(rows, key=_place):
            of = stems.setdefault(_sources_of(row)[0], []) if _is_stem(row) else loops
            of.append(row)
        placed = [each for row in loops for each in (row, *stems.pop(row.id, ()))]
        return cls(group, (*placed, *chain.from_iterable(stems.values())))

    @property
    def best(self) -> ClipRow:
        """The clip that stands for the group: its best take."""
        return self.rows[0]

    @property
    def caption(self) -> str:
        """How many takes, versions and stems there are: `3 takes, 2 versions`."""
        takes, stems = sum(map(is_take, self.rows)), sum(map(_is_stem, self.rows))
        versions = len(self.rows) - takes - stems
        parts = ((takes, "take"), (versions, "version"), (stems, "stem"))
        return ", ".join(
            f"{count} {word}" if count == 1 else f"{count} {word}s"
            for count, word in parts
            if count
        )


def group_id(row: ClipRow, find: Find) -> str:
    """Return the id that all clips of a group share: that of the request they all come from.

    A file whose recipe is another clip's, such as a copy under another name, is a group of its own,
    and so is a recording or a mix, which no request led to.
    """
    if row.recipe is None:  # most rows of a large project end here, or after one step
        return row.id
    for _step in range(_MOST_STEPS):
        if row.recipe is None or is_take(row):
            break
        parent = source_of(row, find)
        if parent is None or parent.id == row.id:
            break
        row = parent
    recipe = row.recipe
    if recipe is None or recipe.clip_id != row.id or row.was_played:
        return row.id
    return recipe.request_id


def source_of(row: ClipRow, find: Find) -> ClipRow | None:
    """Return the clip that a clip was made from; None if there is none, or it is not here."""
    return next((found for source in _sources_of(row) if (found := find(source))), None)


def _sources_of(row: ClipRow) -> list[str]:
    """Return the ids of what a clip was made from; the first that is there counts."""
    if row.recipe is None:
        return []
    name = row.recipe.request.source
    named = None if name is None else clip_id_of(name) or name
    return [source for source in (row.recipe.edited_from, named) if source is not None]


class Groups:
    """Which clips belong together, kept up to date as clips come, change and go."""

    def __init__(self, find: Find) -> None:
        """Start without clips; `find` returns the clip that has an id, or None."""
        self.heads: dict[str, str] = {}
        """Of each clip that is not alone: the id of one clip, the same for its whole group."""
        self._find = find
        self._group_of: dict[str, str] = {}
        self._members: dict[str, tuple[str, ...]] = {}
        self._versions: dict[str, set[str]] = {}
        """The clips whose recipes name a clip as their source, by its id; it may be missing."""

    def group_of(self, clip_id: str) -> str:
        """Return the id of a clip's group; empty for an unknown clip."""
        return self._group_of.get(clip_id, "")

    def members(self, group: str) -> tuple[str, ...]:
        """Return the ids of all clips of a group, in any order."""
        return self._members.get(group, ())

    def update(self, clip_ids: Iterable[str]) -> bool:
        """Take in clips that are new, have changed or are gone; return whether `heads` changed."""
        touched, left = set(), False
        for clip_id in self._with_versions(clip_ids):
            row, old = self._find(clip_id), self._group_of.pop(clip_id, None)
            new = None if row is None else self._join(row)
            if new == old:
                continue
            if old is not None:
                self._leave(clip_id, old)
                left |= self.heads.pop(clip_id, None) is not None
            if new is not None:
                self._members[new] = (*self.members(new), clip_id)
            touched |= {old, new}
        named = [self._name_head(group) for group in touched if group is not None]
        return left or any(named)

    def _with_versions(self, clip_ids: Iterable[str]) -> list[str]:
        """Return clips and all that were made from them, in any number of steps."""
        found = list(clip_ids)
        known = set(found)
        for clip_id in found:
            for version in self._versions.get(clip_id, ()):
                if version not in known:
                    known.add(version)
                    found.append(version)
        return found

    def _join(self, row: ClipRow) -> str:
        """Remember the group of a clip, and what it was made from; return the group."""
        for source in _sources_of(row):
            self._versions.setdefault(source, set()).add(row.id)
        group = self._group_of[row.id] = group_id(row, self._find)
        return group

    def _leave(self, clip_id: str, group: str) -> None:
        self._members[group] = tuple(each for each in self._members[group] if each != clip_id)
        if not self._members[group]:
            del self._members[group]

    def _name_head(self, group: str) -> bool:
        """Give the clips of a group a head if there are several; return whether it is new."""
        members = self.members(group)
        if len(members) <= 1:
            return bool(members) and self.heads.pop(members[0], None) is not None
        head = members[0]
        is_new = any(self.heads.get(each) != head for each in members)
        self.heads.update(dict.fromkeys(members, head))
        return is_new


def _is_stem(row: ClipRow) -> bool:
    """Return whether a clip is a part that was taken out of another."""
    recipe = row.recipe
    if recipe is None or recipe.edited_from is not None:
        return False
    return recipe.request.mode == SourceMode.STEMS and recipe.request.source is not None


def is_take(row: ClipRow) -> bool:
    """Return whether a clip was made from a prompt, and not from another clip."""
    recipe = row.recipe
    return recipe is None or (recipe.request.mode is None and recipe.edited_from is None)


def name_in_group(row: ClipRow) -> str:
    """Return what a clip is among those of its group: `Take 2`, `Varied 20 %`, `Drums stem`."""
    if row.recipe is None:
        return row.shown_title
    recipe = row.recipe
    if is_take(row):
        return f"Take {recipe.take + 1}"
    made = "" if recipe.request.mode is None else _made(recipe)
    if recipe.edited_from is None:
        return made
    edited = how_edited(recipe.edits)
    return f"{made}, {edited[:1].lower()}{edited[1:]}" if made else edited


def names_of(rows: Iterable[ClipRow]) -> dict[str, str]:
    """Return the names of the clips of a group, by id; several of one name and source are numbered.

    The first keeps its name, so that none changes when another is made: `Continued (2)`.
    """
    names: dict[str, str] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        name = row.mark.title or name_in_group(row)
        alike = (name, *_sources_of(row))
        seen[alike] += 1
        names[row.id] = name if seen[alike] == 1 else f"{name} ({seen[alike]})"
    return names


def name_alone(row: ClipRow) -> str:
    """Return the name of a clip where its group is not shown: `warm bass, take 2`."""
    name = name_in_group(row)
    if row.mark.title or name == row.shown_title:
        return row.shown_title
    return f"{row.shown_title}, {name[:1].lower()}{name[1:]}"


def from_text(row: ClipRow, find: Find) -> str:
    """Return what a clip was made from: `from take 1`; empty for a take of a prompt."""
    if row.recipe is None or is_take(row):
        return ""
    parent = source_of(row, find)
    if parent is None:
        return f"from {row.recipe.request.source}" if row.recipe.request.source else ""
    name = name_in_group(parent)
    first = f"from {name[:1].lower()}{name[1:]}" if parent.recipe is not None else f"from {name}"
    other = row.recipe.request.with_source
    mixed = None if other is None else find(other)
    return first if mixed is None else f"{first} with {mixed.shown_title}"


def _made(recipe: Recipe) -> str:
    """Return how a clip was made, and which it is of those that were made together."""
    if recipe.request.mode == SourceMode.STEMS:
        return f"{(recipe.role or 'other').capitalize()} stem"
    made = how_made(recipe.request)
    if recipe.request.mode == SourceMode.ACCOMPANY and recipe.role:
        made = f"{recipe.role.capitalize()} part"
    return f"{made}, take {recipe.take + 1}" if recipe.asked_takes > 1 else made


def how_edited(edits: Edits) -> str:
    """Return what edits changed of a clip: `Bars 2–3 alone, faded in, +3 dB`."""
    trimmed = ""
    if edits.bars is not None:
        first, last = edits.bars
        trimmed = f"bar {first} alone" if first == last else f"bars {first}–{last} alone"
    ends = [name for name, fade in (("in", edits.fade_in), ("out", edits.fade_out)) if fade]
    faded = f"faded {' and '.join(ends)}" if ends else ""
    gain = signed(edits.gain_db, "dB") if edits.gain_db else ""
    text = ", ".join(part for part in (trimmed, faded, gain) if part)
    return f"{text[:1].upper()}{text[1:]}"


def how_made(request: LoopRequest) -> str:
    """Return how a clip was made from its source, in a few words."""
    mode = request.mode or "made"
    percent = "" if request.amount is None else f" {request.amount * 100:.0f} %"
    key = parse_key(request.key)
    texts: dict[str, str] = {
        SourceMode.VARY: f"Varied{percent}",
        SourceMode.CONTINUE: "Continued",
        SourceMode.BLEND: f"Blended{percent}",
        SourceMode.REDO: f"{_bars(request.redo_bars or '')} redone",
        SourceMode.RETEMPO: f"At {format_bpm(request.bpm)} bpm" if request.bpm else "Other tempo",
        SourceMode.REKEY: "Other key" if key is None else f"In {key.short_name}",
        SourceMode.MELODY: "Melody kept",
    }
    return texts.get(mode, mode.capitalize())


def _bars(listed: str) -> str:
    """Return a list of bars such as `2-2` or `1, 3-4` as text: `Bar 2`, `Bars 1, 3–4`."""
    ranges = [part.split("-") for part in listed.replace(" ", "").split(",")]
    texts = ["–".join(dict.fromkeys(ends)) for ends in ranges]
    one = len(texts) == 1 and "–" not in texts[0]
    return f"{'Bar' if one else 'Bars'} {', '.join(texts)}"


def _place(row: ClipRow) -> tuple[bool, int, int, str]:
    rank = 0 if row.recipe is None else row.recipe.rank
    return (not is_take(row), rank if is_take(row) else 0, row.written_ns, row.id)
