"""The words in docs/sketch.md are those of the lexicon.

`python -m tests.engine.generators.sketch.test_page` writes them anew.
"""

from pathlib import Path

from engine.generators.sketch.lexicon import AXES, LEXICON, Meaning

PAGE = Path(__file__).parents[4] / "docs" / "sketch.md"
_BEGIN = "<!-- words: written by tests/engine/generators/sketch/test_page.py -->\n"
_END = "<!-- end of words -->\n"


def words_table() -> str:
    """Return the table of all words, by what they decide."""
    rows = ["| what | words |", "|---|---|"]
    kinds = {
        "styles": lambda m: m.style,
        "parts": lambda m: m.role and not m.sound and not m.kit,
        "sounds": lambda m: m.sound,
        "kits": lambda m: m.kit,
        "drums": lambda m: m.voices,
        "textures": lambda m: m.texture,
    }
    rows += [f"| {kind} | {_listed(chosen)} |" for kind, chosen in kinds.items()]
    adjectives = {axis: _listed(lambda m, a=axis: _axis(m) == a) for axis in AXES}
    rows += [f"| {AXES[axis]} | {words} |" for axis, words in adjectives.items() if words]
    return "\n".join(["", *rows, "", ""])


def _axis(meaning: Meaning) -> str | None:
    """Return what an adjective moves first; other words may move something besides."""
    other = (meaning.style, meaning.role, meaning.sound, meaning.kit, meaning.texture)
    return meaning.axes[0][0] if meaning.axes and not any(other) else None


def _listed(chosen) -> str:
    return ", ".join(sorted(word for word, meaning in LEXICON.items() if chosen(meaning)))


def _page_with(table: str) -> str:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return before + _BEGIN + table + _END + after


def test_the_page_lists_the_words_of_the_lexicon():
    assert PAGE.read_text(encoding="utf-8") == _page_with(words_table())


if __name__ == "__main__":
    PAGE.write_text(_page_with(words_table()), encoding="utf-8")
