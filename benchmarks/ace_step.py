"""ACE-Step 1.5 turbo compared with the library's pipeline, full-size random weights."""

import functools
import importlib.util
from collections.abc import Iterator

from benchmarks.children import printed_figures, python
from benchmarks.runner import Case, Side

_WHAT = {
    "read": "reading what is said",
    "step": "one step of the transformer, 10 s",
    "decode": "latents of 10 s to audio",
    "whole": "10 s in 8 steps",
}


def cases() -> Iterator[Case]:
    """Yield the cases of this benchmark; none without the packages of the extra `models`."""
    if importlib.util.find_spec("diffusers") is None:
        return
    for what, label in _WHAT.items():
        for side in ("float32",) if what == "read" else ("float32", "bfloat16"):
            yield Case(
                "ace-step",
                label,
                "s",
                more_is_better=False,
                ours=Side(f"ours, {side}", functools.partial(_seconds, what, side)),
                peer=Side("upstream, float32", functools.partial(_seconds, what, "upstream")),
                note="random weights: speed only",
            )


def _seconds(what: str, side: str) -> float:
    command = python("-P", "-m", "benchmarks.ace_step_child", what, side)
    return float(printed_figures(command)["seconds"])
