"""How accurate craft's analysis is, on loops of sketch with known tempo, bars and key.

Neither the seeds nor the styles in `OTHER_STYLES` were used to train craft. Each rhythmic loop is
analysed twice: as a file of whole bars, rotated by any amount, and as a raw take.
"""

from collections import defaultdict

import numpy as np

from benchmarks.craft.takes import (
    OTHER_STYLES,
    RHYTHMIC,
    STYLES,
    TONAL,
    KnownLoop,
    known_loops,
    raw_take,
)
from engine.craft.badges import SURE_OF_KEY
from engine.craft.features import Features, extract_features
from engine.craft.pulse import find_pulse
from engine.craft.tempo import bpm_near, detect_bpm
from engine.craft.tonality import find_key
from engine.loops.key import Key

MEASURED_LOOPS = 1040
WITH_A_BEAT = ("drums", "full mix")
"""Sketch starts hand drum patterns anywhere, so they have a tempo but no detectable beat."""
_FIRST_SEED = 9_000_000
_ALL_STYLES = (*STYLES, *OTHER_STYLES)
Hits = dict[str, list[bool]]


def measures(count: int = MEASURED_LOOPS) -> dict[str, float]:
    """Return the accuracies of tempo, phase, bar and key, in percent."""
    hits: Hits = defaultdict(list)
    rhythmic = known_loops(
        count // 2, RHYTHMIC, styles=_ALL_STYLES, first_seed=_FIRST_SEED, various=True
    )
    for number, loop in enumerate(rhythmic):
        _rhythm_hits(loop, number, hits)
    tonal = known_loops(count // 2, TONAL, styles=_ALL_STYLES, first_seed=_FIRST_SEED + 500_000)
    for number, loop in enumerate(tonal):
        _key_hits(loop, number, hits)
    return {name: round(100 * float(np.mean(listed)), 1) for name, listed in sorted(hits.items())}


def _rhythm_hits(loop: KnownLoop, number: int, hits: Hits) -> None:
    shift = int(np.random.default_rng(number).integers(len(loop.audio)))
    turned = extract_features(np.roll(loop.audio, shift, axis=0), loop.grid.rate)
    _analysis_hits("loops", turned, loop, loop.grid.bpm, shift / loop.grid.rate, hits)
    raw = raw_take(loop, number)
    features = extract_features(raw.take.audio, raw.take.rate)
    _analysis_hits("takes", features, loop, loop.grid.bpm * raw.faster, raw.downbeat_s, hits)
    requested_bpm = bpm_near(features, loop.grid.bpm, 0.12)
    off = abs(requested_bpm / (loop.grid.bpm * raw.faster) - 1)
    hits["takes: tempo asked for is up to 6 % off, 0.3 %"].append(off < 0.003)
    hits["takes: tempo asked for is up to 6 % off, 1 %"].append(off < 0.01)


def _analysis_hits(
    kind: str, features: Features, loop: KnownLoop, bpm: float, downbeat_s: float, hits: Hits
) -> None:
    free = detect_bpm(features)
    right = abs(free / bpm - 1) < 0.01
    octave = any(abs(free / bpm / times - 1) < 0.01 for times in (0.5, 1, 2))
    styles = "taught" if loop.style in STYLES else "other"
    for part in ("all", loop.role, f"meter {loop.grid.meter}", f"{styles} styles"):
        hits[f"{kind}: tempo, {part}"].append(right)
        hits[f"{kind}: tempo or half or double, {part}"].append(octave)
    bar_quarters = float(loop.grid.meter.bar_quarters)
    pulse = find_pulse(features, bpm, bar_quarters)
    beat = pulse.beat_s
    late = pulse.first_bar_s - downbeat_s
    parts = [loop.role]
    if loop.role in WITH_A_BEAT:
        parts += ["all with a beat", f"{styles} styles, with a beat"]
    for name, unit in (("sixteenth", beat / 4), ("beat", beat), ("bar", beat * bar_quarters)):
        if name == "beat" and loop.grid.meter.denominator != 4:
            continue
        off = (late + unit / 2) % unit - unit / 2
        for part in parts:
            hits[f"{kind}: phase of the {name} within 10 ms, {part}"].append(abs(off) < 0.01)
            hits[f"{kind}: phase of the {name} within 20 ms, {part}"].append(abs(off) < 0.02)


def _key_hits(loop: KnownLoop, number: int, hits: Hits) -> None:
    """Record the keys detected in a loop from its first bar, and in one that starts anywhere."""
    expected = Key.parse(loop.key or "C")
    styles = "taught" if loop.style in STYLES else "other"
    shift = int(np.random.default_rng(number).integers(len(loop.audio)))
    turned = np.roll(loop.audio, shift, axis=0)
    for kind, found in (
        (
            "loops",
            find_key(
                extract_features(loop.audio, loop.grid.rate, closed=True), from_first_bar=True
            ),
        ),
        ("begun anywhere", find_key(extract_features(turned, loop.grid.rate))),
    ):
        same = found.key is not None and (found.key.pitch_class, found.key.is_minor) == (
            expected.pitch_class, expected.is_minor,
        )  # fmt: skip
        sure = found.confidence >= SURE_OF_KEY
        for part in ("all", loop.role, f"{styles} styles"):
            hits[f"{kind}: key, {part}"].append(same)
            hits[f"{kind}: key is sure, {part}"].append(sure)
            if sure:
                hits[f"{kind}: key where it is sure, {part}"].append(same)
