"""Sketch as a generator: from a prompt to audio, on one page."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import numpy as np

from engine.generators.interface import Plan, ReportProgress
from engine.generators.sketch.band import play_drums, play_notes
from engine.generators.sketch.brief import Brief, Variation, read_brief, stream
from engine.generators.sketch.composer import chords_of, composed, varied
from engine.generators.sketch.fitting import groove_of, guide_chords
from engine.generators.sketch.midi import midi_parts
from engine.generators.sketch.mix import Ahead, mixed, stems
from engine.generators.sketch.score import Score, swung
from engine.generators.sketch.stage import SYNTHESISED, OwnSounds, Stage
from engine.generators.sketch.synth.circle import Float
from engine.generators.sketch.synth.drums import Drum
from engine.generators.sketch.synth.sampled import SampledDrum
from engine.generators.sketch.texture import render_texture
from engine.loops.cancel import no_check
from engine.loops.errors import LoopError
from engine.loops.guide import STEP_QUARTERS, Guide, GuideChord, groove_steps
from engine.loops.midi import MidiPart
from engine.loops.recipe import ModelFacts
from engine.loops.request import DEFAULT_AMOUNT, SKETCH_VERSIONS, LoopRequest
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid

_ONE_SHOT_TAIL_S = 6.0


class SketchGenerator:
    """Composes and plays by rules, without a neural network or recordings."""

    facts = ModelFacts(
        id="sketch",
        name="Sketch (rule-based composer and synthesiser)",
        revision=str(SKETCH_VERSIONS[-1]),
        licence="yours, without restriction",
    )
    settings: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset({"vary", "continue", "stems", "accompany"})
    kit: Mapping[str, tuple[Audio, int]] = {}
    soundfont: Path | None = None

    def plan(self, request: LoopRequest) -> Plan:
        """Read the prompt; see `brief.read_brief`."""
        brief = read_brief(request, _seed(request))
        return Plan(
            grid=brief.grid,
            key=None if brief.key is None else str(brief.key),
            role=brief.role,
            title=brief.title,
            understood=brief.understood,
            ignored=brief.ignored,
            near_words=brief.near_words,
            sketch_version=brief.version,
        )

    def roles(self, request: LoopRequest) -> tuple[str, ...]:
        """Return the parts that a request asks for."""
        return read_brief(request, _seed(request)).roles

    def generate(
        self, request: LoopRequest, grid: LoopGrid, seeds: list[int], report: ReportProgress
    ) -> Iterator[Take]:
        """Yield one exact, closed take per seed; tempo and key are those of the request's seed."""
        brief = read_brief(request, _seed(request))
        own = self._own_sounds(grid.rate)
        for number, seed in enumerate(seeds):
            progress = _Progress(report, number / len(seeds), 1 / len(seeds))
            audio = render(brief, seed, progress, own=own)
            yield Take(audio=audio, rate=grid.rate, seed=seed, closed=grid.is_loop, exact=True)

    def generate_from(
        self,
        request: LoopRequest,
        grid: LoopGrid,
        seeds: list[int],
        sources: list[Audio],
        lineage: tuple[LoopRequest, ...],
        report: ReportProgress,
    ) -> Iterator[Take]:
        """Yield takes with the character of a loop that sketch made, or its parts.

        `vary` changes `request.amount` of its beats (half of them by default), and `continue` plays
        on with the same band. A variation can be varied again. `stems` yields a take for each
        part, or for `request.stem` alone; of the audio only the level matters.

        Raises:
            LoopError: the source was not made by sketch.
        """
        if not lineage:
            raise LoopError(
                "Sketch can only work on a loop that it made from a prompt, since it works from "
                "the recipe: choose such a clip, or another model."
            )
        first = lineage[0]
        brief, base = performance(lineage, grid, request.key)
        own = self._own_sounds(grid.rate)
        if request.mode == "stems":
            progress = _Progress(report)
            stage = Stage(brief, grid.frames, _seed(first), progress.check_cancel, own)
            yield from _stems(request, stage, base, sources[0], progress)
            return
        for number, seed in enumerate(seeds):
            score = _stepped(brief, base, first, msgspec.structs.replace(request, seed=seed))
            progress = _Progress(report, number / len(seeds), 1 / len(seeds))
            audio = render(brief, _seed(first), progress, score, own)
            yield Take(audio=audio, rate=grid.rate, seed=seed, closed=True, exact=True)

    def guide(self, lineage: tuple[LoopRequest, ...], grid: LoopGrid, key: str | None) -> Guide:
        """Return what a part follows that fits a clip: its chords, its groove and its style.

        A clip that fits others passes on what it follows itself.
        """
        brief, score = performance(lineage, grid, key)
        seed = _seed(lineage[0])
        if brief.guide is not None:
            chords = brief.guide.chords or _chords(brief, seed)
            return msgspec.structs.replace(brief.guide, chords=chords)
        stage = Stage(brief, grid.frames, seed, no_check)
        swing, pair = stage.swing
        steps = [number * STEP_QUARTERS for number in range(groove_steps(grid))]
        swings = [swung(step, swing, pair) - step for step in steps]
        groove = groove_of(midi_parts(stage, score), swings)
        return Guide(style=brief.style.name or None, chords=_chords(brief, seed), groove=groove)

    def notes(self, lineage: tuple[LoopRequest, ...], grid: LoopGrid) -> tuple[MidiPart, ...]:
        """Return the parts of a clip by its lineage, its own request included."""
        brief, score = performance(lineage, grid, lineage[-1].key)
        stage = Stage(brief, grid.frames, _seed(lineage[0]), no_check)
        return midi_parts(stage, score)

    def _own_sounds(self, rate: int) -> OwnSounds:
        return OwnSounds(_drums(self.kit, rate), self.soundfont)


