"""The verbs of the craft: what can be made of a clip, each as a request; no Qt here.

A verb that cannot be done says why not, in a sentence that tells what to do instead.
"""

import dataclasses
from collections.abc import Mapping

import msgspec

from desktop.clips.rows import ClipRow
from desktop.transport.session_time import SessionTime
from engine.loops.errors import LoopError
from engine.loops.key import Key, parse_key
from engine.loops.recipe import Recipe
from engine.loops.request import LoopRequest
from engine.loops.tempo import format_bpm
from engine.models.catalogue import SKETCH
from engine.models.entry import ModelEntry

VARY, CONTINUE, BLEND, REDO, RETEMPO, REKEY = (
    "vary", "continue", "blend", "redo", "retempo", "rekey",
)  # fmt: skip
VERBS = (VARY, CONTINUE, BLEND, REDO, RETEMPO, REKEY)
VARY_AMOUNTS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75)
_WITHOUT_KEY = ("drums", "percussion")
_NO_CLIP = "Choose a clip first."


@dataclasses.dataclass(frozen=True, kw_only=True)
class VerbContext:
    """What a verb goes by, beside the clip.

    Attributes:
        time: the session's.
        models: the catalogue by id.
        model: the id of the one that is chosen.
        takes: how many candidates are asked for.
        amount: how much is varied, 0..1.
        bars: the first and the last bar that are selected, counted from 1.
    """

    time: SessionTime
    models: Mapping[str, ModelEntry]
    model: str
    takes: int = 1
    amount: float = 0.2
    bars: tuple[int, int] | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Blending:
    """What a loop is blended with, and how.

    Attributes:
        other: the other clip.
        amount: how much of it is heard, 0..1.
        in_latents: whether a model mixes what it makes of the two, instead of what is heard.
        renoise: the share of the mix that this model makes anew, 0..1.
    """

    other: ClipRow
    amount: float = 0.5
    in_latents: bool = False
    renoise: float = 0.0


@dataclasses.dataclass(frozen=True)
class VerbState:
    """A verb as a button shows it; disabled where `disabled_reason` says why."""

    verb: str
    title: str
    tip: str
    disabled_reason: str


def verb_states(row: ClipRow | None, now: VerbContext) -> list[VerbState]:
    """Return all verbs, as they are for a clip."""
    return [
        VerbState(
            verb, title_of(verb, now), tip_of(verb, row, now), disabled_reason_of(verb, row, now)
        )
        for verb in VERBS
    ]


def title_of(verb: str, now: VerbContext) -> str:
    """Return what stands on the button."""
    match verb:
        case "vary":
            return f"Vary {now.amount * 100:.0f} %"
        case "continue":
            return "Continue"
        case "blend":
            return "Blend with…"
        case "redo":
            return "Redo bars" if now.bars is None else f"Redo {bars_text(now.bars)}"
        case "retempo":
            return f"Retempo to {format_bpm(now.time.bpm)}"
        case _:
            return f"Rekey to {now.time.key}" if now.time.key else "Rekey"


def tip_of(verb: str, row: ClipRow | None, now: VerbContext) -> str:
    """Return what the verb does."""
    player = None if row is None else _player(verb, row, now)
    by = f", by {player}" if player else ""
    return {
        VARY: f"Make the same loop, {now.amount * 100:.0f} % different{by}",
        CONTINUE: f"Make the bars that come next{by}",
        BLEND: "Mix this loop with another, aligned in tempo, key and downbeat",
        REDO: f"Make the selected bars anew{by}; the others stay, bit for bit",
        RETEMPO: "Bring this loop to the tempo of the session; the pitch stays",
        REKEY: "Bring this loop to the key of the session; the tempo stays",
    }[verb]


def bars_text(bars: tuple[int, int]) -> str:
    """Return selected bars in words: `bar 3`, `bars 2–3`."""
    first, last = bars
    return f"bar {first}" if first == last else f"bars {first}–{last}"


def disabled_reason_of(verb: str, row: ClipRow | None, now: VerbContext) -> str:
    """Return why a verb cannot be done with a clip; empty where it can."""
    if row is None:
        return _NO_CLIP
    if row.bars is None:
        return "A one-shot has no bars: choose a loop."
    if verb in (VARY, CONTINUE) and _player(verb, row, now) is None:
        return _why_nobody(verb, now)
    if verb == RETEMPO and row.bpm == now.time.bpm:
        return f"It is at {row.bpm_text} already: set another tempo on top."
    if verb == REKEY:
        return _why_no_rekey(row, now)
    return _why_no_redo(row, now) if verb == REDO else ""


def request_for(verb: str, row: ClipRow, now: VerbContext) -> LoopRequest:
    """Return the request for a verb that has no disabled_reason.

    Args:
        verb: one of `VERBS` but `blend`, which needs more: see `blend_request`.
        row: the clip that it is done with.
        now: what it goes by.
    """
    base = msgspec.structs.replace(_base(verb, row, now), source=row.id, mode=verb)
    match verb:
        case "vary":
            return msgspec.structs.replace(base, amount=now.amount)
        case "redo":
            first, last = now.bars or (1, 1)
            return msgspec.structs.replace(base, redo_bars=f"{first}-{last}")
        case "retempo":
            return msgspec.structs.replace(base, bpm=now.time.bpm)
        case "rekey":
            return msgspec.structs.replace(base, key=now.time.key)
        case _:
            return base


