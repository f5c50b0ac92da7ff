"""The verbs: the ways to make a new loop from a clip, as buttons and as requests.

`engine.loops.derive` decides on the model and its settings. A verb that is not available has a
sentence that says why and what to do instead.
"""

import dataclasses
import functools
from collections.abc import Callable

import msgspec

from desktop.clips.rows import ClipRow
from desktop.prompt.derive_context import DeriveContext
from engine.loops.derive import (
    Blend,
    CannotDerive,
    Models,
    blend_request,
    derived_request,
    model_for,
)
from engine.loops.errors import LoopError
from engine.loops.key import Key, parse_key
from engine.loops.recipe import UNPITCHED
from engine.loops.request import LoopRequest, SourceMode
from engine.loops.tempo import format_bpm

VERBS = (
    SourceMode.VARY,
    SourceMode.CONTINUE,
    SourceMode.BLEND,
    SourceMode.REDO,
    SourceMode.RETEMPO,
    SourceMode.REKEY,
)
VARY_AMOUNTS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75)
_NO_CLIP = "Choose a clip first."


@dataclasses.dataclass(frozen=True)
class VerbState:
    """The button of a verb; it is disabled if `disabled_reason` is not empty."""

    verb: str
    title: str
    tip: str
    disabled_reason: str


def verb_states(row: ClipRow | None, now: DeriveContext) -> list[VerbState]:
    """Return the states of all verbs for a clip."""
    return [
        VerbState(
            verb, title_of(verb, now), tip_of(verb, row, now), disabled_reason_of(verb, row, now)
        )
        for verb in VERBS
    ]


def title_of(verb: str, now: DeriveContext) -> str:
    """Return the text of a verb's button."""
    match verb:
        case SourceMode.VARY:
            return f"Vary {now.amount * 100:.0f} %"
        case SourceMode.CONTINUE:
            return "Continue"
        case SourceMode.BLEND:
            return "Blend…"
        case SourceMode.REDO:
            return "Redo bars" if now.bars is None else f"Redo {bars_text(now.bars)}"
        case SourceMode.RETEMPO:
            return f"Retempo to {format_bpm(now.time.bpm)}"
        case _:
            key = parse_key(now.time.key)
            return f"Rekey to {key.short_name}" if key else "Rekey"


def tip_of(verb: str, row: ClipRow | None, now: DeriveContext) -> str:
    """Return the tooltip of a verb."""
    model = _model_for(verb, row, now)
    by = f" with {model}" if model else ""
    key = now.time.key or "the session key"
    tips: dict[str, str] = {
        SourceMode.VARY: f"Generate a variation that is {now.amount * 100:.0f} % different{by}",
        SourceMode.CONTINUE: f"Generate the bars that follow{by}",
        SourceMode.BLEND: "Mix this loop with another, aligned in tempo, key and downbeat",
        SourceMode.REDO: f"Regenerate the selected bars{by}; the others stay bit-identical",
        SourceMode.RETEMPO: "Stretch this loop to the session tempo; the pitch stays",
        SourceMode.REKEY: f"Transpose this loop to {key}; the tempo stays",
    }
    return tips[verb]


def bars_text(bars: tuple[int, int]) -> str:
    """Return selected bars as text: `bar 3`, `bars 2–3`."""
    first, last = bars
    return f"bar {first}" if first == last else f"bars {first}–{last}"


def disabled_reason_of(verb: str, row: ClipRow | None, now: DeriveContext) -> str:
    """Return why a verb is not available for a clip; empty if it is."""
    if row is None:
        return _NO_CLIP
    if row.bars is None:
        return "A one-shot has no bars: choose a loop."
    reasons: dict[str, Callable[[ClipRow, DeriveContext], str]] = {
        SourceMode.VARY: functools.partial(_why_no_model, SourceMode.VARY),
        SourceMode.CONTINUE: functools.partial(_why_no_model, SourceMode.CONTINUE),
        SourceMode.REDO: _why_no_redo,
        SourceMode.RETEMPO: _why_no_retempo,
        SourceMode.REKEY: _why_no_rekey,
    }
    return reasons[verb](row, now) if verb in reasons else ""


