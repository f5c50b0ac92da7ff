"""From the arguments of a job to a checked `LoopRequest`, and the files of its sources.

From the wire, a source is the id of a clip of the project, and never a path.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bridge.osc.errors import BAD_ARGUMENTS, RequestFailed, shown
from bridge.osc.messages import shortest_decimal
from bridge.osc.session import Session, model_name
from engine.loops.clip import Clip
from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest, checked_request

FindClip = Callable[[str], Clip]
"""Returns a clip of the project by its id; raises `RequestFailed`."""
BLEND_MODES = ("mix", "latents", "prompts")


class SourcedRequest(NamedTuple):
    """A request, and where its sources are."""

    request: LoopRequest
    source: Path | None = None
    with_source: Path | None = None


_TAKEN_FROM_JSON = frozenset(
    {
        "prompt", "also", "negative", "unconditional", "model", "bars", "seconds", "bpm", "meter",
        "key", "seed", "takes", "rate", "bits", "steps", "guidance", "scheduler", "eta",
        "temperature", "top_k", "top_p", "transcription", "max_new_tokens", "draft",
        "toward", "toward_amount", "keep_latents",
        "source", "mode", "amount", "with_source", "blend_in", "renoise", "redo_bars",
    }
)  # fmt: skip
_KINDS = {
    "int": "a whole number", "float": "a number", "str": "text", "bool": "true or false",
    "array": "a list of texts",
}  # fmt: skip
_FROM_HOST = frozenset({"bpm", "meter", "key", "bars"})
_CHANGED_BY = {"retempo": frozenset({"bpm"}), "rekey": frozenset({"key"})}
"""What is made of a clip keeps the clip's own time, but for what its mode changes."""


def generate_request(arguments: dict[str, Any], session: Session) -> SourcedRequest:
    """Return the request of `/lw/generate`; 0 and empty text are open.

    Raises:
        RequestFailed: it cannot be met.
    """
    asked: dict[str, Any] = {
        "prompt": arguments["prompt"],
        "bpm": shortest_decimal(arguments.get("bpm", 0.0)) or None,
        "bars": arguments.get("bars") or None,
        "key": arguments.get("key") or None,
        "seed": _seed(arguments),
        "model": arguments.get("model") or None,
        "takes": arguments.get("takes") or 1,
    }
    return SourcedRequest(_completed(asked, session))


