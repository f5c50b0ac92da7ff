"""One measurement of sketch in a fresh process: `PROMPT BARS BPM`, the figure as JSON on stdout."""

import json
import os
import sys
import time

from engine.generators.interface import Generator
from engine.loops.request import LoopRequest, checked_request
from engine.models.catalogue import built_in_catalogue

_SEEDS = (1, 2, 3)


def main(prompt: str, bars: int, bpm: float) -> None:
    """Print how many seconds of audio one core makes in a second."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    request = checked_request(LoopRequest(prompt=prompt, bars=bars, bpm=bpm))
    generator = built_in_catalogue().entry("sketch").load()
    _render_s(generator, request, 0)  # warm up: tables that are built once are not counted
    timed = [_render_s(generator, request, seed) for seed in _SEEDS]
    audio_s, computed_s = (sum(column) for column in zip(*timed, strict=True))
    print(json.dumps({"times_real_time": audio_s / computed_s}))


def _render_s(generator: Generator, request: LoopRequest, seed: int) -> tuple[float, float]:
    """Return the seconds of audio, and the seconds that it took to make them."""
    begun = time.perf_counter()
    plan = generator.plan(request)
    takes = list(generator.generate(request, plan.grid, [seed], lambda _fraction, _stage: None))
    return len(takes[0].audio) / takes[0].rate, time.perf_counter() - begun


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
