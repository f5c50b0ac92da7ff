"""Turns a model's raw take into audio that is exact on the grid, on one page.

A take that is already closed stays so: it is stretched to length on the circle. Any other take is
analysed, cut on its own beats where it repeats itself best, stretched as little as possible,
closed, and rotated so that its downbeat is frame 0.
"""

import dataclasses

import msgspec
import numpy as np

from engine.craft.badges import SURE_OF_KEY, SURE_OF_TEMPO, same_notes
from engine.craft.circle import rumble_removed
from engine.craft.features import Features, extract_features
from engine.craft.join import closed_loop
from engine.craft.level import TARGET_LUFS, levelled
from engine.craft.pulse import Pulse, find_pulse
from engine.craft.retime import retimed
from engine.craft.stretch import of_length
from engine.craft.tempo import Tempogram, bpm_near, detect_bpm
from engine.craft.tonality import Tonality, find_key
from engine.craft.window import FADE_S, Window, choose_window
from engine.loops.cancel import Check, no_check
from engine.loops.key import Key
from engine.loops.recipe import Repairs
from engine.loops.resampling import resample_circular
from engine.loops.take import Audio, Take
from engine.loops.tempo import LoopGrid

MOST_STRETCH = 0.12
"""The largest stretch of a take; beyond that its tempo is kept, and shown in a badge."""
RELATED = (1.0, 2.0, 0.5, 4.0, 0.25, 3.0, 1 / 3, 1.5, 2 / 3)
"""The multiples of a tempo that share its beats or their divisions."""
_CONTEXT_S = 0.25
_SHOT_TAIL_S = 0.01
_LEAST_PULSE, _LEAST_TONAL, _TONAL = 0.2, 0.15, 0.3
"""A take below both of the first two is only noise; measured, see docs/craft.md."""
_TUNING_CENTS = 6.0
MOST_SEMITONES = 4
"""The largest shift of a take to a requested key; beyond that its key is kept."""


@dataclasses.dataclass(frozen=True)
class Repaired:
    """A take that is exact on the grid, and what was done to it.

    Attributes:
        audio: stereo, exact.
        repairs: what was done.
        detected_bpm: the tempo detected before the repair, as a listener would tap it; 0 for none.
        confidence: of the tempo, 0..1.
        raw_lufs: the loudness before the level was set.
        tonality: key and tuning before the repair; None for a one-shot.
        only_noise: whether it has neither pulse nor pitch.
    """

    audio: Audio
    repairs: Repairs
    detected_bpm: float = 0.0
    confidence: float = 0.0
    raw_lufs: float = 0.0
    tonality: Tonality | None = None
    only_noise: bool = False


def repaired(
    take: Take, grid: LoopGrid, key: Key | None = None, check: Check = no_check
) -> Repaired:
    """Return the audio of a take with the requested length, rate, tempo, downbeat, key and level.

    Args:
        take: finite audio, mono or stereo.
        grid: the requested grid.
        key: the requested key; None keeps the take's own.
        check: called between any two steps; it may raise to end the work.
    """
    if not grid.is_loop:
        return _levelled(Repaired(_shot(take, grid), Repairs()), grid, check)
    features = extract_features(take.audio, take.rate, closed=take.closed, check=check)
    tonality = find_key(features)
    semitones = shift_to(key, tonality)
    way = _closed_take if take.closed else _open_take
    made = way(take, features, grid, semitones)
    noise = made.confidence < _LEAST_PULSE and tonality.tonal < _LEAST_TONAL
    return _levelled(dataclasses.replace(made, tonality=tonality, only_noise=noise), grid, check)


def shift_to(key: Key | None, tonality: Tonality) -> float:
    """Return by how many semitones to shift a take: to the key if that is near, and into tune.

    A take in the relative key, or one note away from it, has the right notes already.
    """
    cents = tonality.tuning_cents
    tuning = -cents / 100 if abs(cents) >= _TUNING_CENTS and tonality.tonal > _TONAL else 0.0
    if key is None or tonality.key is None or tonality.confidence < SURE_OF_KEY:
        return tuning
    if same_notes(key, tonality.key):
        return tuning
    tonic = tonality.key.pitch_class
    if key.is_minor != tonality.key.is_minor:  # by way of the relative key: the same notes
        tonic += 9 if key.is_minor else 3
    semitones = (key.pitch_class - tonic + 6) % 12 - 6
    return semitones + tuning if abs(semitones) <= MOST_SEMITONES else tuning


