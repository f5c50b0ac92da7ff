"""How accurate craft's analysis and repairs are: `python -m benchmarks.craft.study [NAME...]`.

Names: `measures` (on 1,040 loops with known facts), `takes` (on 200 raw takes, against a plain cut,
a fade-out and a short crossfade), `noise` (what is called only noise), `files` (which files are
recognised as complete loops), `sound` (what a stretch of 3 % costs). Each study prints one JSON
object. `--count=N` uses fewer loops.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable

import numpy as np

from benchmarks.craft.files import FILES, files
from benchmarks.craft.judge import AUDIBLE_ABOVE, change_at_the_seam
from benchmarks.craft.measures import MEASURED_LOOPS, measures
from benchmarks.craft.noise import NOISY_TAKES, noises
from benchmarks.craft.takes import RHYTHMIC, RawTake, known_loops, raw_take
from engine.craft.features import HOPS_PER_S, Features, Floats, extract_features
from engine.craft.finish import finish
from engine.craft.retime import retimed
from engine.craft.seam import continuity, level_dip_db
from engine.craft.stretch import LONG_BLOCK_S, stretched
from engine.craft.tonality import find_key
from engine.loops.measure import seam
from engine.loops.take import Audio

_FADE_OUT_S = 0.015
_SHORT_FADE_FRAMES = 100
_TAKES = 200


def takes(count: int = _TAKES) -> dict[str, float]:
    """Return how craft's loops compare with three simpler methods, and its tempo with librosa's."""
    rows: dict[str, list[float]] = defaultdict(list)
    for number, loop in enumerate(known_loops(count, (*RHYTHMIC, "chords", "bass line"))):
        _take_figures(raw_take(loop, number), number, rows)
    return {name: _summary(name, listed) for name, listed in rows.items()}


def _summary(name: str, listed: list[float]) -> float:
    share = name.endswith("%")
    return round(float(100 * np.mean(listed)) if share else float(np.median(listed)), 4)


def _take_figures(raw: RawTake, number: int, rows: dict[str, list[float]]) -> None:
    grid = raw.loop.grid
    begun = time.perf_counter()
    made = finish(raw.take, number, grid)
    rows["seconds of computing per 8 s"].append(
        (time.perf_counter() - begun) * 8 / (len(raw.take.audio) / grid.rate)
    )
    repairs = made.repairs
    if repairs is None:
        return
    cut = np.roll(made.audio, repairs.turned_frames, axis=0)
    beats = grid.bars * 4
    ours = continuity(extract_features(cut, grid.rate, closed=True), beats)
    step, dip = seam(cut), level_dip_db(cut, grid.rate, beats)
    rows["length exact, %"].append(len(made.audio) == grid.frames)
    rows["step within the 99.9th percentile, %"].append(step <= 1.0)
    rows["no dip over 1 dB, %"].append(dip <= 1.0)
    rows["tempo within 0.1 %, %"].append(abs(repairs.stretch / raw.faster - 1) < 0.001)
    wins: list[bool] = []
    ways = _simpler_ways(raw.take.audio, grid.frames, grid.rate)
    for name, other in ways.items():
        theirs = continuity(extract_features(other, grid.rate, closed=True), beats)
        better = (ours.spectrum < theirs.spectrum, ours.rhythm < theirs.rhythm)
        wins += better
        rows[f"spectrum better than {name}, %"].append(better[0])
        rows[f"rhythm better than {name}, %"].append(better[1])
        rows[f"{name}: novelty of the spectrum"].append(theirs.spectrum)
        rows[f"{name}: novelty of the rhythm"].append(theirs.rhythm)
        rows[f"{name}: no dip over 1 dB, %"].append(level_dip_db(other, grid.rate, beats) <= 1.0)
    rows["better than all three in both, %"].append(all(wins))
    _second_judge({"ours": cut, **ways, "the loop itself": raw.loop.audio}, grid.rate, rows)
    rows["ours: novelty of the spectrum"].append(ours.spectrum)
    rows["ours: novelty of the rhythm"].append(ours.rhythm)
    truth = extract_features(raw.loop.audio, grid.rate, closed=True)
    rows["onsets off the grid, ms"].append(_onsets_off_ms(made.audio, truth, beats * 4))
    peer = _librosa_way(raw, grid.frames)
    rows["librosa's tempo alone: onsets off, ms"].append(
        _onsets_off_ms(peer, truth, len(truth.onsets))
    )


def _second_judge(ways: dict[str, Audio], rate: int, rows: dict[str, list[float]]) -> None:
    """Record how much each loop changes at its seam, by a measure that craft does not use.

    A loop with a beat there changes there, too, so the original loop of sketch is the reference.
    """
    for name, audio in ways.items():
        change = change_at_the_seam(audio, rate)
        rows[f"{name}: changes less in so many places of 100"].append(change)
        rows[f"{name}: audible to the second judge, %"].append(change > AUDIBLE_ABOVE)


def _simpler_ways(audio: Audio, frames: int, rate: int) -> dict[str, Audio]:
    """Return the same take, cut to length and closed by three simpler methods."""
    plain = audio[:frames]
    faded = plain.copy()
    tail = round(_FADE_OUT_S * rate)
    faded[len(faded) - tail :] *= np.linspace(1, 0, tail, dtype=np.float32)[:, None]
    short = _SHORT_FADE_FRAMES
    along = np.linspace(0, 1, short, dtype=np.float32)[:, None]
    mixed = plain.copy()
    mixed[:short] = plain[:short] * along + audio[frames : frames + short] * (1 - along)
    return {"a plain cut": plain, "a fade-out of 15 ms": faded, "a cross-fade of 100": mixed}


def _librosa_way(raw: RawTake, frames: int) -> Audio:
    """Return the take stretched by the tempo that librosa detects, and cut to length."""
    import librosa

    grid = raw.loop.grid
    found = librosa.beat.beat_track(y=raw.take.audio.mean(axis=1), sr=grid.rate)[0]
    bpm = float(np.atleast_1d(found)[0]) or grid.bpm
    bpm *= min((0.5, 1.0, 2.0), key=lambda times: abs(np.log(bpm * times / grid.bpm)))
    frames = round(len(raw.take.audio) * bpm / grid.bpm)
    longer = stretched(raw.take.audio, frames, block_s=LONG_BLOCK_S, rate=grid.rate)
    return np.resize(longer, (frames, longer.shape[1]))


def _onsets_off_ms(audio: Audio, truth: Features, turns: int) -> float:
    """Return the median distance of the onsets from the true ones, over the best rotation."""
    found = extract_features(audio, 48_000, closed=True)
    count = len(truth.onsets)
    at = np.arange(count) * (len(found.onsets) / count)
    ours = np.interp(at, np.arange(len(found.onsets)), found.onsets)
    alike = np.fft.irfft(np.conj(np.fft.rfft(truth.onsets)) * np.fft.rfft(ours), count)
    shifts = np.rint(np.arange(turns) * count / turns).astype(int) % count
    shift = (np.arange(turns) * count / turns)[int(np.argmax(alike[shifts]))]
    mine, theirs = _peaks(ours), (_peaks(truth.onsets) + shift) % count
    if not len(mine) or not len(theirs):
        return float("nan")
    apart = np.abs(mine[:, None] - theirs[None, :])
    return float(np.median(np.minimum(apart, count - apart).min(axis=1)) / HOPS_PER_S * 1000)


def _peaks(strength: Floats) -> Floats:
    """Return the positions of strong onsets, interpolated between hops."""
    before, behind = np.roll(strength, 1), np.roll(strength, -1)
    high = (strength > before) & (strength >= behind) & (strength > np.percentile(strength, 90))
    at = np.nonzero(high)[0]
    bend = before[at] - 2 * strength[at] + behind[at]
    peaks: Floats = at + 0.5 * (before[at] - behind[at]) / np.where(bend < 0, bend, -1.0)
    return peaks


def sound(count: int = 48) -> dict[str, float]:
    """Return what a stretch by 3 % does to attacks and pitch."""
    rows: dict[str, list[float]] = defaultdict(list)
    for loop in known_loops(count, ("drums", "chords", "full mix")):
        longer = retimed(loop.audio, round(len(loop.audio) * 1.03), loop.grid.rate)
        before, after = (extract_features(audio, loop.grid.rate) for audio in (loop.audio, longer))
        strongest = [np.sort(features.onsets[8:-8])[-60:].mean() for features in (before, after)]
        rows[f"{loop.role}: onset strength, ratio"].append(strongest[1] / strongest[0])
        if loop.role == "chords":
            tunings = [find_key(features).tuning_cents for features in (before, after)]
            off = (tunings[1] - tunings[0] + 50) % 100 - 50
            rows["chords: pitch off, cents"].append(abs(off))
    figures = {name: round(float(np.median(listed)), 3) for name, listed in rows.items()}
    worst = {f"{name}, worst": round(_worst(name, listed), 3) for name, listed in rows.items()}
    return figures | worst


def _worst(name: str, listed: list[float]) -> float:
    return min(listed) if name.endswith("ratio") else max(listed)


STUDIES: dict[str, Callable[[int], dict[str, float]]] = {
    "measures": measures,
    "takes": takes,
    "noise": noises,
    "files": files,
    "sound": sound,
}


def main(arguments: list[str]) -> int:
    """Run the studies named, or all of them, and print their figures."""
    counts = [int(text.partition("=")[2]) for text in arguments if text.startswith("--count=")]
    usual = {
        "measures": MEASURED_LOOPS, "takes": _TAKES, "noise": NOISY_TAKES, "files": FILES,
        "sound": 48,
    }  # fmt: skip
    names = [text for text in arguments if text in STUDIES] or list(STUDIES)
    for name in names:
        figures = STUDIES[name](counts[0] if counts else usual[name])
        print(json.dumps({"type": "study", "name": name, "figures": figures}, indent=1), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
