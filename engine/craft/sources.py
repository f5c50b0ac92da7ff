"""A source: any audio, analysed and trimmed to bars, ready to be fitted to a grid."""

import dataclasses
from collections.abc import Callable

import msgspec

from engine.craft.badges import SURE_OF_KEY
from engine.craft.hearing import Hearing
from engine.craft.level import levelled
from engine.craft.loudness import loudness_lufs
from engine.craft.pulse import find_pulse
from engine.craft.repair import cut_to
from engine.craft.retime import retimed
from engine.craft.source_time import detect_time, near_tempo, silence_around
from engine.craft.tonality import LEAST_TONAL, Tonality, find_key
from engine.craft.window import choose_window
from engine.loops.cancel import Check, RepeatableReport, no_check
from engine.loops.errors import LoopError
from engine.loops.key import Key, parse_key
from engine.loops.recipe import ModelFacts, Recipe, Repairs
from engine.loops.resampling import resample_circular
from engine.loops.source.facts import Fact, KnownFacts, Origin, SourceFacts
from engine.loops.source.gather import (
    Placed,
    is_settled,
    recipe_facts,
    settled_facts,
    settled_key,
    settled_meter,
    settled_time,
)
from engine.loops.source.length import USUAL_BARS, Length, folded
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid, Meter, checked_bpm

Report = Callable[[float, str], None]

