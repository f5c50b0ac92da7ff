"""The words that the built-in model understands, for front ends that suggest them.

This is a part of the engine's face: it loads tables of words, and neither numpy nor a model.
"""


def prompt_words() -> tuple[str, ...]:
    """Return every word and phrase that sketch knows, in lower case, sorted."""
    from engine.generators.sketch.lexicon import LEXICON

    return tuple(sorted(LEXICON))


def roles() -> tuple[str, ...]:
    """Return what can be asked for at least: the roles that a part can have."""
    from engine.generators.sketch.lexicon import ROLES

    return tuple(role for role in ROLES if role != "mix")
