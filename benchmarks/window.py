"""The window: its start against one with a pipeline inside, a full project against Qt's list."""

import compileall
import functools
from collections.abc import Iterator
from pathlib import Path

from benchmarks.children import printed_figures, python, waiting_child
from benchmarks.runner import Case, Side, peer_if_there

_TICKS = "between ticks of the event loop, due every 5 ms, 99th percentile: scrolling, making loops"
_WITHOUT_PEER = (
    ("gap", _TICKS, "milliseconds", "ms"),
    ("layers", f"{_TICKS}, eight layers playing", "milliseconds", "ms"),
    ("layers", "blocks of eight stretched layers that came too late, in 10 s", "late", "blocks"),
)


_OURS = ("benchmarks", "bridge", "cli", "desktop", "engine", "playback")


def cases() -> Iterator[Case]:
    """Yield the cases of this benchmark."""
    for name in _OURS:  # installing did that for the peer's modules, and does for ours
        compileall.compile_dir(Path(__file__).parents[1] / name, quiet=2)
    beside = Side(
        "with a diffusers pipeline inside", functools.partial(_painted_s, "launch-beside-diffusers")
    )
    peer, note = peer_if_there("diffusers", "diffusers", beside)
    yield Case(
        "window",
        "process start to the painted window",
        "s",
        more_is_better=False,
        ours=Side("window", functools.partial(_painted_s, "launch")),
        peer=peer,
        note=note,
    )
    for unit, what in (("seconds", "s"), ("megabytes", "MB")):
        yield Case(
            "window",
            f"a project of 10,000 clips opened, {unit}",
            what,
            more_is_better=False,
            ours=Side("window", functools.partial(_figure, "clips", unit)),
            peer=Side("Qt's list of files, names alone", functools.partial(_figure, "files", unit)),
        )
    for what, title, figure, unit in _WITHOUT_PEER:
        yield Case(
            "window", title, unit, more_is_better=False,
            ours=Side("window", functools.partial(_figure, what, figure)), peer=None,
            note="No peer: no other window does this.",
        )  # fmt: skip


def _painted_s(what: str) -> float:
    with waiting_child(python("-P", "-m", "benchmarks.window_child", what)) as child:
        return child.line_after_s()


def _figure(what: str, unit: str) -> float:
    return float(printed_figures(python("-P", "-m", "benchmarks.window_child", what))[unit])
