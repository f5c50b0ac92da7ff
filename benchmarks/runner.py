"""Runs the sides of a benchmark in turn and compares their medians.

A side is a function that runs a child process and returns a figure.
"""

import contextlib
import importlib.util
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.audio_load import AudioLoad, audio_load

_ALONE_S = 2.0


class CannotMeasure(RuntimeError):
    """A benchmark cannot run here; the message is a sentence that says why."""


class Side(NamedTuple):
    """One of the sides of a case; `measure` runs it once and returns the figure."""

    label: str
    measure: Callable[[], float]


def _nothing() -> float:
    time.sleep(_ALONE_S)
    return 0.0


_ALONE = Side("nothing", _nothing)
"""What runs beside the other program to see how often that is late by itself."""


class Case(NamedTuple):
    """One of our figures, compared with that of a peer.

    Attributes:
        name: the benchmark it belongs to.
        what: what is measured, in a few words.
        unit: the unit of the figure: `s`, `MB`, `x` (times real time).
        more_is_better: whether a larger figure is better.
        ours: our side.
        peer: the other side; None if it cannot run here.
        others: further peers.
        note: why there is no peer, or how to read the figures.
        variants: further sides of ours, each compared with the same measurements of the peer.
        warm_up_rounds: how many rounds are not counted; none where each side warms itself up.
        has_ratio: whether one figure divided by another says something; not of decibels, or of
            what may be zero or negative.
    """

    name: str
    what: str
    unit: str
    more_is_better: bool
    ours: Side
    peer: Side | None
    note: str = ""
    others: tuple[Side, ...] = ()
    variants: tuple[Side, ...] = ()
    warm_up_rounds: int = 1
    has_ratio: bool = True


def peer_if_there(module: str, package: str, peer: Side) -> tuple[Side | None, str]:
    """Return a peer that needs a module, and a note that says why if it is missing."""
    if importlib.util.find_spec(module) is None:
        return None, f"No peer: {package} is not installed."
    return peer, ""


def run_case(case: Case, rounds: int, *, beside: bool = False) -> list[dict[str, Any]]:
    """Measure all sides, alternating, and return the result of ours and of each variant.

    `beside` has another program keep a core busy meanwhile, as a DAW would, and counts how often it
    was late: `late_percent` of its periods beside each side, and `alone_late_percent` without any,
    which is the floor of the machine.

    `ratio` is above 1 if ours is better than the peer; it is None without a peer, or if the case
    has none.

    Raises:
        CannotMeasure: a child process failed.
    """
    ours = [case.ours, *case.variants]
    peers = [*([] if case.peer is None else [case.peer]), *case.others]
    summaries = _measured([*ours, *peers], rounds, case.warm_up_rounds, beside=beside)
    floor = _measured([_ALONE], rounds, 1, beside=True)[0] if beside else {}
    alone = {f"alone_{name}": figure for name, figure in floor.items() if name == "late_percent"}
    mine, theirs = summaries[: len(ours)], summaries[len(ours) :]
    peer = theirs.pop(0) if case.peer else None
    return [
        {
            "type": "result",
            "benchmark": case.name,
            "what": case.what,
            "unit": case.unit,
            "rounds": rounds,
            "ours": each,
            "peer": peer,
            "others": theirs,
            "ratio": _ratio(case, each, peer),
            "note": case.note,
        }
        | alone
        for each in mine
    ]


def _measured(
    sides: list[Side], rounds: int, warm_up_rounds: int, *, beside: bool
) -> list[dict[str, Any]]:
    """Measure sides, alternating, and return the summary of each."""
    figures: dict[str, list[float]] = {side.label: [] for side in sides}
    loads: dict[str, list[AudioLoad]] = {side.label: [] for side in sides}
    for number in range(warm_up_rounds + rounds):
        # The later sides may profit from warm caches, so reverse them each round.
        for side in sides if number % 2 == 0 else reversed(sides):
            with audio_load() if beside else contextlib.nullcontext(AudioLoad()) as load:
                figure = side.measure()
            if number >= warm_up_rounds:
                figures[side.label].append(figure)
                loads[side.label].append(load)
    return [_summary(side.label, figures[side.label]) | _late(loads[side.label]) for side in sides]


def _summary(label: str, figures: list[float]) -> dict[str, Any]:
    return {
        "label": label,
        "median": round(statistics.median(figures), 4),
        "least": round(min(figures), 4),
        "most": round(max(figures), 4),
    }


def _late(loads: list[AudioLoad]) -> dict[str, Any]:
    periods = sum(load.periods for load in loads)
    late = sum(load.late for load in loads)
    return {"late_percent": round(100 * late / periods, 3)} if periods else {}


def _ratio(case: Case, ours: dict[str, Any], peer: dict[str, Any] | None) -> float | None:
    if not case.has_ratio or peer is None or not (ours["median"] and peer["median"]):
        return None
    times: float = ours["median"] / peer["median"]
    return round(times if case.more_is_better else 1 / times, 2)


def described(result: dict[str, Any]) -> str:
    """Return a result as lines of text."""
    lines = [f"{result['benchmark']}: {result['what']}, median of {result['rounds']} rounds"]
    for side in (result["ours"], result["peer"], *result["others"]):
        if side is not None:
            span = f"({side['least']:g} to {side['most']:g})"
            lines.append(f"  {side['label']:<32} {side['median']:>9.3f} {result['unit']}  {span}")
            if "late_percent" in side:
                lines.append(f"    the other program was late in {side['late_percent']:g} %")
    if "alone_late_percent" in result:
        lines.append(f"  alone, the other program was late in {result['alone_late_percent']:g} %")
    if result["ratio"] is not None:
        lines.append(f"  ratio {result['ratio']:g} (above 1: ours is better)")
    if result["note"]:
        lines.append(f"  {result['note']}")
    return "\n".join(lines)
