"""The stems of the chosen loop: whether they can be dragged, or have to be made before."""

from typing import NamedTuple

from desktop.clips.part_files import why_no_stems
from desktop.clips.rows import ClipRow
from engine.loops.derive import CannotDerive, Models, derived_request
from engine.loops.request import LoopRequest, SourceMode


class Stems(NamedTuple):
    """What the handle of the stems can do.

    Attributes:
        why_not: why they cannot be dragged now, and what to do; empty if they can.
        request: what a click asks for, so that they can be; None if there is nothing to ask.
    """

    why_not: str = ""
    request: LoopRequest | None = None


BEING_MADE = Stems("The stems are being made: the queue on the left says how far they are")


def stems_now(row: ClipRow, models: Models, *, are_there: bool) -> Stems:
    """Return what the handle can do for a clip; `are_there` says whether its stems were made.

    Those of what sketch played are made once the pointer rests on the handle. Out of other sounds a
    model takes them, which takes longer.
    """
    if are_there or not why_no_stems(row):
        return Stems()
    try:
        request = derived_request(SourceMode.STEMS, row.id, row.recipe, models)
    except CannotDerive as error:
        return Stems(str(error))
    why_not = f"Not made yet: click, and {request.model} takes them out of the loop; then drag them"
    return Stems(why_not, request)
