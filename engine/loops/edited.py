"""Applies edits to the audio and the recipe of a clip: the one place where that is done."""

import base64
import hashlib

import msgspec
import numpy as np

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
    edited[:fade_in] *= _rising(fade_in)
    end = max(len(edited) - fade_out, 0)
    edited[end:] *= _rising(fade_out)[::-1][: len(edited) - end]
    return edited


def edited_recipe(recipe: Recipe, edits: Edits) -> Recipe:
    """Return the recipe of a clip with edits, which says of which clip it is a version.

    The same edits of the same clip have the same id. The scores are those of the whole clip.
    """
    if edits == NONE:
        return recipe
    digest = hashlib.sha256(recipe.clip_id.encode() + msgspec.json.encode(edits)).digest()
    return msgspec.structs.replace(
        recipe, grid=placed(edits, recipe.grid).grid, edits=edits, edited_from=recipe.clip_id,
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


def _rising(frames: int) -> Audio:
    """Return the curve of a fade-in, (frames, 1): half a cosine, from silence."""
    place = np.arange(frames, dtype=np.float64).reshape(-1, 1) / max(frames, 1)
    curve: Audio = (0.5 - 0.5 * np.cos(np.pi * place)).astype(np.float32)
    return curve
