"""The words that the built-in model understands, for front ends that suggest or show them.

This is part of the public interface: it loads word tables when they are needed, but no model.
"""

from engine.loops.prompt_reader import PromptFacts, read_prompt
from engine.loops.tempo import bars_in_words, format_bpm


def prompt_words() -> tuple[str, ...]:
    """Return every word and phrase that sketch knows, in lower case, sorted."""
    from engine.generators.sketch.lexicon import LEXICON

    return tuple(sorted(LEXICON))


def roles() -> tuple[str, ...]:
    """Return the roles that a prompt can name for a part."""
    from engine.generators.sketch.lexicon import ROLES

    return tuple(role for role in ROLES if role != "mix")


def facts_in(prompt: str) -> tuple[str, ...]:
    """Return what a prompt says of tempo, meter, length and key: `84 bpm`, `D minor`."""
    return _phrases(read_prompt(prompt))


def words_in(prompt: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what sketch understands of a prompt, and the words that it ignores.

    The first call imports numpy and the tables of similar words: make it on another thread.
    """
    from engine.generators.sketch.brief import read_words

    words = read_words(prompt)
    shown = [meaning.shown for meaning in words.meanings]
    refused = [f"not {meaning.shown}" for meaning in words.refused]
    return tuple(dict.fromkeys((*shown, *refused, *_phrases(words.facts)))), words.ignored


def _phrases(facts: PromptFacts) -> tuple[str, ...]:
    phrases = (
        facts.bpm and f"{format_bpm(facts.bpm)} bpm",
        facts.meter and str(facts.meter),
        facts.bars and bars_in_words(facts.bars),
        facts.key and str(facts.key),
    )
    return tuple(phrase for phrase in phrases if phrase)
