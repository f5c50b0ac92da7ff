"""From the arguments of a job to a `LoopRequest`, and the files of its sources.

From the wire, a source is the id of a clip of the project, and never a path.
"""

import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from bridge.osc.errors import BAD_ARGUMENTS, RequestFailed, shown
from bridge.osc.messages import shortest_decimal
from bridge.osc.session import Session, model_name
from engine.loops import derive
from engine.loops.clip import Clip
from engine.loops.errors import LoopError
from engine.loops.kit_folder import named_kit
from engine.loops.precedence import resolve
from engine.loops.request import SOURCE_FACTS, LoopRequest, SourceMode

_Made = TypeVar("_Made")
FindClip = Callable[[str], Clip]
"""Returns a clip of the project by its id; raises `RequestFailed`."""
BLEND_MODES = ("mix", "latents", "prompts")


class SourcedRequest(NamedTuple):
    """A request, and the files of its sources."""

    request: LoopRequest
    source: Path | None = None
    with_source: Path | None = None
    fits: tuple[Path, ...] = ()
    kit: Path | None = None


_TAKEN_FROM_JSON = frozenset(
    {
        "parts",
        "prompt", "also", "negative", "unconditional", "model", "bars", "seconds", "bpm", "meter",
        "key", "seed", "takes", "rate", "bits", "steps", "guidance", "scheduler", "eta",
        "temperature", "top_k", "top_p", "transcription", "language", "max_new_tokens",
        "draft", "verbatim", "toward", "toward_amount", "keep_latents", "adapters", "near_words",
        "sketch_version",
        "source", "mode", "amount", "with_source", "blend_in", "renoise", "redo_bars",
        "stem", "fits",
        *SOURCE_FACTS,
    }
)  # fmt: skip
_FIELD_TYPES = {field.name: field.type for field in msgspec.structs.fields(LoopRequest)}
_KINDS = {
    bool: "true or false", int: "a whole number", float: "a number", str: "text",
    tuple[tuple[str, str], ...]: "a list of pairs of texts",
}  # fmt: skip

ModesByModel = Mapping[str, tuple[str, ...]]
"""The source modes of each known model, by id."""


def generate_request(arguments: dict[str, Any], session: Session) -> SourcedRequest:
    """Return the request of `/lw/generate`; 0 and empty text leave a field open.

    Raises:
        RequestFailed: it cannot be met.
    """
    fields: dict[str, Any] = {
        "prompt": arguments["prompt"],
        "bpm": shortest_decimal(arguments.get("bpm", 0.0)) or None,
        "bars": arguments.get("bars") or None,
        "key": arguments.get("key") or None,
        "seed": _seed(arguments),
        "model": arguments.get("model") or None,
        "takes": arguments.get("takes") or 1,
    }
    return SourcedRequest(_completed(fields, session))


