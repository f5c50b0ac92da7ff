"""A study of what sketch makes, by ears that do not know it; see `listening`.

    python -m tests.engine.generators.sketch.study          the whole study, as a table
    python -m tests.engine.generators.sketch.study key      one part of it

The tests run the same parts on fewer loops.
"""

import sys
from collections.abc import Callable, Iterable, Iterator

import librosa
import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

from engine.generators.sketch.brief import Brief, read_brief
from engine.generators.sketch.composer import composed
from engine.generators.sketch.generator import SketchGenerator
from engine.generators.sketch.styles import STYLES
from engine.loops.key import key_of as key_name
from engine.loops.request import LoopRequest
from engine.loops.take import take_seed
from tests.engine.generators.sketch import listening as heard

RATE = 48_000
ROLES = ("drums", "percussion", "bass", "chords", "pad", "lead", "texture", "full mix")


def loop(prompt: str, seed: int, **fields: object) -> tuple[Brief, np.ndarray]:
    """Return the brief and the audio of one loop."""
    request = LoopRequest(prompt=prompt, seed=seed, **fields)
    brief = read_brief(request, seed)
    (take,) = SketchGenerator().generate(request, brief.grid, [seed], lambda *_: None)
    return brief, take.audio


def tempo(styles: Iterable[str], seeds: range, times: int = 4) -> dict[str, float]:
    """Return the shares of drum loops whose tempo librosa finds: the same, an octave off, wrong.

    It hears each loop `times` times.
    """
    verdicts = []
    for style in styles:
        for seed in seeds:
            brief, audio = loop(f"{style} drums", seed)
            verdicts.append(heard.tempo_verdict(heard.tempo_of(audio, RATE, times), brief.grid.bpm))
    return {name: verdicts.count(name) / len(verdicts) for name in ("same", "octave", "wrong")}