def _drums(kit: Mapping[str, tuple[Audio, int]], rate: int) -> dict[str, Drum]:
    """Return sounds as drums at a rate."""
    if not kit:
        return {}
    import soxr

    return {
        voice: SampledDrum(np.ascontiguousarray(soxr.resample(audio, own, rate).T))
        for voice, (audio, own) in kit.items()
    }


def _chords(brief: Brief, seed: int) -> tuple[GuideChord, ...]:
    """Return the chords of a loop; drums and noises have none."""
    return () if brief.key is None else guide_chords(chords_of(brief, seed))


def performance(
    lineage: tuple[LoopRequest, ...], grid: LoopGrid, key: str | None
) -> tuple[Brief, Score]:
    """Compose again what a lineage leads to, on a grid and in a key."""
    first, *later = lineage
    if grid.is_loop:
        settled = {"bpm": grid.bpm, "meter": str(grid.meter), "bars": grid.bars, "rate": grid.rate}
        first = msgspec.structs.replace(first, **settled, key=key)
    brief = read_brief(first, _seed(first))
    score = composed(brief, _seed(first))
    for step in later:
        score = _stepped(brief, score, first, step)
    return brief, score


def _stepped(brief: Brief, base: Score, first: LoopRequest, step: LoopRequest) -> Score:
    """Return the score after a step; the brief handles another tempo or key."""
    if step.mode not in ("vary", "continue"):
        return base
    seed = _seed(step)
    score = composed(brief, Variation(_seed(first), seed))
    if step.mode == "continue":
        return score
    amount = DEFAULT_AMOUNT if step.amount is None else step.amount
    return varied(base, score, amount, stream(seed, "beats"))


def _seed(request: LoopRequest) -> int:
    return request.seed or 0


class _Progress:
    """The progress of one take among others, which also notices a cancel."""

    def __init__(self, report: ReportProgress, begin: float = 0.0, share: float = 1.0) -> None:
        self._report = report
        self._begin, self._share = begin, share
        self._fraction, self._stage = 0.0, "composing"

    def at(self, fraction: float, stage: str) -> None:
        """Report how far the take is, 0..1."""
        self._fraction, self._stage = fraction, stage
        self.check_cancel()

    def check_cancel(self) -> None:
        """Report the same progress again, so that a cancelled job ends between two notes."""
        self._report(self._begin + self._share * self._fraction, self._stage)