def make_request(text: str, session: Session, find: FindClip) -> SourcedRequest:
    """Return the request of `/lw/make`, which is a JSON object.

    Raises:
        RequestFailed: it is none, it has unknown fields, or it cannot be met.
    """
    try:
        asked = msgspec.json.decode(text.encode("utf-8", "replace"), type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise RequestFailed(
            BAD_ARGUMENTS, f"json is {shown(text)}, which is no JSON object: {error}."
        ) from error
    unknown = sorted(set(asked) - _TAKEN_FROM_JSON)
    if unknown:
        raise RequestFailed(
            BAD_ARGUMENTS,
            f"json has the field {shown(unknown[0])}, but a request has no such field that can be "
            "set from here: see docs/osc.md.",
        )
    clips = {name: _clip(asked[name], find) for name in ("source", "with_source") if name in asked}
    source = clips.get("source")
    if source is not None:
        asked = {**asked, "model": asked.get("model") or _model_of(source, session)}
    return _with_files(_completed(asked, session), source, clips.get("with_source"))


def vary_request(arguments: dict[str, Any], session: Session, find: FindClip) -> SourcedRequest:
    """Return the request of `/lw/vary`: a clip anew, some of it different.

    Raises:
        RequestFailed: there is no such clip, or it cannot be met.
    """
    clip = find(arguments["clip"])
    base = _base(clip, session)
    request = msgspec.structs.replace(
        base,
        source=clip.id,
        mode="vary",
        amount=shortest_decimal(arguments["amount"]),
        seed=_seed(arguments),
    )
    return _with_files(_checked(request), clip)


def blend_request(arguments: dict[str, Any], session: Session, find: FindClip) -> SourcedRequest:
    """Return the request of `/lw/blend`: two clips mixed, or a loop between their prompts.

    What a model mixes in its latents, or makes anew, is left to the chosen one.

    Raises:
        RequestFailed: a clip is missing, the mode is none, or it cannot be met.
    """
    first, second = find(arguments["clip_a"]), find(arguments["clip_b"])
    amount, mode = shortest_decimal(arguments["amount"]), arguments.get("mode") or "mix"
    if mode not in BLEND_MODES:
        known = f"{', '.join(BLEND_MODES[:-1])} or {BLEND_MODES[-1]}"
        raise RequestFailed(BAD_ARGUMENTS, f"mode is {shown(mode)}, but must be {known}.")
    renoise = shortest_decimal(arguments.get("renoise", 0.0)) or None
    base = _base(first, session)
    if mode == "prompts":
        if renoise is not None:
            raise RequestFailed(
                BAD_ARGUMENTS, "renoise is for the modes mix and latents: leave it out of prompts."
            )
        grid = first.recipe.grid
        request = msgspec.structs.replace(
            base, toward=second.recipe.request.prompt, toward_amount=amount, bpm=grid.bpm,
            meter=str(grid.meter), bars=grid.bars if grid.is_loop else None, key=first.recipe.key,
        )  # fmt: skip
        return SourcedRequest(_checked(request))
    request = LoopRequest(
        source=first.id, with_source=second.id, mode="blend", amount=amount, renoise=renoise,
        blend_in="latents" if mode == "latents" else None, rate=base.rate, bits=base.bits,
    )  # fmt: skip
    if not request.needs_no_model:
        request = msgspec.structs.replace(request, model=session.model)
    return _with_files(_checked(request), first, second)


def _base(clip: Clip, session: Session) -> LoopRequest:
    """Return what was asked for when a clip was made, without its time, its seed and its source."""
    asked, model = clip.recipe.request, _model_of(clip, session)
    if model != clip.recipe.model.id:
        asked = LoopRequest(
            prompt=asked.prompt, negative=asked.negative, rate=asked.rate, bits=asked.bits
        )
    return msgspec.structs.replace(asked.without_source(), model=model, takes=1)


def _model_of(clip: Clip, session: Session) -> str:
    """Return the model that made a clip; what no model made is left to the chosen one."""
    made_by = clip.recipe.model.id
    return session.model if made_by == "craft" else made_by


def _clip(clip_id: object, find: FindClip) -> Clip:
    if not isinstance(clip_id, str):
        raise RequestFailed(
            BAD_ARGUMENTS, f"A source is {shown(clip_id)}, but must be a clip's id."
        )
    return find(clip_id)


def _with_files(
    request: LoopRequest, first: Clip | None, second: Clip | None = None
) -> SourcedRequest:
    paths = [None if clip is None else Path(clip.path) for clip in (first, second)]
    return SourcedRequest(request, *paths)


def _seed(arguments: dict[str, Any]) -> int | None:
    seed = arguments.get("seed", -1)
    return None if seed == -1 else seed


def _completed(asked: dict[str, Any], session: Session) -> LoopRequest:
    """Fill what is open with what the host says, or with the defaults that were set."""
    model = asked.get("model") or session.model
    if not isinstance(model, str):
        raise RequestFailed(BAD_ARGUMENTS, f"model is {shown(model)}, but must be text.")
    filled: dict[str, Any] = {**asked, "model": model_name(model)}
    host = {"bpm": session.tempo, "meter": session.meter, "key": session.key}
    if not asked.get("seconds"):
        host["bars"] = session.loop_bars or session.bars
    from_host = _CHANGED_BY.get(str(asked.get("mode")), frozenset())
    if not asked.get("source"):
        from_host = _FROM_HOST
    for name, value in host.items():
        filled[name] = asked.get(name) or (value if name in from_host else None) or None
    try:
        return _checked(msgspec.convert(filled, LoopRequest))
    except msgspec.ValidationError as error:
        raise RequestFailed(BAD_ARGUMENTS, _of_wrong_type(str(error), filled)) from error


def _of_wrong_type(text: str, asked: dict[str, Any]) -> str:
    """Return what msgspec says of a value of a wrong type, in a sentence with the value."""
    found = re.fullmatch(r"Expected `(\w+).*`, got `.*` - at `\$\.(\w+).*`", text)
    if found is None or found[1] not in _KINDS:
        return _sentence(text)
    return f"{found[2]} is {shown(asked[found[2]])}, but must be {_KINDS[found[1]]}."


def _checked(request: LoopRequest) -> LoopRequest:
    try:
        return checked_request(request)
    except LoopError as error:
        raise RequestFailed(BAD_ARGUMENTS, _sentence(str(error))) from error


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
