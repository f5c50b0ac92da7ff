"""The recipe of a clip: everything needed to make it again, stored inside the file.

The recipe is UTF-8 JSON in a chunk of its own (`lwrc`). It holds no path of the machine that
made the clip.
"""

import msgspec

from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid

RECIPE_FORMAT = 1


class ModelFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The model that made a clip, as far as its clips must tell."""

    id: str
    name: str
    revision: str
    licence: str
    commercial_use: bool = True


class Scores(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was measured of a take.

    `loudness_db` is the RMS level in dBFS, `peak_db` the highest sample in dBFS, `seam` the step
    from the last frame to the first, relative to the 99.9th percentile of all steps inside.
    """

    loudness_db: float
    peak_db: float
    seam: float
    text_match: float | None = None


class Recipe(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one clip was made.

    `request` is what was asked, with the take's own seed and one take, so that it makes this
    very take again; `grid` and `key` are what it became.
    """

    # A factory, since a plain default would be left out of the file, and the file must say it.
    format: int = msgspec.field(default_factory=lambda: RECIPE_FORMAT)
    program: str
    created: str
    clip_id: str
    request_id: str
    request: LoopRequest
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
    badges: tuple[str, ...] = ()


def encode_recipe(recipe: Recipe) -> bytes:
    """Return the recipe as UTF-8 JSON."""
    return msgspec.json.encode(recipe)


class _Format(msgspec.Struct):
    format: int


def decode_recipe(data: bytes) -> Recipe:
    """Read a recipe.

    Raises:
        LoopError: the data is no recipe of a format that this version knows.
    """
    try:
        found = msgspec.json.decode(data, type=_Format).format
        if found == RECIPE_FORMAT:
            recipe = msgspec.json.decode(data, type=Recipe)
            recipe.grid.checked()
            return recipe
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LoopError) as error:
        reason = str(error).rstrip(".")
        raise LoopError(f"The recipe in the file is damaged: {reason}.") from error
    raise LoopError(
        f"The recipe has format {found}, this version reads {RECIPE_FORMAT}: "
        "use a newer Loopwright."
    )