def request_for(verb: str, row: ClipRow, now: DeriveContext) -> LoopRequest:
    """Return the request for an available verb.

    Args:
        verb: one of `VERBS` but `blend`, which needs more: see `request_for_blend`.
        row: the clip.
        now: state of the window.
    """
    base = derived_request(verb, row.id, row.recipe, now.models, takes=now.takes)
    match verb:
        case SourceMode.VARY:
            return msgspec.structs.replace(base, amount=now.amount)
        case SourceMode.REDO:
            first, last = now.bars or (1, 1)
            return msgspec.structs.replace(base, redo_bars=f"{first}-{last}")
        case SourceMode.RETEMPO:
            return msgspec.structs.replace(base, bpm=now.time.bpm)
        case SourceMode.REKEY:
            return msgspec.structs.replace(base, key=now.time.key)
        case _:
            return base


def blending_model(models: Models) -> str | None:
    """Return the chosen model's id if it can blend in latents and re-noise, else None."""
    return models.chosen if SourceMode.BLEND in models.modes.get(models.chosen, ()) else None


def request_for_blend(
    row: ClipRow, other: ClipRow, blend: Blend, now: DeriveContext
) -> LoopRequest:
    """Return the request that blends a clip with another."""
    return blend_request(row.id, other.id, row.recipe, blend, now.models, takes=now.takes)


def nearest(row: ClipRow, rows: list[ClipRow], most: int) -> list[ClipRow]:
    """Return at most `most` loops that fit a loop best, by tempo and key."""
    loops = [other for other in rows if other.id != row.id and other.bars is not None]
    return sorted(loops, key=lambda other: _distance(row, other))[:most]


def _distance(row: ClipRow, other: ClipRow) -> float:
    """Return how much one loop must change to match another, in percent of tempo and semitones."""
    tempo = abs((other.bpm or 120.0) / (row.bpm or 120.0) - 1) * 100
    tonics = [_minor_tonic(each) for each in (_key_of(row), _key_of(other)) if each is not None]
    if len(tonics) < 2:
        return tempo
    return tempo + 2 * abs((tonics[0] - tonics[1] + 6) % 12 - 6)


def _minor_tonic(key: Key) -> int:
    """Return the tonic of the key, or of its relative minor."""
    return key.pitch_class if key.is_minor else key.pitch_class + 9


def _key_of(row: ClipRow) -> Key | None:
    """Return the key of a clip; None if the file name has an invalid one."""
    try:
        return parse_key(row.recipe.key if row.recipe is not None else row.key)
    except LoopError:
        return None


def _model_for(verb: str, row: ClipRow | None, now: DeriveContext) -> str:
    """Return the id of the model that carries out a verb; empty if there is none."""
    if row is None or verb not in (SourceMode.VARY, SourceMode.CONTINUE, SourceMode.REDO):
        return ""
    try:
        return model_for(verb, row.recipe, now.models)
    except CannotDerive:
        return ""


def _why_no_model(verb: str, row: ClipRow, now: DeriveContext) -> str:
    try:
        model_for(verb, row.recipe, now.models)
    except CannotDerive as error:
        return str(error)
    return ""


def _why_no_redo(row: ClipRow, now: DeriveContext) -> str:
    if row.recipe is None or not row.recipe.request.prompt:
        return "The prompt of this clip is not known: to redo bars, choose a clip with a recipe."
    if now.bars is None:
        return "Drag over the bars to redo in the waveform first."
    return ""


def _why_no_retempo(row: ClipRow, now: DeriveContext) -> str:
    same = row.bpm == now.time.bpm
    return (
        f"The clip is already at {row.bpm_text} BPM: set another tempo in the transport."
        if same
        else ""
    )


def _why_no_rekey(row: ClipRow, now: DeriveContext) -> str:
    key = _key_of(row)
    if key is None or row.role in UNPITCHED:
        return "This clip has no key: choose one with pitched notes."
    if not now.time.key:
        return "Set a key in the transport first."
    same = key == parse_key(now.time.key)
    return (
        f"The clip is already in {now.time.key}: set another key in the transport." if same else ""
    )
