"""Getting clips out: copies in another format, at another rate, under other names.

What the file says of the loop (tempo, bars, key, licence) and its recipe go along. A loop is
resampled on the circle and to the exact length at the new rate, so that it stays a loop in time.
"""

import dataclasses
from pathlib import Path

import msgspec

from engine.loops.audio_file import read_audio
from engine.loops.cancel import Check, no_check
from engine.loops.clip import file_name
from engine.loops.edited import edited_audio, edited_recipe, rescored
from engine.loops.edits import NONE, Edits
from engine.loops.errors import LoopError, OutOfRange, UnreadableClip
from engine.loops.export_names import Named
from engine.loops.file_facts import RECIPE_COMMENT, FileFacts, read_facts
from engine.loops.files import Folder, reading, reason_of
from engine.loops.flac import flac_bytes
from engine.loops.project import Project
from engine.loops.recipe import Recipe, encode_recipe
from engine.loops.resampling import resample_circular
from engine.loops.tags import comments, tag_facts_of
from engine.loops.take import Audio
from engine.loops.tempo import RATES, LoopGrid
from engine.loops.wav import clip_bytes

DEPTHS = {"wav": ("16", "24", "32f"), "flac": ("16", "24")}
"""The formats, and the bits that each can have."""


@dataclasses.dataclass(frozen=True)
class Format:
    """How files are written; what is None stays as it is in each clip.

    Attributes:
        kind: `wav` or `flac`.
        bits: `16`, `24` or `32f`; FLAC has no `32f`.
        rate: in Hz, one of `engine.loops.tempo.RATES`.
    """

    kind: str | None = None
    bits: str | None = None
    rate: int | None = None

    def check(self) -> None:
        """Check the format.

        Raises:
            OutOfRange: a field is outside what can be written.
        """
        if self.kind is not None and self.kind not in DEPTHS:
            raise OutOfRange("The format", self.kind, " or ".join(DEPTHS))
        depths = DEPTHS[self.kind or "wav"]
        if self.bits is not None and self.bits not in depths:
            raise OutOfRange(
                f"The bit depth of {(self.kind or 'wav').upper()}", self.bits, " or ".join(depths)
            )
        if self.rate is not None and self.rate not in RATES:
            raise OutOfRange("The sample rate", self.rate, ", ".join(map(str, RATES)))


@dataclasses.dataclass(frozen=True)
class ExportClip:
    """A clip to export: what its file says, the title that it gets there, and its edits."""

    facts: FileFacts
    title: str
    edits: Edits = NONE

    @classmethod
    def read(cls, path: Path, title: str = "", edits: Edits = NONE) -> "ExportClip":
        """Read what a file says; `title` replaces its own unless it is empty.

        Edits need a recipe: without one they are left out.

        Raises:
            UnreadableClip: the file is missing, or not in a format that can be read.
        """
        facts = read_facts(path)
        own = path.stem if facts.recipe is None else facts.recipe.title
        return cls(facts, title or own, NONE if facts.recipe is None else edits)

    @property
    def named(self) -> Named:
        """What a pattern can name of it."""
        facts = self.facts
        return named_with(self.edits, facts.path.stem, facts.recipe, self.title)

    def suffix(self, form: Format) -> str:
        """Return the suffix of the file that is written."""
        return self.facts.path.suffix if form.kind is None else f".{form.kind}"

    def is_copied(self, form: Format) -> bool:
        """Return whether the file is copied byte for byte: nothing in it changes."""
        facts = self.facts
        return (
            form.kind in (None, facts.format.lower())
            and form.bits in (None, facts.bits)
            and form.rate in (None, facts.rate)
            and (facts.recipe is None or facts.recipe.title == self.title)
            and self.edits == NONE
        )

    def check(self, form: Format) -> None:
        """Check that the clip can be written in a format.

        Raises:
            LoopError: it is no clip of Loopwright's, and would not be a copy.
        """
        if self.facts.recipe is None and not self.is_copied(form):
            reason = self.facts.recipe_problem or "Loopwright did not make it."
            raise LoopError(
                f"{self.facts.path} can only be exported as it is, since its tempo and recipe are "
                f"not known: {reason[:1].lower()}{reason[1:]}"
            )


