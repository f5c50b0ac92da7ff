"""What the selected model can make from a dropped sound."""

import dataclasses
from pathlib import Path

from desktop.prompt.derive_context import DeriveContext
from desktop.prompt.form import Source
from engine.loops.derive import SKETCH_ID, is_sketch_alone
from engine.loops.recipe import Recipe
from engine.loops.request import SourceMode
from engine.loops.tempo import format_bpm


@dataclasses.dataclass(frozen=True)
class SourceChoice:
    """A way to use a source; it is disabled if `disabled_reason` is not empty."""

    title: str
    source: Source
    disabled_reason: str = ""


def source_choices(path: Path, recipe: Recipe | None, now: DeriveContext) -> list[SourceChoice]:
    """Return the ways to use a file, the most likely first; at least one is enabled."""
    chosen = now.models.chosen
    modes = now.models.modes.get(chosen, ())
    usual = {
        SourceMode.VARY: (f"vary it by {now.amount * 100:.0f} %", now.amount),
        SourceMode.CONTINUE: ("continue it", None),
        SourceMode.MELODY: ("follow its melody", None),
    }
    able = chosen != SKETCH_ID or is_sketch_alone(recipe)
    disabled_reason = "" if able else "Sketch can do this only with its own clips."
    choices = [
        SourceChoice(title, Source(path=path, mode=mode, amount=amount), disabled_reason)
        for mode, (title, amount) in usual.items()
        if mode in modes
    ]
    bpm, key = format_bpm(now.time.bpm), now.time.key
    choices.append(
        SourceChoice(f"stretch it to {bpm} BPM", Source(path=path, mode=SourceMode.RETEMPO))
    )
    no_key = "" if key else "Set a key in the transport first."
    rekey = Source(path=path, mode=SourceMode.REKEY)
    choices.append(SourceChoice(f"transpose it to {key or 'another key'}", rekey, no_key))
    return choices


def likeliest(choices: list[SourceChoice]) -> SourceChoice:
    """Return the first enabled choice."""
    return next(choice for choice in choices if not choice.disabled_reason)
