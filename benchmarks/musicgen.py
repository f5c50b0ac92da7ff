"""MusicGen compared with the library's `generate()`, full-size random weights."""

import functools
import importlib.util
from collections.abc import Iterator

from benchmarks.children import MODEL_LIMIT_S, printed_figures, python
from benchmarks.runner import Case, Side

_PRECISIONS = ("float32", "bfloat16", "int8")
_NOTE = "random weights: speed only; greedy, guided, one take"


def cases() -> Iterator[Case]:
    """Yield the cases of this benchmark; none without the packages of the extra `models`."""
    if importlib.util.find_spec("transformers") is None:
        return
    sides = list(_PRECISIONS)
    if importlib.util.find_spec("openvino") is not None:
        sides += [f"openvino {each}" for each in _PRECISIONS]
    note = "until a second of audio is ready, against all of 1.2 s from generate()"
    yield _against_upstream("first second", "first", sides, note)
    yield _against_upstream("8 s of music", "8s", sides, _NOTE)
    eight_bits = [side for side in sides if side.endswith("int8")]
    yield _against_upstream("30 s of music", "30s", eight_bits, _NOTE)
    note = "four takes in one pass against one, both ours: the ratio is one's time over four's"
    for side in sides:
        four, one = _side("four takes", "four", side), _side("one take", "one", side)
        yield _case("2 s, four takes", [four], one, note)


def _against_upstream(label: str, what: str, sides: list[str], note: str) -> Case:
    ours = [_side("ours", what, side) for side in sides]
    return _case(label, ours, _side("generate()", what, "upstream"), note)


def _side(label: str, what: str, side: str) -> Side:
    precision = "float32" if side == "upstream" else side
    return Side(f"{label}, {precision}", functools.partial(_seconds, what, side))


def _case(label: str, ours: list[Side], peer: Side, note: str) -> Case:
    return Case(
        "musicgen", f"small: {label}", "s", more_is_better=False, ours=ours[0], peer=peer,
        note=note, variants=tuple(ours[1:]), warm_up_rounds=0,
    )  # fmt: skip


def _seconds(what: str, side: str) -> float:
    command = python("-P", "-m", "benchmarks.musicgen_child", "small", what, side)
    figures = printed_figures(command, as_engine=side != "upstream", limit_s=MODEL_LIMIT_S)
    return float(figures["seconds"])
