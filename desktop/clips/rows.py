"""A clip as a row of the list.

A row is created from the file name; the facts in the file itself are added later.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.loops.derive import SKETCH_ID
from engine.loops.edits import NONE, Edits
from engine.loops.key import parse_key
from engine.loops.recipe import UNPITCHED, Recipe
from engine.loops.recording import LAYERS, PADS
from engine.loops.tempo import format_bpm

_NAME = re.compile(
    r"(?P<slug>.*?)_(?:(?P<bpm>\d+(?:\.\d+)?)bpm_)?(?:(?P<key>[A-G][sb]?[a-z]*)_)?"
    r"(?:(?P<bars>\d+)bars|(?P<seconds>[\d.]+)s)_(?P<id>[a-z2-7]{8})\.wav",
    re.IGNORECASE,
)
_REQUESTED = re.compile(r"^(?:requested|asked) .*?, (?=detected |heard )")  # 0.1.0: asked, heard


class Mark(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What the user gave to a clip: title, star, tags, the collections that it is in, and edits."""

    title: str = ""
    starred: bool = False
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    edits: Edits = NONE


class ClipRow(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One clip. `bars` is None for a one-shot; `recipe` is None until the file was read.

    `file` is its absolute path; a `Path` for each clip would take a third of a row's memory.
    `searched` is what words are searched in, in lower case; it follows from the other fields.
    """

    id: str
    file: str
    written_ns: int
    title: str
    bpm: float | None = None
    key: str = ""
    bars: int | None = None
    recipe: Recipe | None = None
    mark: Mark = Mark()
    damaged: bool = False
    """Whether its audio has NaN or infinite samples; known once its waveform was read."""
    searched: str = ""

    def __post_init__(self) -> None:
        parts = (self.shown_title, self.model, self.role or "", self.key, *self.mark.tags)
        # A search asks all rows of a large project; many have the same text, such as takes.
        msgspec.structs.force_setattr(self, "searched", sys.intern("\n".join(parts).lower()))

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.file)

    @property
    def badges(self) -> tuple[str, ...]:
        """What is off with the clip."""
        damage = ("damaged: partly silent",) if self.damaged else ()
        return damage + (self.recipe.badges if self.recipe else ())

    @property
    def shown_title(self) -> str:
        """The title that the user gave, or else the clip's own."""
        return self.mark.title or self.title

    @property
    def role(self) -> str | None:
        """The role of the clip, such as drums."""
        return self.recipe.role if self.recipe else None

    @property
    def shown_role(self) -> str:
        """The role whose sign and colour the clip has: its own, or where it comes from."""
        if self.recipe is None:
            return "import"
        if self.recipe.model.id == PADS.id:
            return "recording"
        return self.recipe.role or "mix"

    @property
    def shown_key(self) -> str:
        """The key; empty for drums and percussion, which fit any."""
        return "" if self.role in UNPITCHED else self.key

    @property
    def origin(self) -> str:
        """Where the clip comes from, in a word or two; empty for the built-in model, or none."""
        if self.recipe is None:
            return "Import"
        if self.recipe.model.id == PADS.id:
            return "Pads recording"
        if self.recipe.model.id == SKETCH_ID or self.recipe.request.needs_no_model:
            return ""
        return self.recipe.model.name

    @property
    def was_played(self) -> bool:
        """Whether it was recorded or mixed from other clips, and not made from a request."""
        return self.recipe is not None and self.recipe.model.id in (PADS.id, LAYERS.id)

    @property
    def model(self) -> str:
        """The id of the model that generated the clip; empty until the file was read."""
        return self.recipe.model.id if self.recipe else ""

    @property
    def commercial_use(self) -> bool:
        """Whether the licence allows commercial use; True until the file was read."""
        return self.recipe.model.commercial_use if self.recipe else True

    @property
    def score(self) -> float | None:
        """The quality of the take, 0..1; None if it was not judged."""
        return None if self.recipe is None else self.recipe.scores.judged

    @property
    def badge(self) -> str:
        """The first warning about the clip, with a count of the others; empty if there is none."""
        badges = self.badges
        if not badges:
            return ""
        more = f" +{len(badges) - 1}" if len(badges) > 1 else ""
        return _REQUESTED.sub("", badges[0]) + more  # the row already shows the requested value

    @property
    def bpm_text(self) -> str:
        """The tempo without trailing zeros."""
        return "" if self.bpm is None else format_bpm(self.bpm)

    @property
    def spoken(self) -> str:
        """The text of the row for a screen reader."""
        parts = [
            self.shown_title,
            self.model,
            f"{self.bpm_text} BPM" if self.bpm else "",
            self.shown_key,
        ]
        parts += [f"{self.bars} bars" if self.bars else "one-shot"]
        parts += ["" if self.commercial_use else "not for commercial use"]
        parts += self.badges
        parts += ["starred" if self.mark.starred else "", *self.mark.tags]
        return ", ".join(part for part in parts if part)


Condition = Callable[[ClipRow], bool]
"""Something that must hold of a clip for the list."""


def row_of_name(path: Path, written_ns: int) -> ClipRow | None:
    """Return the row for a file name; None if it is not the name of a clip."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    key = match["key"] or ""
    return ClipRow(
        id=match["id"],
        file=str(path),
        written_ns=written_ns,
        title=sys.intern(match["slug"].replace("-", " ")),  # takes share it
        bpm=float(match["bpm"]) if match["bpm"] else None,
        key=key[:1] + key[1:2].replace("s", "#") + key[2:],
        bars=int(match["bars"]) if match["bars"] else None,
    )


def row_with_recipe(row: ClipRow, recipe: Recipe) -> ClipRow:
    """Return a row with the facts from its recipe."""
    grid = recipe.grid
    return msgspec.structs.replace(
        row, title=recipe.title, bpm=grid.bpm, key=_short_key(recipe.key),
        bars=grid.bars if grid.is_loop else None, recipe=recipe,
    )  # fmt: skip


def _short_key(key: str | None) -> str:
    parsed = parse_key(key)
    return "" if parsed is None else parsed.short_name
