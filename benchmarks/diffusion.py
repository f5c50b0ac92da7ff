"""MusicLDM and AudioLDM 2 compared with the libraries' pipelines, full-size random weights."""

import functools
import importlib.util
from collections.abc import Iterator

from benchmarks.children import MODEL_LIMIT_S, printed_figures, python
from benchmarks.runner import Case, Side

_WHAT = {
    "encode": "reading a prompt and a negative prompt",
    "step": "one guided UNet step, 8 s",
    "decode": "latents of 8 s to audio",
    "first": "from latents to the first second of audio",
    "four": "four takes of 8 s, 20 steps",
    "whole": "4 bars at 120 BPM, 20 steps, upstream: its default 10.24 s, 20 steps",
}
_SIDES = {"encode": ("float32",), "whole": ("float32", "bfloat16", "draft")}


def cases() -> Iterator[Case]:
    """Yield the cases of this benchmark; none without the packages of the extra `models`."""
    if importlib.util.find_spec("diffusers") is None:
        return
    for family in ("musicldm", "audioldm2", "audioldm2-large"):
        for what, label in _WHAT.items():
            if family == "audioldm2-large" and what != "step":
                continue  # The rest is the same as in audioldm2.
            ours = [
                Side(f"ours, {side}", functools.partial(_seconds, family, what, side))
                for side in _SIDES.get(what, ("float32", "bfloat16"))
            ]
            peer = Side("upstream, float32", functools.partial(_seconds, family, what, "upstream"))
            yield Case(
                "diffusion", f"{family}: {label}", "s", more_is_better=False, ours=ours[0],
                peer=peer, note="random weights: speed only", variants=tuple(ours[1:]),
                warm_up_rounds=0,
            )  # fmt: skip


def _seconds(family: str, what: str, side: str) -> float:
    command = python("-P", "-m", "benchmarks.diffusion_child", family, what, side)
    figures = printed_figures(command, as_engine=side != "upstream", limit_s=MODEL_LIMIT_S)
    return float(figures["seconds"])
