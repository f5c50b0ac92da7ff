"""Patterns that are compiled late: they match as `re` does, and cost nothing until then."""

import re
import subprocess
import sys

from engine.loops.late_pattern import LatePattern

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


def test_a_start_compiles_no_pattern_that_reads_prompts():
    command = [sys.executable, "-c", _IMPORTS]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert int(done.stdout) < 8_000
