"""From the arguments of `/lw/generate` and `/lw/make` to a checked `LoopRequest`."""

from typing import Any

import msgspec

from bridge.errors import BAD_ARGUMENTS, RequestFailed, shown
from bridge.messages import shortest_decimal
from bridge.session import Session, model_name
from engine.loops.errors import LoopError
from engine.loops.request import LoopRequest, checked_request

_TAKEN_FROM_JSON = frozenset(
    {
        "prompt", "also", "negative", "unconditional", "model", "bars", "seconds", "bpm", "meter",
        "key", "seed", "takes", "rate", "bits", "steps", "guidance", "scheduler", "eta",
        "temperature", "top_k", "top_p", "transcription", "max_new_tokens", "draft",
        "toward", "toward_amount", "keep_latents",
    }
)  # fmt: skip
"""A field that names files is never among them: from the wire, a source is a clip id."""


def generate_request(arguments: dict[str, Any], session: Session) -> LoopRequest:
    """Return the request of `/lw/generate`; 0 and empty text are open.

    Raises:
        RequestFailed: it cannot be met.
    """
    seed = arguments.get("seed", -1)
    asked: dict[str, Any] = {
        "prompt": arguments["prompt"],
        "bpm": shortest_decimal(arguments.get("bpm", 0.0)) or None,
        "bars": arguments.get("bars") or None,
        "key": arguments.get("key") or None,
        "seed": None if seed == -1 else seed,
        "model": arguments.get("model") or None,
        "takes": arguments.get("takes") or 1,
    }
    return _completed(asked, session)


def make_request(text: str, session: Session) -> LoopRequest:
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
    return _completed(asked, session)


def _completed(asked: dict[str, Any], session: Session) -> LoopRequest:
    """Fill what is open with what the host says, or with the defaults that were set."""
    model = asked.get("model") or session.model
    if not isinstance(model, str):
        raise RequestFailed(BAD_ARGUMENTS, f"model is {shown(model)}, but must be text.")
    filled: dict[str, Any] = {**asked, "model": model_name(model)}
    host = {"bpm": session.tempo, "meter": session.meter, "key": session.key}
    if not asked.get("seconds"):
        host["bars"] = session.loop_bars or session.bars
    for name, value in host.items():
        filled[name] = asked.get(name) or value or None
    try:
        return checked_request(msgspec.convert(filled, LoopRequest))
    except (LoopError, msgspec.ValidationError) as error:
        raise RequestFailed(BAD_ARGUMENTS, _sentence(str(error))) from error


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
