"""What a dropped sound can be the source of, with the model that is chosen; no Qt here."""

import dataclasses
from pathlib import Path

from desktop.clips.verbs import VerbContext, is_all_of_sketch
from desktop.prompt.form import Source
from engine.loops.recipe import Recipe
from engine.loops.tempo import format_bpm
from engine.models.catalogue import SKETCH


@dataclasses.dataclass(frozen=True)
class SourceChoice:
    """One thing that can be made of a source, unless `disabled_reason` says why not."""

    title: str
    source: Source
    disabled_reason: str = ""


def source_choices(path: Path, recipe: Recipe | None, now: VerbContext) -> list[SourceChoice]:
    """Return what can be made of a file, the most likely first, at least one of it enabled."""
    entry = now.models.get(now.model)
    modes = () if entry is None else entry.modes
    usual = {
        "vary": (f"vary it by {now.amount * 100:.0f} %", now.amount),
        "continue": ("continue it", None),
        "melody": ("follow its melody", None),
    }
    able = now.model != SKETCH.id or is_all_of_sketch(recipe)
    disabled_reason = "" if able else "Sketch can do this only with what it played alone."
    choices = [
        SourceChoice(title, Source(path=path, mode=mode, amount=amount), disabled_reason)
        for mode, (title, amount) in usual.items()
        if mode in modes
    ]
    bpm, key = format_bpm(now.time.bpm), now.time.key
    choices.append(SourceChoice(f"bring it to {bpm} BPM", Source(path=path, mode="retempo")))
    no_key = "" if key else "Set a key on top first."
    rekey = Source(path=path, mode="rekey")
    choices.append(SourceChoice(f"bring it to {key or 'another key'}", rekey, no_key))
    return choices


def likeliest(choices: list[SourceChoice]) -> SourceChoice:
    """Return the first that can be done."""
    return next(choice for choice in choices if not choice.disabled_reason)
