"""How well loops are moved to another tempo, compared with the stretchers that are installed.

Loops of drums, of notes and of both are made up to 15 % shorter and longer. Peers are the command
lines of Rubber Band (R3), SoundTouch and SoX, each where it is installed; the time of a peer
includes starting it, and three loops, as it cannot close one.
"""

import functools
import shutil
from collections.abc import Iterator

from benchmarks.children import printed_figures, python
from benchmarks.runner import Case, Side
from benchmarks.stretch_child import MATERIALS, PEERS

_FIGURES = {
    "attack": ("steepness of the attacks lost", "dB"),
    "pitch": ("out of tune", "cents"),
    "image": ("side/mid off", "dB"),
    "loudness": ("loudness off", "LU"),
    "peak": ("true peak above -1 dB", "dB"),
}
_LEFT_OUT = {("drums", "pitch"), ("tonal", "attack")}


def cases() -> Iterator[Case]:
    """Yield the cases of this benchmark."""
    peers = [tool for tool in PEERS if shutil.which(tool)]
    note = "" if peers else "No peer: none of " + ", ".join(PEERS) + " is installed."
    for material in MATERIALS:
        for figure, (what, unit) in _FIGURES.items():
            if (material, figure) not in _LEFT_OUT:
                yield _case(f"{material}: {what}", unit, material, figure, peers, note)
        yield _case(f"{material}: time per second", "s", material, "time", peers, note)


def _case(what: str, unit: str, material: str, figure: str, peers: list[str], note: str) -> Case:
    measure = _timed if figure == "time" else _measured
    sides = [
        Side(tool, functools.partial(measure, tool, material, figure))
        for tool in ("loopwright", *peers)
    ]
    return Case(
        "stretch", what, unit, more_is_better=False, ours=sides[0],
        peer=sides[1] if peers else None, others=tuple(sides[2:]), note=note,
        has_ratio=figure == "time",
    )  # fmt: skip


def _timed(tool: str, material: str, figure: str) -> float:
    command = python("-P", "-m", "benchmarks.stretch_child", tool, material)
    return float(printed_figures(command)[figure])


_measured = functools.cache(_timed)
"""The same on every run, except for the time."""
