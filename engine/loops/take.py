"""One candidate for a request, as a generator made it, before it becomes a clip."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from engine.loops.errors import LoopError

Audio = NDArray[np.float32]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Take:
    """Audio and the facts about it that craft needs.

    Attributes:
        audio: float32, (frames, channels), -1..1, at `rate`; may exceed that if not exact.
        rate: the sample rate of `audio`, in Hz.
        seed: the seed that makes this take on its own, 0..2**31-1.
        closed: the audio is already circular: its end leads into its beginning.
        exact: its length, tempo and key already match the grid, so it needs no repairs.
        remainder_frames: how many frames it is longer (or, negative, shorter) than the grid.
        text_match: how well it fits the prompt, -1..1, if the model can judge that.
        latents: float32, (channels, time, frequency): the latents from which a latent model
            decoded the audio, if the request has `keep_latents`.
        joins: possible beginnings of the loop, in seconds, each with how unlikely the model finds
            a restart there, in nats per token, if the model can judge that.
        part: which part of the source it is, such as `drums`, if it is only one of them.
        badges: defects that the model itself knows of, in plain words.
    """

    audio: Audio
    rate: int
    seed: int
    closed: bool = False
    exact: bool = False
    remainder_frames: int = 0
    text_match: float | None = None
    latents: Audio | None = None
    joins: tuple[tuple[float, float], ...] = ()
    part: str | None = None
    badges: tuple[str, ...] = ()


def take_numbers(takes: int, only: int | None = None) -> list[int]:
    """Return the numbers of the takes to make: all of a request, or one of them.

    Raises:
        LoopError: it has no such take.
    """
    if only is None:
        return list(range(takes))
    if not 0 <= only < takes:
        raise LoopError(f"There is no take {only} of {takes}: choose 0 to {takes - 1}.")
    return [only]


def take_seed(seed: int, number: int) -> int:
    """Return the seed of take `number` (0, 1, ...) of a request with `seed`.

    The first take has the seed of the request, so that a request for one take with that seed makes
    it again; the other seeds come from the SplitMix64 finaliser (Steele et al., OOPSLA 2014).
    """
    if number == 0:
        return seed
    mixed = (seed + number * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return (mixed ^ (mixed >> 31)) & 0x7FFFFFFF