def make_request(
    text: str, session: Session, find: FindClip, modes: ModesByModel
) -> SourcedRequest:
    """Return the request of `/lw/make`, which is a JSON object.

    Raises:
        RequestFailed: it is not one, has unknown fields, or cannot be met.
    """
    try:
        fields = msgspec.json.decode(text.encode("utf-8", "replace"), type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise RequestFailed(
            BAD_ARGUMENTS, f"json is {shown(text)}, which is not a JSON object: {error}."
        ) from error
    unknown = sorted(set(fields) - _TAKEN_FROM_JSON - {"kit"})
    if unknown:
        raise RequestFailed(
            BAD_ARGUMENTS,
            f"json has the field {shown(unknown[0])}, but a request has no such field that can be "
            "set from here: see docs/osc.md.",
        )
    kit = _kit(fields.pop("kit", None))
    fields, fitted = _with_fitted(fields, find)
    clips = {
        name: _clip(fields[name], find) for name in ("source", "with_source") if name in fields
    }
    source = clips.get("source")
    if source is not None and not fields.get("model"):
        models = derive.Models(chosen=session.model, modes=modes)
        model = _derived(lambda: derive.model_for(str(fields.get("mode")), source.recipe, models))
        fields = {**fields, "model": model}
    made = _with_files(_completed(fields, session), source, clips.get("with_source"))
    return made._replace(fits=tuple(Path(clip.path) for clip in fitted), kit=kit)


def _kit(name: object) -> Path | None:
    """Return the folder of a kit that a request names."""
    if name is None:
        return None
    if not isinstance(name, str):
        raise RequestFailed(BAD_ARGUMENTS, f"kit is {shown(name)}, but must be the name of a kit.")
    return _derived(lambda: named_kit(name))


def _with_fitted(fields: dict[str, Any], find: FindClip) -> tuple[dict[str, Any], tuple[Clip, ...]]:
    """Return the fields of a request, and the further loops that it fits.

    Without a source, the first loop of `fits` is the source.
    """
    fits = fields.get("fits", [])
    if not isinstance(fits, list):
        raise RequestFailed(BAD_ARGUMENTS, f"fits is {shown(fits)}, but must be a list of texts.")
    if fits and "source" not in fields:
        source, *fits = fits
        fields = {**fields, "source": source, "fits": fits, "mode": SourceMode.ACCOMPANY.value}
    return fields, tuple(_clip(each, find) for each in fits)


def vary_request(
    arguments: dict[str, Any], session: Session, find: FindClip, modes: ModesByModel
) -> SourcedRequest:
    """Return the request of `/lw/vary`: a variation of a clip.

    Raises:
        RequestFailed: there is no such clip, or no model can vary it.
    """
    clip = find(arguments["clip"])
    models = derive.Models(chosen=session.model, modes=modes)
    request = _derived(
        lambda: derive.derived_request(SourceMode.VARY, clip.id, clip.recipe, models)
    )
    request = msgspec.structs.replace(
        request, amount=shortest_decimal(arguments["amount"]), seed=_seed(arguments)
    )
    return _with_files(request, clip)


def stems_request(
    arguments: dict[str, Any], session: Session, find: FindClip, modes: ModesByModel
) -> SourcedRequest:
    """Return the request of `/lw/stems`: the parts of a clip.

    Raises:
        RequestFailed: there is no such clip, or its parts are not known.
    """
    clip = find(arguments["clip"])
    models = derive.Models(chosen=session.model, modes=modes)
    return _with_files(
        _derived(lambda: derive.derived_request(SourceMode.STEMS, clip.id, clip.recipe, models)),
        clip,
    )


def blend_request(
    arguments: dict[str, Any], session: Session, find: FindClip, modes: ModesByModel
) -> SourcedRequest:
    """Return the request of `/lw/blend`: a mix of two clips, or a loop between their prompts.

    The chosen model mixes in latents, or generates part of the mix again.

    Raises:
        RequestFailed: a clip is missing, the mode is unknown, or the request is impossible.
    """
    first, second = find(arguments["clip_a"]), find(arguments["clip_b"])
    amount, mode = shortest_decimal(arguments["amount"]), arguments.get("mode") or "mix"
    if mode not in BLEND_MODES:
        known = f"{', '.join(BLEND_MODES[:-1])} or {BLEND_MODES[-1]}"
        raise RequestFailed(BAD_ARGUMENTS, f"mode is {shown(mode)}, but must be {known}.")
    renoise = shortest_decimal(arguments.get("renoise", 0.0))
    models = derive.Models(chosen=session.model, modes=modes)
    if mode == "prompts":
        if renoise:
            raise RequestFailed(
                BAD_ARGUMENTS, "renoise is for the modes mix and latents: leave it out of prompts."
            )
        request = derive.between_prompts_request(first.recipe, second.recipe, amount, models)
        return SourcedRequest(request)
    blend = derive.Blend(amount=amount, in_latents=mode == "latents", renoise=renoise)
    request = derive.blend_request(first.id, second.id, first.recipe, blend, models)
    return _with_files(request, first, second)


def _derived(make: Callable[[], _Made]) -> _Made:
    try:
        return make()
    except LoopError as error:
        raise RequestFailed(BAD_ARGUMENTS, str(error)) from error


def _clip(clip_id: object, find: FindClip) -> Clip:
    if not isinstance(clip_id, str):
        raise RequestFailed(
            BAD_ARGUMENTS, f"A source is {shown(clip_id)}, but must be a clip's id."
        )
    return find(clip_id)


def _with_files(
    request: LoopRequest, first: Clip | None, second: Clip | None = None
) -> SourcedRequest:
    source, other = (None if clip is None else Path(clip.path) for clip in (first, second))
    return SourcedRequest(request, source, other)


def _seed(arguments: dict[str, Any]) -> int | None:
    seed = arguments.get("seed", -1)
    return None if seed == -1 else seed


def _completed(fields: dict[str, Any], session: Session) -> LoopRequest:
    """Return the request; open fields get the host's values, or else the session's defaults."""
    model = fields.get("model") or session.model
    if not isinstance(model, str):
        raise RequestFailed(BAD_ARGUMENTS, f"model is {shown(model)}, but must be text.")
    filled: dict[str, Any] = {**fields, "model": model_name(model)}
    for name, value in filled.items():
        filled[name] = _checked_value(name, value)
    request = msgspec.convert(filled, LoopRequest)
    return resolve(request, session.time).request


def _checked_value(name: str, value: object) -> object:
    """Return a value from JSON in its field's type; whole floats, as Lua writes them, are integers.

    Raises:
        RequestFailed: it has another type; the sentence says which type it must have.
    """
    wanted = _FIELD_TYPES[name]
    types = (wanted, *typing.get_args(wanted))
    if isinstance(value, float) and value.is_integer() and int in types and float not in types:
        value = int(value)
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        if typing.get_origin(wanted) is tuple:
            types = ()
        kind = next((text for each, text in _KINDS.items() if each in types), "a list of texts")
        raise RequestFailed(
            BAD_ARGUMENTS, f"{name} is {shown(value)}, but must be {kind}."
        ) from error