def key(seeds: range, **fields: object) -> float:
    """Return the share of chord loops whose key is found from their chroma; half are minor."""
    hits = []
    for number, style in enumerate(STYLES):
        for seed in seeds:
            mode = ("minor", "major")[(seed + number // 12) % 2]
            asked = key_name((5 * seed + number) % 12, mode)
            _, audio = loop(f"{style} chords in {asked}", seed, **fields)
            hits.append(heard.key_of(audio, RATE) == (asked.pitch_class, asked.mode))
    return float(np.mean(hits))


def _falls_or_rises(worn: np.ndarray, clean: np.ndarray) -> bool:
    """Whether dust took the highs away where there were any, else brought noise."""
    before, after = (heard.band_share(x, RATE, 9000, 20_000) for x in (clean, worn))
    return after < before if before > 1e-4 else after > before


def _more(measure: Callable[[np.ndarray, int], float]) -> Callable[[np.ndarray, np.ndarray], bool]:
    return lambda more, less: measure(more, RATE) > measure(less, RATE)


ADJECTIVES: dict[tuple[str, str], Callable[[np.ndarray, np.ndarray], bool]] = {
    ("bright", "dark"): _more(heard.centroid_hz),
    ("busy", "sparse"): _more(heard.onset_count),
    ("thin", "warm"): _more(heard.centroid_hz),
    ("clean", "distorted"): _more(heard.crest_db),
    ("wide", "narrow"): _more(heard.side_share),
    ("dry", "wet"): _more(heard.flux_db),
    ("hard", "soft"): _more(heard.punch),
    ("long", "short"): _more(heard.floor_db),
    ("high pitched", "deep"): _more(heard.centroid_hz),
    ("dusty", "pristine"): _falls_or_rises,
}
"""Pairs of adjectives, and whether the first loop differs from the second as it should."""


def adjective(pair: tuple[str, str], count: int) -> float:
    """Return the share of `count` loops in which a pair of adjectives moves its measure rightly."""
    styles, roles = list(STYLES), ("drums", "bass", "chords", "lead", "pad", "full mix")
    hits = []
    for number in range(count):
        name = styles[(5 * number + len(pair[0])) % len(styles)]
        loops = (
            loop(f"{word} {name} {roles[number % len(roles)]}", number, bpm=120.0, bars=1)[1]
            for word in pair
        )
        hits.append(ADJECTIVES[pair](*loops))
    return float(np.mean(hits))


def features(audio: np.ndarray, bars: int) -> np.ndarray:
    """Return what a listener might go by: colour, rhythm in three bands over the bar, and space.

    `audio` has `bars` bars of 4/4.
    """
    y = heard.mono(audio, RATE)
    power = np.abs(librosa.stft(y, n_fft=1024, hop_length=256)) ** 2
    mel = librosa.power_to_db(librosa.feature.melspectrogram(S=power, sr=22_050, n_mels=32) + 1e-9)
    parts: list[np.ndarray] = [mel.mean(axis=1), mel.std(axis=1)]
    for low, high in ((0, 6), (6, 18), (18, 32)):
        strength = librosa.onset.onset_strength(S=mel[low:high], sr=22_050, hop_length=256)
        place = np.arange(64 * bars) / (64 * bars) * len(strength)
        strokes = np.interp(place, np.arange(len(strength)), strength)
        steps = strokes.reshape(bars, 16, 4).max(axis=2)
        bar = steps.mean(axis=0)
        parts += [bar / (bar.max() + 1e-9), np.array([strength.mean(), strength.std()])]
    space = [len(audio) / RATE, heard.side_share(audio, RATE), heard.crest_db(audio, RATE) / 10]
    return np.concatenate([*parts, np.array(space)])


def style(styles: int, seeds: int, bars: int = 2) -> float:
    """Return how often a classifier names one of some styles; it heard two thirds of the seeds."""
    rows = [
        (features(loop(f"{name} full mix", 7 * seed + 1, bars=bars)[1], bars), name, seed % 3 == 2)
        for name in list(STYLES)[:styles]
        for seed in range(seeds)
    ]
    return _named(rows)


def role(styles: int) -> float:
    """Return how often a classifier that heard other seeds names the role, over some styles."""
    same = {"pad": "chords"}
    rows = [
        (
            features(loop(f"{name} {part}", 11 * number + seed, bars=1)[1], 1),
            same.get(part, part),
            seed == 4,
        )
        for number, name in enumerate(list(STYLES)[:styles])
        for part in ROLES
        for seed in range(5)  # seeds differ so much that two do not show what a role is
    ]
    return _named(rows)


def _named(rows: list[tuple[np.ndarray, str, bool]]) -> float:
    known = [row for row in rows if not row[2]]
    asked = [row for row in rows if row[2]]
    trees = ExtraTreesClassifier(500, random_state=0).fit(
        np.array([row[0] for row in known]), [row[1] for row in known]
    )
    named = trees.predict(np.array([row[0] for row in asked]))
    return float(np.mean(named == np.array([row[1] for row in asked])))


def takes(seeds: range) -> float:
    """Return the share of pairs of takes that differ in a quarter of their onsets or notes."""
    hits = []
    for name in STYLES:
        for part in ("drums", "percussion", "bass", "chords", "lead"):
            for seed in seeds:
                brief = read_brief(LoopRequest(prompt=f"{name} {part}", seed=seed), seed)
                first, second = (_written(brief, take_seed(seed, take)) for take in (0, 1))
                apart = 1 - len(first & second) / max(len(first), len(second))
                hits.append(apart >= 0.25)
    return float(np.mean(hits))


def _written(brief: Brief, seed: int) -> set[tuple[int, object]]:
    """Return all onsets as (place in twelfths of a quarter, drum or pitch)."""
    score = composed(brief, seed)
    strokes = ((stroke.start, stroke.voice) for part in score.strokes.values() for stroke in part)
    notes = ((note.start, note.midi) for part in score.notes.values() for note in part)
    return {(round(12 * start), what) for start, what in (*strokes, *notes)}


def rows(asked: list[str]) -> Iterator[tuple[str, object]]:
    """Yield the rows of the whole study, or of the parts asked for."""
    parts: dict[str, Callable[[], object]] = {
        "tempo": lambda: tempo(STYLES, range(4)),
        "key": lambda: key(range(4)),
        "adjectives": lambda: {"/".join(pair): adjective(pair, 24) for pair in ADJECTIVES},
        "style": lambda: style(len(STYLES), 12),
        "role": lambda: role(len(STYLES)),
        "takes": lambda: takes(range(8)),
    }
    for name in asked or parts:
        yield name, parts[name]()


if __name__ == "__main__":
    for row in rows(sys.argv[1:]):
        sys.stdout.write("\t".join(map(str, row)) + "\n")
