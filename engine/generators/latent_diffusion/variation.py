"""What a variation begins from: the noise of the loop that it varies, or that loop's sound."""

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
class Start:
    """Where a run begins, instead of at the noise of its seeds alone.

    Attributes:
        amount: 0..1, how far from there it may go.
        seed: of the noise that the takes' own noise is mixed with; see `blend.spherical`.
        latents: of a sound, (1, channels, time, frequency), noised as far as `amount` says.
            Either this or a seed.
    """

    amount: float
    seed: int | None = None
    latents: torch.Tensor | None = None


def requested_amount(request: LoopRequest) -> float:
    """Return how much a request wants changed, 0..1."""
    return DEFAULT_AMOUNT if request.amount is None else request.amount


def with_origin_settings(request: LoopRequest, origin: LoopRequest) -> LoopRequest:
    """Return a request with the settings that it leaves out taken from the source's request.

    The second prompt of a blend belongs to the first: another prompt leaves it behind.
    """
    names = [*_INHERITED]
    if request.prompt == origin.prompt:
        names += ["toward", "toward_amount"]
    taken = {name: getattr(origin, name) for name in names if getattr(request, name) is None}
    return msgspec.structs.replace(request, **taken, draft=request.draft or origin.draft)
