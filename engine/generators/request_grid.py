"""The plan of a request with its grid, and its takes in batches; shared by the models."""

from collections.abc import Iterable, Iterator

from engine.generators.interface import Plan, ReportProgress, part_of
from engine.loops.key import parse_key
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


def requested_plan(
    request: LoopRequest,
    words: str,
    facts: PromptFacts,
    grid: LoopGrid,
    understood: Iterable[str],
    ignored: Iterable[str],
) -> Plan:
    """Return the plan of a model that leaves what a prompt sounds like to its network.

    Args:
        request: the request.
        words: its prompt.
        facts: what is read in these.
        grid: see `requested_grid`.
        understood: short phrases for the screen.
        ignored: the same, beside what `facts` refuse.
    """
    key = parse_key(request.key) or facts.key
    return Plan(
        grid=grid,
        key=None if key is None else str(key),
        role=None,
        title=facts.rest or words or "untitled",
        understood=tuple(understood),
        ignored=(*facts.refused, *ignored),
    )


def batches(
    seeds: list[int], most: int, report: ReportProgress
) -> Iterator[tuple[list[int], ReportProgress]]:
    """Yield batches of at most `most` seeds, each with a report for its share of the progress."""
    for begin in range(0, len(seeds), most):
        batch = seeds[begin : begin + most]
        yield batch, part_of(report, begin / len(seeds), (begin + len(batch)) / len(seeds))
