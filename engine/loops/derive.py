"""The one policy for derived loops: which request applies a mode to a clip.

It decides which model plays, with which settings, and why something cannot be done, for the window,
the bridge and the command line alike. A front end only adds what its user typed.
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

import msgspec

from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.precedence import SessionTime
from engine.loops.recipe import UNPITCHED, Recipe
from engine.loops.request import LoopRequest, SourceMode

SKETCH_ID = "sketch"
_PLAYED = (
    SourceMode.CONTINUE, SourceMode.MELODY, SourceMode.VARY, SourceMode.REDO, SourceMode.STEMS,
)  # fmt: skip


class CannotDerive(LoopError):
    """Neither the clip's own model nor the chosen one has the mode."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Models:
    """The models that are available.

    Attributes:
        chosen: the id of the model that the user chose.
        modes: the modes of each known model, by its id.
    """

    chosen: str
    modes: Mapping[str, Collection[str]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Blend:
    """How to blend two clips.

    Attributes:
        amount: the share of the second clip, 0..1.
        in_latents: mix the model's latents instead of the audio.
        renoise: the share of the mix that the model generates again, 0..1.
    """

    amount: float
    in_latents: bool = False
    renoise: float = 0.0


def model_for(mode: str, recipe: Recipe | None, models: Models) -> str:
    """Return the id of the model for a mode: the clip's own if it has it, else the chosen one.

    If the chosen model is not known here, its id is returned, since the engine makes the final
    decision. It is also returned for the modes of craft, of which only some blends need a model. A
    part that fits loops is played by the chosen model if it can, whoever played them, else by
    sketch. Stems are played again where the notes are known; only other sounds need a model that
    takes them out.

    Raises:
        CannotDerive: neither has the mode; the sentence says what to choose instead.
    """
    if mode == SourceMode.ACCOMPANY:
        return models.chosen if mode in models.modes.get(models.chosen, ()) else SKETCH_ID
    if mode not in _PLAYED:
        return models.chosen
    if mode == SourceMode.STEMS:
        return _stems_model(recipe, models)
    own = None if recipe is None else sounding_model(recipe)
    if own is not None and _can(mode, own, recipe, models):
        return own
    if models.chosen not in models.modes or _can(mode, models.chosen, recipe, models):
        return models.chosen
    raise CannotDerive(_why_neither(mode, recipe, models))


def plays_together(models: Models) -> bool:
    """Return whether what would play a part that fits can play several together in one go."""
    return model_for(SourceMode.ACCOMPANY, None, models) != SKETCH_ID


def _stems_model(recipe: Recipe | None, models: Models) -> str:
    if has_score(recipe):
        check_has_stems(recipe)
        return SKETCH_ID
    able = [
        model
        for model, modes in models.modes.items()
        if SourceMode.STEMS in modes and model != SKETCH_ID
    ]
    own = None if recipe is None else sounding_model(recipe)
    found = next((model for model in (own, models.chosen) if model in able), None)
    if found is not None:
        return found
    if not able:
        check_has_stems(recipe)
    loop = "The file" if recipe is None else repr(recipe.title)
    raise CannotDerive(
        f"{loop} has no stems of its own, as what sketch plays alone has: choose a model that "
        f"takes them out of any loop, such as {able[0]}."
    )


def sounding_model(recipe: Recipe) -> str:
    """Return the id of the model that played a clip: retempo and rekey do not change it."""
    played = [request.model for request in recipe.lineage if not request.needs_no_model]
    return played[-1] if played else recipe.model.id


def model_again(recipe: Recipe, folders: Mapping[str, Path]) -> str:
    """Return the model that makes a clip again.

    Our recipes name a model by its id, or by the name of a folder that the user added. A recipe
    from elsewhere may name any path: it is never used unless the user added that folder.

    Args:
        recipe: of the clip.
        folders: the user's own model folders, by name.

    Raises:
        CannotDerive: the recipe names a folder that the user did not add.
    """
    model = recipe.request.model
    if not (PurePosixPath(model).is_absolute() or PureWindowsPath(model).is_absolute()):
        return model
    added = next((name for name, folder in folders.items() if folder == Path(model)), None)
    if added is None:
        raise CannotDerive(
            f"The recipe names the model folder {model[:200]!r}, which you have not added: give it "
            "with --model if you trust it, or give another model."
        )
    return added


def check_will_have_score(request: LoopRequest) -> None:
    """Check that the notes of a request's clips will be known, as `check_has_score` does.

    Raises:
        CannotDerive: they will not, whatever its source is.
    """
    if request.needs_no_model or request.model != SKETCH_ID or request.mode == SourceMode.REDO:
        raise CannotDerive(
            "Only what sketch plays alone has MIDI and stems: leave them out, or use sketch."
        )


def check_has_score(recipe: Recipe | None) -> None:
    """Check that the notes of a clip are known: sketch played it, and nothing moved it since.

    The notes of a trimmed version are those of its clip in the bars that are left.

    Raises:
        CannotDerive: they are not; the sentence says why.
    """
    if recipe is None:
        raise CannotDerive(
            "The file has no recipe, or is not as Loopwright made it: only what sketch played "
            "alone has MIDI and stems."
        )
    recipe = recipe.unedited
    if recipe.request.mode == SourceMode.REDO:
        raise CannotDerive(
            f"Bars of {recipe.title!r} were redone, so not all of its notes are known: take MIDI "
            "and stems from the loop it was made from."
        )
    if recipe.request.mode == SourceMode.BLEND:
        raise CannotDerive(
            f"{recipe.title!r} is a blend, so its notes are not known: take MIDI and stems from "
            "the loops it was made from."
        )
    if not recipe.is_all_of(SKETCH_ID):
        raise CannotDerive(
            f"The notes of {recipe.title!r} are not known, since {recipe.model.name} made it: only "
            "what sketch played alone has MIDI and stems."
        )
    if recipe.request.needs_no_model:
        raise CannotDerive(
            f"{recipe.title!r} was stretched or transposed after sketch played it: export the clip "
            "that it was made from."
        )


def has_score(recipe: Recipe | None) -> bool:
    """Return whether the notes of a clip are known; see `check_has_score`."""
    return recipe is not None and is_sketch_alone(recipe) and not recipe.request.needs_no_model


def check_has_stems(recipe: Recipe | None) -> None:
    """Check that the stems of a clip can be made: see `check_has_score`, and it was not trimmed.

    Raises:
        CannotDerive: they cannot; the sentence says why.
    """
    if recipe is not None and recipe.edits.bars is not None:
        raise CannotDerive(
            f"{recipe.title!r} was trimmed: take the stems of the clip that it was made from."
        )
    check_has_score(recipe)


def is_sketch_alone(recipe: Recipe | None) -> bool:
    """Return whether sketch can vary or continue a clip: it works from recipes, not audio."""
    return recipe is not None and recipe.is_all_of(SKETCH_ID)


def derived_request(
    mode: str, source: str, recipe: Recipe | None, models: Models, *, takes: int = 1
) -> LoopRequest:
    """Return the request that applies a mode to a clip, without a seed.

    It has the clip's sample rate and bit depth and, if the clip's own model plays, that model's
    settings. The caller adds amount, bars to redo, tempo and key. For a blend see `blend_request`.

    Args:
        mode: one of `SourceMode`, except `blend`.
        source: the clip's id, or a file's name.
        recipe: the clip's recipe; None for a file of unknown origin.
        models: the available models.
        takes: how many candidates to request if a model plays.

    Raises:
        CannotDerive: no model has the mode.
    """
    if mode == SourceMode.ACCOMPANY:
        return accompany_request((source,), recipe, models, takes=takes)
    stored = LoopRequest() if recipe is None else recipe.request
    base = LoopRequest(rate=stored.rate, bits=stored.bits, source=source, mode=mode)
    if base.needs_no_model:
        return base
    return msgspec.structs.replace(
        settings_for(model_for(mode, recipe, models), recipe), source=source, mode=mode, takes=takes
    )


def accompany_request(
    loops: Sequence[str], recipe: Recipe | None, models: Models, *, takes: int = 1
) -> LoopRequest:
    """Return the request for a part that fits loops; the caller adds the prompt.

    Without a prompt it adds what the loops lack.

    Args:
        loops: the clips' ids, or the files' names; the first one sets tempo, meter and key.
        recipe: the first loop's recipe, which sets sample rate and bit depth.
        models: the available models; see `model_for`.
        takes: how many candidates to request.
    """
    stored = LoopRequest() if recipe is None else recipe.request
    return LoopRequest(
        source=loops[0], fits=tuple(loops[1:]), mode=SourceMode.ACCOMPANY,
        model=model_for(SourceMode.ACCOMPANY, recipe, models),
        rate=stored.rate, bits=stored.bits, takes=takes,
    )  # fmt: skip


def fitting_request(
    source: str, recipe: Recipe, time: SessionTime, *, tempo: bool, key: bool
) -> LoopRequest | None:
    """Return the request that brings a loop to a session; None if it is there already.

    Half and twice the session's tempo fit as they are. A one-shot fits anywhere, and so does the
    key of drums and percussion.

    Args:
        source: the clip's id.
        recipe: the clip's recipe.
        time: the session; what it leaves open stays as it is.
        tempo: whether to stretch.
        key: whether to transpose.
    """
    if not recipe.grid.is_loop:
        return None
    target = _key_to_reach(recipe, time.key) if key else None
    request = LoopRequest(
        source=source, mode=SourceMode.REKEY, key=target, rate=recipe.request.rate,
        bits=recipe.request.bits,
    )  # fmt: skip
    if tempo and time.bpm and recipe.grid.bpm not in (time.bpm, time.bpm / 2, time.bpm * 2):
        return msgspec.structs.replace(request, mode=SourceMode.RETEMPO, bpm=time.bpm)
    return None if target is None else request


def _key_to_reach(recipe: Recipe, key: str) -> str | None:
    """Return the key to transpose a loop to; None if it has no key, or the notes of that one."""
    own, wanted = parse_key(recipe.key), parse_key(key)
    if own is None or wanted is None or recipe.role in UNPITCHED:
        return None
    return None if own.pitches == wanted.pitches else str(wanted)


def blend_request(
    first: str,
    second: str,
    recipe: Recipe | None,
    blend: Blend,
    models: Models,
    *,
    takes: int = 1,
) -> LoopRequest:
    """Return the request that blends two clips; the engine adds their prompts.

    Args:
        first: the first clip's id, or a file's name.
        second: the second clip's id, or a file's name.
        recipe: the first clip's recipe, which sets sample rate and bit depth.
        blend: how to blend them.
        models: the chosen one blends latents and generates the share to renoise.
        takes: how many candidates to request if a model plays.
    """
    stored = LoopRequest() if recipe is None else recipe.request
    request = LoopRequest(
        source=first, with_source=second, mode=SourceMode.BLEND, amount=blend.amount,
        blend_in="latents" if blend.in_latents else None, renoise=blend.renoise or None,
        rate=stored.rate, bits=stored.bits,
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
    """Return a clip's prompts and format, with its settings if the same model made it.

    Tempo, length, seed and source are left open.
    """
    if recipe is None:
        return LoopRequest(model=model)
    stored = recipe.request
    if model != recipe.model.id:
        stored = LoopRequest(
            prompt=stored.prompt, negative=stored.negative, rate=stored.rate, bits=stored.bits
        )
    return msgspec.structs.replace(stored.without_source(), model=model)


def _can(mode: str, model: str, recipe: Recipe | None, models: Models) -> bool:
    if mode == SourceMode.REDO:  # Any model generates bars from a prompt.
        return model in models.modes
    has_mode = mode in models.modes.get(model, ())
    return has_mode and (model != SKETCH_ID or is_sketch_alone(recipe))


def _why_neither(mode: str, recipe: Recipe | None, models: Models) -> str:
    verb = "follow a melody" if mode == SourceMode.MELODY else mode
    able = [model for model, modes in models.modes.items() if mode in modes and model != SKETCH_ID]
    other = f"a model such as {able[0]}" if able else "another model"
    if models.chosen == SKETCH_ID and mode in models.modes.get(SKETCH_ID, ()):
        if recipe is not None and recipe.request.mode == SourceMode.REDO:
            return (
                f"Bars of {recipe.title!r} were redone, so not all of its notes are known: {verb} "
                f"the loop it was made from, redo other bars, or choose {other}."
            )
        if recipe is not None and recipe.request.mode == SourceMode.BLEND:
            return (
                f"{recipe.title!r} is a blend, whose notes nobody played: {verb} one of its loops "
                f"and blend again, redo bars, or choose {other}."
            )
        return f"Sketch can only {verb} what it played alone: choose such a loop, or {other}."
    return f"{models.chosen} cannot {verb}: choose {other}."