def render(
    brief: Brief,
    seed: int,
    progress: _Progress,
    score: Score | None = None,
    own: OwnSounds = SYNTHESISED,
) -> Float:
    """Return one take of a brief, or of a score: (frames, 2) float32, exact and circular."""
    grid = brief.grid
    tail = 0 if grid.is_loop else int(_ONE_SHOT_TAIL_S * grid.rate)
    stage = Stage(brief, grid.frames + tail, seed, progress.check_cancel, own)
    progress.at(0.0, "composing")
    score = composed(brief, seed) if score is None else score
    ahead = Ahead.begun(stage)
    parts = _played(stage, score, progress)
    progress.at(0.8, "mixing")
    whole = mixed(stage, ahead, parts, score.strokes.get("drums", []))
    if not grid.is_loop:
        whole = _ended(whole[:, : grid.frames], grid.rate)
    progress.at(1.0, "mixing")
    return np.ascontiguousarray(whole.T)


def _played(stage: Stage, score: Score, progress: _Progress) -> dict[str, Float]:
    """Return the audio of each part by role."""
    roles = stage.brief.roles
    parts: dict[str, Float] = {}
    for number, role in enumerate(roles):
        progress.at(0.75 * number / len(roles), f"playing {role}")
        parts[role] = _part(stage, role, score)
    return parts


def _part(stage: Stage, role: str, score: Score) -> Float:
    """Return one part, (2, frames)."""
    font = stage.own.soundfont
    if font is not None and role in (*score.strokes, *score.notes):
        return _by_soundfont(stage, font, role, score)
    if role in score.strokes:
        if stage.brief.version == 1:
            from engine.generators.sketch.version1.band import play_drums as play_drums_1

            return play_drums_1(stage, score.strokes[role])
        return play_drums(stage, score.strokes[role])
    if role in score.notes:
        return play_notes(stage, role, score.notes[role])
    return render_texture(stage.brief, stage.frames, stage.seed)


def _by_soundfont(stage: Stage, font: Path, role: str, score: Score) -> Float:
    from engine.generators.sketch import soundfont

    if role in score.strokes:
        return soundfont.play_drums(stage, font, score.strokes[role])
    return soundfont.play_notes(stage, font, role, score.notes[role])


def _ended(sound: Float, rate: int) -> Float:
    """Return a one-shot whose last 10 ms fade to silence."""
    tail = min(sound.shape[1], int(0.01 * rate))
    ended = sound.copy()
    ended[:, -tail:] *= np.linspace(1, 0, tail, dtype=np.float32)
    return ended


def _stems(
    request: LoopRequest, stage: Stage, score: Score, mix: Audio, progress: _Progress
) -> Iterator[Take]:
    """Yield the parts of a loop, each with its space, at the level that they have in its mix.

    Raises:
        LoopError: it has no part `request.stem`.
    """
    brief = stage.brief
    if request.stem not in (None, *brief.roles):
        raise LoopError(
            f"{brief.title!r} has no part {request.stem!r}: choose one of {', '.join(brief.roles)}."
        )
    parts = _played(stage, score, progress)
    progress.at(0.8, "mixing")
    found = {role: part.T for role, part in stems(stage, parts, score.strokes.get("drums", []))}
    gain = np.float32(_level_in(mix, found))
    for role, part in found.items():
        if request.stem in (None, role):
            audio = np.ascontiguousarray(part * gain)
            yield Take(
                audio=audio, rate=stage.rate, seed=_seed(request), closed=True, exact=True,
                part=role,
            )  # fmt: skip


def _level_in(mix: Audio, stems: Mapping[str, Float]) -> float:
    """Return the gain by which the sum of the stems is as loud as the mix, and none is clipped."""
    whole = np.sum(list(stems.values()), axis=0)
    gain = float(np.std(mix) / max(np.std(whole), 1e-9))
    peak = max(float(np.abs(stem).max()) for stem in stems.values())
    return min(gain, 1.0 / max(peak, 1e-9))