_ROUNDED_FRAMES = 2
_CUT_FADE_S = 0.003
_MOST_CUT_S = 120
_MOST_BARS = USUAL_BARS[0]
_USUAL_METER = Meter.parse("4/4")
_NOTHING_KNOWN, _NO_FACTS = KnownFacts(), SourceFacts()


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
        facts: what is known about it, and from where.
        tonality: what was detected of its key; None if nothing was, because the key is known.
    """

    label: str
    audio: Audio
    grid: LoopGrid
    key: Key | None
    title: str
    role: str | None = None
    model: ModelFacts | None = None
    recipe: Recipe | None = None
    facts: SourceFacts = _NO_FACTS
    tonality: Tonality | None = None

    @property
    def certainty(self) -> float:
        """How certain its tempo is, 0..1."""
        return 0.0 if self.facts.bpm is None else self.facts.bpm.certainty

    def folded(self, target: float | None) -> "Source":
        """Return the source at the octave of its tempo nearest to another one, with its audio.

        A tempo that a person stated stays.
        """
        origin = Origin.DETECTED if self.facts.bpm is None else self.facts.bpm.origin
        if origin is Origin.PERSON:
            return self
        is_stated = origin not in (Origin.DETECTED, Origin.LENGTH)
        return dataclasses.replace(self, grid=folded(self.grid, target, stated=is_stated))


def source_of(
    hearing: Hearing,
    label: str,
    *,
    known: KnownFacts = _NOTHING_KNOWN,
    recipe: Recipe | None = None,
    bars: int | None = None,
    meter: Meter = _USUAL_METER,
    report: Report = _ignore,
) -> Source:
    """Return audio as a source: from what is known about it, and from analysis where that is open.

    Args:
        hearing: audio of one or two channels, finite, not silent.
        label: the id of a clip, or the name of a file.
        known: what is known without analysis; see `engine.loops.source.gather`.
        recipe: that of a clip of Loopwright's.
        bars: how many to take if it must be cut; by default the most of 16, 8, 4, 2, 1 that fit.
        meter: the meter if none is stated.
        report: called before each step with the fraction done and the stage; it may raise.

    Raises:
        LoopError: it is shorter than half a bar, or a one-shot made by Loopwright.
    """
    if recipe is not None:
        made = _recipe_source(hearing.audio, label, recipe, known)
        if made is not None:
            return made
    if known.start_s is not None and known.is_start_stated:
        hearing = _from_start(hearing, label, known.start_s.value)
    source = _gathered_source(hearing, label, known, bars, meter, report)
    if recipe is None:
        return source
    return dataclasses.replace(source, title=recipe.title, role=recipe.role, model=recipe.model)


def _recipe_source(audio: Audio, label: str, recipe: Recipe, known: KnownFacts) -> Source | None:
    """Return a clip of Loopwright's as a source; None if its audio or its facts were changed.

    Raises:
        LoopError: it is a one-shot.
    """
    if not recipe.grid.is_loop:
        raise LoopError(
            f"The source {label!r} is a one-shot, which has no bars: choose a loop as the source."
        )
    if not is_settled(recipe, len(audio), known):
        return None
    return Source(
        label=recipe.clip_id, audio=audio, grid=recipe.grid, key=parse_key(recipe.key),
        title=recipe.title, role=recipe.role, model=recipe.model, recipe=recipe,
        facts=recipe_facts(recipe),
    )  # fmt: skip


def _from_start(hearing: Hearing, label: str, start_s: float) -> Hearing:
    audio, rate = hearing.audio, hearing.rate
    start = round(start_s * rate)
    if start >= len(audio):
        raise LoopError(
            f"The first beat of {label!r} is said to be at {start_s:g} s, but it lasts "
            f"{len(audio) / rate:.1f} s: choose an earlier one."
        )
    return Hearing(audio[start:], rate)


def _gathered_source(
    hearing: Hearing,
    label: str,
    known: KnownFacts,
    bars: int | None,
    assumed_meter: Meter,
    report: Report,
) -> Source:
    """Return a source whose tempo, bars and key are settled from facts and analysis."""
    audio, rate = hearing.audio, hearing.rate
    told = RepeatableReport(report, "detecting the tempo")
    length, silence = Length(len(audio), rate), silence_around(audio, rate)
    meter = settled_meter(known, length, assumed_meter)
    placed = settled_time(known, length, silence, meter.value)
    if placed is None or not placed.is_clear:
        told.check()
        most = min(bars or _MOST_BARS, _MOST_BARS)
        detected = detect_time(hearing, silence, meter.value, most, told.check)
        placed = settled_time(known, length, silence, meter.value, detected) or Placed(detected.bpm)
    if placed.bars is None:
        at_start = known.is_start_stated
        part = Hearing(audio[: _MOST_CUT_S * rate], rate) if at_start else hearing
        grid, loop = _cut_source(part, label, placed, bars, meter.value, told, at_start=at_start)
    else:
        whole = placed.bars
        grid = LoopGrid(bpm=checked_bpm(placed.bpm), meter=whole.meter, bars=whole.bars, rate=rate)
        start = round(placed.start_s * rate)
        if not start and abs(len(audio) - grid.frames) <= _ROUNDED_FRAMES:
            grid = _with_length(grid, len(audio))
        loop = _trimmed(audio, start, grid)
    told(0.8, "detecting the key")
    is_whole = placed.bars is not None
    key, tonality = _key_of(hearing, loop, known, told.check, from_first_bar=is_whole)
    facts = settled_facts(known, dataclasses.replace(placed, bpm=grid.bpm), meter, key)
    return Source(
        label=label, audio=loop, grid=grid, key=None if key is None else key.value,
        title=_title(label), facts=facts, tonality=tonality,
    )  # fmt: skip


def _cut_source(
    hearing: Hearing,
    label: str,
    placed: Placed,
    bars: int | None,
    meter: Meter,
    told: RepeatableReport,
    *,
    at_start: bool,
) -> tuple[LoopGrid, Audio]:
    """Return a loop that is cut from the loudest part of audio of no whole bars, with its grid.

    It begins `at_start` of the audio, or else where the audio repeats itself best.

    Raises:
        LoopError: it is shorter than a bar.
    """
    rate = hearing.rate
    told(0.4, "detecting the bars")
    features = hearing.features(told.check)
    bpm = placed.bpm if placed.is_stated else near_tempo(features, placed.bpm)
    bar_s = float(meter.bar_quarters) * 60 / bpm
    fitting = [count for count in USUAL_BARS if count * bar_s <= features.length_s * 1.01]
    if not fitting:
        raise LoopError(
            f"The source {label!r} lasts {features.length_s:.1f} s, too short for a bar at "
            f"{bpm:.0f} BPM: choose a longer one, or state its tempo."
        )
    # If it has fewer bars than requested, they are repeated later.
    count = bars if bars is not None and bars * bar_s <= features.length_s * 1.01 else fitting[0]
    grid = LoopGrid(bpm=checked_bpm(bpm), meter=meter, bars=count, rate=rate)
    if at_start:
        return grid, _trimmed(hearing.part, 0, grid)
    pulse = find_pulse(features, bpm, float(grid.meter.bar_quarters))
    told(0.6, "cutting the source")
    window = choose_window(features, pulse, count * bar_s, 60 / bpm)
    return grid, cut_to(hearing.part, rate, window, grid, told.check)


def _with_length(grid: LoopGrid, frames: int) -> LoopGrid:
    """Return a grid of so many frames, which may be rounded otherwise than ours."""
    if grid.frames == frames:
        return grid
    return msgspec.structs.replace(grid, length_frames=frames)


def _trimmed(audio: Audio, start: int, grid: LoopGrid) -> Audio:
    """Return the bars of a grid from `start`; what is missing at the end becomes silence."""
    import numpy as np

    loop = audio[start : start + grid.frames]
    left_over = len(audio) - start - grid.frames
    if start == 0 and not left_over:
        return audio
    if abs(left_over) > _ROUNDED_FRAMES:  # It was cut in the middle of a sound.
        fade = min(round(_CUT_FADE_S * grid.rate), len(loop))
        loop = loop.copy()
        loop[len(loop) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return np.pad(loop, ((0, grid.frames - len(loop)), (0, 0)))


def _key_of(
    hearing: Hearing, loop: Audio, known: KnownFacts, check: Check, *, from_first_bar: bool
) -> tuple[Fact[Key] | None, Tonality | None]:
    """Return the key of a loop and what was detected; a key that is stated is not detected.

    A stated tonic lacks only a mode.
    """
    stated = settled_key(known)
    if stated is not None:
        return stated, None
    features = hearing.closed_features(loop, check)
    tonic = max(known.tonics, key=lambda fact: fact.certainty, default=None)
    if tonic is not None:
        found = find_key(features, from_first_bar=from_first_bar, tonic=tonic.value.pitch_class)
        if found.key is not None and found.tonal >= LEAST_TONAL:
            return Fact(found.key, tonic.origin, tonic.certainty, tonic.detail), found
    found = find_key(features, from_first_bar=from_first_bar)
    if found.key is None or found.confidence < SURE_OF_KEY:
        return None, found
    return Fact(found.key, Origin.DETECTED, found.confidence), found


def _title(label: str) -> str:
    return label.rpartition(".")[0] or label


def brought_to(
    source: Source, grid: LoopGrid, semitones: float = 0.0, check: Check = no_check
) -> Audio:
    """Return a source fitted to a grid; see `fitted`."""
    return fitted(source, grid, semitones, check)[0]


def fitted(
    source: Source, grid: LoopGrid, semitones: float = 0.0, check: Check = no_check
) -> tuple[Audio, Repairs]:
    """Return a source at the tempo, length and rate of a grid, shifted in pitch, as loud as before.

    Extra bars are left out; if there are too few, they are repeated. What is on the grid already
    stays as it is, unless it is clipped. `check` is called between any two steps; it may raise to
    end the work.
    """
    import numpy as np

    own = msgspec.structs.replace(grid.unrounded, bars=source.grid.bars, meter=source.grid.meter)
    if own == source.grid.unrounded:
        own = source.grid
    audio, repairs = source.audio, Repairs(stretch=round(source.grid.bpm / grid.bpm, 6))
    is_on_grid = (own.frames, own.rate) == (len(audio), source.grid.rate) and not semitones
    if not is_on_grid or np.abs(audio).max() > 1.0:
        at_rate = round(len(audio) * grid.rate / source.grid.rate)
        audio = resample_circular(audio, at_rate, check)
        audio = retimed(audio, own.frames, grid.rate, semitones=semitones, check=check)
        own_lufs = loudness_lufs(source.audio, source.grid.rate, closed=True)
        audio, gain_db, limited_db, _ = levelled(
            audio, grid.rate, own_lufs, closed=True, check=check
        )
        repairs = msgspec.structs.replace(
            repairs, semitones=semitones, gain_db=gain_db, limited_db=limited_db
        )
    if len(audio) < grid.frames:
        audio = np.tile(audio, (-(-grid.frames // len(audio)), 1))
    return np.ascontiguousarray(audio[: grid.frames], dtype=np.float32), repairs