def _open_take(take: Take, features: Features, grid: LoopGrid, semitones: float) -> Repaired:
    bpm, free_bpm, confidence = _tempo(features, grid.bpm)
    pulse = find_pulse(features, bpm, float(grid.meter.bar_quarters))
    window, bars = _window(features, pulse, grid, bpm, take.joins)
    part_frames = (
        grid.frames if bars == grid.bars else grid.frame_at(bars * grid.meter.bar_quarters)
    )
    audio, ratio = _cut(take, window, grid.rate, part_frames, semitones, features.check)
    ahead = round((window.downbeat_s - window.start_s) * part_frames / window.length_s)
    audio = np.roll(audio, -(ahead % part_frames), axis=0)
    if part_frames != grid.frames:
        audio = of_length(np.tile(audio, (-(-grid.frames // part_frames), 1)), grid.frames)
    repairs = Repairs(
        stretch=round(ratio, 6),
        semitones=round(semitones, 3),
        turned_frames=ahead % part_frames,
        start_s=round(window.start_s, 4),
        fade_s=FADE_S,
        played_bars=None if bars == grid.bars else bars,
    )
    return Repaired(audio, repairs, free_bpm, confidence)


def _tempo(features: Features, requested_bpm: float) -> tuple[float, float, float]:
    """Return the tempo to cut a take at, the one a listener would tap, and its confidence."""
    tempogram = Tempogram(features)
    free_bpm = detect_bpm(features, requested_bpm, tempogram)
    near_bpm = bpm_near(features, requested_bpm, MOST_STRETCH, tempogram)
    if not free_bpm:
        return requested_bpm, 0.0, 0.0
    confidence = find_pulse(features, free_bpm, 0).confidence
    if any(abs(free_bpm * times / near_bpm - 1) < 0.015 for times in RELATED):
        return near_bpm, free_bpm, confidence
    for times in (1.0, 2.0, 0.5):
        if abs(free_bpm * times / requested_bpm - 1) < MOST_STRETCH:
            return free_bpm * times, free_bpm, confidence
    near_confidence = find_pulse(features, near_bpm, 0).confidence
    if near_confidence > max(SURE_OF_TEMPO, 0.7 * confidence):
        return near_bpm, near_bpm, near_confidence
    return requested_bpm, free_bpm, confidence


def beats_of_bar(grid: LoopGrid) -> int:
    """Return how many of the pulse's quarter notes a bar has, rounded."""
    return max(1, round(grid.meter.bar_quarters))


def _window(
    features: Features,
    pulse: Pulse,
    grid: LoopGrid,
    bpm: float,
    joins: tuple[tuple[float, float], ...],
) -> tuple[Window, int]:
    """Return the window, and how many bars it holds: fewer if the take is too short."""
    quarter_s = 60 / bpm
    bar_s = float(grid.meter.bar_quarters) * quarter_s
    bars = grid.bars
    if features.length_s < bars * bar_s * 0.98:
        bars = max(1, int((features.length_s - FADE_S) / bar_s))
    return choose_window(features, pulse, bars * bar_s, quarter_s, joins), bars


def _cut(
    take: Take, window: Window, rate: int, frames: int, semitones: float, check: Check
) -> tuple[Audio, float]:
    """Return the window as a closed loop of `frames` at `rate`, and its stretch ratio."""
    import soxr

    first = max(0, round((window.start_s - _CONTEXT_S) * take.rate))
    last = round((window.start_s + window.length_s + _CONTEXT_S) * take.rate)
    region = np.ascontiguousarray(take.audio[first:last])
    at_rate = region if take.rate == rate else soxr.resample(region, take.rate, rate)
    ratio = frames / (window.length_s * rate)
    longer = retimed(
        at_rate, round(len(at_rate) * ratio), rate, semitones=semitones, closed=False, check=check
    )
    start = round((window.start_s - first / take.rate) * rate * ratio)
    start = max(0, min(start, len(longer) - frames))
    longer = of_length(longer, max(len(longer), start + frames))
    return closed_loop(longer, start, frames, round(FADE_S * rate)), ratio


def cut_to(
    audio: Audio, rate: int, window: Window, grid: LoopGrid, check: Check = no_check
) -> Audio:
    """Return a window of any audio as a loop of the grid, its downbeat at frame 0."""
    take = Take(audio=audio, rate=rate, seed=0)
    loop, _ = _cut(take, window, grid.rate, grid.frames, 0.0, check)
    ahead = round((window.downbeat_s - window.start_s) * grid.frames / window.length_s)
    return np.roll(loop, -(ahead % grid.frames), axis=0)


def _closed_take(take: Take, features: Features, grid: LoopGrid, semitones: float) -> Repaired:
    """Stretch a closed take to length on the circle; it is never cut."""
    free_bpm = detect_bpm(features, grid.bpm)
    own_bpm = float(grid.quarters) * 60 / features.length_s
    pulse = find_pulse(features, own_bpm, float(grid.meter.bar_quarters))
    features.check()
    at_rate = round(len(take.audio) * grid.rate / take.rate)
    audio = resample_circular(take.audio, at_rate, features.check)
    ratio = grid.frames / (len(take.audio) * grid.rate / take.rate)
    audio = retimed(audio, grid.frames, grid.rate, semitones=semitones, check=features.check)
    ahead = round(pulse.first_bar_s * grid.frames / features.length_s) % grid.frames
    if pulse.confidence < SURE_OF_TEMPO:
        ahead = 0
    repairs = Repairs(stretch=round(ratio, 6), semitones=round(semitones, 3), turned_frames=ahead)
    audio = np.roll(audio, -ahead, axis=0)
    return Repaired(audio, repairs, free_bpm, pulse.confidence)


def _shot(take: Take, grid: LoopGrid) -> Audio:
    """Return a one-shot, cut or padded to length; its last 10 ms fade out."""
    import soxr

    audio = (
        take.audio if take.rate == grid.rate else soxr.resample(take.audio, take.rate, grid.rate)
    )
    audio = np.pad(audio[: grid.frames], ((0, max(0, grid.frames - len(audio))), (0, 0)))
    tail = min(grid.frames, round(_SHOT_TAIL_S * grid.rate))
    audio = np.array(audio, np.float32)
    audio[len(audio) - tail :] *= np.linspace(1, 0, tail, dtype=np.float32)[:, None]
    return audio


def _levelled(made: Repaired, grid: LoopGrid, check: Check) -> Repaired:
    """Return stereo at the target loudness, as far as its peaks allow."""
    check()
    audio = made.audio
    stereo = np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else audio
    if grid.is_loop:
        stereo = rumble_removed(stereo, grid.rate, check)
    level = levelled(stereo, grid.rate, TARGET_LUFS, closed=grid.is_loop, check=check)
    repairs = msgspec.structs.replace(
        made.repairs, gain_db=level.gain_db, limited_db=level.limited_db
    )
    return dataclasses.replace(made, audio=level.audio, repairs=repairs, raw_lufs=level.raw_lufs)
