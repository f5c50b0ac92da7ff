"""Renders drum grooves that people played: `python -m tools.training.grooves MIDI SOUNDFONT OUT`.

It reads a folder of MIDI files whose names say their tempo and meter, such as those of the Groove
MIDI Dataset (`1_funk_80_beat_4-4.mid`), and writes loops of one, two or four bars as FLAC files,
whose names say what is in them, as `tools.training.train` and `benchmarks.real_loops` read them.
Each loop is played by one of the kits of a General MIDI soundfont, by FluidSynth, which must be
installed.

    python -m tools.training.grooves MIDI SOUNDFONT OUT [--loops N] [--seed N]
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import soundfile

from engine.loops.midi import MidiNote, MidiPart
from engine.loops.source.names import name_facts
from engine.loops.tempo import LoopGrid, Meter, format_bpm
from tools.training.soundfonts import KITS, RATE, played

_BARS = (1, 2, 2, 4, 4)
_GENERAL = {22: 42, 26: 46, 40: 38, 58: 43}
"""Sounds of an electronic kit that General MIDI lacks, and those in their place."""
_EARLY_S, _AHEAD_S = 0.03, 0.002
_LEAST_NOTES = 4
_LENGTH = 0.1


def hits_of(path: Path) -> list[MidiNote]:
    """Return the drums of a MIDI file, in order."""
    import mido

    file = mido.MidiFile(path)
    found = []
    for track in file.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            if message.type == "note_on" and message.velocity:
                number = _GENERAL.get(message.note, message.note)
                start = ticks / file.ticks_per_beat
                found.append(MidiNote(start, _LENGTH, number, message.velocity / 127))
    return sorted(found)


def part_of(hits: list[MidiNote], grid: LoopGrid, first_bar: int) -> list[MidiNote]:
    """Return the hits of the bars of a grid, from a bar on.

    A loop is cut where its first drum is hit, even if that is a little before the beat.
    """
    start = first_bar * float(grid.meter.bar_quarters)
    early = _EARLY_S * grid.bpm / 60
    near = [hit.start for hit in hits if abs(hit.start - start) <= early]
    start = min([*near, start]) - _AHEAD_S * grid.bpm / 60
    end = start + float(grid.quarters)
    return [hit._replace(start=hit.start - start) for hit in hits if start <= hit.start < end]


def render_folder(midi: Path, soundfont: Path, out: Path, loops: int, seed: int) -> int:
    """Write so many loops of the grooves in a folder; return how many were written."""
    random = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    paths = sorted(midi.rglob("*.mid"))
    written = 0
    for number in range(loops):
        path = paths[int(random.integers(len(paths)))]
        said = name_facts(path.name)
        if not said.tempos:
            continue
        bars, kit = int(random.choice(_BARS)), int(random.choice(KITS))
        meter = said.meters[0].value if said.meters else Meter()
        grid = LoopGrid(bpm=said.tempos[0].value, meter=meter, bars=bars, rate=RATE)
        hits = hits_of(path)
        last_bar = int(hits[-1].start / float(meter.bar_quarters)) if hits else 0
        part = part_of(hits, grid, int(random.integers(max(1, last_bar - bars + 1))))
        if len(part) < _LEAST_NOTES * bars:
            continue
        audio = played((MidiPart("drums", tuple(part), is_drums=True),), grid, soundfont, (kit,))
        name = f"groove{number:04d} {meter.numerator}-{meter.denominator} {bars} bars"
        target = out / f"{name} {format_bpm(grid.bpm)} bpm.flac"
        soundfile.write(target, audio, RATE)
        written += 1
    return written


def main(arguments: list[str]) -> int:
    """Render a folder of grooves."""
    parser = argparse.ArgumentParser(prog="tools.training.grooves", description=__doc__)
    parser.add_argument("midi", type=Path)
    parser.add_argument("soundfont", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--loops", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    count = render_folder(options.midi, options.soundfont, options.out, options.loops, options.seed)
    print(f"{count} loops in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
