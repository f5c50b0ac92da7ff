"""How well sketch reads words that it does not know, compared with what was judged beforehand.

`python -m tests.engine.generators.sketch.judging` compares what sketch makes of the words of
nearness.tsv with the answers there, and `--all` names the words that were read differently.
"""

import sys
from pathlib import Path

from engine.generators.sketch.brief import read_words
from engine.generators.sketch.lexicon import LEXICON
from engine.generators.sketch.nearness import gist

TABLE = Path(__file__).with_name("nearness.tsv")


def judged() -> dict[str, frozenset[str]]:
    """Return each word or phrase, and the gists of all answers; none where it is not musical."""
    lines = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if line[0] != "#"]
    return {
        words: frozenset(gist(LEXICON[word]) for word in answers.split(", ") if word != "-")
        for words, answers in lines
    }


def answers() -> dict[str, tuple[str, ...]]:
    """Return what sketch reads each word or phrase as."""
    return {words: tuple(known for _, known in read_words(words).near_words) for words in judged()}


def is_right(found: tuple[str, ...], accepted: frozenset[str]) -> bool:
    """Return whether there is an answer, and all that was found is accepted."""
    return bool(found) and accepted.issuperset(gist(LEXICON[word]) for word in found)


def figures() -> tuple[float, float]:
    """Return the share of musical words read rightly, and of others that are read as music."""
    table, found = judged(), answers()
    right = [is_right(found[words], accepted) for words, accepted in table.items() if accepted]
    nonsense = [bool(found[words]) for words, accepted in table.items() if not accepted]
    return sum(right) / len(right), sum(nonsense) / len(nonsense)


def main() -> None:
    """Print the figures; with `--all`, each word that was not read as judged."""
    table, found = judged(), answers()
    if "--all" in sys.argv:
        for words, accepted in table.items():
            wrong = not is_right(found[words], accepted) if accepted else bool(found[words])
            if wrong:
                sys.stdout.write(f"{words}: {', '.join(found[words]) or 'ignored'}\n")
    right, nonsense = figures()
    sys.stdout.write(f"musical: {right:.1%} as judged; others: {nonsense:.1%} read as music\n")


if __name__ == "__main__":
    main()
