"""The memory that a model needs, estimated before anything is loaded.

The weights are counted exactly, from their file headers. The additional memory for generating grows
with the length and the number of takes; the estimate is deliberately high.
"""

from collections.abc import Mapping

import msgspec

from engine.models.errors import NotEnoughMemory

BYTES_PER_NUMBER = {"float32": 4, "bfloat16": 2, "float16": 2}
SPARE_BYTES = 200_000_000
"""Memory left for other programs."""
USUAL_SECONDS = 8.0
"""The length for which the catalogue states the memory."""


class Work(msgspec.Struct, frozen=True):
    """The memory for generating in addition to the weights, in bytes, in float32."""

    base: int
    per_second: int

    def bytes_for(self, seconds: float, takes: int, dtype: str = "float32") -> int:
        """Return the bytes needed for `takes` takes of `seconds` each."""
        in_float32 = self.base + self.per_second * max(seconds, 1.0) * takes
        return round(in_float32 * BYTES_PER_NUMBER[dtype] / 4)


def weight_bytes(parameters: int, dtype: str = "float32") -> int:
    """Return the bytes of `parameters` weights in a data type."""
    return parameters * BYTES_PER_NUMBER[dtype]


def free_bytes() -> int:
    """Return how much memory is available."""
    import psutil

    return int(psutil.virtual_memory().available)


def require_memory(
    model_id: str,
    weights: int,
    seconds: float,
    takes: int,
    *,
    work: Work,
    free: int | None = None,
    smaller: Mapping[str, int] | None = None,
) -> None:
    """Check that a request fits in memory.

    Args:
        model_id: for the sentence.
        weights: bytes that still have to be loaded; 0 for a model that is in memory.
        seconds: the length of a take.
        takes: how many takes are made at once.
        work: what the model needs in addition to its weights.
        free: available bytes; measured if None.
        smaller: the needs of other models, by id; the largest that fits is named.

    Raises:
        NotEnoughMemory: it does not; the sentence names smaller settings that would help.
    """
    available = free_bytes() if free is None else free
    needed = weights + work.bytes_for(seconds, takes) + SPARE_BYTES
    if needed <= available:
        return
    room = available - weights - SPARE_BYTES
    advice = _advice(room, seconds, takes, work)
    fitting = [name for name, size in sorted((smaller or {}).items(), key=_by_size)
               if size + SPARE_BYTES <= available]  # fmt: skip
    if fitting:
        advice.append(f"use the model {fitting[-1]!r}")
    raise NotEnoughMemory(model_id, needed, available, [*advice, "close other programs"])


def _advice(room: int, seconds: float, takes: int, work: Work) -> list[str]:
    """Return which smaller request would fit in the memory that the weights leave."""
    if takes > 1 and work.bytes_for(seconds, 1) <= room:
        return [f"ask for {_most_takes(seconds, takes, work, room)}"]
    if seconds > 2 and work.bytes_for(2.0, 1) <= room:
        return ["ask for fewer bars and one take"]
    return []


def _most_takes(seconds: float, takes: int, work: Work, room: int) -> str:
    most = max(number for number in range(1, takes) if work.bytes_for(seconds, number) <= room)
    return f"{most} take{'s' * (most != 1)}"


def _by_size(item: tuple[str, int]) -> int:
    return item[1]
