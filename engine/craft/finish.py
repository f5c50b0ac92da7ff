"""The last step before a take becomes a clip: repaired, measured, scored and ranked.

A take that is exact on the grid is only measured, and stays unchanged byte for byte; any other goes
through `engine.craft.repair` first, which only such a take imports.
"""

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.craft.badges import (
    NOISE,
    REJECTING,
    key_badge,
    rejecting_badges,
    repair_badges,
    tempo_badge,
    total,
)
from engine.craft.loudness import loudness_lufs, true_peak_db
from engine.errors import EngineError
from engine.loops.cancel import Check, no_check
from engine.loops.key import Key
from engine.loops.measure import loudness_db, peak_db, seam
from engine.loops.recipe import Repairs, Scores
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid

if TYPE_CHECKING:
    from engine.craft.repair import Repaired


@dataclasses.dataclass(frozen=True, kw_only=True)
class FinishedTake:
    """A take with everything that its clip records.

    Attributes:
        number: which take of the request it is, from 0.
        audio: the audio to write: the take's, with zeros for values that are not finite.
        repairs: what was done to it; None for a take that was exact.
        badges: what is wrong, in plain words; some of them reject the take.
        latents: the take's latents, unchanged.
        part: which part of the source it is; see `Take`.
    """

    number: int
    seed: int
    audio: Audio
    scores: Scores
    repairs: Repairs | None = None
    badges: tuple[str, ...]
    latents: Audio | None = None
    part: str | None = None

    @property
    def rejected(self) -> bool:
        """Whether it failed a check."""
        return not REJECTING.isdisjoint(self.badges)


def finish(
    take: Take,
    number: int,
    grid: LoopGrid,
    key: Key | None = None,
    check: Check = no_check,
) -> FinishedTake:
    """Repair a take that is not exact on the grid, then measure and score it.

    Args:
        take: as the model made it.
        number: which take of the request it is, from 0.
        grid: the requested length, tempo and rate.
        key: the requested key, if any.
        check: called between any two steps; it may raise to end the work.

    Raises:
        EngineError: the take's audio is malformed, or is marked as exact but not on the grid: a
            fault of the model.
    """
    _check_form(take, grid)
    finite = bool(np.isfinite(take.audio).all())
    if not finite:
        audio = np.nan_to_num(take.audio, posinf=0.0, neginf=0.0)
        take = dataclasses.replace(take, audio=audio)
    if take.exact:
        return _measured(take, number, grid, check, finite=finite)
    from engine.craft.repair import repaired

    made = repaired(take, grid, key, check)
    return _judged(take, made, number, grid, key, check, finite=finite)


def rank(takes: Iterable[FinishedTake]) -> list[FinishedTake]:
    """Return the takes best first: the kept ones by total score, then the rejected ones.

    Takes with equal scores keep their order, and so do parts: none is better than another.
    """
    return sorted(
        takes, key=lambda take: (take.rejected, 0 if take.part else -(take.scores.total or 0.0))
    )


def _check_form(take: Take, grid: LoopGrid) -> None:
    shape, kind = take.audio.shape, take.audio.dtype
    if len(shape) != 2 or shape[1] not in (1, 2) or not shape[0] or kind != np.float32:
        raise EngineError(
            f"The model returned {kind} audio of shape {shape} instead of float32 of (frames, 1 "
            "or 2 channels): report this as a bug of the model."
        )
    if take.exact and (shape[0], take.rate) != (grid.frames, grid.rate):
        raise EngineError(
            f"The model returned {shape[0]} frames at {take.rate} Hz instead of {grid.frames} at "
            f"{grid.rate} Hz: report this as a bug of the model."
        )


def levels(
    audio: Audio, grid: LoopGrid, text_match: float | None, check: Check = no_check
) -> Scores:
    """Return what is measured of audio on a grid, and the text match as it is."""
    check()
    loudness, peak = loudness_db(audio), peak_db(audio)
    check()
    lufs = loudness_lufs(audio, grid.rate, closed=grid.is_loop)
    check()
    step = seam(audio) if grid.is_loop else 0.0
    check()
    return Scores(
        loudness_db=loudness,
        peak_db=peak,
        seam=step,
        text_match=text_match,
        loudness_lufs=round(lufs, 2),
        true_peak_db=round(true_peak_db(audio), 2),
    )


def _measured(
    take: Take, number: int, grid: LoopGrid, check: Check, *, finite: bool
) -> FinishedTake:
    scores = levels(take.audio, grid, take.text_match, check)
    badges = (*rejecting_badges(scores, finite=finite), *take.badges)
    scores = msgspec.structs.replace(scores, total=total(scores, badges, 1.0))
    return FinishedTake(
        number=number, seed=take.seed, audio=take.audio, scores=scores, badges=badges,
        latents=take.latents, part=take.part,
    )  # fmt: skip


def _judged(
    take: Take, made: "Repaired", number: int, grid: LoopGrid, key: Key | None, check: Check,
    *, finite: bool,
) -> FinishedTake:  # fmt: skip
    """Return a repaired take with all its scores and badges."""
    scores = msgspec.structs.replace(
        levels(made.audio, grid, take.text_match, check),
        heard_bpm=round(made.detected_bpm, 2) or None,
        bpm_confidence=round(made.confidence, 3),
    )
    badges = list(rejecting_badges(scores, finite=finite))
    if not badges and made.only_noise:
        badges.append(NOISE)
    if grid.is_loop:
        scores = _with_seam(scores, made, grid, check)
        found = tempo_badge(grid.bpm, made.detected_bpm, made.confidence)
        badges += [found] if found else []
    if made.tonality is not None and made.tonality.key is not None:
        tonality = made.tonality
        scores = msgspec.structs.replace(
            scores, heard_key=str(tonality.key), key_confidence=round(tonality.confidence, 3)
        )
        found = key_badge(key, tonality.key, tonality.confidence, made.repairs.semitones)
        badges += [found] if found else []
    badges += repair_badges(scores, made.repairs, grid, made.raw_lufs)
    badges += take.badges
    all_badges = tuple(badges)
    scores = msgspec.structs.replace(scores, total=total(scores, all_badges, made.repairs.stretch))
    return FinishedTake(
        number=number,
        seed=take.seed,
        audio=made.audio,
        scores=scores,
        repairs=made.repairs,
        badges=all_badges,
        latents=take.latents,
    )


def _with_seam(scores: Scores, made: "Repaired", grid: LoopGrid, check: Check) -> Scores:
    """Return scores with those of the seam, measured where the loop was cut."""
    from engine.craft.features import extract_features
    from engine.craft.repair import beats_of_bar
    from engine.craft.seam import continuity

    cut = (-made.repairs.turned_frames) % grid.frames
    features = extract_features(made.audio, grid.rate, closed=True, check=check)
    around = continuity(features, grid.bars * beats_of_bar(grid), cut / grid.frames)
    check()
    return msgspec.structs.replace(
        scores,
        seam=max(scores.seam, seam(np.roll(made.audio, -cut, axis=0))),
        seam_spectrum=round(around.spectrum_share, 3),
        seam_rhythm=round(around.rhythm_share, 3),
    )
