"""What craft hears in loops whose truth is in their names: `python -m benchmarks.real_loops DIR`.

Tempo, bars and key are read from the names of the files (and of the folders around them), as
`engine.loops.source.names` reads them, and hidden from the analysis: nothing is told. Each loop is
analysed as its file is, cut anywhere, and damaged in the ways of `damages`. A file without a tempo
in its name, or shorter than a bar at it, is left out; one that is not whole bars at its tempo takes
no part in the rows about loops.

    python -m benchmarks.real_loops DIR [--limit N] [--seed N] [--json]
"""

import argparse
import dataclasses
import io
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.craft.analysis import detected_in
from engine.craft.features import HOPS_PER_S, extract_features
from engine.craft.hearing import Hearing
from engine.craft.pulse import find_pulse
from engine.craft.source_time import silence_around
from engine.craft.sources import Source, brought_to, source_of
from engine.loops.audio_file import read_audio
from engine.loops.audio_formats import AUDIO_SUFFIXES
from engine.loops.errors import LoopError
from engine.loops.key import Key
from engine.loops.source.length import USUAL_BARS
from engine.loops.source.names import folder_facts, name_facts
from engine.loops.take import Audio
from engine.loops.tempo import LoopGrid, Meter

_NEAR, _NEAR_BARS, _NEAR_S = 0.01, 0.03, 0.025
"""How far off a tempo, a length in bars and a downbeat may be to be right."""
_OCTAVES = (1, 2, 1 / 2)
_LEAST_CERTAIN = 0.6
_LEAD_S, _TAIL_S, _SLOWER = 0.25, 0.4, 1.02
_STEPS = (0.95, 0.9, 0.8, 0.6, 0.4, 0.0)
"""The confidences from which the shares of right tempos and keys are listed."""
_ALIKE = 0.97
_FASTER = 1.08

Rows = dict[str, list[float]]


@dataclasses.dataclass(frozen=True)
class KnownFile:
    """A file and its truth: its tempo, its bars if it is a loop, its key if it is named."""

    path: Path
    audio: Audio
    rate: int
    bpm: float
    meter: Meter
    bars: int | None
    key: Key | None

    @property
    def bar_s(self) -> float:
        """The length of a bar in seconds."""
        return float(self.meter.bar_quarters) * 60 / self.bpm


@dataclasses.dataclass(frozen=True)
class Damaged:
    """A loop after something happened to it, the loop alone at that speed, and its tempo."""

    audio: Audio
    loop: Audio
    bpm: float


