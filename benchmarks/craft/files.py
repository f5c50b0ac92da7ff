"""Which files craft recognises as complete loops: loops without a tag, and raw takes."""

from collections import defaultdict

import numpy as np

from benchmarks.craft.takes import OTHER_STYLES, STYLES, known_loops, raw_take
from engine.craft.hearing import Hearing
from engine.craft.sources import source_of

FILES = 364
"""26 styles in seven roles, twice: as a loop and as a raw take."""
_ROLES = ("drums", "percussion", "full mix", "bass line", "chords", "pad", "lead")
_FIRST_SEED = 6_000_000


def _lasts_a_loop(bars: float) -> bool:
    """Return whether a take happens to be as long as a loop, within 2 %: then it is one."""
    return any(abs(bars / whole - 1) <= 0.02 for whole in (1, 2, 4, 8, 16))


def files(count: int = FILES) -> dict[str, float]:
    """Return the share, in %, of loops (with known meter) and raw takes that are left uncut."""
    results: dict[str, list[bool]] = defaultdict(list)
    styles = (*STYLES, *OTHER_STYLES)
    loops = known_loops(count // 2, _ROLES, styles=styles, first_seed=_FIRST_SEED, various=True)
    for number, loop in enumerate(loops):
        grid = loop.grid
        found = source_of(Hearing(loop.audio, grid.rate), "loop.wav", meter=grid.meter)
        is_unchanged = np.array_equal(found.audio, loop.audio)
        right = is_unchanged and (found.grid.bpm, found.grid.bars) == (grid.bpm, grid.bars)
        results[f"{loop.role}: taken as it is, %"].append(is_unchanged)
        results[f"{loop.role}: tempo and bars right, %"].append(right)
        random = np.random.default_rng(number)
        any_s, whole_s = float(random.uniform(5, 20)), float(random.integers(5, 21))
        lengths = {"of any length": any_s, "of whole seconds": whole_s}
        for name, seconds in lengths.items():
            raw = raw_take(loop, number, seconds=seconds)
            take = raw.take
            if _lasts_a_loop(seconds * raw.faster * grid.bars * grid.rate / grid.frames):
                continue
            cut = source_of(Hearing(take.audio, take.rate), "take.wav", meter=grid.meter)
            is_unchanged = np.array_equal(cut.audio, take.audio)
            results[f"raw takes {name}: taken as it is, %"].append(is_unchanged)
    return {name: round(100 * float(np.mean(listed)), 1) for name, listed in results.items()}
