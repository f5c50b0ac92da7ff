"""What all models that work on raw takes make of a request: its grid, and passes of some takes."""

from collections.abc import Iterator

from engine.generators.interface import ReportProgress, part_of
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid, Meter
from engine.loops.words import Facts

DEFAULT_BPM, DEFAULT_BARS = 120.0, 4


def asked_grid(request: LoopRequest, facts: Facts) -> LoopGrid:
    """Return the grid of a request: its fields first, then the words of its prompt."""
    one_shot = request.seconds is not None
    return LoopGrid(
        bpm=request.bpm or facts.bpm or DEFAULT_BPM,
        meter=Meter.parse(request.meter) if request.meter else facts.meter or Meter(),
        bars=0 if one_shot else request.bars or facts.bars or DEFAULT_BARS,
        rate=request.rate,
        seconds=request.seconds,
    ).checked()


def told_length(grid: LoopGrid) -> str:
    """Return the length for the screen: `4 bars of 4/4`, `1.5 s`."""
    if not grid.is_loop:
        return f"{grid.seconds:g} s"
    return f"{grid.bars} {'bar' if grid.bars == 1 else 'bars'} of {grid.meter}"


def passes(
    seeds: list[int], most: int, report: ReportProgress
) -> Iterator[tuple[list[int], ReportProgress]]:
    """Yield the seeds of each pass, at most so many, with a report for its part of the progress."""
    for begin in range(0, len(seeds), most):
        batch = seeds[begin : begin + most]
        yield batch, part_of(report, begin / len(seeds), (begin + len(batch)) / len(seeds))