def blender(now: VerbContext) -> str | None:
    """Return the id of the chosen model if it can blend in latents and re-noise, else None."""
    entry = now.models.get(now.model)
    return entry.id if entry is not None and BLEND in entry.modes else None


def blend_request(row: ClipRow, now: VerbContext, blending: Blending) -> LoopRequest:
    """Return the request for a blend; its prompts are left to the engine, which blends them."""
    asked = row.recipe.request if row.recipe is not None else LoopRequest()
    request = LoopRequest(
        source=row.id, with_source=blending.other.id, mode=BLEND, amount=blending.amount,
        blend_in="latents" if blending.in_latents else None, renoise=blending.renoise or None,
        rate=asked.rate, bits=asked.bits,
    )  # fmt: skip
    if request.needs_no_model:
        return request
    return msgspec.structs.replace(request, model=now.model, takes=now.takes)


def nearest(row: ClipRow, rows: list[ClipRow], most: int) -> list[ClipRow]:
    """Return the loops that go best with one: of near tempo first, then of near key."""
    loops = [other for other in rows if other.id != row.id and other.bars is not None]
    return sorted(loops, key=lambda other: _distance(row, other))[:most]


def _distance(row: ClipRow, other: ClipRow) -> float:
    """Return how far two loops must be bent to meet: in percent of tempo, and in semitones."""
    tempo = abs((other.bpm or 120.0) / (row.bpm or 120.0) - 1) * 100
    tonics = [_minor_tonic(each) for each in (_key_of(row), _key_of(other)) if each is not None]
    if len(tonics) < 2:
        return tempo
    return tempo + 2 * abs((tonics[0] - tonics[1] + 6) % 12 - 6)


def _minor_tonic(key: Key) -> int:
    """Return the tonic of the key, or of the minor key that has its notes."""
    return key.pitch_class if key.is_minor else key.pitch_class + 9


def _key_of(row: ClipRow) -> Key | None:
    """Return the key of a clip; a file's name may hold what is none."""
    try:
        return parse_key(row.recipe.key if row.recipe is not None else row.key)
    except LoopError:
        return None


def _base(verb: str, row: ClipRow, now: VerbContext) -> LoopRequest:
    """Return a request in the clip's rate and depth, with the settings that its model had."""
    asked = row.recipe.request if row.recipe is not None else LoopRequest()
    rate, bits = asked.rate, asked.bits
    player = _player(verb, row, now)
    if player is None:
        return LoopRequest(rate=rate, bits=bits)
    if player != row.model:
        asked = LoopRequest(prompt=asked.prompt, negative=asked.negative, rate=rate, bits=bits)
    return msgspec.structs.replace(asked.without_source(), model=player, takes=now.takes)


def _player(verb: str, row: ClipRow, now: VerbContext) -> str | None:
    """Return the id of the model that plays: the clip's own where it can, else the chosen one."""
    wanted = (_own_model(row), now.model)
    if verb == REDO:  # any model can; one that is not in the catalogue is the user's own
        return wanted[0] if wanted[0] in now.models else now.model
    return next((model for model in wanted if _can(model, verb, row, now)), None)


def _can(model: str, verb: str, row: ClipRow, now: VerbContext) -> bool:
    entry = now.models.get(model)
    has_mode = entry is not None and verb in entry.modes
    return has_mode and (model != SKETCH.id or is_all_of_sketch(row.recipe))


def is_all_of_sketch(recipe: Recipe | None) -> bool:
    """Return whether sketch can go on from a clip: it works from recipes, and not from sound."""
    return recipe is not None and recipe.is_all_of(SKETCH.id)


def _own_model(row: ClipRow) -> str:
    """Return the model that a clip sounds of: what craft has moved was played by another one."""
    lineage = row.recipe.lineage if row.recipe is not None else ()
    played = [each.model for each in lineage if not each.needs_no_model]
    return played[-1] if played else row.model


def _why_nobody(verb: str, now: VerbContext) -> str:
    able = [each.id for each in now.models.values() if verb in each.modes and each.id != SKETCH.id]
    other = f"a model such as {able[0]}" if able else "another model"
    if now.model == SKETCH.id:
        return f"Sketch can {verb} only what it played alone: choose such a loop, or {other}."
    return f"{now.model} cannot {verb}: choose {other} on the left."


def _why_no_redo(row: ClipRow, now: VerbContext) -> str:
    if row.recipe is None or not row.recipe.request.prompt:
        return "Its prompt is not known, so no bar can be made anew: choose a clip with a recipe."
    if now.bars is None:
        return "Drag over the bars in the waveform first, to say which."
    return ""


def _why_no_rekey(row: ClipRow, now: VerbContext) -> str:
    key = _key_of(row)
    if key is None or row.role in _WITHOUT_KEY:
        return "It has no key: drums stay as they are."
    if not now.time.key:
        return "Set a key on top first, to say which."
    same = key == parse_key(now.time.key)
    return f"It is in {now.time.key} already: set another key on top." if same else ""
