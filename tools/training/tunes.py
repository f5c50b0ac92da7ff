"""Renders loops of known key through soundfonts: `python -m tools.training.tunes OUT SOUNDFONT...`.

A third of them are what sketch plays in any style and key, by other instruments; a third is
composed plainly (`tools.training.harmony`), and a third comes from a folder of MIDI files whose
names say tempo, meter and key, if there is one. The names of the FLAC files say what is in them, as
`tools.training.train` and `benchmarks.real_loops` read them. FluidSynth plays them, which must be
installed.

    python -m tools.training.tunes OUT SOUNDFONT... [--midi DIR] [--only] [--loops N] [--seed N]
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from benchmarks.craft.takes import STYLES
from engine.generators.sketch.generator import SketchGenerator
from engine.loops.key import Key, key_of
from engine.loops.midi import MELODIC_CHANNELS, MidiNote, MidiPart
from engine.loops.request import LoopRequest, checked_request
from engine.loops.source.names import name_facts
from engine.loops.tempo import LoopGrid, Meter, format_bpm
from tools.training.harmony import Random, composed
from tools.training.soundfonts import KITS, RATE, parts_of, played

_SKETCH_ROLES = ("full mix", "chords", "pad", "bass line", "lead")
_BARS = (1, 2, 2, 4, 4, 4, 8)
_SLOWEST_BPM, _FASTEST_BPM = 65, 175
_FIRST_SEED = 2_600_000
_CHORDAL = (*range(8), *range(16, 20), *range(24, 32), *range(48, 55), *range(80, 104))
_BASSES = (*range(32, 40), 43, 58, 87)
_SINGLE = (*range(8), *range(11, 15), *range(22, 32), *range(40, 47), *range(56, 88), 104, 105)
_PROGRAMS = {"bass": _BASSES, "bass line": _BASSES, "lead": _SINGLE, "line": _SINGLE}
_SOFTEST, _LEAST_NOTES = 0.35, 3


class Tune(NamedTuple):
    """A loop as notes, with its key."""

    grid: LoopGrid
    key: Key
    parts: tuple[MidiPart, ...]


def from_sketch(random: Random) -> Tune:
    """Return what sketch plays in any of the styles for training."""
    prompt = f"{random.choice(STYLES)} {random.choice(_SKETCH_ROLES)}"
    key = key_of(int(random.integers(12)), "minor" if random.random() < 0.5 else "major")
    seed = _FIRST_SEED + int(random.integers(100_000))
    bars = int(random.choice(_BARS))
    request = checked_request(LoopRequest(prompt=prompt, bars=bars, seed=seed, key=str(key)))
    generator = SketchGenerator()
    plan = generator.plan(request)
    grid = LoopGrid(bpm=plan.grid.bpm, meter=plan.grid.meter, bars=bars, rate=RATE)
    return Tune(grid, key, generator.notes((request,), plan.grid))


def plain(random: Random) -> Tune:
    """Return a loop that is composed plainly."""
    bpm = int(random.integers(_SLOWEST_BPM, _FASTEST_BPM))
    grid = LoopGrid(bpm=bpm, meter=Meter(), bars=int(random.choice(_BARS)), rate=RATE)
    return Tune(grid, *composed(grid, random))


def from_midi(path: Path, random: Random) -> Tune | None:
    """Return the first bars of a MIDI file; None if its name does not say tempo and key."""
    said = name_facts(path.name)
    if not said.tempos or not said.keys:
        return None
    meter = said.meters[0].value if said.meters else Meter()
    bars = int(random.choice((2, 4, 4, 8)))
    grid = LoopGrid(bpm=said.tempos[0].value, meter=meter, bars=bars, rate=RATE)
    end = float(grid.quarters)
    found = [
        part._replace(notes=tuple(note for note in part.notes if note.start < end))
        for part in parts_of(path)
    ]
    return Tune(grid, said.keys[0].value, tuple(part for part in found if part.notes))


def arranged(tune: Tune, random: Random) -> tuple[tuple[MidiPart, ...], list[int]]:
    """Return the parts, each at a loudness of its own, and the programs that play them."""
    parts, programs = [], []
    for part in tune.parts[: len(MELODIC_CHANNELS)]:
        level = float(random.uniform(_SOFTEST, 1.0))
        notes = [note._replace(velocity=note.velocity * level) for note in part.notes]
        parts.append(part._replace(notes=tuple(notes)))
        choice = KITS if part.is_drums else _PROGRAMS.get(part.name, _CHORDAL)
        programs.append(int(random.choice(choice)))
    return tuple(parts), programs


def render_tunes(
    sources: list[Callable[[Random], Tune | None]],
    soundfonts: list[Path],
    out: Path,
    loops: int,
    seed: int,
) -> int:
    """Write so many loops of these sources in turn; return how many were written."""
    out.mkdir(parents=True, exist_ok=True)
    written = 0
    for number in range(loops):
        random = np.random.default_rng((seed, number))
        tune = sources[number % len(sources)](random)
        if tune is None or not _has_notes(tune):
            continue
        parts, programs = arranged(tune, random)
        soundfont = soundfonts[int(random.integers(len(soundfonts)))]
        audio = played(parts, tune.grid, soundfont, programs)
        grid = tune.grid
        name = f"tune{number:04d} {grid.meter.numerator}-{grid.meter.denominator} {grid.bars} bars"
        target = out / f"{name} {format_bpm(grid.bpm)} bpm key {tune.key}.flac"
        soundfile.write(target, audio, RATE)
        written += 1
    return written


def _has_notes(tune: Tune) -> bool:
    tonal: list[MidiNote] = [
        note for part in tune.parts if not part.is_drums for note in part.notes
    ]
    return len(tonal) >= _LEAST_NOTES


def main(arguments: list[str]) -> int:
    """Render tonal loops."""
    parser = argparse.ArgumentParser(prog="tools.training.tunes", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("soundfonts", type=Path, nargs="+", metavar="SOUNDFONT")
    parser.add_argument("--midi", type=Path)
    parser.add_argument("--only", action="store_true", help="only the tunes of --midi")
    parser.add_argument("--loops", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    sources: list[Callable[[Random], Tune | None]] = [] if options.only else [from_sketch, plain]
    if options.midi is not None:
        paths = sorted(options.midi.rglob("*.mid"))
        sources.append(lambda random: from_midi(paths[int(random.integers(len(paths)))], random))
    count = render_tunes(sources, options.soundfonts, options.out, options.loops, options.seed)
    print(f"{count} loops in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
