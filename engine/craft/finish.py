"""The last look at a take before it is a clip: check, measure, rank.

Takes that are already exact need nothing else. The steps that repair a model's raw take (length,
tempo, key, seam, level) are not there yet, so such a take is refused.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np

from engine.craft.measure import loudness_db, peak_db, seam
from engine.errors import EngineError
from engine.loops.recipe import Scores
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid

SILENT_BELOW_DB = -60.0
SILENT, CLIPPED, NOT_FINITE = "silent", "clipped", "not finite"
"""The badges of takes that are rejected."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FinishedTake:
    """A take with everything a clip says of it.

    Attributes:
        number: which take of the request it is, from 0.
        audio: what is written: the take's audio, with zeros for what is not finite.
        badges: why it was rejected; empty for a take that was kept.
    """

    number: int
    seed: int
    audio: Audio
    scores: Scores
    badges: tuple[str, ...]

    @property
    def rejected(self) -> bool:
        """Whether it failed a check."""
        return bool(self.badges)


def finish(take: Take, number: int, grid: LoopGrid) -> FinishedTake:
    """Check and measure a take.

    Raises:
        EngineError: the take is not on the grid, or its audio is malformed: the model's fault.
    """
    _check_form(take, grid)
    finite = bool(np.isfinite(take.audio).all())
    audio = take.audio if finite else np.nan_to_num(take.audio, posinf=0.0, neginf=0.0)
    scores = Scores(
        loudness_db=loudness_db(audio),
        peak_db=peak_db(audio),
        seam=seam(audio) if grid.is_loop else 0.0,
        text_match=take.text_match,
    )
    badges = _badges(scores, finite=finite)
    return FinishedTake(number=number, seed=take.seed, audio=audio, scores=scores, badges=badges)


def rank(takes: Iterable[FinishedTake]) -> list[FinishedTake]:
    """Return the takes best first: the kept ones, then the rejected ones, each as they came."""
    return sorted(takes, key=lambda take: take.rejected)


def _check_form(take: Take, grid: LoopGrid) -> None:
    shape, kind = take.audio.shape, take.audio.dtype
    if len(shape) != 2 or shape[1] not in (1, 2) or kind != np.float32:
        raise EngineError(
            f"The model made {kind} audio of shape {shape} where (frames, 1 or 2 channels) of "
            "float32 was due: report this as a fault of the model's code."
        )
    if not take.exact:
        raise EngineError(
            "The model made a take that is not exact on the grid, which this version cannot "
            "repair: choose another model."
        )
    if (shape[0], take.rate) != (grid.frames, grid.rate):
        raise EngineError(
            f"The model made {shape[0]} frames at {take.rate} Hz where {grid.frames} at "
            f"{grid.rate} Hz were due: report this as a fault of the model's code."
        )


def _badges(scores: Scores, *, finite: bool) -> tuple[str, ...]:
    if not finite:
        return (NOT_FINITE,)
    if scores.loudness_db < SILENT_BELOW_DB:
        return (SILENT,)
    return (CLIPPED,) if scores.peak_db > 0.0 else ()
