"""The words that the built-in model understands, for front ends that suggest them.

This is part of the public interface: it loads word tables, but neither numpy nor a model.
"""


def prompt_words() -> tuple[str, ...]:
    """Return every word and phrase that sketch knows, in lower case, sorted."""
    from engine.generators.sketch.lexicon import LEXICON

    return tuple(sorted(LEXICON))


def roles() -> tuple[str, ...]:
    """Return the roles that a prompt can name for a part."""
    from engine.generators.sketch.lexicon import ROLES

    return tuple(role for role in ROLES if role != "mix")
