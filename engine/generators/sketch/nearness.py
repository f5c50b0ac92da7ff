"""Nearness: which known word of sketch comes closest to an unknown one.

`nearness.npz` holds a static vector for each of the commonest English words, and the landmarks:
words with a known meaning, which is a word of the lexicon or, for some, nothing musical.
`tools.nearness.distil` writes it. A word means what the landmarks around it mean, if it is musical
enough.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.generators.sketch.lexicon import LEXICON, Meaning

DATA = Path(__file__).with_name("nearness.npz")
VOTERS = 10
"""How many landmarks around a word decide its meaning."""
SHARPNESS = 12.0
"""How much more a near landmark counts than a far one."""
MARGIN = 0.16
"""How far above the bound of the vector file a word must score.

The bound is for ordinary words; names of things, such as `qwerty`, score up to 0.1 above it. On the
words of `nearness.tsv` the margin halves the ordinary ones that are read as music, from 2 to 1 of
120, and costs 3 of the 259 musical ones of 280 that are read.
"""
LONGEST_RUN_WORDS = 6
NOTHING = "-"
STOPWORDS = frozenset([
    "a", "all", "and", "at", "away", "by", "down", "for", "from", "her", "his", "i", "in",
    "into", "it", "its", "me", "my", "no", "not", "of", "off", "on", "or", "our", "out", "over",
    "so", "some", "that", "the", "their", "them", "then", "there", "through", "to", "under",
    "up", "us", "very", "was", "we", "were", "when", "while", "with", "you", "your", "something",
])  # fmt: skip
"""Words that say nothing inside a phrase."""
_ENDINGS = (
    ("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"),
    ("ly", ""), ("y", ""), ("ness", ""),
)  # fmt: skip

Floats = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Space:
    """The words as points.

    Attributes:
        words: in the order of the rows, each between two line feeds.
        vectors: one per word, int8, of any length.
        landmarks: the rows of the landmarks.
        meant: for each landmark the number of its meaning in `meanings`.
        meanings: words of the lexicon, and `NOTHING`.
        gate: weights, the last one constant, of how musical a unit vector is.
        enough: the score that few ordinary words reach.
    """

    words: bytes
    vectors: NDArray[np.int8]
    landmarks: NDArray[np.int32]
    meant: NDArray[np.int32]
    meanings: tuple[str, ...]
    gate: Floats
    enough: float

    @functools.cached_property
    def landmark_vectors(self) -> Floats:
        """The unit vectors of the landmarks."""
        return unit(self.vectors[self.landmarks])

    def vector_of(self, words: Sequence[str]) -> Floats | None:
        """Return the unit vector of a word or phrase; None if none of its words has one."""
        rows = [row for word in words if (row := row_of(word, self.place_of)) is not None]
        return unit(unit(self.vectors[rows]).mean(axis=0)) if rows else None

    def has(self, word: str) -> bool:
        """Return whether there is a vector for a word."""
        return row_of(word, self.place_of) is not None

    def place_of(self, word: str) -> int | None:
        """Return the row of exactly this word."""
        # A search takes less time than a table of all words takes to make.
        place = self.words.find(f"\n{word}\n".encode())
        return None if place < 0 else self.words.count(b"\n", 0, place)

    def nearest(self, vector: Floats) -> tuple[str, float]:
        """Return the word of the lexicon that a vector comes closest to, and how close.

        Landmarks whose words say the same count together.
        """
        near = self.landmark_vectors @ vector
        voters = np.argsort(-near)[:VOTERS]
        votes: dict[str, float] = {}
        for voter in voters:
            meaning = self.meanings[self.meant[voter]]
            weight = float(np.exp(SHARPNESS * (near[voter] - 1)))
            votes[meaning] = votes.get(meaning, 0.0) + weight
        total = sum(votes.values())
        nothing = votes.pop(NOTHING, 0.0)
        if not votes:
            return NOTHING, -np.inf
        together: dict[str, float] = {}
        for word, weight in votes.items():
            said = gist(LEXICON[word])
            together[said] = together.get(said, 0.0) + weight
        said = max(together, key=together.__getitem__)
        best = max((w for w in votes if gist(LEXICON[w]) == said), key=votes.__getitem__)
        musical = float(vector @ self.gate[:-1] + self.gate[-1])
        score = np.log(together[said]) / SHARPNESS + musical - 0.3 * nothing / total
        return best, float(score)


def unit(vectors: NDArray[np.generic]) -> Floats:
    """Return vectors of length 1 along the last axis."""
    floats = vectors.astype(np.float32)
    lengths = np.sqrt(np.einsum("...i,...i->...", floats, floats))
    return floats / np.maximum(lengths, 1e-9)[..., None]


def gist(meaning: Meaning) -> str:
    """Return the main effect of a meaning, the same for words of the same effect."""
    for kind in ("style", "sound", "kit", "texture", "role"):
        if value := getattr(meaning, kind):
            return f"{kind} {value}"
    if meaning.voices:
        return f"voices {meaning.voices}"
    axis, amount = max(meaning.axes, key=lambda moved: abs(moved[1]))
    return f"{axis} {'more' if amount > 0 else 'less'}"


def row_of(word: str, place_of: Callable[[str], int | None]) -> int | None:
    """Return the row of a word, or else of the word that it is a form of."""
    bases = (word.removesuffix(end) + base for end, base in _ENDINGS if word.endswith(end))
    places = (place_of(each) for each in (word, *bases))
    return next((place for place in places if place is not None), None)


@functools.cache
def space() -> Space:
    """Load the vectors."""
    with np.load(DATA, allow_pickle=False) as data:
        meanings = data["meanings"].tobytes().decode().split("\n")
        return Space(
            words=data["words"].tobytes(),
            vectors=data["vectors"],
            landmarks=data["landmarks"],
            meant=data["meant"],
            meanings=tuple(meanings),
            gate=data["gate"],
            enough=float(data["enough"]),
        )


def near_words(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what unknown words that stand together come close to.

    They are read as one phrase if that is nearer than each of them, else one by one.

    Yields:
        the word or phrase, and a word of the lexicon.
    """
    bound = space().enough + MARGIN
    telling = [word for word in words if word not in STOPWORDS and space().has(word)]
    single = [(word, *_nearest([word])) for word in telling]
    if 1 < len(telling) <= LONGEST_RUN_WORDS:
        found, score = _nearest(telling)
        if score >= max(bound, *(other for *_, other in single)):
            yield " ".join(telling), found
            return
    for word, found, score in single:
        if score >= bound:
            yield word, found


def _nearest(words: Sequence[str]) -> tuple[str, float]:
    vector = space().vector_of(words)
    return (NOTHING, -np.inf) if vector is None else space().nearest(vector)
