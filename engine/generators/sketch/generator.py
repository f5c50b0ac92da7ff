"""Sketch as a generator: the way of a prompt to sound, on one page."""

from collections.abc import Iterator

import numpy as np

from engine.generators.interface import ReportProgress, Understanding
from engine.generators.sketch.band import Stage, play_drums, play_notes
from engine.generators.sketch.brief import Brief, read_brief
from engine.generators.sketch.composer import composed
from engine.generators.sketch.mix import mixed
from engine.generators.sketch.score import Score
from engine.generators.sketch.synth.circle import Float
from engine.generators.sketch.texture import render_texture
from engine.loops.recipe import ModelFacts
from engine.loops.request import LoopRequest
from engine.loops.take import Take
from engine.loops.tempo import LoopGrid

_ONE_SHOT_TAIL_S = 6.0


class SketchGenerator:
    """Composes and plays by rules; makes no use of any model or recording."""

    facts = ModelFacts(
        id="sketch",
        name="Sketch (rule-based composer and synthesiser)",
        revision="1",
        licence="yours, without restriction",
    )
    settings: frozenset[str] = frozenset()

    def understand(self, request: LoopRequest) -> Understanding:
        """Read the prompt; see `brief.read_brief`."""
        brief = read_brief(request, request.seed or 0)
        return Understanding(
            grid=brief.grid,
            key=None if brief.key is None else str(brief.key),
            role=brief.role,
            title=brief.title,
            understood=brief.understood,
            ignored=brief.ignored,
        )

    def generate(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], report: ReportProgress
    ) -> Iterator[Take]:
        """Yield one exact, closed take per seed; tempo and key are those of the request's seed."""
        brief = read_brief(request, request.seed or 0)
        for number, seed in enumerate(seeds):
            progress = _Progress(report, number / len(seeds), 1 / len(seeds))
            audio = render(brief, seed, progress)
            yield Take(audio=audio, rate=grid.rate, seed=seed, closed=grid.is_loop, exact=True)


class _Progress:
    """The progress of one take among others; it can also be asked just to listen for a cancel."""

    def __init__(self, report: ReportProgress, begin: float = 0.0, share: float = 1.0) -> None:
        self._report = report
        self._begin, self._share = begin, share
        self._fraction, self._stage = 0.0, "composing"

    def at(self, fraction: float, stage: str) -> None:
        """Report how far the take is, 0..1."""
        self._fraction, self._stage = fraction, stage
        self.listen()

    def listen(self) -> None:
        """Report the same again, so that a cancelled job ends between two notes."""
        self._report(self._begin + self._share * self._fraction, self._stage)


def render(brief: Brief, seed: int, progress: _Progress) -> Float:
    """Return one take of a brief: (frames, 2) float32, exact and running round."""
    grid = brief.grid
    tail = 0 if grid.is_loop else int(_ONE_SHOT_TAIL_S * grid.rate)
    stage = Stage(brief, grid.frames + tail, seed, progress.listen)
    progress.at(0.0, "composing")
    score = composed(brief, seed)
    parts = _played(stage, score, progress)
    progress.at(0.8, "mixing")
    whole = mixed(stage, parts, score.strokes.get("drums", []))
    if not grid.is_loop:
        whole = _ended(whole[:, : grid.frames], grid.rate)
    progress.at(1.0, "mixing")
    return np.ascontiguousarray(whole.T)


def _played(stage: Stage, score: Score, progress: _Progress) -> dict[str, Float]:
    """Return the sound of each part by its role."""
    roles = stage.brief.roles
    parts: dict[str, Float] = {}
    for number, role in enumerate(roles):
        progress.at(0.75 * number / len(roles), f"playing {role}")
        if role in score.strokes:
            parts[role] = play_drums(stage, score.strokes[role])
        elif role in score.notes:
            parts[role] = play_notes(stage, role, score.notes[role])
        else:
            parts[role] = render_texture(stage.brief, stage.frames, stage.seed)
    return parts


def _ended(sound: Float, rate: int) -> Float:
    """Return a one-shot whose last 10 ms fall to silence."""
    tail = min(sound.shape[1], int(0.01 * rate))
    ended = sound.copy()
    ended[:, -tail:] *= np.linspace(1, 0, tail, dtype=np.float32)
    return ended
