"""Patterns that are compiled late: they match as `re` does, and cost nothing until then."""

import re
import subprocess
import sys

from engine.loops.late_pattern import LatePattern
from engine.loops.prompt_grammar import RULES

PROMPTS = (
    "FOUR-FOUR techno, eight bars, 1/16 hats", "in seven-eight, Quarter notes, 32nd rolls",
    "Techno in Fis-Moll, 16 Takte", "3 MESURES EN LA MINEUR", "Key: F#", "in the key of Am",
    "Bb Dorian, 120 bpm, 4 beats long", "8小節 イ短調", "4 такта, соль минор", "네 마디 다장조",
    "bars: 8, tempo 93,5", "uno compas en re menor", "8A", "tonart: g moll",
    "8th notes in Mixolydian",
    "house 124 at 124", "sixteen battute, tonalita di sol maggiore",
)  # fmt: skip

_IMPORTS = """
import re
whole = re.compile
texts = []
re.compile = lambda text, flags=0: (texts.append(text), whole(text, flags))[1]
import cli.render, engine.loops.prompt_grammar
print(sum(len(text) for text in texts if isinstance(text, str)))
"""


def test_a_pattern_matches_as_that_of_the_library():
    text, flags = r"(?P<bars>\d+) bars", re.IGNORECASE
    ours, theirs = LatePattern(text, flags, with_digit=True), re.compile(text, flags)
    for prompt in ("4 Bars, then 8 bars", "no bars", "", "٣ bars"):
        assert [m.span("bars") for m in ours.finditer(prompt)] == [
            m.span("bars") for m in theirs.finditer(prompt)
        ]
        assert ours.sub("-", prompt) == theirs.sub("-", prompt)
        assert bool(ours.search(prompt)) == bool(theirs.search(prompt))
        assert bool(ours.fullmatch(prompt)) == bool(theirs.fullmatch(prompt))


def test_what_must_be_in_a_text_hides_no_match():
    patterns = [rule.pattern for rule in RULES]
    found = 0
    for prompt in PROMPTS:
        for pattern in patterns:
            everywhere = list(re.compile(pattern.text, pattern.flags).finditer(prompt))
            assert [m.span() for m in pattern.finditer(prompt)] == [m.span() for m in everywhere]
            found += bool(everywhere)
    assert found > len(PROMPTS)


def test_a_start_compiles_no_pattern_that_reads_prompts():
    command = [sys.executable, "-c", _IMPORTS]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert int(done.stdout) < 8_000
