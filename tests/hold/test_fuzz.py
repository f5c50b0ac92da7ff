"""Fuzzing guided by coverage: the parsers meet inputs that no list of cases has."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.osc.messages import build
from engine.loops.recipe import encode_recipe
from engine.loops.request import LoopRequest
from engine.protocol import Render, encode
from tests.engine.loops.test_damaged_files import WHOLE
from tests.fakes.clips import clip_of, grid_of, recipe_of

FUZZ = Path(__file__).with_name("fuzz.py")
EXAMPLES = {
    "osc": [build("/lw/generate", "id", "drums", 93.5, 4, b"x")],
    "facts": [clip_of(grid_of("1/32", bars=1, bpm=400.0)), *WHOLE.values()],
    "recipe": [encode_recipe(recipe_of(grid_of(), key="F# minor"))],
    "command": [encode(Render("a", LoopRequest(prompt="x", bars=1), "/music"))],
    "settings": [b'{"version": 3, "settings": {"bpm": 93.5, "prompts": ["a"]}}'],
    "prompt": [b"dusty drums at 93.5 bpm in Fis-Moll, 7/8, 1/16 hats"],
}
OF_ITS_OWN = ("sh", "-c", '"$@"; exit $?', "sh")
"""Starts a program from a small one: its peak of memory, which the fuzzer limits, begins with that
of the program that starts it, and the tests may have had more than the fuzzer may."""
QUICK = ("osc", "facts", "recipe")
"""What is fuzzed in the short form: starting a fuzzer takes seconds."""


@pytest.mark.hold(11)
@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="needs atheris: pip install '.[hold]'"
)
@pytest.mark.parametrize("target", EXAMPLES)
def test_a_parser_raises_nothing_but_its_own_error(tmp_path, hold, target):
    if hold.is_short and target not in QUICK:
        pytest.skip("is fuzzed in the full form")
    seconds = hold.count(1, 120)
    for number, example in enumerate(EXAMPLES[target]):
        (tmp_path / str(number)).write_bytes(example)
    limits = [f"-max_total_time={seconds}", f"-seed={hold.seed}", "-timeout=5", "-max_len=20000"]
    command = [sys.executable, FUZZ, target, tmp_path, *limits, f"-artifact_prefix={tmp_path}/"]
    result = subprocess.run([*OF_ITS_OWN, *command], capture_output=True, text=True, check=False)
    runs = int(next((line.split()[1] for line in result.stderr.splitlines()[::-1]
                     if line.startswith("Done ")), 0))  # fmt: skip
    figure = f"{runs:,} inputs to the parser of {target} by coverage, {seconds} s: "
    hold.figure(11, figure + ("no fault" if result.returncode == 0 else "a fault"))
    assert result.returncode == 0, result.stdout[-1_000:] + result.stderr[-3_000:]
    assert runs > 0
