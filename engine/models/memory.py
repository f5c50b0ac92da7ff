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


# Measured on random weights of full size, on one core. Decoding the mel spectrogram is the peak
# with 440 MB for 8 s and 770 MB for 24 s; the vocoder takes 200 and 390, a guided step of the UNet
# 110 and 200. The slope is doubled, the libraries are added.
LATENT_DIFFUSION_WORK = Work(base=600_000_000, per_second=40_000_000)
# Decoding by EnCodec was measured in the same way: 350 MB for 8 s, 930 MB for 24 s.
_ENCODEC_BYTES_PER_SECOND = 40_000_000
_FRAMES_PER_SECOND = 50
_PASSES = 2  # with the prompt and without


def musicgen_work(layers: int, hidden: int) -> Work:
    """Return the work of a MusicGen, which caches a key and a value per layer and frame."""
    kept = 2 * layers * hidden * BYTES_PER_NUMBER["float32"] * _PASSES * _FRAMES_PER_SECOND
    return Work(base=600_000_000, per_second=_ENCODEC_BYTES_PER_SECOND + kept)


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
