"""How sketch's single parts sound, in figures: `python -m benchmarks.sketch_parts [REAL_DIR]`.

For each role, the medians of sketch 1 and of sketch 2 over some prompts, and of real sounds, if
REAL_DIR has a folder of them for the role; they stay where they are.

    python -m benchmarks.sketch_parts [REAL_DIR] [--seeds N] [--role ROLE]
"""

import argparse
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.craft.loudness import loudness_lufs
from engine.generators.sketch.band import play_notes
from engine.generators.sketch.brief import read_brief
from engine.generators.sketch.generator import SketchGenerator
from engine.generators.sketch.score import Note
from engine.generators.sketch.stage import Stage
from engine.loops.audio_file import read_audio
from engine.loops.audio_formats import AUDIO_SUFFIXES
from engine.loops.cancel import no_check
from engine.loops.errors import LoopError
from engine.loops.request import SKETCH_VERSIONS, LoopRequest

Audio = NDArray[np.float32]
Figures = dict[str, float]
PROMPTS = {
    "drums": ("house drums", "rock drums", "trap drums", "jazz drums", "dnb drums"),
    "bass": ("synth bass", "acid bass", "reese bass", "sub bass", "808 bass", "house bass"),
    "chords": ("rhodes chords", "house piano chords", "supersaw chords", "organ chords"),
    "pad": ("warm pad", "dark pad", "glass pad", "string pad", "choir", "trance pad"),
    "lead": ("saw lead", "square lead", "supersaw lead", "pluck lead", "acid lead"),
    "brass": ("horn section", "brass stabs", "funk horns lead"),
    "mix": ("house full mix", "funk full mix", "trap full mix", "ambient full mix"),
}
_RATE = 48_000
_LONGEST_S = 12
_FRAME, _HOP = 4_096, 2_048
_BANDS_HZ = np.geomspace(50, 12_000, 25)


def figures(audio: Audio, rate: int) -> Figures:
    """Return the measures of a sound, (frames, channels), without the silence around it."""
    loud = np.flatnonzero(np.abs(audio).max(axis=1) > 0.02 * np.abs(audio).max())
    sound = audio[loud[0] : loud[-1] + 1]
    middle = sound.mean(axis=1)
    power = np.abs(np.fft.rfft(middle)) ** 2
    high = np.fft.rfftfreq(len(middle), 1 / rate) > 4_000
    found = {"above 4 kHz, dB": _db(power[high].sum() / power.sum())}
    if audio.shape[1] > 1:
        side = (sound[:, 0] - sound[:, 1]) / 2
        found["side/mid, dB"] = _db(np.square(side).sum() / np.square(middle).sum())
    if len(middle) > 3 * _FRAME:
        frames = np.lib.stride_tricks.sliding_window_view(middle, _FRAME)[::_HOP]
        spectra = np.abs(np.fft.rfft(frames * np.hanning(_FRAME), axis=1))
        shares = spectra / np.maximum(spectra.sum(axis=1, keepdims=True), 1e-9)
        found["flux"] = float(np.abs(np.diff(shares, axis=0)).sum(axis=1).mean())
        levels = 10 * np.log10(np.square(frames).mean(axis=1) + 1e-12)
        found["movement, dB"] = float(np.std(levels[levels > levels.max() - 26]))
    return found


def note_to_note_db(prompt: str, version: int) -> float:
    """Return by how much a note differs from the same one a quarter later, over 24 bands."""
    request = LoopRequest(prompt=f"{prompt}, dry, straight", bpm=120.0, bars=2, seed=1)
    brief = read_brief(_of_version(request, version), 1)
    role = next(role for role in brief.roles if role not in ("drums", "percussion", "texture"))
    stage = Stage(brief, brief.grid.frames, 1, no_check)
    midi = 45 if role == "bass" else 60
    notes = [Note(float(beat), 0.9, midi, 0.8) for beat in range(8)]
    beats = np.split(play_notes(stage, role, notes).mean(axis=0), 8)
    bands = [_bands_db(beat[: _RATE // 4]) for beat in beats]
    return float(np.median([np.abs(a - b).mean() for a, b in itertools.pairwise(bands)]))


def _bands_db(sound: Audio) -> NDArray[np.float64]:
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    band = np.searchsorted(_BANDS_HZ, np.fft.rfftfreq(len(sound), 1 / _RATE))
    sums = np.bincount(band, power, minlength=len(_BANDS_HZ) + 1)[1:-1]
    return np.asarray(10 * np.log10(np.maximum(sums, sums.max() * 1e-6)))


def _db(ratio: float) -> float:
    return float(10 * np.log10(max(ratio, 1e-9)))


def _of_version(request: LoopRequest, version: int) -> LoopRequest:
    return msgspec.structs.replace(request, sketch_version=version)


def ours(role: str, version: int, seeds: int) -> Iterator[Figures]:
    """Yield the figures of sketch's loops of four bars."""
    sketch = SketchGenerator()
    for prompt in PROMPTS[role]:
        for seed in range(1, seeds + 1):
            request = _of_version(LoopRequest(prompt=prompt, bars=4, seed=seed), version)
            grid = sketch.plan(request).grid
            started_s = time.process_time()
            (take,) = sketch.generate(request, grid, [seed], lambda *_: None)
            spent_s = time.process_time() - started_s
            yield {
                **figures(take.audio, _RATE), "processor time, s": spent_s,
                "loudness, LUFS": loudness_lufs(take.audio, _RATE, closed=True),
            }  # fmt: skip


def real(folder: Path) -> Iterator[Figures]:
    """Yield the figures of the sounds in a folder."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in AUDIO_SUFFIXES:
            try:
                file = read_audio(path)
            except LoopError as error:
                print(f"left out: {error}")
                continue
            if np.abs(file.audio).max() > 1e-4:
                yield figures(file.audio[: _LONGEST_S * file.rate], file.rate)


def _medians(rows: list[Figures]) -> dict[str, str]:
    names = dict.fromkeys(name for row in rows for name in row)
    found = {}
    for name in names:
        values = [row[name] for row in rows if name in row]
        found[name] = f"{np.median(values):.2f}"
        if name in ("processor time, s", "loudness, LUFS"):
            found[name] += f" ({min(values):.2f} to {max(values):.2f})"
    return found


def main() -> None:
    """Print a table for each role."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("real", nargs="?", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--role", choices=list(PROMPTS))
    options = parser.parse_args()
    for role in [options.role] if options.role else PROMPTS:
        columns = {}
        folder = None if options.real is None else options.real / role
        if folder is not None and folder.is_dir():
            rows = list(real(folder))
            columns[f"{len(rows)} real"] = _medians(rows)
        for version in SKETCH_VERSIONS:
            found = _medians(list(ours(role, version, options.seeds)))
            if role not in ("drums", "mix"):
                alike = [note_to_note_db(prompt, version) for prompt in PROMPTS[role]]
                found["note to note, dB"] = f"{np.median(alike):.2f}"
            columns[f"sketch {version}"] = found
        print(f"\n| {role} | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
        for name in dict.fromkeys(name for column in columns.values() for name in column):
            print(f"| {name} | {' | '.join(each.get(name, '') for each in columns.values())} |")


if __name__ == "__main__":
    main()
