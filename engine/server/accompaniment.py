"""What a new part has to follow to fit some loops: from the recipes of the model's own, else heard.

A model that composes knows the chords and the groove of its own loops exactly; of all others they
are estimated from the audio, as is, for all loops, where they leave room.
"""

from collections.abc import Sequence

import numpy as np

from engine.craft.attacks import is_drums
from engine.craft.features import Features, extract_features
from engine.craft.sources import Source, brought_to
from engine.craft.surroundings import chords_in, groove_in, room_in
from engine.generators.interface import Generator, ScoreGenerator
from engine.loops.cancel import Check
from engine.loops.errors import LoopError
from engine.loops.guide import Guide
from engine.loops.key import Key
from engine.loops.recipe import Recipe
from engine.loops.request import LoopRequest
from engine.loops.source.facts import Origin
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid

_PARTS = ("drums", "bass", "chords", "lead", "pad")
"""What is added, in this order, if nobody says what."""


def guide_for(
    sources: Sequence[Source], grid: LoopGrid, generator: Generator, check: Check
) -> Guide:
    """Return what a part of a grid follows to fit all these loops.

    `check` is called between any two steps of the analysis.
    """
    guides = [_own_guide(each, generator) for each in sources]
    known = [guide for guide in guides if guide is not None]
    strangers = [each for each, guide in zip(sources, guides, strict=True) if guide is None]
    whole = _features(sources, grid, check)
    chords = next((guide.chords for guide in known if guide.chords), ())
    groove = next((guide.groove for guide in known), ())
    if strangers:
        heard = _features(strangers, grid, check) if known else whole
        is_pitched = not is_drums(heard)
        if not chords and is_pitched:
            chords = chords_in(heard, grid, _stated_key(strangers))
        groove = groove or groove_in(heard, grid)
    return Guide(
        style=next((guide.style for guide in known if guide.style), None),
        chords=chords,
        groove=groove,
        taken=room_in(whole, grid),
    )


def part_to_add(sources: Sequence[Source]) -> str:
    """Return what part the loops lack, as a prompt.

    Raises:
        LoopError: one of them is a full mix, or they lack none.
    """
    roles = {each.role for each in sources}
    missing = [part for part in _PARTS if part not in roles]
    if "mix" in roles or not missing:
        raise LoopError(
            "The loops have all the usual parts: say what to add, for example 'pad' or 'texture'."
        )
    return missing[0]


def _own_guide(source: Source, generator: Generator) -> Guide | None:
    """Return what a source's own recipe says; None if the model did not play all of it."""
    recipe = source.recipe
    if recipe is None or not isinstance(generator, ScoreGenerator):
        return None
    lineage = _played_by(generator, recipe)
    return generator.guide(lineage, source.grid, recipe.key) if lineage else None


def _played_by(generator: Generator, recipe: Recipe) -> tuple[LoopRequest, ...]:
    """Return the lineage of a clip if one model played it; that of a stem is its mix's."""
    lineage = recipe.made_from if recipe.request.mode == "stems" else recipe.lineage
    models = {request.model for request in lineage if not request.needs_no_model}
    return lineage if models == {generator.facts.id} else ()


def _stated_key(sources: Sequence[Source]) -> Key | None:
    """Return the first key that is known; a detected one is no better than the chords."""
    facts = (each.facts.key for each in sources)
    return next((fact.value for fact in facts if fact and fact.origin is not Origin.DETECTED), None)


def _features(sources: Sequence[Source], grid: LoopGrid, check: Check) -> Features:
    """Return the features of the sum of loops on a grid."""
    own = grid.unrounded
    parts = [brought_to(each, own, check=check).mean(axis=1, keepdims=True) for each in sources]
    whole: Audio = np.sum(parts, axis=0, dtype=np.float32)
    return extract_features(whole, own.rate, closed=True, check=check)
