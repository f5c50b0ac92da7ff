"""`loopwright pack`: many loops from a list, as a sample pack that resumes."""

import argparse
import os
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from cli.engine_session import signals_to
from cli.output import ProgressBar, print_json, print_result, print_status
from cli.parser import Parser, absolute_path, whole_number
from cli.usage import EXIT_DONE, EXIT_FAILED, UsageError, quoted
from engine.client import EngineClient

if TYPE_CHECKING:
    from engine.packs.journal import Delivered
    from engine.packs.maker import Plan, State, Summary

_DESCRIPTION = """\
Make all loops of a list as a sample pack, and print the path of each.
Run the same command again to continue after an interruption; no loop is made twice."""
_MOST_SHOWN = 10
_MOST_ENGINES = 64


def run(arguments: list[str], *, debug: bool) -> int:  # noqa: ARG001 - each command has it
    """Make a pack and return the exit code."""
    parser = Parser("pack", _DESCRIPTION)
    parser.add_argument("list", metavar="LIST", help="a .csv or .yaml file; see docs/packs.md")
    parser.add_argument("--out", required=True, metavar="DIR", help="where the pack's folder goes")
    parser.add_argument("--vendor", metavar="NAME", help="who makes it, for folder and file names")
    parser.add_argument("--name", metavar="NAME", help="the pack's name (default: the list's)")
    parser.add_argument(
        "--takes", type=whole_number("--takes"), default=1, metavar="N",
        help="render N takes of each loop and keep the best",
    )  # fmt: skip
    parser.add_argument(
        "--engines", type=whole_number("--engines"), metavar="N",
        help="loops made at once (default: one per core for sketch alone, else 1)",
    )  # fmt: skip
    parser.add_argument("--zip", action="store_true", help="also write the pack as a ZIP file")
    parser.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    options = parser.read(arguments)
    return _make(options)


def _make(options: argparse.Namespace) -> int:
    from engine.packs.maker import PackMaker

    plan = _plan(options)
    output = _Output(plan.folder, json=options.json)
    maker = PackMaker(plan, EngineClient, output.show)
    interrupts: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        if interrupts:  # the engines end when this process does
            os._exit(128 + number)
        interrupts.append(number)
        maker.cancel()

    with signals_to(interrupt):
        summary = maker.run()
    output.close()
    _print_failures(summary)
    _print_end(summary, as_json=options.json)
    if interrupts:
        print_status("Cancelled. Run the same command again to continue.")
        return 128 + interrupts[0]
    return EXIT_FAILED if summary.failures or summary.stopped else EXIT_DONE


def _plan(options: argparse.Namespace) -> "Plan":
    """Return what to make.

    Raises:
        LoopError: the list cannot be read.
        UsageError: a path or number cannot be used.
    """
    from engine.loops.project import Project
    from engine.packs.maker import Plan, usual_engines
    from engine.packs.pack_list import read_pack_list

    path = absolute_path(options.list, "LIST")
    pack = read_pack_list(path).named(options.vendor or "", options.name or "", path.stem)
    engines = usual_engines(pack) if options.engines is None else options.engines
    if not 1 <= engines <= _MOST_ENGINES:
        raise UsageError(f"--engines is {engines}, but must be 1 to {_MOST_ENGINES}.")
    out = Project.open(absolute_path(options.out, "--out")).folder
    return Plan(pack=pack, out=out, engines=engines, takes=options.takes, zipped=options.zip)


class _Output:
    """Prints each loop as it is delivered: paths on stdout, the rest on stderr."""

    def __init__(self, folder: Path, *, json: bool) -> None:
        self._folder = folder
        self._json = json
        self._bar = ProgressBar()

    def show(self, state: "State") -> None:
        """Print what came last, and show how far the pack is."""
        if (each := state.delivered) is not None:
            self._print(each)
        self._bar.show(state.share, str(state))

    def close(self) -> None:
        """Remove the progress bar from the terminal."""
        self._bar.close()

    def _print(self, each: "Delivered") -> None:
        if self._json:
            path = {"path": str(self._folder / each.file)}
            fields = path if each.file else {"left_out": each.left_out}
            print_json({"type": "loop", "prompt": each.recipe.request.prompt, **fields})
            return
        self._bar.close()
        if each.file:
            print_result(str(self._folder / each.file))
        else:
            print_status(f"left out: {each.recipe.title!r} is {each.left_out}")


def _print_failures(summary: "Summary") -> None:
    for prompt, reason in summary.failures[:_MOST_SHOWN]:
        print_status(f"failed: {quoted(prompt)}: {reason}")
    if (more := len(summary.failures) - _MOST_SHOWN) > 0:
        print_status(f"and {more:,} more.")
    if summary.stopped:
        print_status(f"Stopped: {summary.stopped} Run the same command again to continue.")


def _print_end(summary: "Summary", *, as_json: bool) -> None:
    state, packed = summary.state, summary.packed
    if as_json:
        ending = {
            "type": "pack", "folder": str(summary.folder), "zip": packed and str(packed),
            "loops": state.made, "left_out": state.left_out, "failed": state.failed,
            "missing": state.total - state.done,
        }  # fmt: skip
        print_json(ending)
        return
    counts = [f"{state.made:,} of {state.total:,} loops are in {summary.folder}"]
    counts += [f"{state.left_out:,} left out"] if state.left_out else []
    counts += [f"{state.failed:,} failed"] if state.failed else []
    print_status(", ".join(counts) + ".")
    if packed is not None:
        print_result(str(packed))
