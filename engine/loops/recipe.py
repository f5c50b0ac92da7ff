"""The recipe of a clip: everything needed to make it again, stored inside the file.

The recipe is UTF-8 JSON in its own chunk (`lwrc`). It contains no paths of the machine that made
the clip.
"""

from collections.abc import Iterable

import msgspec

from engine.loops.edits import NONE, Edits
from engine.loops.errors import LoopError
from engine.loops.kit import DRUM_ROLES
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid

RECIPE_FORMAT = 1
UNPITCHED = DRUM_ROLES
"""The roles whose loops have no key: they fit any."""
_STEPS = frozenset({"vary", "continue", "melody", "retempo", "rekey"})


class ModelFacts(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """The facts about a model that its clips record."""

    id: str
    name: str
    revision: str
    licence: str
    commercial_use: bool = True


def combined_licence(models: Iterable[ModelFacts], others: Iterable[str] = ()) -> str:
    """Return the licences of all models that contributed to a clip, each once.

    Args:
        models: the models; a model's licence may itself be a combination.
        others: further licences, such as that of a source of unknown origin.
    """
    licences = (each for model in models for each in model.licence.split("; "))
    return "; ".join(dict.fromkeys((*licences, *others)))


class Scores(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """The measurements of a take.

    `loudness_db` is the RMS level in dBFS, `peak_db` the highest sample in dBFS, `seam` the step
    from the last frame to the first, relative to the 99.9th percentile of all steps inside.
    `loudness_lufs` and `true_peak_db` are those of ITU-R BS.1770. `seam_spectrum` and
    `seam_rhythm` rate how well the sound and the onsets continue across the seam, 0..1.
    `heard_bpm` and `heard_key` were detected in the take before its repairs, each with a
    confidence, 0..1. Takes are ranked by `total`, 0..1.
    """

    loudness_db: float
    peak_db: float
    seam: float
    text_match: float | None = None
    loudness_lufs: float | None = None
    true_peak_db: float | None = None
    seam_spectrum: float | None = None
    seam_rhythm: float | None = None
    heard_bpm: float | None = None
    bpm_confidence: float | None = None
    heard_key: str | None = None
    key_confidence: float | None = None
    total: float | None = None

    @property
    def judged(self) -> float | None:
        """How good the take is, 0..1: the total or, without one, the text match."""
        if self.total is not None:
            return self.total
        return None if self.text_match is None else max(self.text_match, 0.0)


class Repairs(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What craft did to a take to fit it to the grid.

    Attributes:
        stretch: the new length over the old one; 1 means untouched.
        semitones: how far it was shifted up.
        start_s: where in the take the loop begins.
        turned_frames: how far it was rotated so that its downbeat is frame 0.
        fade_s: the length of the crossfade at the seam.
        gain_db: how much louder it was made.
        limited_db: how much the highest peak was lowered after that.
        played_bars: how many bars the take had, if those were repeated; None if it had them all.
    """

    stretch: float = 1.0
    semitones: float = 0.0
    start_s: float = 0.0
    turned_frames: int = 0
    fade_s: float = 0.0
    gain_db: float = 0.0
    limited_db: float = 0.0
    played_bars: int | None = None


class Recipe(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """How one clip was made.

    `request` has the take's own seed and one take, so that it makes exactly this take again;
    `grid` and `key` are the result. `made_from` lists the requests that led from a prompt to the
    clip's source, oldest first; it is empty if they are not known. `edited_from` is the clip of
    which this is a version with `edits`, and `whole_grid` the grid of that clip.
    """

    # A factory, since a plain default would be left out of the file, which must state the format.
    format: int = msgspec.field(default_factory=lambda: RECIPE_FORMAT)
    program: str
    created: str
    clip_id: str
    request_id: str
    request: LoopRequest
    made_from: tuple[LoopRequest, ...] = ()
    asked_seed: int
    asked_takes: int
    take: int
    rank: int
    grid: LoopGrid
    key: str | None = None
    model: ModelFacts
    title: str
    role: str | None = None
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    scores: Scores
    repairs: Repairs | None = None
    badges: tuple[str, ...] = ()
    edits: Edits = NONE
    edited_from: str | None = None
    whole_grid: LoopGrid | None = None

    @property
    def unedited(self) -> "Recipe":
        """The recipe of the clip of which this is an edited version; else this one."""
        if self.edited_from is None:
            return self
        return msgspec.structs.replace(
            self, edits=NONE, edited_from=None, whole_grid=None, clip_id=self.edited_from,
            grid=self.whole_grid or self.grid,
        )  # fmt: skip

    @property
    def pitched_key(self) -> str | None:
        """The key; None for drums and percussion, which fit any."""
        return None if self.role in UNPITCHED else self.key

    @property
    def lineage(self) -> tuple[LoopRequest, ...]:
        """The requests that lead from a prompt to this clip, oldest first.

        It is empty if a step is not known, or is more than one request can describe, such as
        redone bars, a blend of two clips, or a trim. A part that fits other loops begins one of
        its own.
        """
        if self.edits.bars is not None:
            return ()
        if self.request.mode is None or self.request.guide is not None:
            return (self.request,)
        known = self.made_from and self.request.mode in _STEPS
        return (*self.made_from, self.request) if known else ()

    def is_all_of(self, model_id: str) -> bool:
        """Return whether, according to the lineage, this model alone played the clip."""
        played = [each for each in self.lineage if not each.needs_no_model]
        return bool(played) and all(each.model == model_id for each in played)


def encode_recipe(recipe: Recipe) -> bytes:
    """Return the recipe as UTF-8 JSON."""
    return msgspec.json.encode(recipe)


class _Format(msgspec.Struct):
    format: int


def decode_recipe(data: bytes) -> Recipe:
    """Read a recipe.

    Raises:
        LoopError: the data is not a recipe of a format that this version knows.
    """
    try:
        found = msgspec.json.decode(data, type=_Format).format
        if found == RECIPE_FORMAT:
            recipe = msgspec.json.decode(data, type=Recipe)
            recipe.grid.checked()
            return _with_settled_requests(recipe)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LoopError) as error:
        reason = str(error).rstrip(".")
        raise LoopError(f"The recipe in the file is damaged: {reason}.") from error
    raise LoopError(
        f"The recipe has format {found}, this version reads {RECIPE_FORMAT}: "
        "use a newer Loopwright."
    )


def _with_settled_requests(recipe: Recipe) -> Recipe:
    """Return a recipe whose requests have settled `near_words` and `sketch_version`.

    Where they are not, the loop was made before unknown words were read, or before sketch had a
    second version, and must stay as it is.
    """
    made_from = tuple(_settled(request) for request in recipe.made_from)
    return msgspec.structs.replace(recipe, request=_settled(recipe.request), made_from=made_from)


def _settled(request: LoopRequest) -> LoopRequest:
    near_words = () if request.near_words is None else request.near_words
    version = request.sketch_version
    if version is None and request.model == "sketch":
        version = 1
    return msgspec.structs.replace(request, near_words=near_words, sketch_version=version)
