"""All benchmarks in turn, as the Markdown table that `docs/speed.md` shows.

Rows are printed as they are measured, and progress goes to stderr. What cannot be measured costs
its own row alone, since a whole run may take hours. A row says if other programs were busy when
it began.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.machine import Machine, busy_percent
from benchmarks.runner import Case, run_case

_HEAD = "| | Loopwright | peer | ratio |\n|---|---|---|---|"


def print_table(
    benchmarks: Mapping[str, Callable[[], Iterator[Case]]],
    rounds: int,
    *,
    beside: bool,
    as_json: bool,
) -> bool:
    """Measure and print all cases of some benchmarks; return whether all could be measured."""
    machine = Machine.this()
    if as_json:
        print(json.dumps({"type": "machine", **machine._asdict()}), flush=True)
    else:
        print(f"{machine.described()} Medians of {rounds}.\n\n{_HEAD}", flush=True)
    if (busy := busy_percent()) is not None:
        _tell(f"The machine is not idle: other programs keep it {busy:.0f} % busy, and the load")
        _tell(f"average is {machine.load:g}. The figures will be worse than on an idle one.")
    complete = True
    for name, make_cases in benchmarks.items():
        try:
            cases = list(make_cases())
        except Exception as error:  # noqa: BLE001 - see the module
            complete = False
            _print_failure(name, "", error, as_json=as_json)
            continue
        complete &= _print_rows(name, cases, rounds, beside=beside, as_json=as_json)
    return complete


def _print_rows(
    name: str, cases: Sequence[Case], rounds: int, *, beside: bool, as_json: bool
) -> bool:
    complete = True
    for number, case in enumerate(cases, start=1):
        _tell(f"{name}, {number} of {len(cases)}: {case.what}")
        busy = busy_percent()
        try:
            results = run_case(case, rounds, beside=beside)
        except Exception as error:  # noqa: BLE001 - see the module
            complete = False
            _print_failure(name, case.what, error, as_json=as_json)
        else:
            for result in ({**each, "busy_percent": busy} for each in results):
                print(json.dumps(result) if as_json else row(result), flush=True)
    return complete


def row(result: dict[str, Any]) -> str:
    """Return a result as a row of the table."""
    peers = [side for side in (result["peer"], *result["others"]) if side is not None]
    about = f"`{result['benchmark']}`: {result['what']}"
    if result.get("busy_percent") is not None:
        about += f" (other programs {result['busy_percent']:.0f} % busy)"
    if "alone_late_percent" in result:
        about += f" (the other program alone: late {result['alone_late_percent']:g} %)"
    ratio = "" if result["ratio"] is None else f"{result['ratio']:g}x"
    unit = result["unit"]
    return _row(
        about,
        f"{result['ours']['label']}: {_figure(result['ours'], unit)}",
        "; ".join(f"{side['label']}: {_figure(side, unit)}" for side in peers),
        ratio,
    )


def _figure(side: dict[str, Any], unit: str) -> str:
    figure = f"{side['median']:.3g} {unit} ({side['least']:.3g} to {side['most']:.3g})"
    if side["median"] >= 1000:
        figure = f"{side['median']:,.0f} {unit} ({side['least']:,.0f} to {side['most']:,.0f})"
    return figure + (f", late {side['late_percent']:g} %" if "late_percent" in side else "")


def _print_failure(name: str, what: str, error: Exception, *, as_json: bool) -> None:
    reason = " ".join(f"{error}".split()) or type(error).__name__
    _tell(f"{name} failed: {reason}")
    failed = {"type": "not measured", "benchmark": name, "what": what, "reason": reason}
    about = f"`{name}`: {what}" if what else f"`{name}`"
    print(
        json.dumps(failed) if as_json else _row(about, f"not measured: {reason}", "", ""),
        flush=True,
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
