"""Stretches loops with one tool and prints how well, as JSON on stdout: `TOOL MATERIAL`.

The material is a name in `MATERIALS` (loops of sketch), or a folder of loops as WAV or FLAC.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from benchmarks.craft.takes import known_loop
from benchmarks.stretch_measures import figures_of
from engine.craft.sources import Source, fitted
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid

MATERIALS = {
    "drums": (("house", "drums"), ("drum and bass", "drums"), ("hip-hop", "drums")),
    "tonal": (("house", "chords"), ("ambient", "pad"), ("techno", "bass line")),
    "mixes": (("house", "full mix"), ("rock", "full mix"), ("trap", "full mix")),
}
PEERS = {
    "rubberband-r3": ("rubberband-r3", "-q", "-t", "{longer}", "{source}", "{made}"),
    "soundstretch": ("soundstretch", "{source}", "{made}", "-tempo={percent}"),
    "sox": ("sox", "{source}", "{made}", "tempo", "-m", "{faster}"),
}
"""Command lines of other stretchers."""
_RATIOS = (0.85, 0.9, 0.95, 1.05, 1.1, 1.15)
_PEAK = 0.97
_ROOM = 0.5
_COPIES = 3


class Loop(NamedTuple):
    """A loop to stretch, and its grid."""

    audio: Audio
    grid: LoopGrid


def main(tool: str, material: str) -> None:
    """Print the mean of each figure; of `peak` the highest; `time` is seconds per second."""
    rows = []
    for loop in _loops(material):
        for ratio in _RATIOS:
            grid = LoopGrid(
                bpm=round(loop.grid.bpm / ratio, 4), bars=loop.grid.bars, rate=loop.grid.rate
            )
            begun = time.perf_counter()
            made = _ours(loop, grid) if tool == "loopwright" else _theirs(tool, loop, grid.frames)
            took_s = time.perf_counter() - begun
            figures = figures_of(loop.audio, made, loop.grid.rate)
            rows.append(figures | {"time": took_s / float(grid.length_s)})
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    print(json.dumps(means | {"peak": max(row["peak"] for row in rows)}))


def _loops(material: str) -> Iterator[Loop]:
    """Yield the loops, all with a peak just below full scale, as finished loops have it."""
    if material in MATERIALS:
        for seed, (style, role) in enumerate(MATERIALS[material]):
            loop = known_loop(style, role, seed, key="A minor", bars=2)
            yield Loop(_normalised(loop.audio), loop.grid)
        return
    for path in sorted(
        each for each in Path(material).iterdir() if each.suffix in (".wav", ".flac")
    ):
        audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
        bars = max(1, round(len(audio) / rate / 2))
        bpm = round(240 * bars * rate / len(audio), 4)
        yield Loop(_normalised(audio), LoopGrid(bpm=bpm, bars=bars, rate=rate))


def _normalised(audio: Audio) -> Audio:
    return audio * np.float32(_PEAK / np.abs(audio).max())


def _ours(loop: Loop, grid: LoopGrid) -> Audio:
    source = Source(label="loop", audio=loop.audio, grid=loop.grid, key=None, title="loop")
    return fitted(source, grid)[0]


def _theirs(tool: str, loop: Loop, frames: int) -> Audio:
    """Return a loop stretched by a peer: it gets three in a row, and the one in the middle counts.

    It gets them 6 dB softer, so that nothing is clipped in its file.
    """
    faster = len(loop.audio) / frames
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "source.wav"), Path(folder, "made.wav")
        copies = np.tile(loop.audio, (_COPIES, 1)) * _ROOM
        soundfile.write(source, copies, loop.grid.rate, subtype="PCM_24")
        words = {
            "source": source, "made": made, "faster": faster, "longer": 1 / faster,
            "percent": 100 * (faster - 1),
        }  # fmt: skip
        command = [part.format(**words) for part in PEERS[tool]]
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        audio, _ = soundfile.read(made, dtype="float32", always_2d=True)
    middle: Audio = audio[frames : 2 * frames] / np.float32(_ROOM)
    return np.pad(middle, ((0, frames - len(middle)), (0, 0)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
