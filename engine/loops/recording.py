"""Turns a recording of the pads, or a mix of layers, into a clip; its recipe names what was played.

A recording combines the licences of the clips in it: if one of them is not for commercial use,
neither is the recording.
"""

import datetime as dt
from typing import NamedTuple

import msgspec
import numpy as np

from engine.loops.clip import Clip, file_name
from engine.loops.errors import LoopError
from engine.loops.measure import loudness_db, peak_db, seam
from engine.loops.project import Project
from engine.loops.recipe import UNPITCHED, ModelFacts, Recipe, Repairs, Scores, combined_licence
from engine.loops.request import LoopRequest
from engine.loops.tags import tag_facts_of
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid
from engine.loops.wav import clip_bytes


class Played(NamedTuple):
    """What kind of recording it is.

    It is told by the id and the name of its model, how its title begins, and what it is in words.
    """

    id: str
    name: str
    title: str
    noun: str


PADS = Played("recording", "Recording of pads", "Recording of", "a recording")
LAYERS = Played("layers", "Mix of layers", "Mix of", "a mix")
_HIGHEST_PEAK_DB = -0.1
_BITS = "24"


class SilentRecording(LoopError):
    """A recording is silent."""

    def __init__(self) -> None:
        super().__init__("Nothing was recorded because no pad played: play some pads, then stop.")


def write_recording(
    project: Project, audio: Audio, grid: LoopGrid, sources: tuple[Recipe, ...], program: str,
    played: Played = PADS,
) -> Clip:  # fmt: skip
    """Write a recording as a clip of the project.

    Args:
        project: the project to write to.
        audio: (frames, 2), as long as the grid; if it would clip, all of it is turned down.
        grid: its tempo, meter and bars, or its seconds.
        sources: the recipes of the clips that were played.
        program: name and version of the program that writes it.
        played: whether it is of pads or of layers.

    Raises:
        SilentRecording: the audio is silent.
        OutOfRange: the grid is not valid for a clip.
        ProjectError: the file could not be written to the folder.
    """
    if not audio.any():
        raise SilentRecording
    grid.checked()
    gain_db = min(_HIGHEST_PEAK_DB - peak_db(audio), 0.0)
    if gain_db < 0:
        audio = audio * np.float32(10 ** (gain_db / 20))
    recipe = msgspec.structs.replace(
        _recipe_of(audio, grid, sources, played), program=program, clip_id=project.new_id(),
        repairs=Repairs(gain_db=gain_db) if gain_db < 0 else None,
    )  # fmt: skip
    data = clip_bytes(audio, _BITS, tag_facts_of(recipe), recipe)
    name = file_name(recipe.title, grid, recipe.pitched_key, recipe.clip_id)
    path = project.write(name, data)
    return Clip(
        id=recipe.clip_id, file=path.name, path=str(path), title=recipe.title,
        frames=len(audio), recipe=recipe,
    )  # fmt: skip


def _recipe_of(audio: Audio, grid: LoopGrid, sources: tuple[Recipe, ...], played: Played) -> Recipe:
    """Return the recipe without program, clip id and repairs."""
    title = _title_of([_named(source) for source in sources], played)
    named = ", ".join(f"{source.title} ({source.clip_id})" for source in sources)
    key = _shared([source.key for source in sources if source.role not in UNPITCHED])
    request = LoopRequest(
        prompt=f"{played.name}: {named}"[:4_000], model=played.id, bpm=grid.bpm,
        meter=str(grid.meter), bars=grid.bars if grid.is_loop else None, seconds=grid.seconds,
        key=key, rate=grid.rate, bits=_BITS,
    )  # fmt: skip
    return Recipe(
        program="",
        created=dt.datetime.now().astimezone().replace(tzinfo=None).isoformat(timespec="seconds"),
        clip_id="",
        request_id=played.id,
        request=request,
        asked_seed=0,
        asked_takes=1,
        take=0,
        rank=1,
        grid=grid,
        key=key,
        model=_model_of([source.model for source in sources], played),
        title=title,
        role=_shared([source.role for source in sources]),
        scores=Scores(loudness_db=loudness_db(audio), peak_db=peak_db(audio), seam=seam(audio)),
    )


def _title_of(titles: list[str], played: Played) -> str:
    different = list(dict.fromkeys(titles))
    if len(different) > 2:
        different = [*different[:1], f"{len(different) - 1} more"]
    return f"{played.title} {' and '.join(different)}"[:200] if different else played.name


def _named(source: Recipe) -> str:
    """Return the title of a source; that of a recording would name its own sources again."""
    for kind in (PADS, LAYERS):
        if source.model.id == kind.id and source.title.startswith(kind.title):
            return kind.noun
    return source.title


def _shared(values: list[str | None]) -> str | None:
    """Return the value that all share; None if they differ, or there are none."""
    return values[0] if len(set(values)) == 1 else None


def _model_of(models: list[ModelFacts], played: Played) -> ModelFacts:
    return ModelFacts(
        id=played.id,
        name=played.name,
        revision="1",
        licence=combined_licence(models) or "yours",
        commercial_use=all(model.commercial_use for model in models),
    )