def sound_paths(folder: Path) -> list[Path]:
    """Return the audio files in a folder and in those inside it, in order."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES)


def known_files(folder: Path, limit: int | None, seed: int) -> Iterator[KnownFile]:
    """Yield the files in a folder whose names say their tempo, `limit` of them in random order."""
    paths = sound_paths(folder)
    if limit is not None:
        paths = [paths[place] for place in np.random.default_rng(seed).permutation(len(paths))]
    found = 0
    for path in paths:
        if (file := known_file(path)) is not None:
            yield file
            found += 1
        if found == limit:
            return


def known_file(path: Path) -> KnownFile | None:
    """Return a file whose name says its tempo; None if it does not, or if it is no loop."""
    folders = tuple(folder.name for folder in path.parents[:2] if folder.name)
    said = name_facts(path.name).joined(folder_facts(folders))
    tempo = max(said.tempos, key=lambda fact: fact.certainty, default=None)
    if tempo is None or tempo.certainty < _LEAST_CERTAIN:
        return None
    meter = said.meters[0].value if said.meters else Meter()
    key = max(said.keys, key=lambda fact: fact.certainty, default=None)
    try:
        file = read_audio(path)
    except LoopError as error:
        print(f"left out: {error}", file=sys.stderr)
        return None
    count = len(file.audio) / file.rate * tempo.value / 60 / float(meter.bar_quarters)
    if count < 1 - _NEAR_BARS or file.begins_s is not None:
        return None
    bars = round(count)
    is_loop = abs(count / bars - 1) <= _NEAR_BARS and bars in USUAL_BARS
    return KnownFile(
        path=path,
        audio=file.audio,
        rate=file.rate,
        bpm=tempo.value,
        meter=meter,
        bars=bars if is_loop else None,
        key=None if key is None else key.value,
    )


def damages(file: KnownFile) -> dict[str, Damaged]:
    """Return a loop with silence at its ends, slowed down as by a tape, and through an MP3."""
    import soxr

    audio, rate = file.audio, file.rate
    lead, tail = round(_LEAD_S * rate), round(_TAIL_S * rate)
    slow = soxr.resample(audio, 1.0, _SLOWER).astype(np.float32)
    return {
        f"{_LEAD_S} s of silence in front": Damaged(_padded(audio, lead, 0), audio, file.bpm),
        f"{_TAIL_S} s of silence behind": Damaged(_padded(audio, 0, tail), audio, file.bpm),
        "2 % slower, as tape": Damaged(slow, slow, file.bpm / _SLOWER),
        "through MP3": Damaged(_through_mp3(audio, rate), audio, file.bpm),
    }


def _padded(audio: Audio, lead: int, tail: int) -> Audio:
    return np.pad(audio, ((lead, tail), (0, 0)))


def _through_mp3(audio: Audio, rate: int) -> Audio:
    import soundfile

    stream = io.BytesIO()
    soundfile.write(stream, audio, rate, format="MP3")
    stream.seek(0)
    decoded: Audio = soundfile.read(stream, dtype="float32", always_2d=True)[0]
    return decoded


def cut_anywhere(file: KnownFile, random: np.random.Generator) -> tuple[Audio, float]:
    """Return a part of a loop that runs on, and where in the loop it begins, in seconds.

    Its length is 0.6 to 1.6 times that of the loop, and not near whole bars.
    """
    frames = len(file.audio)
    first = int(random.integers(frames))
    while True:
        length = int(frames * random.uniform(0.6, 1.6))
        bars = length / file.rate / file.bar_s
        if all(abs(bars / count - 1) > _NEAR_BARS for count in USUAL_BARS):
            break
    span = np.arange(first, first + length)
    return np.take(file.audio, span, axis=0, mode="wrap"), first / file.rate


def study(folder: Path, limit: int | None, seed: int) -> dict[str, Any]:
    """Return the figures of all files: a share in % or a time, and how many it stands for."""
    rows: Rows = defaultdict(list)
    tempos: list[tuple[float, bool]] = []
    keys: list[tuple[float, bool]] = []
    random = np.random.default_rng(seed)
    count = 0
    for file in known_files(folder, limit, seed):
        count += 1
        source = _as_it_is(file, rows, tempos, keys)
        if file.bars is None:
            continue
        if source is not None:
            rows["a loop is taken whole, %"].append(source.facts.bars is not None)
            rows["a loop begins on a downbeat, %"].append(
                _begins_on_bar(source, file, file.audio, file.bpm)
            )
        _cut(file, random, rows)
        for name, damaged in damages(file).items():
            heard = _source(damaged.audio, file.rate)
            right = heard is not None and is_near(heard.grid.bpm, damaged.bpm, _OCTAVES)
            rows[f"{name}: tempo, or its octave, %"].append(right)
            on_bar = heard is not None and _begins_on_bar(heard, file, damaged.loop, damaged.bpm)
            rows[f"{name}: tempo and downbeat, %"].append(right and on_bar)
    return {
        "files": count,
        "rows": {name: _figure(name, listed) for name, listed in rows.items()},
        "tempo right by confidence": _by_confidence(tempos),
        "key right by confidence": _by_confidence(keys),
    }


def _source(audio: Audio, rate: int) -> Source | None:
    """Return audio as a source of which nothing is known."""
    try:
        return source_of(Hearing(audio, rate), "loop")
    except LoopError:
        return None


def is_near(bpm: float, truth: float, multiples: tuple[float, ...] = (1,)) -> bool:
    """Return whether a tempo, or a multiple of it, is within 1 %."""
    return any(abs(bpm / truth / times - 1) <= _NEAR for times in multiples)


def _as_it_is(
    file: KnownFile,
    rows: Rows,
    tempos: list[tuple[float, bool]],
    keys: list[tuple[float, bool]],
) -> Source | None:
    """Record what is heard in the file as it is, and how long all of craft takes."""
    begun = time.perf_counter()
    source = _source(file.audio, file.rate)
    if source is not None:
        brought_to(source, _faster(source.grid))
        spent_s = (time.perf_counter() - begun) * 8 / (len(file.audio) / file.rate)
        rows["all of craft for 8 s of sound, s"].append(spent_s)
    bpm = 0.0 if source is None else source.grid.bpm
    rows["tempo within 1 %, %"].append(is_near(bpm, file.bpm))
    rows["tempo or its octave within 1 %, %"].append(is_near(bpm, file.bpm, _OCTAVES))
    heard = detected_in(Hearing(file.audio, file.rate), source)
    if heard.tempos:
        tempos.append((heard.tempos[0].confidence, is_near(heard.tempos[0].bpm, file.bpm)))
        among = any(is_near(each.bpm, file.bpm) for each in heard.tempos)
        rows["tempo among those shown, %"].append(among)
        rows["two tempos shown, %"].append(len(heard.tempos) > 1)
    if file.key is not None:
        used = None if source is None else source.key
        rows["key exact, %"].append(_same_key(used, file.key))
        rows["a key is told, %"].append(used is not None)
        if used is not None:
            rows["key exact where one is told, %"].append(_same_key(used, file.key))
        if heard.keys:
            keys.append((heard.keys[0].confidence, _same_key(heard.keys[0].key, file.key)))
    return source


def _faster(grid: LoopGrid) -> LoopGrid:
    return LoopGrid(
        bpm=round(grid.bpm * _FASTER, 2), meter=grid.meter, bars=grid.bars, rate=grid.rate
    )


def _same_key(one: Key | None, other: Key) -> bool:
    if one is None:
        return False
    return (one.pitch_class, one.is_minor) == (other.pitch_class, other.is_minor)


def _cut(file: KnownFile, random: np.random.Generator, rows: Rows) -> None:
    """Record what is heard in a part of a loop, cut anywhere."""
    audio, first_s = cut_anywhere(file, random)
    source = _source(audio, file.rate)
    rows["cut anywhere: tempo within 1 %, %"].append(
        source is not None and is_near(source.grid.bpm, file.bpm)
    )
    rows["cut anywhere: mistaken for a loop, %"].append(
        source is not None and source.facts.bars is not None
    )
    for name, part, begins_s in (("as it is", file.audio, 0.0), ("cut anywhere", audio, first_s)):
        features = extract_features(part, file.rate)
        pulse = find_pulse(features, file.bpm, float(file.meter.bar_quarters))
        apart = (pulse.first_bar_s + begins_s + file.bar_s / 2) % file.bar_s - file.bar_s / 2
        rows[f"bar within 25 ms, tempo told, {name}, %"].append(abs(apart) <= _NEAR_S)


def _begins_on_bar(source: Source, file: KnownFile, loop: Audio, bpm: float) -> bool:
    """Return whether a source begins where a bar of the loop does that it was made from.

    A loop begins with a bar, perhaps after silence. The onsets of the source are laid over those
    of the loop at every place, and fit no other place clearly better than the beginning of a bar.
    """
    theirs = extract_features(loop, file.rate, closed=True).onsets
    ours = extract_features(source.audio, source.grid.rate, closed=True).onsets
    times = min(_OCTAVES, key=lambda each: abs(np.log(source.grid.bpm / bpm / each)))
    scale = source.grid.bpm / bpm / times
    count = min(len(theirs), int(len(ours) * scale))
    laid = np.interp(np.arange(count) / scale, np.arange(len(ours)), ours)
    padded = np.zeros(len(theirs))
    padded[:count] = laid - laid.mean()
    fits = np.fft.irfft(np.conj(np.fft.rfft(padded)) * np.fft.rfft(theirs), len(theirs))
    bars = np.arange(file.bars or 1) * len(theirs) / (file.bars or 1)
    bars = np.concatenate([bars, bars + silence_around(loop, file.rate).lead_s * HOPS_PER_S])
    reach = int(_NEAR_S * HOPS_PER_S)
    near = np.rint(bars[:, None] + np.arange(-reach, reach + 1)).astype(int) % len(theirs)
    return bool(fits[near].max() >= _ALIKE * fits.max())


def _figure(name: str, listed: list[float]) -> tuple[float, int]:
    value = 100 * np.mean(listed) if name.endswith("%") else np.median(listed)
    return round(float(value), 2), len(listed)


def _by_confidence(found: list[tuple[float, bool]]) -> dict[str, tuple[float, int]]:
    """Return the share that is right in each range of confidence, and how many are in it."""
    figures = {}
    above = 1.01
    for step in _STEPS:
        right = [is_right for confidence, is_right in found if step <= confidence < above]
        if right:
            figures[f"from {step:.2f}, %"] = _figure("%", [float(each) for each in right])
        above = step
    return figures


def _shown(figures: dict[str, Any]) -> str:
    lines = [f"{figures['files']} files"]
    parts = {"": figures["rows"]} | {
        name: listed for name, listed in figures.items() if name not in ("files", "rows")
    }
    for title, listed in parts.items():
        lines += ["", title] if title else []
        lines += [f"{value:9.2f}  of {count:<4}  {name}" for name, (value, count) in listed.items()]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Run the study and print its figures; the exit code is 1 if no file can be used."""
    parser = argparse.ArgumentParser(prog="benchmarks.real_loops", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, help="so many files at most, chosen by the seed")
    parser.add_argument("--seed", type=int, default=0, help="of the choice and of the cuts")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = study(options.folder, options.limit, options.seed)
    if not figures["files"]:
        print(f"No file in {options.folder} says its tempo in its name.", file=sys.stderr)
        return 1
    print(json.dumps(figures, indent=1) if options.json else _shown(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
