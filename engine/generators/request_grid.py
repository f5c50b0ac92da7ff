"""The grid of a request, its length as text, and its takes in batches; shared by the models."""

from collections.abc import Iterator

from engine.generators.interface import ReportProgress, part_of
from engine.loops.prompt_reader import PromptFacts
from engine.loops.request import LoopRequest
from engine.loops.tempo import LoopGrid, Meter

DEFAULT_BPM, DEFAULT_BARS = 120.0, 4


def requested_grid(request: LoopRequest, facts: PromptFacts) -> LoopGrid:
    """Return the grid of a request: from its fields first, then from the words of its prompt."""
    one_shot = request.seconds is not None
    return LoopGrid(
        bpm=request.bpm or facts.bpm or DEFAULT_BPM,
        meter=Meter.parse(request.meter) if request.meter else facts.meter or Meter(),
        bars=0 if one_shot else request.bars or facts.bars or DEFAULT_BARS,
        rate=request.rate,
        seconds=request.seconds,
    ).checked()


def batches(
    seeds: list[int], most: int, report: ReportProgress
) -> Iterator[tuple[list[int], ReportProgress]]:
    """Yield batches of at most `most` seeds, each with a report for its share of the progress."""
    for begin in range(0, len(seeds), most):
        batch = seeds[begin : begin + most]
        yield batch, part_of(report, begin / len(seeds), (begin + len(batch)) / len(seeds))
