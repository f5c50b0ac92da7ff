"""The grid of a request, its length as text, and its takes in batches; shared by the models."""

from collections.abc import Iterator

from engine.generators.interface import ReportProgress, part_of
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid, Meter
from engine.loops.words import Facts

DEFAULT_BPM, DEFAULT_BARS = 120.0, 4


def requested_grid(request: LoopRequest, facts: Facts) -> LoopGrid:
    """Return the grid of a request: from its fields first, then from the words of its prompt."""
    one_shot = request.seconds is not None
    return LoopGrid(
        bpm=request.bpm or facts.bpm or DEFAULT_BPM,
        meter=Meter.parse(request.meter) if request.meter else facts.meter or Meter(),
        bars=0 if one_shot else request.bars or facts.bars or DEFAULT_BARS,
        rate=request.rate,
        seconds=request.seconds,
    ).checked()


def length_text(grid: LoopGrid) -> str:
    """Return the length as text for the screen: `4 bars of 4/4`, `1.5 s`."""
    if not grid.is_loop:
        return f"{grid.seconds:g} s"
    return f"{grid.bars} {'bar' if grid.bars == 1 else 'bars'} of {grid.meter}"


def batches(
    seeds: list[int], most: int, report: ReportProgress
) -> Iterator[tuple[list[int], ReportProgress]]:
    """Yield batches of at most `most` seeds, each with a report for its share of the progress."""
    for begin in range(0, len(seeds), most):
        batch = seeds[begin : begin + most]
        yield batch, part_of(report, begin / len(seeds), (begin + len(batch)) / len(seeds))
