"""What a model needs of the memory, estimated before anything is loaded.

The weights are counted exactly, from the headers of their files. What the work takes beside them
grows with the length and the number of takes; it is estimated, and rather too high than too low.
"""

from collections.abc import Mapping

import msgspec

from engine.models.errors import NotEnoughMemory

BYTES_PER_NUMBER = {"float32": 4, "bfloat16": 2, "float16": 2}
SPARE_BYTES = 200_000_000
"""Left to the rest of the computer."""
USUAL_SECONDS = 8.0
"""The length of which the catalogue says what memory it needs."""


class Work(msgspec.Struct, frozen=True):
    """What a model's work takes beside its weights, in float32, in bytes."""

    base: int
    per_second: int

    def bytes_for(self, seconds: float, takes: int, dtype: str = "float32") -> int:
        """Return what that many takes of that length need."""
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
    """Return the work of a MusicGen: it keeps a key and a value of each layer for each frame."""
    kept = 2 * layers * hidden * BYTES_PER_NUMBER["float32"] * _PASSES * _FRAMES_PER_SECOND
    return Work(base=600_000_000, per_second=_ENCODEC_BYTES_PER_SECOND + kept)


def weight_bytes(parameters: int, dtype: str = "float32") -> int:
    """Return what that many weights need, as they are held in that type."""
    return parameters * BYTES_PER_NUMBER[dtype]


def free_bytes() -> int:
    """Return how much memory this computer can give."""
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
    """Check that a request fits into the memory.

    Args:
        model_id: for the sentence.
        weights: bytes that still have to be loaded; 0 for a model that is in memory.
        seconds: of a take.
        takes: made at once.
        work: what the model needs beside its weights.
        free: bytes; what this computer can give if None.
        smaller: what other models need, by id; the largest that fits is named.

    Raises:
        NotEnoughMemory: it does not; the sentence names smaller settings that would help.
    """
    available = free_bytes() if free is None else free
    needed = weights + work.bytes_for(seconds, takes) + SPARE_BYTES
    if needed <= available:
        return
    advice = []
    if takes > 1 and weights + work.bytes_for(seconds, 1) + SPARE_BYTES <= available:
        advice.append(
            f"ask for {_most_takes(weights + SPARE_BYTES, seconds, takes, work, available)}"
        )
    elif seconds > 2 and weights + work.bytes_for(2.0, 1) + SPARE_BYTES <= available:
        advice.append("ask for fewer bars and one take")
    fitting = [name for name, size in sorted((smaller or {}).items(), key=_by_size)
               if size + SPARE_BYTES <= available]  # fmt: skip
    if fitting:
        advice.append(f"use the model {fitting[-1]!r}")
    raise NotEnoughMemory(model_id, needed, available, [*advice, "close other programs"])


def _most_takes(kept: int, seconds: float, takes: int, work: Work, available: int) -> str:
    most = max(
        number for number in range(1, takes) if kept + work.bytes_for(seconds, number) <= available
    )
    return f"{most} take{'s' * (most != 1)}"


def _by_size(item: tuple[str, int]) -> int:
    return item[1]
