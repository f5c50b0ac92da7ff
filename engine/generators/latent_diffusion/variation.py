"""Where a variation starts: from the source loop's noise, or from its audio."""

import dataclasses

import msgspec
import torch

from engine.loops.request import DEFAULT_AMOUNT, LoopRequest

_INHERITED = (
    "negative",
    "transcription",
    "max_new_tokens",
    "steps",
    "guidance",
    "scheduler",
    "eta",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class VariationStart:
    """Where a run starts, in addition to the noise of its seeds.

    Attributes:
        amount: 0..1, how far the result may move from the start.
        seed: the seed of the noise to mix with the takes' own noise; see `blend.spherical`.
        latents: latents of the source, (1, channels, time, frequency), noised by `amount`. Set
            either this or the seed.
    """

    amount: float
    seed: int | None = None
    latents: torch.Tensor | None = None


def requested_amount(request: LoopRequest) -> float:
    """Return how much a request changes the source, 0..1."""
    return DEFAULT_AMOUNT if request.amount is None else request.amount


def with_origin_settings(request: LoopRequest, origin: LoopRequest) -> LoopRequest:
    """Return a request whose missing settings are taken from the source's request.

    The second prompt of a blend belongs to the first: it is dropped if the prompt has changed.
    """
    names = [*_INHERITED]
    if request.prompt == origin.prompt:
        names += ["toward", "toward_amount"]
    taken = {name: getattr(origin, name) for name in names if getattr(request, name) is None}
    return msgspec.structs.replace(request, **taken, draft=request.draft or origin.draft)
