"""How long craft takes from raw takes of 8 s to exact loops, on one core; no peer does this.

`python -m benchmarks.craft_time ROLE` measures one role in a fresh process, and prints JSON: the
seconds of processor time, with all that craft needs imported and used once.
"""

import functools
import json
import sys
import time
from collections.abc import Iterator

from benchmarks.children import printed_figures, python
from benchmarks.runner import Case, Side

ROLES = ("drums", "chords", "bass line", "full mix")
_STYLE, _SEED, _LENGTH_S, _TIMES = "house", 1234, 8.0, 3


def cases() -> Iterator[Case]:
    """Yield the cases of this benchmark."""
    for role in ROLES:
        yield Case(
            "craft",
            f"processor time from a raw take of 8 s, {role}, to an exact loop",
            "s",
            more_is_better=False,
            ours=Side("craft", functools.partial(_seconds, role)),
            peer=None,
            note="No peer: nothing else does this.",
        )


def _seconds(role: str) -> float:
    command = python("-P", "-m", "benchmarks.craft_time", role)
    return float(printed_figures(command, as_engine=True)["seconds"])


def main(role: str) -> None:
    """Measure one role."""
    from benchmarks.craft.takes import known_loop, raw_take
    from engine.craft.finish import finish
    from engine.server.free_memory import keep_freed_blocks

    keep_freed_blocks()  # as the engine does
    loop = known_loop(_STYLE, role, _SEED, key="A minor")
    take = raw_take(loop, _SEED, _LENGTH_S).take
    finish(take, 0, loop.grid)
    begun_s = time.process_time()
    for _ in range(_TIMES):
        finish(take, 0, loop.grid)
    print(json.dumps({"seconds": (time.process_time() - begun_s) / _TIMES}))


if __name__ == "__main__":
    main(sys.argv[1])
