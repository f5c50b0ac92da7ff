"""`python -m benchmarks`, with the options of `loopwright bench`."""

import argparse
import difflib
import functools
import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import NoReturn

from benchmarks import (
    craft_time,
    diffusion,
    engine_process,
    musicgen,
    osc,
    render,
    sketch,
    sound_models,
    stretch,
    window,
)
from benchmarks.runner import CannotMeasure, Case, described, run_case
from benchmarks.table import print_table

_EXIT_FAILED, _EXIT_USAGE, _EXIT_CANCELLED = 1, 2, 130
_MOST_ROUNDS = 1000

BENCHMARKS: dict[str, tuple[Callable[[], Iterator[Case]], str]] = {
    "render": (render.cases, "all of 'loopwright render', against 'import torch'"),
    "sketch": (sketch.cases, "sketch's speed in each role, against FluidSynth"),
    "craft": (craft_time.cases, "craft's time for raw takes of 8 s"),
    "engine": (engine_process.cases, "the engine's start and memory, against a bare Python"),
    "diffusion": (diffusion.cases, "MusicLDM and AudioLDM 2, against the libraries' pipelines"),
    "stable-audio": (sound_models.stable_audio, "Stable Audio 3, against the library's pipeline"),
    "ace-step": (sound_models.ace_step, "ACE-Step 1.5, against the library's pipeline"),
    "musicgen": (musicgen.cases, "MusicGen's tokens, against the library's generate()"),
    "stretch": (stretch.cases, "loops at another tempo, against Rubber Band, SoundTouch and SoX"),
    "osc": (osc.cases, "the OSC bridge's speed, against python-osc's server"),
    "window": (window.cases, "the window's start, and a full project, against Qt's own list"),
}


def main() -> int:
    """Run benchmarks and return the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    parser = argparse.ArgumentParser(prog="loopwright bench")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--skip", action="append", default=[])
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", default="5")
    parser.add_argument("--beside", action="store_true")
    options = parser.parse_args()
    names = list(dict.fromkeys(options.names)) or list(BENCHMARKS)
    if (wrong := _wrong_usage([*names, *options.skip], options.rounds)) is not None:
        print(wrong, file=sys.stderr)
        return _EXIT_USAGE
    names = [name for name in names if name not in options.skip]
    if options.list:
        _list(names, as_json=options.json)
        return 0
    rounds, beside, as_json = int(options.rounds), options.beside, options.json
    chosen = {name: functools.partial(_cases, name, options.only) for name in names}
    if options.only and not any(case for make_cases in chosen.values() for case in make_cases()):
        print(f"Nothing that is measured has {options.only[:60]!r} in its title.", file=sys.stderr)
        return _EXIT_USAGE
    if options.table:
        done = print_table(chosen, rounds, beside=beside, as_json=as_json)
        return 0 if done else _EXIT_FAILED
    return _run(chosen, rounds, beside=beside, as_json=as_json)


def _cases(name: str, only: str) -> Iterator[Case]:
    """Yield the cases of a benchmark that have some words in their title."""
    return (case for case in BENCHMARKS[name][0]() if only.lower() in case.what.lower())


def _wrong_usage(names: list[str], rounds: str) -> str | None:
    """Return a sentence if the arguments are invalid, else None."""
    for name in names:
        if name not in BENCHMARKS:
            matches = difflib.get_close_matches(name[:60], BENCHMARKS, n=1, cutoff=0.5)
            known = (
                f"did you mean {matches[0]!r}?"
                if matches
                else f"known benchmarks: {', '.join(BENCHMARKS)}."
            )
            return f"{name[:60]!r} is not a benchmark: {known}"
    if not (rounds.isascii() and rounds.isdigit() and 1 <= len(rounds) <= 4):
        return f"--rounds is {rounds[:60]!r}, but must be a whole number from 1 to {_MOST_ROUNDS}."
    if not 1 <= int(rounds) <= _MOST_ROUNDS:
        return f"--rounds is {rounds}, but must be 1 to {_MOST_ROUNDS}."
    return None


def _list(names: list[str], *, as_json: bool) -> None:
    for name in names:
        summary = BENCHMARKS[name][1]
        listed = {"type": "benchmark", "name": name, "measures": summary}
        print(json.dumps(listed) if as_json else f"{name:<8} {summary}")


def _run(
    benchmarks: Mapping[str, Callable[[], Iterator[Case]]],
    rounds: int,
    *,
    beside: bool,
    as_json: bool,
) -> int:
    """Run the benchmarks; one that cannot be measured does not stop the others."""
    code = 0
    for case in (case for make_cases in benchmarks.values() for case in make_cases()):
        try:
            results = run_case(case, rounds, beside=beside)
        except CannotMeasure as error:
            print(f"{case.name} ({case.what}) failed: {error}", file=sys.stderr)
            code = _EXIT_FAILED
            continue
        for result in results:
            print(json.dumps(result) if as_json else described(result), flush=True)
    return code


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(_EXIT_CANCELLED)  # unwinding stops the child that is being measured


if __name__ == "__main__":
    sys.exit(main())