def named_with(edits: Edits, stem: str, recipe: Recipe | None, title: str) -> Named:
    """Return what a pattern can name of a clip with edits, which has a name of its own.

    Args:
        edits: those that are exported.
        stem: the name of the clip's file, without suffix.
        recipe: the clip's.
        title: one to use instead of its own, unless it is empty.
    """
    if recipe is not None and edits != NONE:
        recipe = edited_recipe(recipe, edits)
        name = file_name(title or recipe.title, recipe.grid, recipe.pitched_key, recipe.clip_id)
        stem = Path(name).stem
    return Named.of(stem, recipe, title)


def write_export(
    clip: ExportClip, name: str, form: Format, project: Project, check: Check = no_check
) -> Path:
    """Write a clip into a folder, unless the same file is there already; return its path.

    Args:
        clip: what to write.
        name: of the new file.
        form: its format, checked.
        project: the folder.
        check: called between two steps; it may raise to end the work.

    Raises:
        LoopError: the clip cannot be read, or written in this format.
        ProjectError: another file has this name, or the folder cannot be written to.
    """
    clip.check(form)
    if clip.is_copied(form):
        return _copied(clip.facts.path, name, project)
    return project.write_once(name, _converted(clip, form, check))


def replace_with_edited(path: Path, edits: Edits) -> Path:
    """Write a clip with edits beside it, under a name of its own, and delete it; return the new.

    Raises:
        LoopError: the clip cannot be read.
        ProjectError: the folder cannot be written to.
    """
    clip = ExportClip.read(path, edits=edits)
    if clip.edits == NONE:
        return path
    form = Format()
    made = write_export(clip, clip.named.name + clip.suffix(form), form, Project(path.parent))
    with Folder.open(path.parent) as folder:
        folder.delete(path.name)
    return made


def _converted(clip: ExportClip, form: Format, check: Check) -> bytes:
    facts = clip.facts
    kind = form.kind or facts.format.lower()
    bits = form.bits or (facts.bits if facts.bits in DEPTHS[kind] else "24")
    rate = form.rate or facts.rate
    read = read_audio(facts.path, on_piece=check)
    if facts.recipe is None:  # `check` refused it
        raise AssertionError
    own, audio, is_edited = edited_recipe(facts.recipe, clip.edits), read.audio, clip.edits != NONE
    if is_edited:
        audio = edited_audio(audio, facts.recipe.grid, clip.edits)
        own = rescored(own, audio)
    recipe = _retitled(own, clip.title, rate)
    audio = _at_rate(audio, own.grid, recipe.grid, facts.rate, check)
    check()
    dither = facts.bits != "16" or rate != facts.rate or is_edited
    if kind == "wav":
        return clip_bytes(audio, bits, tag_facts_of(recipe), recipe, dither=dither)
    texts = [*comments(tag_facts_of(recipe)), (RECIPE_COMMENT, encode_recipe(recipe).decode())]
    seed = (recipe.request.seed or 0) if dither else None
    return flac_bytes(audio, rate, bits, texts, seed)


def _retitled(recipe: Recipe, title: str, rate: int) -> Recipe:
    """Return a recipe with the title and the rate of the exported file."""
    grid = recipe.grid
    if rate != grid.rate:
        grid = msgspec.structs.replace(grid.unrounded, rate=rate)
    return msgspec.structs.replace(recipe, title=title, grid=grid)


def _at_rate(audio: Audio, old: LoopGrid, new: LoopGrid, rate: int, check: Check) -> Audio:
    """Return the audio of a clip at the rate of a new grid."""
    if new.rate == rate:
        return audio
    if not old.is_loop:
        import soxr

        longer: Audio = soxr.resample(audio, rate, new.rate, quality="VHQ")
        return longer
    whole = len(audio) == old.frames
    frames = new.frames if whole else round(len(audio) * new.rate / rate)
    return resample_circular(audio, frames, check)


def _copied(path: Path, name: str, project: Project) -> Path:
    try:
        source = reading(path)
    except OSError as error:
        raise UnreadableClip(path, reason_of(error)) from error
    with source:
        return project.copy_once(source, name)
