"""The parts that layers lack, and the request for one that fits them."""

from collections.abc import Iterable, Sequence

import msgspec

from desktop.transport.fitting import Sound
from engine.loops.derive import Models, accompany_request
from engine.loops.precedence import SessionTime
from engine.loops.request import LoopRequest

ROLES = ("drums", "bass", "chords", "pad", "lead", "percussion", "texture")
REST = "mix"
"""The role of all other parts together."""
MOST_OFFERED = 4
_REST_IN_WORDS = "everything else"
_PLURALS = {
    "drums": "drums that fit", "chords": "chords that fit", "percussion": "percussion that fits",
}  # fmt: skip


def part_named(role: str) -> str:
    """Return a part of a role in words: `a lead that fits`."""
    return _PLURALS.get(role, f"{caption_of(role) if role == REST else f'a {role}'} that fits")


def caption_of(role: str) -> str:
    """Return a role as it is asked for: `bass`, or `everything else`."""
    return _REST_IN_WORDS if role == REST else role


def missing_parts(roles: Iterable[str], *, together: bool = False) -> list[str]:
    """Return the roles to offer for layers of some roles, the most wanted first.

    If what plays can play several `together`, all that is missing is the last of them.
    """
    there = set(roles)
    missing = [role for role in ROLES if role not in there]
    if together and len(missing) > 1:
        return [*missing[: MOST_OFFERED - 1], REST]
    return missing[:MOST_OFFERED]


def part_request(
    role: str,
    loops: Sequence[tuple[str, Sound]],
    time: SessionTime,
    models: Models,
    *,
    takes: int,
) -> LoopRequest:
    """Return the request for a part of a role that fits loops at the session's tempo.

    Args:
        role: one of `ROLES`, or `REST`.
        loops: ids of clips, and their sounds as they are heard; at least one.
        time: the session.
        models: the chosen one plays if it can, else sketch.
        takes: how many candidates to ask for.
    """
    ids = [clip_id for clip_id, _sound in loops]
    request = accompany_request(ids, loops[0][1].recipe, models, takes=takes)
    return msgspec.structs.replace(request, prompt=caption_of(role), bpm=time.bpm or None)
