"""The one policy of derived loops: which request a mode makes of a clip.

Window, bridge and command line all ask here which model plays, with which settings, and why
something cannot be done. A front end only adds what its user typed.
"""

import dataclasses
from collections.abc import Collection, Mapping

import msgspec

from engine.loops.errors import LoopError
from engine.loops.recipe import Recipe
from engine.loops.request import LoopRequest, SourceMode

SKETCH_ID = "sketch"
_PLAYED = (SourceMode.CONTINUE, SourceMode.MELODY, SourceMode.VARY, SourceMode.REDO)


class CannotDerive(LoopError):
    """A mode that neither the clip's own model nor the chosen one can carry out."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Models:
    """The models that may play.

    Attributes:
        chosen: the id of the model that the user has chosen.
        modes: by the id of each known model, what it can make of a source.
    """

    chosen: str
    modes: Mapping[str, Collection[str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Blend:
    """How two clips are blended.

    Attributes:
        amount: how much of the second clip is heard, 0..1.
        in_latents: mix in the model's latents instead of in the sound.
        renoise: the share of the mix that the model generates again, 0..1.
    """

    amount: float
    in_latents: bool = False
    renoise: float = 0.0


def model_for(mode: str, recipe: Recipe | None, models: Models) -> str:
    """Return the id of the model for a mode: the clip's own if it can do it, else the chosen one.

    A chosen model that is not known here is returned, since the engine has the last word on it; so
    is the chosen one for the modes of the craft, of which only some blends need a model.

    Raises:
        CannotDerive: neither can; the sentence says what to choose instead.
    """
    if mode not in _PLAYED:
        return models.chosen
    own = None if recipe is None else sounding_model(recipe)
    if own is not None and _can(mode, own, recipe, models):
        return own
    if models.chosen not in models.modes or _can(mode, models.chosen, recipe, models):
        return models.chosen
    raise CannotDerive(_why_neither(mode, models))


def sounding_model(recipe: Recipe) -> str:
    """Return the id of the model that a clip sounds of: retempo and rekey do not change it."""
    played = [request.model for request in recipe.lineage if not request.needs_no_model]
    return played[-1] if played else recipe.model.id


def is_sketch_alone(recipe: Recipe | None) -> bool:
    """Return whether sketch can vary or continue a clip: it works from recipes, not from sound."""
    return recipe is not None and recipe.is_all_of(SKETCH_ID)


def derived_request(
    mode: str, source: str, recipe: Recipe | None, models: Models, *, takes: int = 1
) -> LoopRequest:
    """Return the request that applies a mode to a clip; its seed is open.

    It has the clip's sample rate and bit depth, and, if the clip's own model plays, that model's
    settings. Amount, bars to redo, tempo and key are for the caller to add. For a blend see
    `blend_request`.

    Args:
        mode: one of `SourceMode` but `blend`.
        source: the clip's id, or a file's name.
        recipe: the clip's; None for a file of unknown origin.
        models: who may play.
        takes: how many candidates are wanted, where a model plays.

    Raises:
        CannotDerive: no model can do it.
    """
    asked = LoopRequest() if recipe is None else recipe.request
    base = LoopRequest(rate=asked.rate, bits=asked.bits, source=source, mode=mode)
    if base.needs_no_model:
        return base
    return msgspec.structs.replace(
        settings_for(model_for(mode, recipe, models), recipe), source=source, mode=mode, takes=takes
    )


def blend_request(
    first: str,
    second: str,
    recipe: Recipe | None,
    blend: Blend,
    models: Models,
    *,
    takes: int = 1,
) -> LoopRequest:
    """Return the request that blends two clips; their prompts are left to the engine.

    Args:
        first: the first clip's id, or a file's name.
        second: the second clip's.
        recipe: the first clip's, which gives sample rate and bit depth.
        blend: how much, and where.
        models: the chosen one blends in latents and generates again.
        takes: how many candidates are wanted, where a model plays.
    """
    asked = LoopRequest() if recipe is None else recipe.request
    request = LoopRequest(
        source=first, with_source=second, mode=SourceMode.BLEND, amount=blend.amount,
        blend_in="latents" if blend.in_latents else None, renoise=blend.renoise or None,
        rate=asked.rate, bits=asked.bits,
    )  # fmt: skip
    if request.needs_no_model:
        return request
    return msgspec.structs.replace(request, model=models.chosen, takes=takes)


def between_prompts_request(
    first: Recipe, second: Recipe, amount: float, models: Models
) -> LoopRequest:
    """Return the request for a loop between the prompts of two clips, on the grid of the first."""
    model, grid = sounding_model(first), first.grid
    if model not in models.modes:
        model = models.chosen
    return msgspec.structs.replace(
        settings_for(model, first), takes=1,
        toward=second.request.prompt, toward_amount=amount,
        bpm=grid.bpm, meter=str(grid.meter), bars=grid.bars if grid.is_loop else None,
        key=first.key,
    )  # fmt: skip


def settings_for(model: str, recipe: Recipe | None) -> LoopRequest:
    """Return what a clip's recipe asks of a model: prompts, format, and that model's own settings.

    Time, seed and source are open; the settings of another model are left out.
    """
    if recipe is None:
        return LoopRequest(model=model)
    asked = recipe.request
    if model != recipe.model.id:
        asked = LoopRequest(
            prompt=asked.prompt, negative=asked.negative, rate=asked.rate, bits=asked.bits
        )
    return msgspec.structs.replace(asked.without_source(), model=model)


def _can(mode: str, model: str, recipe: Recipe | None, models: Models) -> bool:
    if mode == SourceMode.REDO:  # any model generates bars from a prompt
        return model in models.modes
    has_mode = mode in models.modes.get(model, ())
    return has_mode and (model != SKETCH_ID or is_sketch_alone(recipe))


def _why_neither(mode: str, models: Models) -> str:
    verb = "follow a melody" if mode == SourceMode.MELODY else mode
    able = [model for model, modes in models.modes.items() if mode in modes and model != SKETCH_ID]
    other = f"a model such as {able[0]}" if able else "another model"
    if models.chosen == SKETCH_ID and mode in models.modes.get(SKETCH_ID, ()):
        return f"Sketch can only {verb} what it played alone: choose such a loop, or {other}."
    return f"{models.chosen} cannot {verb}: choose {other}."
