"""Mixes the layers down to a clip of the project."""

from collections.abc import Sequence
from pathlib import Path

from desktop.layers.ensemble import Arrangement, layers_of
from engine.loops.clip import Clip
from engine.loops.project import Project
from engine.loops.recipe import Recipe
from engine.loops.recording import LAYERS, write_recording
from engine.loops.tempo import RATES, LoopGrid
from engine.version import PROGRAM
from playback.clip_audio import read_clip
from playback.layer_voices import mixed_down

_USUAL_RATE = 48_000


def write_mix(project: Path, arrangement: Arrangement, sources: Sequence[Recipe]) -> Clip:
    """Write one round of the layers, as it is heard, as a clip; return it.

    Args:
        project: the folder to write to.
        arrangement: what plays; the rate of its first loop is that of the clip.
        sources: the recipes of the loops that are heard.

    Raises:
        LoopError: a loop cannot be read, all are silent, or the folder cannot be written to.
    """
    clips = {part.path: read_clip(part.path) for part in arrangement.parts.values()}
    rate = next(iter(clips.values())).rate
    rate = rate if rate in RATES else _USUAL_RATE
    clips = {
        path: clip if clip.rate == rate else clip.at_rate(rate) for path, clip in clips.items()
    }
    time = arrangement.round
    grid = LoopGrid(bpm=time.bpm, meter=time.meter, bars=time.bars, rate=rate)
    audio = mixed_down(layers_of(arrangement, clips, rate))
    return write_recording(Project(project), audio, grid, tuple(sources), PROGRAM, LAYERS)
