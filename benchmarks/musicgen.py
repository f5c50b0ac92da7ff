"""MusicGen compared with the library's `generate()`, full-size random weights."""

import functools
import importlib.util
from collections.abc import Iterator

from benchmarks.children import printed_figures, python
from benchmarks.runner import Case, Side

_WHAT = {"8s": "8 s of music", "30s": "30 s of music"}
_PRECISIONS = ("float32", "bfloat16", "int8")
_NOTE = "random weights: speed only; greedy, guided, one take"


def cases() -> Iterator[Case]:
    """Yield the cases of this benchmark; none without the packages of the extra `models`."""
    if importlib.util.find_spec("transformers") is None:
        return
    sides = list(_PRECISIONS)
    if importlib.util.find_spec("openvino") is not None:
        sides += [f"openvino {each}" for each in _PRECISIONS]
    for what, label in _WHAT.items():
        for side in sides:
            yield _case(f"small: {label}", what, side, (what, "upstream"), _NOTE)
    for side in sides:
        note = "four takes in one pass against one, both ours: the ratio is one's time over four's"
        yield _case("small: 2 s, four takes", "four", side, ("one", side), note)
        note = "until a second of audio is ready, against all of 1.2 s from generate()"
        yield _case("small: first second", "first", side, ("first", "upstream"), note)


def _case(label: str, what: str, side: str, peer: tuple[str, str], note: str) -> Case:
    return Case(
        "musicgen",
        label,
        "s",
        more_is_better=False,
        ours=Side(f"ours, {side}", functools.partial(_seconds, what, side)),
        peer=Side(f"{peer[1]}, {peer[0]}", functools.partial(_seconds, *peer)),
        note=note,
    )


def _seconds(what: str, side: str) -> float:
    command = python("-P", "-m", "benchmarks.musicgen_child", "small", what, side)
    return float(printed_figures(command, as_engine=side != "upstream")["seconds"])
