"""Turns a finished take into a clip: its recipe, its tags, and its files in the project folder.

This is the only code in the engine process that writes clips.
"""

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from engine.craft.finish import FinishedTake
from engine.generators.interface import Plan
from engine.loops.clip import Clip, file_name
from engine.loops.errors import LoopError
from engine.loops.key import parse_key
from engine.loops.midi import MidiPart, midi_bytes
from engine.loops.project import (
    LATENTS_FOLDER,
    REJECTED_FOLDER,
    Project,
    latents_of,
    midi_of,
)
from engine.loops.recipe import UNPITCHED, ModelFacts, Recipe
from engine.loops.request import LoopRequest, cleaned_text
from engine.loops.tags import tag_facts_of
from engine.loops.take import Audio
from engine.loops.wav import clip_pieces
from engine.version import PROGRAM


def request_of_take(request: LoopRequest, plan: Plan, seed: int) -> LoopRequest:
    """Return the request that renders one take of a request again, on its own.

    It states explicitly what the model decided: that may depend on the seed of the request, which
    is not the seed of this take.
    """
    grid = plan.grid
    return msgspec.structs.replace(
        request,
        seed=seed,
        takes=1,
        bpm=grid.bpm,
        meter=str(grid.meter),
        bars=grid.bars if grid.is_loop else None,
        key=plan.key or request.key,
        near_words=plan.near_words,
        sketch_version=plan.sketch_version,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReadyTake:
    """A ranked take with everything that its clip records; `position` is its rank, from 1."""

    job_id: str
    request: LoopRequest
    plan: Plan
    model: ModelFacts
    take: FinishedTake
    position: int
    made_from: tuple[LoopRequest, ...] = ()

    def recipe(self, clip_id: str) -> Recipe:
        """Return the recipe of the take as a clip."""
        request, plan, take = self.request, self.plan, self.take
        made = request_of_take(request, plan, take.seed)
        title, role, key = plan.title, plan.role, plan.key
        if take.part is not None:
            made = msgspec.structs.replace(made, stem=take.part)
            title, role = f"{take.part} of {title}", take.part
            key = None if take.part in UNPITCHED else key
        now = dt.datetime.now().astimezone().replace(tzinfo=None)
        return Recipe(
            program=PROGRAM,
            created=now.isoformat(timespec="seconds"),
            clip_id=clip_id,
            request_id=self.job_id,
            request=made,
            made_from=self.made_from,
            asked_seed=request.seed or 0,
            asked_takes=request.takes,
            take=take.number,
            rank=self.position,
            grid=plan.grid,
            key=key,
            model=_of_version(self.model, plan.sketch_version),
            title=title,
            role=role,
            understood=plan.understood,
            ignored=plan.ignored,
            scores=take.scores,
            repairs=take.repairs,
            badges=take.badges,
        )


def _of_version(model: ModelFacts, sketch_version: int | None) -> ModelFacts:
    """Return the facts of the version of sketch that played."""
    if sketch_version is None:
        return model
    return msgspec.structs.replace(model, revision=str(sketch_version))


def write_clip(project: Project, ready: ReadyTake) -> Clip:
    """Write a take, with its latents if it has any, and return it as a clip; see `write_audio`.

    Raises:
        ProjectError: the file could not be written to the folder.
    """
    take = ready.take
    recipe = ready.recipe(project.new_id())
    return write_audio(
        project, take.audio, recipe, rejected=take.rejected,
        latents=None if take.latents is None else partial(_write_npy, latents=take.latents),
    )  # fmt: skip


def write_audio(
    project: Project,
    audio: Audio,
    recipe: Recipe,
    *,
    rejected: bool,
    latents: Callable[[BinaryIO], None] | None = None,
) -> Clip:
    """Write audio with its recipe as a clip, which is in a folder of its own if it is rejected.

    `latents` writes the latents into a stream. Both files are written before either gets its name,
    the clip first: no latents are without a clip.

    Raises:
        ProjectError: the file could not be written to the folder.
    """
    pieces = clip_pieces(audio, recipe.request.bits, tag_facts_of(recipe), recipe)
    name = file_name(recipe.title, recipe.grid, recipe.pitched_key, recipe.clip_id)
    into = REJECTED_FOLDER if rejected else ""
    path = project.folder / into / name
    beside = None if latents is None else latents_of(path)
    with contextlib.ExitStack() as stack:
        if latents is not None and beside is not None:
            latents(stack.enter_context(project.writing(beside.name, into=LATENTS_FOLDER)))
        stack.enter_context(project.writing(name, into=into)).writelines(pieces)
    return Clip(
        id=recipe.clip_id,
        file=path.relative_to(project.folder).as_posix(),
        path=str(path),
        title=recipe.title,
        frames=len(audio),
        latents=None if beside is None else str(beside),
        recipe=recipe,
    )


def write_midi(project: Project, clip: Path, recipe: Recipe, parts: tuple[MidiPart, ...]) -> Path:
    """Write the parts of a clip as a MIDI file, unless the same is there; return its path.

    It has the clip's name, but may be in another folder.

    Raises:
        LoopError: no part has notes.
        ProjectError: another file has that name, or the folder cannot be written to.
    """
    if not any(part.notes for part in parts):
        raise LoopError(f"{recipe.title!r} has no notes: a texture has no MIDI.")
    title = cleaned_text(recipe.title)
    data = midi_bytes(title, recipe.grid, parse_key(recipe.key), parts)
    return project.write_once(midi_of(clip).name, data)


def _write_npy(stream: BinaryIO, latents: Audio) -> None:
    import numpy as np

    np.save(stream, latents, allow_pickle=False)
