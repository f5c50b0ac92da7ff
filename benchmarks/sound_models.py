"""Stable Audio 3 small and ACE-Step 1.5 turbo compared with the library's pipelines.

The weights are random, in full size and the published layout; each side loads them from the disk.
"""

import functools
import importlib.util
from collections.abc import Iterator

from benchmarks.children import MODEL_LIMIT_S, printed_figures, python
from benchmarks.full_checkpoints import checkpoint_folder
from benchmarks.runner import Case, Side

_LOOP = "4 bars at 120 BPM in 8 steps"
_STABLE_AUDIO = {
    "read": "reading a prompt",
    "step": "one step of the transformer, 8 s",
    "decode": "latents of 8 s to audio",
    "whole": _LOOP,
    "first": f"from the prompt to the first second, beside all of {_LOOP}",
    "memory": f"peak of the whole process, loading and {_LOOP}",
}
_ACE_STEP = {
    "read": "reading what is said",
    "step": "one step of the transformer, 10 s",
    "decode": "latents of 10 s to audio",
    "whole": "10 s in 8 steps",
    "memory": "peak of the whole process, loading and 10 s in 8 steps",
}
_NOTE = "random weights: speed only"


def stable_audio() -> Iterator[Case]:
    """Yield the cases of Stable Audio 3 small."""
    return _cases("stable-audio", "stable_audio_child", "stable-audio-3-small", _STABLE_AUDIO)


def ace_step() -> Iterator[Case]:
    """Yield the cases of ACE-Step 1.5 turbo."""
    return _cases("ace-step", "ace_step_child", "ace-step-turbo", _ACE_STEP)


def _cases(name: str, child: str, checkpoint: str, labels: dict[str, str]) -> Iterator[Case]:
    """Yield the cases of a model; none without the packages of the extra `models`."""
    if importlib.util.find_spec("diffusers") is None:
        return
    for what, label in labels.items():
        figure = functools.partial(_figure, child, checkpoint, what)
        ours = [
            Side(f"ours, {side}", functools.partial(figure, side))
            for side in (("float32",) if what == "read" else ("float32", "bfloat16"))
        ]
        yield Case(
            name,
            label,
            "MB" if what == "memory" else "s",
            more_is_better=False,
            ours=ours[0],
            peer=Side("upstream, float32", functools.partial(figure, "upstream")),
            note=_NOTE,
            variants=tuple(ours[1:]),
            warm_up_rounds=0,
        )


def _figure(child: str, checkpoint: str, what: str, side: str) -> float:
    folder = checkpoint_folder(checkpoint)
    command = python("-P", "-m", f"benchmarks.{child}", what, side, str(folder))
    figures = printed_figures(command, as_engine=side != "upstream", limit_s=MODEL_LIMIT_S)
    return float(figures["megabytes" if what == "memory" else "seconds"])
