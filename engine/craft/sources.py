"""A source: any audio, analysed and trimmed to bars, ready to be fitted to a grid."""

import dataclasses
import math
from collections.abc import Callable

import msgspec

from engine.craft.badges import SURE_OF_KEY, SURE_OF_TEMPO
from engine.craft.features import Features, extract_features
from engine.craft.pulse import find_pulse
from engine.craft.repair import cut_to, stretch_circular
from engine.craft.seam import continuity
from engine.craft.tempo import FASTEST_BPM, SLOWEST_BPM, detect_bpm
from engine.craft.tonality import find_key
from engine.craft.window import choose_window
from engine.loops.errors import LoopError
from engine.loops.file_facts import FileFacts
from engine.loops.key import Key, parse_key
from engine.loops.measure import seam
from engine.loops.recipe import ModelFacts, Recipe
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid, Meter, checked_bpm

Report = Callable[[float, str], None]

_NEAR = 0.015
_WHOLE, _CIRCULAR = 0.003, 1.5
_MAX_ANALYSED_S = 120
_USUAL_BARS = (16, 8, 4, 2, 1)
_USUAL_METER = Meter.parse("4/4")


def _ignore(_fraction: float, _stage: str) -> None:
    """Ignore the progress."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """A loop that other loops are made from.

    Attributes:
        label: the id of the clip, or the name of the file.
        audio: (frames, 1 or 2 channels) at the rate of `grid`; a closed loop.
        grid: its bars and tempo.
        key: its key, if known or clearly detected.
        title: its title.
        role: what it plays, such as drums, if its file says so.
        model: the model that made it, if known.
        recipe: how it was made, if its file says so.
        heard: whether tempo and bars were detected from the audio, not read from the file.
    """

    label: str
    audio: Audio
    grid: LoopGrid
    key: Key | None
    title: str
    role: str | None = None
    model: ModelFacts | None = None
    recipe: Recipe | None = None
    heard: bool = False


def source_of(
    audio: Audio,
    rate: int,
    label: str,
    *,
    facts: FileFacts | None = None,
    bars: int | None = None,
    meter: Meter = _USUAL_METER,
    report: Report = _ignore,
) -> Source:
    """Return audio as a source: from its recipe or its tags, or else by analysis.

    Args:
        audio: (frames, 1 or 2 channels), finite, not silent.
        rate: of the audio, in Hz.
        label: the id of a clip, or the name of a file.
        facts: the file's own tags and recipe.
        bars: how many bars to take if they must be detected; None, or more than it has: the most
            of 16, 8, 4, 2 and 1 that fit.
        meter: the meter if the bars must be detected.
        report: called before each step of the analysis with the fraction done and the stage; it
            may raise to end the work.

    Raises:
        LoopError: it is shorter than a bar, or a one-shot made by Loopwright.
    """
    recipe = facts.recipe if facts is not None else None
    if recipe is not None and (made := _recipe_source(audio, label, recipe)) is not None:
        return made
    tagged = _tagged_grid(facts, len(audio), rate)
    if tagged is not None:
        report(0.5, "detecting the key")
        key = _detect_key(audio, rate, from_first_bar=True)
        return Source(label=label, audio=audio, grid=tagged, key=key, title=_title(label))
    return _analysed_source(audio, rate, label, bars, meter, report)


def _recipe_source(audio: Audio, label: str, recipe: Recipe) -> Source | None:
    """Return a clip of Loopwright's as a source; None if its audio has another length by now.

    Raises:
        LoopError: it is a one-shot.
    """
    if recipe.grid.is_loop and recipe.grid.frames == len(audio):
        return Source(
            label=recipe.clip_id, audio=audio, grid=recipe.grid, key=parse_key(recipe.key),
            title=recipe.title, role=recipe.role, model=recipe.model,
            recipe=recipe,
        )  # fmt: skip
    if not recipe.grid.is_loop:
        raise LoopError(
            f"The source {label!r} is a one-shot, which has no bars: choose a loop as the source."
        )
    return None


def _tagged_grid(facts: FileFacts | None, frames: int, rate: int) -> LoopGrid | None:
    """Return the grid of an acid tag, if it agrees with the length of the audio."""
    acid = None if facts is None else facts.tags.acid
    if acid is None or acid.one_shot or not acid.bpm or not acid.beats:
        return None
    try:
        meter = Meter.parse(acid.meter)
        bars = round(acid.beats / meter.bar_quarters)
        exact = float(bars * meter.bar_quarters * 60 * rate) / frames
        grid = LoopGrid(bpm=checked_bpm(exact), meter=meter, bars=bars, rate=rate)
    except (ValueError, ZeroDivisionError):
        return None
    return grid if bars >= 1 and abs(exact / acid.bpm - 1) < 0.01 else None


def _analysed_source(
    audio: Audio, rate: int, label: str, bars: int | None, meter: Meter, report: Report
) -> Source:
    report(0.0, "detecting the tempo")
    audio = _loudest_part(audio, rate)
    features = extract_features(audio, rate)
    bpm = detect_bpm(features) or 120.0
    whole = _whole_loop(audio, features, rate, bpm, meter)
    if whole is not None and whole.bars <= min(bars or _USUAL_BARS[0], _USUAL_BARS[0]):
        report(0.8, "detecting the key")
        key = _detect_key(audio, rate, from_first_bar=True)
        return Source(
            label=label, audio=audio, grid=whole, key=key, title=_title(label), heard=True
        )
    bar_s = float(meter.bar_quarters) * 60 / bpm
    fitting = [count for count in _USUAL_BARS if count * bar_s <= features.length_s * 1.01]
    if not fitting:
        raise LoopError(
            f"The source {label!r} lasts {features.length_s:.1f} s, too short for a bar at "
            f"{bpm:.0f} BPM: choose a longer one."
        )
    # If it has fewer bars than requested, they are repeated later.
    count = bars if bars is not None and bars * bar_s <= features.length_s * 1.01 else fitting[0]
    grid = LoopGrid(bpm=checked_bpm(bpm), meter=meter, bars=count, rate=rate)
    report(0.4, "detecting the bars")
    pulse = find_pulse(features, bpm, float(grid.meter.bar_quarters))
    report(0.6, "cutting the source")
    window = choose_window(features, pulse, count * bar_s, 60 / bpm)
    loop = cut_to(audio, rate, window, grid)
    report(0.8, "detecting the key")
    key = _detect_key(loop, rate, from_first_bar=False)
    return Source(label=label, audio=loop, grid=grid, key=key, title=_title(label), heard=True)


def _whole_loop(
    audio: Audio, features: Features, rate: int, bpm: float, meter: Meter
) -> LoopGrid | None:
    """Return the grid of audio that is already a loop; None if it must be cut.

    Audio of whole bars, to the frame, at a tempo that people write is a loop, however its seam
    sounds, because a downbeat is a change anyway. The bars are counted at the detected tempo; if
    its pulse is uncertain, as with pads, or the bars are not whole, a usual number of bars at a
    whole BPM is tried. Audio that lasts whole seconds may fit by chance: with a certain pulse it
    must fit the detected tempo, otherwise its seam must be smooth. So must that of audio of only
    about whole bars.

    Args:
        audio: all of it, (frames, channels).
        features: its features.
        rate: of the audio, in Hz.
        bpm: the detected tempo.
        meter: of the bars.
    """
    one_bar_bpm = float(meter.bar_quarters) * 60 * rate / len(audio)
    bars = max(1, round(bpm / one_bar_bpm))
    apart, by_chance = abs(bars * one_bar_bpm / bpm - 1), (len(audio) + 1) % rate <= 2
    found = None
    if apart <= (_WHOLE if by_chance else _NEAR):
        found = _written(bars, round(bars * one_bar_bpm, 1), len(audio), rate, meter)
    is_sure = find_pulse(features, bpm, 0).confidence >= SURE_OF_TEMPO
    if (found is None or bars not in _USUAL_BARS) and not (is_sure and (by_chance or found)):
        usual = [
            _written(count, round(count * one_bar_bpm), len(audio), rate, meter)
            for count in _USUAL_BARS
        ]
        written = [grid for grid in usual if grid is not None]
        found = min(written, key=lambda grid: abs(math.log(grid.bpm / bpm)), default=found)
    if found is not None and (is_sure or not by_chance):
        return found
    if found is None and apart <= _WHOLE:
        exact_bpm = checked_bpm(bars * one_bar_bpm)
        found = LoopGrid(bpm=exact_bpm, meter=meter, bars=bars, rate=rate)
    return found if found is not None and _is_circular(audio, found) else None


def _written(bars: int, bpm: float, frames: int, rate: int, meter: Meter) -> LoopGrid | None:
    """Return the grid of these bars at this tempo, if its length matches `frames`."""
    if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        return None
    grid = LoopGrid(bpm=bpm, meter=meter, bars=bars, rate=rate)
    return grid if abs(grid.frames - frames) <= 1 else None


def _is_circular(audio: Audio, grid: LoopGrid) -> bool:
    beats = round(grid.meter.bar_quarters * grid.bars)
    around = continuity(extract_features(audio, grid.rate, closed=True), beats)
    return max(around.spectrum, around.rhythm, seam(audio)) <= _CIRCULAR


def _loudest_part(audio: Audio, rate: int) -> Audio:
    """Return the loudest two minutes of a long source, which limits the time of the analysis."""
    import numpy as np

    longest = _MAX_ANALYSED_S
    seconds = len(audio) // rate
    if seconds <= longest:
        return audio
    blocks = audio[: seconds * rate].reshape(seconds, -1)
    power = np.einsum("sf,sf->s", blocks, blocks, dtype=np.float64)
    total = np.concatenate([[0.0], np.cumsum(power)])
    first = int(np.argmax(total[longest:] - total[:-longest]))
    return audio[first * rate : (first + longest) * rate]


def _detect_key(audio: Audio, rate: int, *, from_first_bar: bool) -> Key | None:
    found = find_key(extract_features(audio, rate, closed=True), from_first_bar=from_first_bar)
    return found.key if found.confidence >= SURE_OF_KEY else None


def _title(label: str) -> str:
    return label.rpartition(".")[0] or label


def brought_to(source: Source, grid: LoopGrid, semitones: float = 0.0) -> Audio:
    """Return a source fitted to the tempo, length and rate of a grid, and shifted in pitch.

    Extra bars are left out; if there are too few, they are repeated.
    """
    import numpy as np

    own = msgspec.structs.replace(grid, bars=source.grid.bars, meter=source.grid.meter)
    audio = source.audio
    if (own.frames, own.rate) != (len(audio), source.grid.rate) or semitones:
        at_rate = round(len(audio) * grid.rate / source.grid.rate)
        if grid.rate != source.grid.rate:
            audio = stretch_circular(audio, at_rate, grid.rate, resample=True)
        audio = stretch_circular(audio, own.frames, grid.rate, semitones=semitones)
    if len(audio) < grid.frames:
        audio = np.tile(audio, (-(-grid.frames // len(audio)), 1))
    return np.ascontiguousarray(audio[: grid.frames], dtype=np.float32)
