"""Applies edits to the audio and the recipe of a clip: the one place where that is done."""

import base64
import hashlib
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.loops.clip import ID_LENGTH
from engine.loops.cutting import cut_out
from engine.loops.edits import NONE, Edits, placed
from engine.loops.errors import LoopError
from engine.loops.measure import loudness_db, peak_db, seam
from engine.loops.recipe import Recipe, Scores
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid

_JOIN_S = 0.003


def edited_audio(audio: Audio, grid: LoopGrid, edits: Edits) -> Audio:
    """Return the audio of a clip with its edits; frames that none of them touches stay exact.

    A part of a loop gets a short crossfade at its end, so that it runs into its beginning.

    Args:
        audio: (frames, channels), float32, the whole clip at the rate of its grid.
        grid: of the clip.
        edits: what to change.

    Raises:
        LoopError: the audio ends before the bars that remain do.
    """
    part, first, fade_in, fade_out, gain = placed(edits, grid)
    if part != grid:
        last = first + part.frames
        if last > len(audio):
            raise LoopError(
                f"Bars {edits.bars} of the clip are not in its file, which has {len(audio):,} "
                "frames: make it again, or undo the trim."
            )
        audio = cut_out(audio, first, last, round(_JOIN_S * grid.rate), loops=True)
    edited: Audio = audio * np.float32(gain)
    edited[:fade_in] *= _rising(np.arange(fade_in), fade_in)[:, None]
    from_end = np.arange(min(fade_out, len(edited)))[::-1]
    edited[len(edited) - len(from_end) :] *= _rising(from_end, fade_out)[:, None]
    return edited


def amplitude_at(places: NDArray[np.floating], grid: LoopGrid, edits: Edits) -> Audio:
    """Return how much edits multiply a clip by at some places in it, 0..1.

    What a trim leaves out counts as if the fades went on there.
    """
    part, first, fade_in, fade_out, gain = placed(edits, grid)
    frames = places * grid.frames - first
    rising = _rising(np.clip(frames, 0, fade_in), fade_in)
    falling = _rising(np.clip(part.frames - 1 - frames, 0, fade_out), fade_out)
    both: Audio = rising * falling * np.float32(gain)
    return both


def edited_recipe(recipe: Recipe, edits: Edits) -> Recipe:
    """Return the recipe of a clip with edits, which says of which clip it is a version.

    The same edits of the same clip have the same id. The scores are those of the whole clip.
    """
    if edits == NONE:
        return recipe
    digest = hashlib.sha256(recipe.clip_id.encode() + msgspec.json.encode(edits)).digest()
    return msgspec.structs.replace(
        recipe, grid=placed(edits, recipe.grid).grid, edits=edits, edited_from=recipe.clip_id,
        whole_grid=recipe.grid,
        clip_id=base64.b32encode(digest)[:ID_LENGTH].decode().lower(),
    )  # fmt: skip


def rescored(recipe: Recipe, audio: Audio) -> Recipe:
    """Return the recipe of an edited clip with what is measured in its audio."""
    before = recipe.scores
    scores = Scores(
        loudness_db=loudness_db(audio), peak_db=peak_db(audio), seam=seam(audio),
        total=before.total, text_match=before.text_match,
    )  # fmt: skip
    return msgspec.structs.replace(recipe, scores=scores)


def _rising(frames: NDArray[Any], length: int) -> Audio:
    """Return the amplitudes of a fade-in at some of its frames: half a cosine, from silence."""
    if length == 0:
        return np.ones(len(frames), np.float32)
    curve: Audio = (0.5 - 0.5 * np.cos(np.pi * (frames / length))).astype(np.float32)
    return curve
